package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// spentCPU gives the processor time that another process has spent, and peak the most memory that it held, in megabytes.
// Both read what Linux tells of processes, and are not known elsewhere.
func (s *benchServer) spentCPU() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the server's processor time: %w", err)
	}
	// The name in parentheses may hold anything; user and system time are the 12th and 13th word after it.
	_, rest, _ := strings.Cut(string(text), ") ")
	words := strings.Fields(rest)
	if len(words) < 13 {
		return 0, fmt.Errorf("read the server's processor time: %q", text)
	}
	const tick = 10 * time.Millisecond // of every Linux that Go runs on
	var sum time.Duration
	for _, word := range words[11:13] {
		n, err := strconv.Atoi(word)
		if err != nil {
			return 0, fmt.Errorf("read the server's processor time: %w", err)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}

func (s *benchServer) peak() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the server's memory: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kilobytes float64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		return 0, fmt.Errorf("read the server's memory: %w", err)
	}
	return kilobytes / 1024, nil
}
