package web

import (
	"regexp"
	"strings"
)

// change is a piece of two texts: in both of them, or in one only.
type change struct {
	Text       string
	Gone, Came bool
}

// maxDiffWords bounds the texts that are compared word by word: the comparison takes the product of their lengths.
const maxDiffWords = 4000

var diffWord = regexp.MustCompile(`(?s)\{\{.*?\}\}|\s+|[^\s{]+|\{`)

// textChanges compares two texts by words, merge fields being one word each.
func textChanges(before, after string) []change {
	a, b := diffWord.FindAllString(before, -1), diffWord.FindAllString(after, -1)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	list := appendChange(nil, change{Text: strings.Join(a[:head], "")})
	list = append(list, middleChanges(a[head:len(a)-tail], b[head:len(b)-tail])...)
	return appendChange(list, change{Text: strings.Join(a[len(a)-tail:], "")})
}

// middleChanges finds the longest common row of words.
func middleChanges(a, b []string) (list []change) {
	if len(a) > maxDiffWords || len(b) > maxDiffWords {
		list = appendChange(list, change{Text: strings.Join(a, ""), Gone: true})
		return appendChange(list, change{Text: strings.Join(b, ""), Came: true})
	}
	// common[i][j] is the length of the longest common row of a[i:] and b[j:].
	common := make([][]int16, len(a)+1)
	for i := range common {
		common[i] = make([]int16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			list = appendChange(list, change{Text: a[i]})
			i, j = i+1, j+1
		case j == len(b) || (i < len(a) && common[i+1][j] >= common[i][j+1]):
			list = appendChange(list, change{Text: a[i], Gone: true})
			i++
		default:
			list = appendChange(list, change{Text: b[j], Came: true})
			j++
		}
	}
	return list
}

// appendChange joins a piece to the last one of its sort.
func appendChange(list []change, c change) []change {
	if c.Text == "" {
		return list
	}
	if n := len(list); n > 0 && list[n-1].Gone == c.Gone && list[n-1].Came == c.Came {
		list[n-1].Text += c.Text
		return list
	}
	return append(list, c)
}
