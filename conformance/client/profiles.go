package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// never is why no other kind of profile is accepted.
const never = "axbench calls no metadata service, assumes no role and runs no command"

// parseConfig finds a profile in the configuration file of the aliyun command line. profile "" takes the current one.
func parseConfig(data []byte, profile string) (c Credentials, found bool, err error) {
	var config struct {
		Current  string `json:"current"`
		Profiles []struct {
			Name   string `json:"name"`
			Mode   string `json:"mode"`
			ID     string `json:"access_key_id"`
			Secret string `json:"access_key_secret"`
			Token  string `json:"sts_token"`
		} `json:"profiles"`
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := json.Unmarshal(data, &config); err != nil {
		return c, false, errors.New(jsonProblem(data, err))
	}
	if profile == "" {
		profile = config.Current
	}
	if profile == "" {
		profile = "default"
	}
	for _, p := range config.Profiles {
		if p.Name != profile {
			continue
		}
		c = Credentials{ID: p.ID, Secret: p.Secret, Source: "profile " + printable(profile)}
		switch p.Mode {
		case "AK":
		case "StsToken":
			if p.Token == "" {
				return Credentials{}, false, fmt.Errorf("profile %q has mode StsToken and no sts_token", profile)
			}
			c.Token = p.Token
		default:
			return Credentials{}, false, fmt.Errorf("profile %q has mode %q, accepted: AK, StsToken; %s", profile, modeName(p.Mode), never)
		}
		return c, true, nil
	}
	return Credentials{}, false, nil
}

// jsonProblem says where a file is not JSON, and nothing of what stands there.
func jsonProblem(data []byte, err error) string {
	var offset int64
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	line := 1 + bytes.Count(data[:min(max(offset-1, 0), int64(len(data)))], []byte("\n"))
	if kind != nil {
		return fmt.Sprintf("line %d: a value of the wrong type", line)
	}
	return fmt.Sprintf("line %d: not JSON", line)
}

// parseINI finds a section in the credentials file of the SDKs. profile "" takes the section default.
func parseINI(data []byte, profile string) (c Credentials, found bool, err error) {
	if profile == "" {
		profile = "default"
	}
	keys := map[string]string{}
	section := "" // keys before the first section belong to none
	for i, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			end := strings.IndexByte(line, ']')
			if end < 0 {
				return c, false, fmt.Errorf("line %d: a section without ]", i+1)
			}
			section = strings.TrimSpace(line[1:end])
			found = found || section == profile
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return c, false, fmt.Errorf("line %d: neither a section nor key = value", i+1)
		}
		if section == profile {
			keys[strings.TrimSpace(key)] = unquote(strings.TrimSpace(value))
		}
	}
	if !found {
		return c, false, nil
	}
	return fromKeys(keys, profile)
}

func fromKeys(keys map[string]string, profile string) (c Credentials, found bool, err error) {
	c = Credentials{ID: keys["access_key_id"], Secret: keys["access_key_secret"], Source: "profile " + printable(profile)}
	switch kind := keys["type"]; kind {
	case "access_key":
	case "sts":
		if c.Token = keys["security_token"]; c.Token == "" {
			return Credentials{}, false, fmt.Errorf("profile %q has type sts and no security_token", profile)
		}
	case "":
		return Credentials{}, false, fmt.Errorf("profile %q has no type, accepted: access_key, sts", profile)
	default:
		return Credentials{}, false, fmt.Errorf("profile %q has type %q, accepted: access_key, sts; %s", profile, modeName(kind), never)
	}
	return c, true, nil
}

// unquote takes a pair of quotes off a value.
func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// modeName is a mode as it may be shown: a key pasted into the wrong place is not.
func modeName(mode string) string {
	if len(mode) <= 20 && strings.Trim(mode, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
		return mode
	}
	return "(unreadable)"
}

// printable is a profile's name for a report.
func printable(name string) string {
	quoted := fmt.Sprintf("%q", name)
	if quoted[1:len(quoted)-1] == name {
		return name
	}
	return quoted
}
