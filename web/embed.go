// Package web has the demo: pages that use the SDK from a script tag, as anybody
// who reads its documentation would. The gateway serves them at its root.
package web

import "embed"

// Files are the pages and what they load, by their paths below this folder.
//
//go:embed index.html minimal.html favicon.svg css js
var Files embed.FS
