package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// TestBench plays every scenario that needs no mail server in a size that shows no figures worth anything.
func TestBench(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			args := []string{"bench", "--json", "--enrollments", "20", "--dir", t.TempDir(), "advances", "connect", "timer", "backlog", "cost", "idle", "disk", "pages", "import"}
			if kind == "postgres" {
				args = append(args, "--database", address(t, ""))
			}
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = append(os.Environ(), asCommand+"=1")
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("cadenza %v: %v", args, err)
			}
			var report benchReport
			if err := json.Unmarshal(out, &report); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			if report.Database != kind {
				t.Errorf("measured on %s, want %s", report.Database, kind)
			}
			seen := map[string]bool{}
			for _, f := range report.Figures {
				seen[f.Scenario] = true
				if f.Value < 0 || (f.RefName != "") != (f.Reference > 0) || (f.Goal == "") != (f.Met == nil) {
					t.Errorf("a figure that is not whole: %+v", f)
				}
			}
			for _, name := range args[6:15] {
				if !seen[name] {
					t.Errorf("no figure of %s in %s", name, out)
				}
			}
		})
	}
}
