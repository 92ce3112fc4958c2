// Package api is the REST door of Cadenza: everything under /api/v1, for programs with a bearer token.
//
// It turns JSON into calls of action and their answers back, with shapes of its own, and writes the OpenAPI description
// of them from the Go types. It must never decide what is allowed or right: rights and rules stand in action and deeper,
// so that pages and programs get the same answers. It must never read cookies.
//
// Start reading at New, then records.go for a resource, and problem.go for what an error looks like.
package api

//go:generate go -C ../.. run ./cmd/generate
