package emulator

import (
	"strings"
	"testing"
)

// TestHosts holds Host headers against what the emulator answers to, in calls and for its admin listener.
func TestHosts(t *testing.T) {
	for _, c := range []struct{ config, yes, no string }{
		{"", "127.0.0.1 localhost LOCALHOST:80 [::1]:9 127.1.2.3", "10.1.2.3 example.com 0.0.0.0 [::2] 127.example.com localhost.example.com"},
		{"listen: 127.0.0.1:80", "127.0.0.1:80", "10.1.2.3 example.com"},
		{"listen: emulator.internal:80", "emulator.internal Emulator.Internal:1 localhost", "internal 10.1.2.3"},
		{"listen: 10.1.2.3:80", "10.1.2.3 10.1.2.3:99", "10.1.2.4 example.com"},
		{"hosts: [emulator, '10.9.9.9', '::5']", "emulator:8080 10.9.9.9 [::5]:1", "emulator.example 10.9.9.8"},
		{"listen: 0.0.0.0:80", "10.1.2.3:80 192.168.1.1 [2001:db8::1]:8080 localhost", "example.com 10.1.2.3.example.com 1.2.3"},
		{"listen: ':80'", "10.1.2.3:80 [2001:db8::1]", "example.com"},
	} {
		e := serve(t, config(t, c.config), fixed)
		for i, host := range strings.Fields(c.yes + " " + c.no) {
			want := i < len(strings.Fields(c.yes))
			a := e.raw(t, strings.Replace(newBind().get(), "127.0.0.1:1", host, 1))
			if got := a.fields["Code"] == "OK"; got != want || e.KnowsHost(host) != want {
				t.Errorf("%q: %s is answered %s, KnowsHost %v; want %v", c.config, host, a.body, e.KnowsHost(host), want)
			}
		}
	}
	for _, bad := range []string{"hosts: ['a:80']", "hosts: ['']", "hosts: ['[::1]:9']"} {
		if _, err := Parse("test.yaml", []byte(bad), 1); err == nil || !strings.Contains(err.Error(), "test.yaml:1:9: hosts[0]: not the name of a host") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
