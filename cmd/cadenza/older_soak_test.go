//go:build soak

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// olderProgram is the one that SOAK_OLDER names, or is built of the newest commit which lacks a migration of today. Without the history of the repository, as in
// a shallow clone, the test is left out.
func olderProgram(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("SOAK_OLDER"); named != "" {
		return named
	}
	root := gitSays(t, ".", "rev-parse", "--show-toplevel")
	commit, knows := olderCommit(t, root)
	dir := t.TempDir()
	for _, script := range []string{
		`git -C "$1" archive "$2" | tar -x -C "$3"`,
		`cp -r "$1"/internal/web/static/vendor/. "$3"/internal/web/static/vendor/`,
		`cd "$3" && go build -o older ./cmd/cadenza`,
	} {
		if out, err := exec.Command("sh", "-ec", script, "sh", root, commit, dir).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	t.Logf("the older program is of commit %s, and knows migrations up to %s", commit[:12], knows)
	return filepath.Join(dir, "older")
}

// olderCommit gives the newest commit on the main line whose migrations are the first of today's: what comes after them can be added, as by an upgrade from one
// release to the next. A commit of a branch that was taken in later, on which only some of them stand, is none, and neither is one in
// between two that were taken in out of order.
func olderCommit(t *testing.T, root string) (commit, knows string) {
	t.Helper()
	const folder = "internal/store/migrations"
	names, err := filepath.Glob(filepath.Join(root, folder, "*.sql"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations in %s: %v", root, err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	added := gitSays(t, root, "log", "--first-parent", "-m", "--diff-filter=A", "--format=%H", "HEAD", "--", folder)
	for _, commit := range append([]string{"HEAD"}, strings.Fields(added)...) {
		if commit != "HEAD" { // where today's newest is not committed yet, that is an older one
			commit += "^"
		}
		had := strings.Fields(gitSays(t, root, "-C", folder, "ls-tree", "--name-only", commit))
		had = slices.DeleteFunc(had, func(name string) bool { return filepath.Ext(name) != ".sql" })
		if n := len(had); n > 0 && n < len(names) && slices.Equal(had, names[:n]) {
			return gitSays(t, root, "rev-parse", "--verify", commit), had[n-1]
		}
	}
	t.Skip("the history holds no commit with only the first of today's migrations")
	return "", ""
}

// gitSays gives what git prints, and leaves the test out where it has nothing to say.
func gitSays(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).Output()
	if err != nil {
		t.Skipf("there is no history to build an older program from: git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}
