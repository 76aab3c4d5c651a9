package main

// This file prints JSON, in one form for all commands.

import (
	"encoding/json"
	"io"
)

// printJSON writes v indented, with <, > and & as they are.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
