// Command axbench is a load-testing and conformance harness for the API BindAxb.
package main

import (
	"os"

	"axbench/runner/cmd"
)

func main() {
	os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
