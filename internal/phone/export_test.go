package phone

import "fmt"

// For tests in phone_test.
var (
	Encode = encode
	Decode = decode
)

// DescribeMedia reads a description and says what it holds; "" for one that cannot be used.
func DescribeMedia(text []byte) string {
	m, err := readMedia(text)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %s", m.addr, m.events, m.direction)
}

// Redescribe reads a description and writes it anew.
func Redescribe(text []byte) []byte {
	m, _ := readMedia(text)
	return m.describe(1, 1)
}
