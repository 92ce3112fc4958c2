package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// importing has a process of its own import a file of contacts as it comes from other systems, and measures how long that takes, what it holds
// in memory, and how much faster plain SQL puts in the same rows.
func (b *bench) importing(ctx context.Context) error {
	file := filepath.Join(b.dir, "leads.csv")
	if err := writeLeads(file, b.size); err != nil {
		return err
	}
	key := filepath.Join(b.dir, "bench.key")
	if err := os.WriteFile(key, make([]byte, keySize), 0o600); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	s := &benchServer{cmd: exec.CommandContext(ctx, program, "import", file, "--owner", "bench@bench.test", "--db", b.address, "--key-file", key, "--data-dir", b.dir)}
	var said bytes.Buffer // how far it is, and what is wrong
	s.cmd.Stdout, s.cmd.Stderr = io.Discard, &said
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start the import: %w", err)
	}
	memory, err := s.watch()
	if err != nil {
		return fmt.Errorf("import: %w: %.500s", err, said.String())
	}
	took := time.Since(began)
	imported, err := b.keysAfter(ctx, 0)
	if err == nil && len(imported) != b.size {
		err = fmt.Errorf("%d of %d rows are there", len(imported), b.size)
	}
	if err != nil {
		return err
	}
	plain, err := timed(func() error { _, err := b.fillRecords(ctx, b.size); return err })
	if err != nil {
		return err
	}
	b.add(figure{
		Name: "rows imported", Value: float64(b.size) / took.Seconds(), Unit: perSecond, Reference: float64(b.size) / plain.Seconds(),
		RefName: "as many records by one statement of plain SQL, nothing read, checked or looked for",
	}, figure{Name: "most memory of the import", Value: memory, Unit: megabytes}.atMost(300))
	return nil
}

// watch waits for the process to end and gives the most memory that it held, as far as a look every moment sees it.
func (s *benchServer) watch() (most float64, err error) {
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	looks := time.NewTicker(backlogLook)
	defer looks.Stop()
	for {
		if now, err := s.peak(); err == nil {
			most = max(most, now)
		}
		select {
		case err := <-ended:
			return most, err
		case <-looks.C:
		}
	}
}

// writeLeads writes a file of n leads, each with an address of its own.
func writeLeads(name string, n int) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the file to import: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	_, _ = out.WriteString("First name,Last name,Company,Email,Phone,City,Country\n")
	for i := range n {
		_, _ = fmt.Fprintf(out, "Lena,Roth %d,Company %d,lead%d@import.test,+49 30 %07d,Berlin,DE\n", i, i%5000, i, i)
	}
	return out.Flush()
}
