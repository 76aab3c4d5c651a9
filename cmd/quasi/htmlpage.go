package main

// This file makes pages of HTML that are one file each: style, script and data
// are in the page, and it may not load anything. A page NAME has
//
//	page/NAME.html  templates "head" and "main", for what is there without script
//	page/NAME.css   behind base.css
//	page/NAME*.js   behind base.js, in the order of their names, as one module; its
//	                data is the JSON in the element #data
//
// The same content gives the same bytes.

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"os"
)

//go:embed page
var pageFiles embed.FS

// makePage makes the page called name. Content is what its templates show, data
// what its script gets, nil for none.
func makePage(name, title string, content, data any) ([]byte, error) {
	style, err := joinFiles("page/base.css", "page/"+name+"*.css")
	if err != nil {
		return nil, err
	}
	script, err := joinFiles("page/base.js", "page/"+name+"*.js")
	if err != nil {
		return nil, err
	}
	// In a script element, < is the only character that could end it: Marshal
	// writes it, > and & as \u003c and so on.
	blob, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	t, err := template.ParseFS(pageFiles, "page/base.html", "page/"+name+".html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.ExecuteTemplate(&out, "base.html", struct {
		Title, Policy string
		Style         template.CSS
		Script, Data  template.JS
		Content       any
	}{
		title,
		fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; script-src '%s'", digest(style), digest(script)),
		template.CSS(style), template.JS(script), template.JS(blob), content,
	})
	return out.Bytes(), err
}

// joinFiles is the text of the embedded files that match the patterns.
func joinFiles(patterns ...string) (string, error) {
	var all bytes.Buffer
	for _, pattern := range patterns {
		names, err := fs.Glob(pageFiles, pattern)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			text, err := pageFiles.ReadFile(name)
			if err != nil {
				return "", err
			}
			all.Write(text)
		}
	}
	return all.String(), nil
}

// digest names the text of an element in a content security policy.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// deliverPage writes a page to its place: all of it or nothing.
func (s *session) deliverPage(page []byte, dst string) error {
	made := s.ws.path("page.html")
	if err := os.WriteFile(made, page, 0o666); err != nil {
		return err
	}
	return install(made, dst)
}
