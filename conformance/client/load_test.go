package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"axbench/conformance/client"
)

const (
	configJSON   = ".aliyun/config.json"
	credentialsF = ".alibabacloud/credentials"
)

const config = `{
 "current": "main",
 "profiles": [
  {"name": "main", "mode": "AK", "access_key_id": "idMain", "access_key_secret": "sentinelMain", "region_id": "cn-hangzhou"},
  {"name": "temp", "mode": "StsToken", "access_key_id": "idTemp", "access_key_secret": "sentinelTemp", "sts_token": "sentinelToken"},
  {"name": "bare", "mode": "StsToken", "access_key_id": "idBare", "access_key_secret": "sentinelBare"},
  {"name": "role", "mode": "RamRoleArn", "access_key_id": "idRole", "access_key_secret": "sentinelRole", "ram_role_arn": "acs:ram::1:role/x"},
  {"name": "ecs", "mode": "EcsRamRole", "ram_role_name": "sentinelName"},
  {"name": "run", "mode": "External", "process_command": "touch sentinel-ran"},
  {"name": "nomode", "access_key_id": "idNone", "access_key_secret": "sentinelNone"},
  {"name": "pasted", "mode": "sentinel0123456789abcdefghijkl", "access_key_id": "idPasted"},
  {"name": "half", "mode": "AK", "access_key_id": "idHalf"},
  {"name": "spaced", "mode": "AK", "access_key_id": "idSpaced", "access_key_secret": "sentinel spaced"}
 ]
}`

const ini = "\ufeff; comment\r\n# comment\r\n" + `
access_key_id = sentinelOutside
[default]
type = access_key
access_key_id = idDefault
access_key_secret = "sentinelDefault=="   

[ temp ]
type=sts
access_key_id=idINI
access_key_secret='sentinelINI'
security_token=sentinelToken=

[role]
type = ram_role_arn
access_key_id = idRole
access_key_secret = sentinelRole

[bare]
type = sts
access_key_id = idBare
access_key_secret = sentinelBare

[untyped]
access_key_id = idUntyped
access_key_secret = sentinelUntyped
`

