package action

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// workMark is the place between two pages of an ordered list.
type workMark struct {
	Sort WorkSort `json:"s"`
	// Offset is a count of rows: where the page begins when nothing is named after which it does.
	Offset int `json:"o,omitempty"`
	// After is the key of the last row of the page before, by what the list was ordered then.
	After *workKey `json:"a,omitempty"`
}

// workKey is everything that the place of a row depends on, so that a page goes on where the one before ended, even when its last row
// is done or due at another time by now.
type workKey struct {
	Last   bool           `json:"l,omitempty"`
	Number float64        `json:"n,omitempty"`
	Text   string         `json:"t,omitempty"`
	Due    int64          `json:"d"`
	ID     ident.Activity `json:"i"`
}

func (e *placedWork) key() workKey {
	return workKey{Last: e.last, Number: e.number, Text: e.text, Due: e.Facts.DueAt.UnixMicro(), ID: e.ID}
}

// pageBack names the page that begins so many rows down the list.
func pageBack(sort WorkSort, offset int) string { return workMark{Sort: sort, Offset: offset}.encode() }

// pageAfter names the page below a row.
func pageAfter(sort WorkSort, e *placedWork) string {
	key := e.key()
	return workMark{Sort: sort, After: &key}.encode()
}

func (m workMark) encode() string {
	text, _ := json.Marshal(m) // of numbers, texts and one bool: nothing of it can fail
	return base64.RawURLEncoding.EncodeToString(text)
}

// cursorPlace gives the first row of the page that a cursor names.
func cursorPlace(cursor string, sort WorkSort, placed []placedWork) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	var m workMark
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil || m.Sort != sort || m.Offset < 0 {
		return 0, fault.New(fault.Malformed, "The cursor does not belong to this list.").
			WithHint("Take next_cursor of the page before, with the same sort, or leave the cursor out.")
	}
	if m.After == nil {
		return min(m.Offset, len(placed)), nil
	}
	if sort.plain() == ByPriority { // which changes by itself from minute to minute: where the row stands now says more
		if at := slices.IndexFunc(placed, func(e placedWork) bool { return e.ID == m.After.ID }); at >= 0 {
			return at + 1, nil
		}
	}
	at := slices.IndexFunc(placed, func(e placedWork) bool { return e.key().compare(*m.After, sort.Reversed()) > 0 })
	if at < 0 {
		at = len(placed)
	}
	return at, nil
}
