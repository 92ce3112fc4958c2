// Command generate writes the documents that are made from Go types and lists:
// docs/steps.md, api/openapi.json and api/sequence.schema.json.
//
// It must never say anything that the types do not say: what a reader lacks is
// added there. Run it from the root of the repository by `make generate`.
//
// Start reading at documents.
package main

import (
	"fmt"
	"os"

	"cadenza/internal/api"
)

// documents are the files and who writes them.
var documents = map[string]func() ([]byte, error){
	"docs/steps.md":            steps,
	"api/openapi.json":         api.OpenAPI,
	"api/sequence.schema.json": api.SequenceSchema,
}

func main() {
	for name, write := range documents {
		text, err := write()
		if err == nil {
			err = os.WriteFile(name, text, 0o644)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "generate %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}
