// Command schemas holds documents against the JSON schemas of the OCI image specification:
// `schemas MEDIA-TYPE FILE`, any number of pairs. Exit status 1 when one does not fit.
package main

import (
	"fmt"
	"os"

	"github.com/opencontainers/image-spec/schema"
)

func main() {
	failed := len(os.Args) < 3 || len(os.Args)%2 != 1
	for i := 1; i+1 < len(os.Args); i += 2 {
		kind, name := os.Args[i], os.Args[i+1]
		file, err := os.Open(name)
		if err == nil {
			err = schema.Validator(kind).Validate(file)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s as %s: %v\n", name, kind, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
