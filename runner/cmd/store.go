package cmd

import (
	"crypto/rand"
	"path/filepath"
	"time"

	"axbench/results"

	"github.com/urfave/cli/v2"
)

// store is the folder of run directories unless --store names another one.
const store = "results"

// storeFlag says in which folder the directories of runs are.
func storeFlag() cli.Flag {
	return &cli.StringFlag{Name: "store", Value: store, Usage: "`FOLDER` with the directories of runs"}
}

// outFlags say where a command puts its directory, of which text is what it holds and kind a part of its name.
func outFlags(text, kind string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "out", Usage: text + "; default <store>/<time>-" + kind + "-<4 hex>"},
		storeFlag(),
	}
}

// outDir returns the directory that --out names, or a new one in the store.
func outDir(flags *cli.Context, kind string, at time.Time) string {
	if dir := flags.String("out"); dir != "" {
		return dir
	}
	return newDir(flags, kind, at)
}

// newDir returns the name of a new directory in the store.
func newDir(flags *cli.Context, kind string, at time.Time) string {
	var random [2]byte
	rand.Read(random[:])
	return filepath.Join(flags.String("store"), results.NewDirName(at, kind, random))
}
