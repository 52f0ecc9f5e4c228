package site

import (
	"embed"
	"io/fs"
)

// assets is filled by the build before the gateway is compiled; a clean checkout has
// nothing but .gitkeep in it, which all: takes so that the pattern matches at all.
//
//go:embed all:assets
var assets embed.FS

// SDK are the SDK files that were there when the gateway was built, maybe none.
func SDK() fs.FS {
	sub, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the name above is a constant and valid
	}
	return sub
}
