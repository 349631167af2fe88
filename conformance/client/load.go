package client

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoCredentials says that nothing was found anywhere: no key pair in the environment and no profile in either file.
var ErrNoCredentials = errors.New("no credentials found")

// The environment variables that Load asks for, as the official tools name them.
const (
	EnvID           = "ALIBABA_CLOUD_ACCESS_KEY_ID"
	EnvSecret       = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	EnvToken        = "ALIBABA_CLOUD_SECURITY_TOKEN"
	EnvProfile      = "ALIBABA_CLOUD_PROFILE"
	EnvConfigFile   = "ALIBABA_CLOUD_CONFIG_FILE"
	EnvKeyFile      = "ALIBABA_CLOUD_CREDENTIALS_FILE"
	EnvNoCLIProfile = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"
)

// maxFile bounds the files that are read.
const maxFile = 1 << 20

// Load finds credentials: the key pair of the environment, unless profile names a profile; then the profile of that name, of
// ALIBABA_CLOUD_PROFILE, or the file's own choice, in ~/.aliyun/config.json; then in ~/.alibabacloud/credentials. Only
// profiles that hold a key pair are accepted. A profile that would need a request, a metadata service or a command is an error
// that names its mode: nothing is ever called or run.
//
// env is asked for the Env variables; home is the home directory, "" for none. The error wraps ErrNoCredentials when there is
// nothing at all and no profile was named. No error holds an id, a secret or a token.
func Load(profile string, env func(string) string, home string) (Credentials, error) {
	if profile == "" {
		if c, found, err := fromEnv(env); found {
			return c, err
		}
		profile = env(EnvProfile)
	}
	for _, f := range files(env, home) {
		data, err := readFile(f.path)
		if errors.Is(err, fs.ErrNotExist) && !f.named {
			continue
		}
		if err != nil {
			return Credentials{}, fmt.Errorf("read credentials from %s: %w", f.label, bare(err))
		}
		c, found, err := f.parse(data, profile)
		if err != nil {
			return Credentials{}, fmt.Errorf("%s: %w", f.label, err)
		}
		if found {
			c.Source += " of " + f.label
			return c, c.check()
		}
	}
	if profile != "" {
		return Credentials{}, fmt.Errorf("no profile %q in ~/.aliyun/config.json or ~/.alibabacloud/credentials", profile)
	}
	return Credentials{}, fmt.Errorf("%w: neither %s and %s, nor a profile in ~/.aliyun/config.json or ~/.alibabacloud/credentials",
		ErrNoCredentials, EnvID, EnvSecret)
}

// fromEnv reports found when either half of a pair is set, so that half a pair is an error and not passed over.
func fromEnv(env func(string) string) (c Credentials, found bool, err error) {
	c = Credentials{ID: env(EnvID), Secret: env(EnvSecret), Token: env(EnvToken), Source: "environment"}
	switch {
	case c.ID == "" && c.Secret == "":
		return Credentials{}, false, nil
	case c.ID == "":
		return Credentials{}, true, fmt.Errorf("%s is set but %s is not", EnvSecret, EnvID)
	case c.Secret == "":
		return Credentials{}, true, fmt.Errorf("%s is set but %s is not", EnvID, EnvSecret)
	}
	if err := c.check(); err != nil {
		return Credentials{}, true, err
	}
	return c, true, nil
}

// file is one of the two files of profiles.
type file struct {
	path  string
	label string // for people
	named bool   // named by an environment variable, so it has to be there
	parse func(data []byte, profile string) (c Credentials, found bool, err error)
}

func files(env func(string) string, home string) (list []file) {
	add := func(variable string, parse func([]byte, string) (Credentials, bool, error), parts ...string) {
		f := file{parse: parse}
		switch {
		case env(variable) != "":
			f.path, f.label, f.named = env(variable), "the file of "+variable, true
		case home != "":
			f.path, f.label = filepath.Join(append([]string{home}, parts...)...), "~/"+strings.Join(parts, "/")
		default:
			return
		}
		list = append(list, f)
	}
	if env(EnvNoCLIProfile) != "true" {
		add(EnvConfigFile, parseConfig, ".aliyun", "config.json")
	}
	add(EnvKeyFile, parseINI, ".alibabacloud", "credentials")
	return list
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errors.New("longer than 1 MiB")
	}
	return data, err
}

// bare is err without the path, which its label has named.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
