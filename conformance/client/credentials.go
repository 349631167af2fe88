package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Credentials are an access key pair, with a token when they are temporary. They print, marshal and log as Source only. Package
// fmt cannot call these methods on an unexported field, so a struct that keeps Credentials in one must not be printed whole.
type Credentials struct {
	ID, Secret, Token string
	Source            string // where they are from, fit for a report: "environment", "profile main of ~/.aliyun/config.json"
}

// BuiltIn are the credentials of every emulator, for loopback targets. They are no secret.
func BuiltIn() Credentials {
	return Credentials{ID: "testid", Secret: "testsecret", Source: "built-in"}
}

// String returns "credentials from" and the source.
func (c Credentials) String() string {
	if c.Source == "" {
		return "credentials"
	}
	return "credentials from " + c.Source
}

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// Format writes String for every verb, so that none reaches the fields.
func (c Credentials) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// MarshalJSON writes String as a JSON string.
func (c Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// MarshalText writes String; encoders of other formats use it.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// LogValue logs String.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// check refuses credentials that cannot be sent or that were pasted badly, without showing them.
func (c Credentials) check() error {
	of := ""
	if c.Source != "" {
		of = " (" + c.Source + ")"
	}
	switch {
	case c.ID == "":
		return errors.New("the access key id is empty" + of)
	case c.Secret == "":
		return errors.New("the access key secret is empty" + of)
	case !visible(c.ID) || strings.ContainsAny(c.ID, ",;="):
		return errors.New("the access key id holds a character that none has, such as a space or a line break" + of)
	case !visible(c.Secret):
		return errors.New("the access key secret holds a character that none has, such as a space or a line break" + of)
	case !visible(c.Token):
		return errors.New("the security token holds a character that none has, such as a space or a line break" + of)
	}
	return nil
}