func TestLoad(t *testing.T) {
	both := map[string]string{configJSON: config, credentialsF: ini}
	onlyINI := map[string]string{credentialsF: ini}
	key := map[string]string{client.EnvID: "idEnv", client.EnvSecret: "sentinelEnv"}
	tests := []struct {
		name    string
		files   map[string]string
		env     map[string]string
		profile string
		want    string // id/secret/token/source, or an error that starts with "error: " and holds the rest
	}{
		{"environment", both, key, "", "idEnv/sentinelEnv//environment"},
		{"environment with token", nil, with(key, client.EnvToken, "sentinelToken"), "", "idEnv/sentinelEnv/sentinelToken/environment"},
		{"a named profile beats the environment", both, key, "temp", "idTemp/sentinelTemp/sentinelToken/profile temp of ~/.aliyun/config.json"},
		{"the pair beats the profile variable", both, with(key, client.EnvProfile, "temp"), "", "idEnv/sentinelEnv//environment"},
		{"current profile", both, nil, "", "idMain/sentinelMain//profile main of ~/.aliyun/config.json"},
		{"profile variable", both, map[string]string{client.EnvProfile: "temp"}, "", "idTemp/sentinelTemp/sentinelToken/profile temp of ~/.aliyun/config.json"},
		{"ini, default", onlyINI, nil, "", "idDefault/sentinelDefault==//profile default of ~/.alibabacloud/credentials"},
		{"ini, named", onlyINI, nil, "temp", "idINI/sentinelINI/sentinelToken=/profile temp of ~/.alibabacloud/credentials"},
		{"first file disabled", both, map[string]string{client.EnvNoCLIProfile: "true"}, "temp", "idINI/sentinelINI/sentinelToken=/profile temp of ~/.alibabacloud/credentials"},
		{"not in the first file", both, nil, "default", "idDefault/sentinelDefault==//profile default of ~/.alibabacloud/credentials"},
		{"nothing current", map[string]string{configJSON: `{"profiles":[{"name":"default","mode":"AK","access_key_id":"i","access_key_secret":"s"}]}`}, nil, "", "i/s//profile default of ~/.aliyun/config.json"},

		{"nothing", nil, nil, "", "error: no credentials found: neither ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, nor a profile"},
		{"no such profile", both, nil, "other", `error: no profile "other" in ~/.aliyun/config.json or ~/.alibabacloud/credentials`},
		{"id only", both, map[string]string{client.EnvID: "idEnv"}, "", "error: ALIBABA_CLOUD_ACCESS_KEY_ID is set but ALIBABA_CLOUD_ACCESS_KEY_SECRET is not"},
		{"secret only", both, map[string]string{client.EnvSecret: "sentinelEnv"}, "", "error: ALIBABA_CLOUD_ACCESS_KEY_SECRET is set but ALIBABA_CLOUD_ACCESS_KEY_ID is not"},
		{"secret with a line break", nil, with(key, client.EnvSecret, "sentinelEnv\n"), "", "error: the access key secret holds a character that none has, such as a space or a line break (environment)"},
		{"mode RamRoleArn", both, nil, "role", `error: ~/.aliyun/config.json: profile "role" has mode "RamRoleArn", accepted: AK, StsToken`},
		{"mode EcsRamRole", both, nil, "ecs", `error: ~/.aliyun/config.json: profile "ecs" has mode "EcsRamRole", accepted: AK, StsToken`},
		{"mode External", both, nil, "run", `error: ~/.aliyun/config.json: profile "run" has mode "External", accepted: AK, StsToken`},
		{"no mode", both, nil, "nomode", `error: ~/.aliyun/config.json: profile "nomode" has mode "", accepted: AK, StsToken`},
		{"a key as mode", both, nil, "pasted", `error: ~/.aliyun/config.json: profile "pasted" has mode "(unreadable)", accepted: AK, StsToken`},
		{"StsToken without token", both, nil, "bare", `error: ~/.aliyun/config.json: profile "bare" has mode StsToken and no sts_token`},
		{"no secret", both, nil, "half", "error: the access key secret is empty (profile half of ~/.aliyun/config.json)"},
		{"spaced secret", both, nil, "spaced", "error: the access key secret holds a character that none has, such as a space or a line break (profile spaced of"},
		{"ini type", onlyINI, nil, "role", `error: ~/.alibabacloud/credentials: profile "role" has type "ram_role_arn", accepted: access_key, sts`},
		{"ini sts without token", onlyINI, nil, "bare", `error: ~/.alibabacloud/credentials: profile "bare" has type sts and no security_token`},
		{"ini without type", onlyINI, nil, "untyped", `error: ~/.alibabacloud/credentials: profile "untyped" has no type, accepted: access_key, sts`},
		{"not JSON", map[string]string{configJSON: "{\n \"profiles\": [\n  sentinel\n"}, nil, "", "error: ~/.aliyun/config.json: line 3: not JSON"},
		{"another JSON", map[string]string{configJSON: `{"profiles": "sentinel"}`}, nil, "", "error: ~/.aliyun/config.json: line 1: a value of the wrong type"},
		{"empty file", map[string]string{configJSON: ""}, nil, "", "error: ~/.aliyun/config.json: line 1: not JSON"},
		{"ini without =", map[string]string{credentialsF: "[default]\nsentinel\n"}, nil, "", "error: ~/.alibabacloud/credentials: line 2: neither a section nor key = value"},
		{"ini without ]", map[string]string{credentialsF: "[sentinel\n"}, nil, "", "error: ~/.alibabacloud/credentials: line 1: a section without ]"},
		{"named file is missing", both, map[string]string{client.EnvConfigFile: "/nonexistent/file"}, "", "error: read credentials from the file of ALIBABA_CLOUD_CONFIG_FILE: "},
		{"too long", map[string]string{configJSON: strings.Repeat(" ", 1<<20+1)}, nil, "", "error: read credentials from ~/.aliyun/config.json: longer than 1 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			t.Chdir(home) // where a command would leave its file
			for name, text := range tt.files {
				write(t, filepath.Join(home, name), text)
			}
			c, err := client.Load(tt.profile, func(name string) string { return tt.env[name] }, home)
			wantErr, failing := strings.CutPrefix(tt.want, "error: ")
			switch {
			case failing && (err == nil || !strings.HasPrefix(err.Error(), wantErr)):
				t.Errorf("error %v\nwant  %s", err, wantErr)
			case failing && (strings.Contains(err.Error(), "sentinel") || strings.Contains(err.Error(), "idEnv")):
				t.Errorf("shows what is secret: %v", err)
			case failing && errors.Is(err, client.ErrNoCredentials) != (tt.name == "nothing"):
				t.Errorf("ErrNoCredentials: %v", err)
			case !failing && err != nil:
				t.Error(err)
			case !failing && c.ID+"/"+c.Secret+"/"+c.Token+"/"+c.Source != tt.want:
				t.Errorf("got  %s/%s/%s/%s\nwant %s", c.ID, c.Secret, c.Token, c.Source, tt.want)
			}
			if _, err := os.Stat("sentinel-ran"); err == nil {
				t.Error("a command was run")
			}
		})
	}
}

func TestLoadFromNamedFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), config)
	write(t, filepath.Join(dir, "b"), ini)
	env := map[string]string{client.EnvConfigFile: filepath.Join(dir, "a.json"), client.EnvKeyFile: filepath.Join(dir, "b")}
	for profile, want := range map[string]string{
		"main": "profile main of the file of ALIBABA_CLOUD_CONFIG_FILE", "default": "profile default of the file of ALIBABA_CLOUD_CREDENTIALS_FILE",
	} {
		c, err := client.Load(profile, func(name string) string { return env[name] }, "")
		if err != nil || c.Source != want {
			t.Errorf("%s: %q, %v, want %q", profile, c.Source, err, want)
		}
	}
	if _, err := client.Load("", func(string) string { return "" }, ""); !errors.Is(err, client.ErrNoCredentials) {
		t.Errorf("without a home: %v", err)
	}
}

func with(m map[string]string, name, value string) map[string]string {
	out := map[string]string{name: value}
	for k, v := range m {
		if k != name {
			out[k] = v
		}
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
