package message

// quotedLine is how long a line of quoted-printable may be without its end, in characters (RFC 2045, section 6.7).
const quotedLine = 76

// appendQuoted appends a text in quoted-printable, byte for byte as mime/quotedprintable writes it (FuzzQuoted), which looks at each byte by itself
// and took a third of the making of a mail. Line ends of all kinds become CRLF.
func appendQuoted(out []byte, text string) []byte {
	column := 0
	for at := 0; at < len(text); {
		b := text[at]
		switch {
		case b == '\r' || b == '\n':
			out = append(quoteSpace(out, column), "\r\n"...)
			if column = 0; b == '\r' && at+1 < len(text) && text[at+1] == '\n' {
				at++
			}
			at++
		case plainByte[b]:
			end := at + 1
			for end < len(text) && plainByte[text[end]] {
				end++
			}
			out, column = appendPlain(out, text[at:end], column)
			at = end
		default:
			if column > quotedLine-1-len("=3D") {
				out, column = append(out, "=\r\n"...), 0
			}
			out = appendEscaped(out, b)
			column += len("=3D")
			at++
		}
	}
	return quoteSpace(out, column)
}

// plainByte tells the bytes that stand for themselves. A space at a line's end does not: see quoteSpace.
var plainByte = func() (plain [256]bool) {
	for b := ' '; b <= '~'; b++ {
		plain[b] = b != '='
	}
	plain['\t'] = true
	return plain
}()

// appendPlain appends bytes that stand for themselves, with a soft line break wherever the line is full.
func appendPlain(out []byte, text string, column int) ([]byte, int) {
	for {
		room := quotedLine - 1 - column
		if len(text) <= room {
			return append(out, text...), column + len(text)
		}
		out = append(append(out, text[:room]...), "=\r\n"...)
		text, column = text[room:], 0
	}
}

// quoteSpace escapes a space or tab that a line would end with: servers on the way may take it off.
func quoteSpace(out []byte, column int) []byte {
	if column == 0 {
		return out
	}
	last := out[len(out)-1]
	if last != ' ' && last != '\t' {
		return out
	}
	out = out[:len(out)-1]
	if column-1 > quotedLine-1-len("=20") {
		out = append(out, "=\r\n"...)
	}
	return appendEscaped(out, last)
}

func appendEscaped(out []byte, b byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(out, '=', digits[b>>4], digits[b&15])
}
