package main

// This file keeps summaries of units: in files that a build system makes and joins,
// and in a folder by the hash of all that a summary depends on.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"quasi/guard"
)

// summaryFormat is the first member of a summary's file.
const summaryFormat = "quasi-guard-summary"

// A unitSummary is the summary of a unit, as it is written down.
type unitSummary struct {
	Format  string         `json:"format"`
	Tool    string         `json:"tool"` // the hash of the program that made it
	Unit    string         `json:"unit"`
	Dir     string         `json:"directory,omitempty"` // that names of files are relative to
	Summary *guard.Summary `json:"summary"`
}

// toolHash is the hash of this program: what another build of it has made may be
// something else.
var toolHash = sync.OnceValue(func() string {
	h := sha256.New()
	path, err := os.Executable()
	if err == nil {
		var f *os.File
		if f, err = os.Open(path); err == nil {
			_, err = io.Copy(h, f)
			f.Close()
		}
	}
	if err != nil {
		return "quasi " + version
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
})

// encode is the text of a summary's file.
func (u *unitSummary) encode() ([]byte, error) {
	u.Format, u.Tool = summaryFormat, toolHash()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(u)
	return b.Bytes(), err
}

// readSummary reads a file that --emit-summary has made.
func readSummary(name string) (*unitSummary, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, cause(err))
	}
	u, err := decodeSummary(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return u, nil
}

func decodeSummary(text []byte) (*unitSummary, error) {
	// The head is read first, for a summary of another program may not fit.
	var head struct{ Format, Tool string }
	if err := json.Unmarshal(text, &head); err != nil || head.Format != summaryFormat {
		return nil, errors.New("not a summary that quasi guard --emit-summary has written")
	}
	if head.Tool != toolHash() {
		return nil, errors.New("the summary of another build of quasi; make it again")
	}
	u := &unitSummary{}
	if err := json.Unmarshal(text, u); err != nil || !hasAll(u.Summary) {
		return nil, errors.New("a damaged summary; make it again")
	}
	return u, nil
}

// hasAll reports whether a summary that was read has what each has.
func hasAll(s *guard.Summary) bool {
	if s == nil || len(s.Terms) == 0 {
		return false
	}
	for _, c := range s.Calls {
		if c.Row == nil && c.Warning == nil || c.Row == nil && c.Once {
			return false
		}
	}
	for _, why := range s.Unknown {
		if why == nil {
			return false
		}
	}
	return true
}

// A summaryCache is a folder of summaries. A nil one keeps nothing.
type summaryCache struct{ dir string }

// newSummaryCache makes the folder if it is not there; an empty name is no cache.
func newSummaryCache(dir string) (*summaryCache, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("--cache %s: %w", dir, cause(err))
	}
	return &summaryCache{dir: dir}, nil
}

// key is the hash of what the summary of a unit depends on: its text (of C what the
// preprocessor makes of it, with the flags), its name, the terms, and this program. It is
// empty without a cache.
func (c *summaryCache) key(ctx context.Context, s *summarizer, u *unit) (string, error) {
	if c == nil {
		return "", nil
	}
	h := sha256.New()
	part := func(text string) { fmt.Fprintf(h, "%d:%s", len(text), text) }
	part(toolHash())
	for _, t := range s.terms {
		part(t.String())
	}
	part("of unit")
	part(u.name)
	file := u.file
	if u.isC() {
		here, err := filepath.Abs(u.dir)
		if err != nil {
			return "", err
		}
		part(s.clangVersion)
		part(here)
		part(u.arg)
		part(strings.Join(u.flags, "\x00"))
		file = s.ws.path(s.fresh(".i"))
		if err := s.tools(u).preprocess(ctx, file, u.arg, u.flags); err != nil {
			return "", err
		}
		defer os.Remove(file)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", u.name, cause(err))
	}
	defer f.Close()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", u.name, cause(err))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// path is where the summary of a key lies.
func (c *summaryCache) path(key string) string {
	return filepath.Join(c.dir, key[:2], key[2:]+".json")
}

// get returns the summary of a key, nil if there is none, or none that can be read.
func (c *summaryCache) get(key string) *unitSummary {
	if c == nil {
		return nil
	}
	u, err := readSummary(c.path(key))
	if err != nil {
		return nil
	}
	return u
}

// put keeps a summary.
func (c *summaryCache) put(s *summarizer, key string, u *unitSummary) error {
	if c == nil {
		return nil
	}
	text, err := u.encode()
	if err != nil {
		return err
	}
	dst := c.path(key)
	if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
		return cannotWrite(dst, err)
	}
	src := s.ws.path(s.fresh(".json"))
	if err := os.WriteFile(src, text, 0o666); err != nil {
		return cannotWrite(dst, err)
	}
	defer os.Remove(src)
	return install(src, dst)
}
