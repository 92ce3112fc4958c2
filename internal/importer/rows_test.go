package importer_test

import (
	"slices"
	"strings"
	"testing"

	"cadenza/internal/importer"
)

func TestReadRowsKnowsItsLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []importer.CellRow
	}{
		"nothing between":        {"a,1\nb,2\n", []importer.CellRow{{1, []string{"a", "1"}}, {2, []string{"b", "2"}}}},
		"blank lines":            {"\n\na\n\n\nb\n", []importer.CellRow{{3, []string{"a"}}, {6, []string{"b"}}}},
		"blank lines of Windows": {"a\r\n\r\nb\r\n", []importer.CellRow{{1, []string{"a"}}, {3, []string{"b"}}}},
		"a cell of two lines":    {"\"a\nb\",x\nc,y", []importer.CellRow{{1, []string{"a\nb", "x"}}, {3, []string{"c", "y"}}}},
		"a mark of bytes":        {"\uFEFFa\nb", []importer.CellRow{{1, []string{"a"}}, {2, []string{"b"}}}},
		"nothing":                {"", nil},
	} {
		rows, err := importer.ReadRows(strings.NewReader(c.text))
		if err != nil || !slices.EqualFunc(rows, c.want, func(a, b importer.CellRow) bool { return a.Line == b.Line && slices.Equal(a.Cells, b.Cells) }) {
			t.Errorf("%s: %q gives %v, %v; want %v", name, c.text, rows, err, c.want)
		}
	}
}
