package message

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
)

// decodeUnsaid makes UTF-8 of text whose part does not say how it is written, or says so in a way that nobody knows. What is
// not UTF-8 already is read as windows-1252, which old programs mean then and which has a letter for every byte of Latin-1
// (WHATWG Encoding, "windows-1252"). cut tells that data may break off inside of a letter.
func decodeUnsaid(data []byte, params map[string]string, cut bool) []byte {
	if charsetKnown(params["charset"]) || validBut(data, cut) {
		return data
	}
	// Every byte has a letter, so nothing fails.
	in, err := message.CharsetReader("windows-1252", bytes.NewReader(data))
	if err != nil {
		return data
	}
	if decoded, err := io.ReadAll(in); err == nil {
		return decoded
	}
	return data
}

// charsetKnown tells that a charset was named and its text translated. US-ASCII is what a part has that names none (RFC 2045,
// section 5.2), and has no letters for the bytes that this is about.
func charsetKnown(name string) bool {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "us-ascii", "ascii":
		return false
	case "utf-8", "utf8":
		return true
	}
	_, err := message.CharsetReader(name, strings.NewReader(""))
	return err == nil
}

// validBut tells valid UTF-8, whose last letter may be cut in two.
func validBut(data []byte, cut bool) bool {
	if cut {
		for i := 1; i < utf8.UTFMax && i <= len(data); i++ {
			if last := data[len(data)-i:]; utf8.RuneStart(last[0]) {
				if !utf8.FullRune(last) {
					data = data[:len(data)-i]
				}
				break
			}
		}
	}
	return utf8.Valid(data)
}
