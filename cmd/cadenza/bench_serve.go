package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// benchServer is a cadenza serve in a process of its own, on the scenario's database.
type benchServer struct {
	cmd    *exec.Cmd
	url    string
	client *http.Client
	token  string
	since  time.Time // when it said that it listens
}

// startServer starts it and signs in.
func (b *bench) startServer(ctx context.Context) (*benchServer, error) {
	key := filepath.Join(b.dir, "bench.key")
	if err := os.WriteFile(key, make([]byte, keySize), 0o600); err != nil {
		return nil, err
	}
	secret, _, err := b.app.CreateToken(ctx, actorOf(b.user), "bench")
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	s := &benchServer{token: secret}
	s.cmd = exec.CommandContext(ctx, program, "serve", "--db", b.address, "--key-file", key, "--data-dir", filepath.Join(b.dir, "data"),
		"--listen", "127.0.0.1:0", "--log-level", "error")
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	lines := bufio.NewReader(out)
	for s.url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start the server: %w", err), s.stop())
		}
		if _, rest, found := strings.Cut(line, "listens on "); found {
			s.url, _, _ = strings.Cut(rest, " ")
		}
	}
	s.since = time.Now()
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	if err := s.signIn(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *benchServer) signIn(ctx context.Context) error {
	jar, _ := cookiejar.New(nil) // it never fails: see its documentation
	s.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"email": {"bench@bench.test"}, "password": {benchPassword}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("sign in: the server answered %s", answer.Status)
	}
	return nil
}

// page gets a page and gives how long that took.
func (s *benchServer) page(ctx context.Context, path string) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, err
	}
	return s.ask(r, http.StatusOK)
}

// note writes a note on a record over the API and gives how long that took.
func (s *benchServer) note(ctx context.Context, record string) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/v1/records/"+record+"/notes", strings.NewReader(`{"body":"They call back."}`))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.token)
	return s.ask(r, http.StatusCreated)
}

func (s *benchServer) ask(r *http.Request, want int) (time.Duration, error) {
	began := time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s answered %s: %.200s", r.Method, r.URL.Path, answer.Status, body)
	}
	return time.Since(began), err
}

// stop ends the server as an operator does.
func (s *benchServer) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	return s.cmd.Wait()
}
