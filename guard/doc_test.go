package guard

// This file checks that doc.go leads to the code: every file has its place in it, and
// every rule is cited where it is followed.

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

func TestDoc(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"*.go", "rt/*.[ch]", "rt/*.ll"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") || f == "doc.go" })
	named := make(map[string]bool)
	for _, name := range regexp.MustCompile(`[a-z_*]+\.(go|c|h|ll)\b`).FindAllString(string(doc), -1) {
		named[name] = true
	}
	for _, f := range files {
		name := filepath.Base(f)
		family, _, _ := strings.Cut(name, "_")
		if beside, isHeader := strings.CutSuffix(name, ".h"); isHeader && named[beside+".c"] {
			continue
		}
		if !named[name] && !named[family+"_*"+filepath.Ext(f)] {
			t.Errorf("doc.go does not name %s", f)
		}
	}
	// Slots of variants are package pe's, and which predicates are guarded is cmd/quasi's.
	files = append(files, "../pe/slot_guarded.go", "../cmd/quasi/guards.go")
	var code strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	cited := make(map[string]bool)
	for _, m := range regexp.MustCompile(`\b([DGRTM])(\d+)\)? to\s+(?:\*\s+|//\s+)?\(?[DGRTM](\d+)\b`).FindAllStringSubmatch(code.String(), -1) {
		for n := atoi(m[2]); n <= atoi(m[3]); n++ {
			cited[m[1]+strconv.Itoa(n)] = true
		}
	}
	for _, rule := range regexp.MustCompile(`\b[DGRTM]\d+\b`).FindAllString(code.String(), -1) {
		cited[rule] = true
	}
	rules := regexp.MustCompile(`(?m)^//   - \(([DGRTM]\d+)\)`).FindAllStringSubmatch(string(doc), -1)
	if len(rules) < 40 {
		t.Errorf("doc.go has %d rules", len(rules))
	}
	for _, rule := range rules {
		if !cited[rule[1]] {
			t.Errorf("no code cites rule (%s)", rule[1])
		}
	}
}
