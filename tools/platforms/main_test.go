package main

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	if read, err := check("./testdata/unix", "darwin"); err != nil || read < 2 {
		t.Errorf("for darwin: %d packages, %v", read, err)
	}
	if _, err := check("./testdata/unix", "windows"); err == nil || !strings.Contains(err.Error(), "Kill") {
		t.Errorf("for windows: %v, want an error that names Kill", err)
	}
	if _, err := check("./testdata/nowhere", "darwin"); err == nil {
		t.Error("a package that does not exist passes")
	}
}
