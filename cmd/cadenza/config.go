package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"cadenza/internal/fault"
)

// database is the flag of every command that needs the database.
type database struct {
	DB string `name:"db" help:"Database: sqlite:FILE or postgres://user:password@host/name." default:"sqlite:cadenza.db" placeholder:"ADDRESS" env:"CADENZA_DB"`
}

// site are the flags of commands that read secrets or files of the installation.
type site struct {
	database
	KeyFile  string `help:"File with the key that encrypts mailbox passwords; made at the first start." default:"cadenza.key" placeholder:"FILE" env:"CADENZA_KEY_FILE"`
	DataDir  string `help:"Folder for uploaded files." default:"cadenza-data" placeholder:"DIR" env:"CADENZA_DATA_DIR"`
	FilesDir string `help:"Folder for files that go with emails; without it the database keeps them." placeholder:"DIR" env:"CADENZA_FILES_DIR"`
}

// logging are the flags of commands that keep running.
type logging struct {
	LogLevel  string `help:"Least level that is logged: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"CADENZA_LOG_LEVEL"`
	LogFormat string `help:"Form of the log: text or json." enum:"text,json" default:"text" env:"CADENZA_LOG_FORMAT"`
}

func (l logging) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// environmentOf lets tests give an environment of their own: kong itself reads only the process's.
func environmentOf(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if value := getenv(name); value != "" {
				return value, nil
			}
		}
		return nil, nil
	})
}

// yamlConfig reads settings from a YAML file: the flags' names are its keys, with _ or - between words. What the
// environment says goes before the file.
func yamlConfig(getenv func(string) string) kong.ConfigurationLoader {
	return func(r io.Reader) (kong.Resolver, error) {
		values := map[string]any{}
		if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("the settings file is not valid YAML: %w", err)
		}
		known := map[string]any{}
		for name, value := range values {
			known[strings.ReplaceAll(name, "_", "-")] = value
		}
		return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
			for _, name := range flag.Envs {
				if getenv(name) != "" {
					return nil, nil
				}
			}
			return known[flag.Name], nil
		}), nil
	}
}

// keySize is the size of the key in bytes (AES-256).
const keySize = 32

// readKey reads the key, and makes one at the first start.
func readKey(file string) ([]byte, error) {
	key, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeKey(file)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "The key file %s cannot be read.", file).
			WithHint("Let this user read it, or name another one with --key-file.").WithInner(err)
	case len(key) != keySize:
		return nil, fault.New(fault.Invalid, "The key file %s has %d bytes; a key has %d.", file, len(key), keySize).
			WithHint("Put the right file in its place. Without it the mailboxes' passwords have to be entered again.")
	}
	return key, nil
}

func makeKey(file string) ([]byte, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // it never fails: see its documentation
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the key: %w", err)
	}
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return nil, fault.New(fault.Unavailable, "The key file %s cannot be written.", file).
			WithHint("Let this user write in its folder, or name another one with --key-file.").WithInner(err)
	}
	return key, nil
}
