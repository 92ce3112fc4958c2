package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// textSink is the demo's provider of text messages: it takes every text and keeps it as a file.
type textSink struct {
	server *http.Server
	url    string
	dir    string
	taken  atomic.Int64
}

func startTextSink(dir string) (*textSink, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for captured texts: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the text capture: %w", err)
	}
	s := &textSink{dir: dir, url: "http://" + listener.Addr().String() + "/messages"}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /messages", s.take)
	s.server = &http.Server{Handler: mux, ReadTimeout: time.Minute, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// take keeps one text message.
func (s *textSink) take(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, fmt.Sprintf("%05d.json", s.taken.Add(1))), text, 0o644)
	}
	if err != nil {
		http.Error(w, "the text cannot be kept", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (s *textSink) count() int64 { return s.taken.Load() }

func (s *textSink) close() { _ = s.server.Shutdown(context.Background()) }
