package store

import (
	"encoding/json"
	"maps"
	"testing"

	"cadenza/internal/record"
)

// FuzzPlainValues holds that values are read as encoding/json reads them, or left to it.
func FuzzPlainValues(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":"b"}`, `{"a":"b","c":"grün"}`, `{"a":"b",}`, `{,"a":"b"}`, `{"a":"b""c":"d"}`, `{"a":"b","a":"c"}`, `{"a":"\u003cb"}`, `{ "a": "b" }`, `{"a":1}`, `{"a":null}`,
		`{"a"}`, `{"a":}`, `{"`, `{`, `}`, ``, `null`, `[]`, `{"a":"b"}}`, `{"a":"b":"c"}`, "{\"a\":\"b\n\"}", "{\"a\":\"\xff\"}", `{"":""}`, `{"a":"b"`, `{"a":"{\"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, plain := plainValues(text)
		if !plain {
			return
		}
		var want record.Values
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%q is read as %q, and is no JSON: %v", text, got, err)
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%q is read as %q, want %q", text, got, want)
		}
	})
}

// TestPlainValuesOfRecords holds that what is written for a record is read without help, unless it needs escapes.
func TestPlainValuesOfRecords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values record.Values
		plain  bool
	}{
		{record.Values{"first_name": "Ann", "company": "Grün, Söhne: Ltd."}, true},
		{record.Values{}, true},
		{record.Values{"company": "A & B"}, false},
		{record.Values{"note": "two\nlines"}, false},
	} {
		got, plain := plainValues(encodeValues(c.values))
		if plain != c.plain || plain && !maps.Equal(got, c.values) {
			t.Errorf("%v is read as %v (%v)", c.values, got, plain)
		}
		back, err := decodeValues(encodeValues(c.values))
		if err != nil || !maps.Equal(back, c.values) {
			t.Errorf("%v comes back as %v, %v", c.values, back, err)
		}
	}
}

// BenchmarkValues reads the values of one record again and again.
func BenchmarkValues(b *testing.B) {
	text := encodeValues(record.Values{
		"first_name": "Ann", "last_name": "Lee", "company": "Lee Delivery", "email": "ann.lee@customer.test", "phone": "+49 30 1234567", "city": "Berlin", "country": "DE", "status": "open",
	})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeValues(text); err != nil {
			b.Fatal(err)
		}
	}
}
