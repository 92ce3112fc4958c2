package message

import "testing"

func TestByColleague(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from      Address
		recipient string
		want      bool
	}{
		{Address{"Marta Lindqvist", "marta@buyer.test"}, "marta@buyer.test", false},
		{Address{"Marta Lindqvist", "MARTA@buyer.test"}, "marta@buyer.test", false},
		{Address{"Lindqvist, Marta", "ml@buyer.test"}, "marta@buyer.test", false},
		{Address{"", "marta.lindqvist@buyer.test"}, "marta@buyer.test", false},
		{Address{"Marta", "marta@home.test"}, "marta@buyer.test", false},
		{Address{"Ola Nordmann", "ola@buyer.test"}, "marta@buyer.test", true},
		{Address{"", "ola@buyer.test"}, "marta@buyer.test", true},
		{Address{"Ola", "ola@gmail.com"}, "marta@gmail.com", false},
		{Address{"Ola", ""}, "marta@buyer.test", false},
	} {
		if got := ByColleague(tt.from, tt.recipient, "Marta Lindqvist"); got != tt.want {
			t.Errorf("ByColleague(%v, %s) = %v, want %v", tt.from, tt.recipient, got, tt.want)
		}
	}
}
