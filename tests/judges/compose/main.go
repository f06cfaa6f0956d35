// Command compose reads the Compose file that it is given as Compose does: against its schema, with
// the variables of the environment. Exit status 1 when Compose would not take it.
package main

import (
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/cli"
)

func main() {
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithOsEnv)
	if err == nil {
		_, err = cli.ProjectFromOptions(options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
