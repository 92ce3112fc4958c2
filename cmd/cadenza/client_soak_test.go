//go:build soak

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// client uses nodes from outside, by their API alone, so that it does not matter of which version they are. What one node does not answer is asked of the
// next, under the same Idempotency-Key. It may be used by one goroutine at a time; nodes may be added at any time.
type client struct {
	token string
	asked int

	mu    sync.Mutex
	nodes []string
}

// clientPatience is for how long no node may answer. A node that ends finishes requests for nine seconds, and another is started after it.
const clientPatience = time.Minute

// use adds a node that has said where it listens.
func (c *client) use(p *process) {
	_, address, _ := strings.Cut(p.ready, "listens on ")
	address, _, _ = strings.Cut(address, " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = append(c.nodes, address)
}

// ask sends a request, a text as YAML and all else as JSON, until a node has done what it wants.
func (c *client) ask(method, path string, body, answer any) error {
	sort, content := "application/yaml", []byte(nil)
	if text, ok := body.(string); ok {
		content = []byte(text)
	} else {
		sort = "application/json"
		var err error
		if content, err = json.Marshal(body); err != nil {
			return err
		}
	}
	c.asked++
	key, turn := fmt.Sprint("request-", c.asked), c.asked
	for over := time.Now().Add(clientPatience); ; turn++ {
		c.mu.Lock()
		nodes := slices.Clone(c.nodes)
		c.mu.Unlock()
		again, err := c.try(method, nodes[turn%len(nodes)]+"/api/v1"+path, sort, key, content, answer)
		if err == nil || !again || time.Now().After(over) {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
}

// try sends a request to one node; again tells that it may be asked once more. A conflict is a request whose first answer was lost and that has not ended.
func (c *client) try(method, address, sort, key string, content []byte, answer any) (again bool, err error) {
	r, err := http.NewRequest(method, address, bytes.NewReader(content))
	if err != nil {
		return false, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", sort)
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return true, err
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return true, err
	}
	if res.StatusCode >= 300 {
		return res.StatusCode >= 500 || res.StatusCode == http.StatusConflict, fmt.Errorf("%s %s: %s: %s", method, address, res.Status, said)
	}
	if answer == nil {
		return false, nil
	}
	return false, json.Unmarshal(said, answer)
}
