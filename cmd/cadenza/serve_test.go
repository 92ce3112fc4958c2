package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestStreamsEndWithTheServer holds that a page that follows along does not hold up a server that is asked to stop, and that a request in
// hand is finished.
func TestStreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	stopping, stop := context.WithCancel(context.Background())
	arrived, finish := make(chan struct{}), make(chan struct{})
	server := httptest.NewUnstartedServer(untilStop(stopping, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
			_, _ = io.WriteString(w, "ended")
		case <-finish:
			_, _ = io.WriteString(w, "finished")
		}
	})))
	server.Start()
	t.Cleanup(server.Close)
	ask := func(accept string) <-chan string {
		said := make(chan string, 1)
		go func() {
			req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
			req.Header.Set("Accept", accept)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				said <- err.Error()
				return
			}
			defer func() { _ = res.Body.Close() }()
			text, _ := io.ReadAll(res.Body)
			said <- string(text)
		}()
		<-arrived
		return said
	}
	stream, page := ask("text/event-stream"), ask("text/html")
	stop()
	if got := <-stream; got != "ended" {
		t.Errorf("the stream said %q, want it ended", got)
	}
	close(finish)
	if got := <-page; got != "finished" {
		t.Errorf("the page said %q, want it finished", got)
	}
}
