package store

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"cadenza/internal/fault"
)

// place is where a page of a list ended: the last row's value of the sort and its key. It is what a cursor holds.
type place struct {
	Sort  string `json:"s"`
	Value string `json:"v"`
	ID    int64  `json:"i"`
}

// cursor gives the place as opaque text.
func (p place) cursor() string {
	text, _ := json.Marshal(p) // texts and numbers always marshal
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor gives the place after which a list in this sort goes on; ok is false for the first page.
func readCursor(cursor, sort string) (p place, ok bool, err error) {
	if cursor == "" {
		return place{}, false, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil || p.Sort != sort {
		return place{}, false, badCursor()
	}
	return p, true, nil
}

// number gives the value of a sort by a number or a moment.
func (p place) number() (int64, error) {
	n, err := strconv.ParseInt(p.Value, 10, 64)
	if err != nil {
		return 0, badCursor()
	}
	return n, nil
}

func badCursor() error {
	return fault.New(fault.Malformed, "The cursor does not belong to this list.").
		WithHint("Take next_cursor of the page before, with the same sort, or leave the cursor out.")
}

// pageSize gives how many rows a page holds.
func pageSize(limit int) int {
	if limit <= 0 {
		return DefaultPageSize
	}
	return min(limit, MaxPageSize)
}
