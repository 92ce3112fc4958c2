package message_test

import (
	"strings"
	"testing"

	"cadenza/internal/message"
)

func TestSizeOfText(t *testing.T) {
	t.Parallel()
	many := strings.Repeat
	for _, c := range []struct {
		name, text string
		want       message.TextSize
	}{
		{"empty", "", message.TextSize{Left: 160}},
		{"short", "Hello", message.TextSize{Used: 5, Parts: 1, Left: 155}},
		{"letters of the alphabet", "Grüße, señor @ £5 ¿Ω?\n", message.TextSize{Used: 22, Parts: 1, Left: 138}},
		{"one full part", many("a", 160), message.TextSize{Used: 160, Parts: 1}},
		{"one more", many("a", 161), message.TextSize{Used: 161, Parts: 2, Left: 145}},
		{"two full parts", many("a", 306), message.TextSize{Used: 306, Parts: 2}},
		{"three", many("a", 307), message.TextSize{Used: 307, Parts: 3, Left: 152}},
		{"the euro takes two places", "€5", message.TextSize{Used: 3, Parts: 1, Left: 157}},
		{"eighty of them fit", many("€", 80), message.TextSize{Used: 160, Parts: 1}},
		{"an escape is not torn", many("a", 152) + many("€", 10), message.TextSize{Used: 172, Parts: 2, Left: 133}},
		{"a letter outside", "č", message.TextSize{Unicode: true, Used: 1, Parts: 1, Left: 69}},
		{"a typographic quote makes it wide", many("a", 69) + "’", message.TextSize{Unicode: true, Used: 70, Parts: 1}},
		{"wide, one more", many("č", 71), message.TextSize{Unicode: true, Used: 71, Parts: 2, Left: 63}},
		{"wide, two full parts", many("č", 134), message.TextSize{Unicode: true, Used: 134, Parts: 2}},
		{"an emoji takes two", "👍", message.TextSize{Unicode: true, Used: 2, Parts: 1, Left: 68}},
		{"an emoji is not torn", many("č", 66) + "👍" + many("č", 10), message.TextSize{Unicode: true, Used: 78, Parts: 2, Left: 55}},
		{"ten parts", many("a", 1530), message.TextSize{Used: 1530, Parts: 10}},
		{"eleven", many("a", 1531), message.TextSize{Used: 1531, Parts: 11, Left: 152}},
		{"broken bytes count as one each", "a\xff", message.TextSize{Unicode: true, Used: 2, Parts: 1, Left: 68}},
	} {
		if got := message.SizeOfText(c.text); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
