package deploy

import "strings"

// What is quoted here is printable: check has seen to it. So there are no line breaks and no control characters to escape.

var (
	yamlEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	unitEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`)
)

// quoteYAML writes a double-quoted scalar (YAML 1.2, 7.3.1).
func quoteYAML(s string) string { return `"` + yamlEscapes.Replace(s) + `"` }

// quoteArg writes an argument of a container: there $(NAME) is a variable, and $$ is a dollar sign.
func quoteArg(s string) string { return quoteYAML(strings.ReplaceAll(s, "$", "$$")) }

// quoteUnit writes a word of ExecStart= (systemd.service(5), "Command lines"), where % begins a specifier and $ a variable.
func quoteUnit(s string) string { return `"` + unitEscapes.Replace(s) + `"` }

// quoteShell writes one word of a shell.
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
