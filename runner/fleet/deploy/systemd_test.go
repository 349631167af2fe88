package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const credentialsDirectory = "/run/credentials/axbench-agent@3.service"

// setting is one line of a unit.
type setting struct{ section, name, value string }

// unitSettings reads a unit (systemd.syntax(7)). Continued lines are an error: the template has none.
func unitSettings(t rapid.TB, text []byte) (list []setting) {
	t.Helper()
	section := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		line = strings.Trim(line, " \t\r")
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case strings.HasSuffix(line, `\`):
			t.Fatalf("the line goes on: %s", line)
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			section = line
		default:
			name, value, ok := strings.Cut(line, "=")
			if !ok || section == "" {
				t.Fatalf("no setting: %s", line)
			}
			list = append(list, setting{section, name, value})
		}
	}
	return list
}

// unitCommand is the command line that a unit starts: words, then specifiers, then variables, as systemd does it.
func unitCommand(t rapid.TB, text []byte, instance string) []string {
	t.Helper()
	var lines []string
	for _, s := range unitSettings(t, text) {
		if strings.HasPrefix(s.name, "Exec") {
			lines = append(lines, s.name+"="+s.value)
		}
	}
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "ExecStart=/") {
		t.Fatalf("it starts %q", lines)
	}
	list := unitWords(t, strings.TrimPrefix(lines[0], "ExecStart="))
	env := map[string]string{"CREDENTIALS_DIRECTORY": credentialsDirectory, "HOME": "/WRONG"}
	for i, word := range list {
		list[i] = expandUnit(t, specifiers(t, word, instance), env)
	}
	return list
}

// unitWords takes a command line apart (systemd.syntax(7), "Quoting"). A word that begins with a quote ends with it.
func unitWords(t rapid.TB, line string) (list []string) {
	t.Helper()
	for i := 0; i < len(line); {
		if line[i] == ' ' {
			i++
			continue
		}
		if line[i] == ';' && (i+1 == len(line) || line[i+1] == ' ') {
			t.Fatalf("a second command: %s", line[i:])
		}
		quote, word := byte(0), []byte{}
		for ; i < len(line) && (quote != 0 || line[i] != ' '); i++ {
			switch c := line[i]; {
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote && quote != 0:
				quote = 0
			case c == '\\':
				i++
				if i == len(line) || !strings.ContainsRune(`\"'`, rune(line[i])) {
					t.Fatalf("an escape that is not written here: %s", line[i-1:])
				}
				word = append(word, line[i])
			default:
				word = append(word, c)
			}
		}
		if quote != 0 {
			t.Fatalf("a quote stays open: %s", line)
		}
		list = append(list, string(word))
	}
	return list
}

// specifiers puts in what % stands for (systemd.unit(5), "Specifiers").
func specifiers(t rapid.TB, s, instance string) string {
	t.Helper()
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch {
		case i < len(s) && s[i] == '%':
			out.WriteByte('%')
		case i < len(s) && s[i] == 'i':
			out.WriteString(instance)
		default:
			t.Fatalf("a specifier that is not written here: %s", s)
		}
	}
	return out.String()
}

// expandUnit puts in variables (systemd.service(5), "Command lines"): ${NAME} anywhere, $NAME as a whole word, $$ for a dollar sign.
func expandUnit(t rapid.TB, s string, env map[string]string) string {
	t.Helper()
	if len(s) > 1 && s[0] == '$' && s[1] != '$' && s[1] != '{' {
		t.Fatalf("a variable that is split into words: %s", s)
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "$$"):
			out.WriteByte('$')
			i++
		case strings.HasPrefix(s[i:], "${"):
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				t.Fatalf("a variable without an end: %s", s)
			}
			out.WriteString(env[s[i+2:i+end]])
			i += end
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// TestUnit holds what must not get lost in the template.
func TestUnit(t *testing.T) {
	s := sound(Systemd)
	s.Files.Creds = "/etc/axbench/agent.creds"
	list := unitSettings(t, manifest(t, Systemd, s))
	for _, want := range []setting{
		{"[Service]", "DynamicUser", "yes"}, {"[Service]", "EnvironmentFile", "/etc/axbench/agent.env"}, {"[Service]", "KillSignal", "SIGTERM"}, {"[Service]", "TimeoutStopSec", "30"},
		{"[Service]", "Restart", "no"}, {"[Service]", "RuntimeMaxSec", "7200"}, {"[Service]", "LoadCredential", "nats-creds:/etc/axbench/agent.creds"}, {"[Service]", "NoNewPrivileges", "yes"},
	} {
		if !slices.Contains(list, want) {
			t.Errorf("%+v is missing", want)
		}
	}
	s.EnvFile = ""
	for _, one := range unitSettings(t, manifest(t, Systemd, s)) {
		if one.name == "EnvironmentFile" {
			t.Errorf("no file was asked for: %+v", one)
		}
	}
}

// TestUnitVerify lets systemd read the unit, and a broken one.
func TestUnitVerify(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here")
	}
	s := sound(Systemd)
	if s.Program, err = filepath.EvalSymlinks("/bin/true"); err != nil { // it has to be there
		t.Skip(err)
	}
	s.Files = Files{Creds: "/etc/axbench/agent.creds", CA: "/etc/axbench/ca.pem"}
	s.Args = []string{"$(id)", `a'b"c\`, "${HOME}", "%n", ";", "杭州", " "}
	verify := func(text []byte) (string, bool) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "axbench-agent@.service"), text, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(analyze, "verify", "--man=no", filepath.Join(dir, "axbench-agent@3.service")).CombinedOutput()
		// Only what it says of this unit counts: it looks at others too, and warns of a unit without ending with an error.
		said := ""
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "axbench-agent@") {
				said += line
			}
		}
		return said, err == nil && said == ""
	}
	text := manifest(t, Systemd, s)
	if said, ok := verify(text); !ok {
		t.Fatalf("systemd-analyze verify: %s\n%s", said, text)
	}
	for _, m := range []struct{ name, old, now string }{
		{"a misspelt setting", "RestrictNamespaces=", "RestrictNamespace="},
		{"a value that is none", "Restart=no", "Restart=perhaps"},
		{"an open quote", `"--prefer"`, `"--prefer`},
		{"a system call that is none", "@system-service", "@system-servant"},
	} {
		bad := strings.Replace(string(text), m.old, m.now, 1)
		if _, ok := verify([]byte(bad)); ok || bad == string(text) {
			t.Errorf("%s is not seen", m.name)
		}
	}
}
