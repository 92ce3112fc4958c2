package main

import "testing"

func TestOutsideAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"": "", "https://sales.example.com/": "https://sales.example.com", "http://10.0.0.7:8080": "http://10.0.0.7:8080",
		"http://localhost:8080": "", "http://127.0.0.1:8080": "", "http://[::1]:8080/": "", "http://0.0.0.0:8080": "", "http://a.localhost": "", "://": "",
	} {
		if got := outsideAddress(address); got != want {
			t.Errorf("%q gives %q, want %q", address, got, want)
		}
	}
}
