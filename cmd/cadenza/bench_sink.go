package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// benchSinkCommand is the mail server of the benchmark: it takes everything and counts it. It is a process of its own, so
// that its work is not counted as the sender's.
type benchSinkCommand struct{}

// Run says where it listens, and after each line that it reads how many messages it has taken. It ends with its input.
func (c *benchSinkCommand) Run(env *environment) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the sink: %w", err)
	}
	var taken atomic.Int64
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &countingSession{taken: &taken}, nil }))
	server.Domain = "localhost"
	go func() { _ = server.Serve(grouped{listener}) }()
	defer func() { _ = server.Close() }()
	env.say("%s", listener.Addr())
	for lines := bufio.NewScanner(env.stdin); lines.Scan(); {
		env.say("%d", taken.Load())
	}
	return nil
}

type countingSession struct {
	sinkSession
	taken *atomic.Int64
}

// Data reads the message away.
func (x *countingSession) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	if err == nil {
		x.taken.Add(1)
	}
	return err
}

// benchSink is the sink's process as the benchmark sees it.
type benchSink struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	addr   string
	host   string
	port   int
}

func startBenchSink(ctx context.Context) (*benchSink, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	s := &benchSink{cmd: exec.CommandContext(ctx, program, "bench-sink")}
	s.cmd.WaitDelay = 5 * time.Second
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.stdout = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the sink: %w", err)
	}
	if s.addr, err = s.line(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the sink: %w", err), s.close())
	}
	host, port, _ := net.SplitHostPort(s.addr) // an address that the system gave
	s.host = host
	s.port, err = strconv.Atoi(port)
	return s, err
}

func (s *benchSink) line() (string, error) {
	text, err := s.stdout.ReadString('\n')
	return strings.TrimSpace(text), err
}

// taken asks how many messages have arrived.
func (s *benchSink) taken() (int64, error) {
	if _, err := io.WriteString(s.stdin, "\n"); err != nil {
		return 0, fmt.Errorf("ask the sink: %w", err)
	}
	text, err := s.line()
	if err != nil {
		return 0, fmt.Errorf("ask the sink: %w", err)
	}
	return strconv.ParseInt(text, 10, 64)
}

func (s *benchSink) close() error {
	_ = s.stdin.Close()
	return s.cmd.Wait()
}
