package main

import (
	"reflect"
	"strings"
	"testing"

	"cadenza/internal/store"
)

// TestOptOutFlags holds that each text of the opt-out has a flag of its name, which changes that text alone.
func TestOptOutFlags(t *testing.T) {
	t.Parallel()
	usual := store.DefaultOptOut()
	for i, f := range usual.OptOutFields() {
		c := optOutSetCommand{}
		text := "changed"
		name := strings.ReplaceAll(f.Key, "_", "")
		field := reflect.ValueOf(&c).Elem().FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, name) })
		if !field.IsValid() {
			t.Errorf("the text %s has no flag", f.Key)
			continue
		}
		field.Set(reflect.ValueOf(&text))
		got, want := store.DefaultOptOut(), store.DefaultOptOut()
		*want.OptOutFields()[i].Text = text
		if given := c.over(&got); !given || got != want {
			t.Errorf("--%s: %+v, want %+v", flagName(f.Key), got, want)
		}
	}
}
