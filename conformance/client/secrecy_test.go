package client_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"axbench/conformance/client"
)

var sentinel = client.Credentials{ID: "sentinelID", Secret: "sentinelSecret", Token: "sentinelToken", Source: "a test"}

// TestNothingPrintsCredentials: no verb, encoder or logger gets at them, alone or inside of something.
func TestNothingPrintsCredentials(t *testing.T) {
	cfg := client.Config{Host: "h", Credentials: sentinel}
	s := signer(t, cfg)
	for _, scheme := range []client.Scheme{client.V1, client.V3} {
		cfg.Scheme = scheme
		signer(t, cfg).Append(nil, "BindAxb", documented, nonce, noon, client.NoFault)
	}
	s.Append(nil, "BindAxb", documented, nonce, noon, client.NoFault)
	values := map[string]any{
		"credentials": sentinel, "pointer": &sentinel, "slice": []client.Credentials{sentinel},
		"map": map[string]client.Credentials{"a": sentinel}, "config": cfg, "config pointer": &cfg, "signer": s,
	}
	hidden := func(how, out string) {
		if strings.Contains(strings.ToLower(out), "sentinel") || strings.Contains(out, fmt.Sprintf("%x", "sentinel")) {
			t.Errorf("%s shows them: %s", how, out)
		}
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			hidden(name+" by "+verb, fmt.Sprintf(verb, v))
		}
		if name != "signer" {
			out, err := json.Marshal(v)
			if err != nil || !bytes.Contains(out, []byte("credentials from a test")) {
				t.Errorf("%s as JSON: %s, %v", name, out, err)
			}
			hidden(name+" as JSON", string(out))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		hidden(name+" logged", log.String())
	}
	if got := fmt.Sprint(sentinel); got != "credentials from a test" {
		t.Errorf("printed as %q", got)
	}
	if got := fmt.Sprint(client.Credentials{}); got != "credentials" {
		t.Errorf("empty ones printed as %q", got)
	}
}

// TestSecretIsNotSent: the id and the token have to be in a request, the secret never.
func TestSecretIsNotSent(t *testing.T) {
	for _, cfg := range configs() {
		cfg.Credentials = sentinel
		raw := string(signer(t, cfg).Append(nil, "BindAxb", documented, nonce, noon, client.NoFault))
		if strings.Contains(raw, "sentinelSecret") || !strings.Contains(raw, "sentinelID") || !strings.Contains(raw, "sentinelToken") {
			t.Errorf("%v %v: %q", cfg.Scheme, cfg.Place, raw)
		}
	}
}

func TestBuiltIn(t *testing.T) {
	if c := client.BuiltIn(); c.ID != "testid" || c.Secret != "testsecret" || c.Token != "" || c.Source != "built-in" {
		t.Errorf("%s/%s/%s/%s", c.ID, c.Secret, c.Token, c.Source)
	}
}
