package flow

import (
	"fmt"
	"strings"
)

// meant asks whether the known word was meant that is nearest to what was written; "" when none is near.
func meant[T ~string](written string, known []T) string {
	best, least := "", 1+len(written)/3
	for _, k := range known {
		if d := distance(strings.ToLower(written), string(k)); d <= least && (d < least || best == "") {
			best, least = string(k), d
		}
	}
	if best == "" || len(written) > 80 {
		return ""
	}
	return fmt.Sprintf("Did you mean %q?", best)
}

// distance counts the letters that must be changed, added or taken out to make one word of the other (Levenshtein).
func distance(a, b string) int {
	if len(a) > 80 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
