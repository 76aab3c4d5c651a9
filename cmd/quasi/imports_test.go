package main

// This file checks the import rules of the module: who may import whom, who
// may run programs, and who may parse IR.

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists, for each package of the module, the packages of the module
// that it may import. cmd/quasi may import all of them.
var mayImport = map[string][]string{
	"ir":         {},
	"ir/irtest":  {"ir"},
	"ir/dialect": {},
	"ir/spec":    {"ir"},
	"bta":        {"ir", "ir/spec"},
	"pe":         {"ir", "ir/spec", "bta"},
	"guard":      {"ir", "ir/spec"},
}

// outside lists imports that only some files may have.
var outside = map[string]func(pkg, file string) bool{
	"os/exec": func(pkg, file string) bool {
		return strings.HasPrefix(pkg, "cmd/") || pkg == "ir/irtest"
	},
	"github.com/llir/llvm/asm": func(pkg, file string) bool {
		return pkg == "ir" && file == "load.go"
	},
	"github.com/urfave/cli/v2": func(pkg, file string) bool {
		return strings.HasPrefix(pkg, "cmd/")
	},
	"testing": func(pkg, file string) bool {
		return pkg == "ir/irtest"
	},
}

// breach says what is wrong with an import, "" if nothing is.
func breach(pkg, file, imported string) string {
	test := strings.HasSuffix(file, "_test.go")
	if own, ok := strings.CutPrefix(imported, "quasi/"); ok {
		switch {
		case strings.HasPrefix(own, "cmd"):
			return "cmd is not to be imported"
		case own == "ir/irtest":
			if !test {
				return "irtest is for tests"
			}
		case strings.HasPrefix(pkg, "cmd/"), own == pkg:
		default:
			rule, known := mayImport[pkg]
			if !known {
				return "package " + pkg + " has no import rule"
			}
			if !slices.Contains(rule, own) && !(test && own == "ir") {
				return pkg + " may not import " + own
			}
		}
		return ""
	}
	if allowed, ok := outside[imported]; ok && !test && !allowed(pkg, file) {
		return "only some packages may import " + imported
	}
	return ""
}

func TestImports(t *testing.T) {
	root := "../.."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if what := breach(filepath.ToSlash(filepath.Dir(rel)), d.Name(), imported); what != "" {
				t.Errorf("%s: %s", rel, what)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("read %d files only", files)
	}
}

// TestBreach checks the checker.
func TestBreach(t *testing.T) {
	for _, c := range []struct {
		pkg, file, imported string
		wrong               bool
	}{
		{"pe", "specialize.go", "quasi/bta", false},
		{"bta", "analyze.go", "quasi/pe", true},
		{"guard", "plan.go", "quasi/bta", true},
		{"pe", "lift.go", "quasi/guard", true},
		{"ir", "load.go", "github.com/llir/llvm/asm", false},
		{"pe", "emit.go", "github.com/llir/llvm/asm", true},
		{"bta", "x.go", "os/exec", true},
		{"ir/irtest", "run.go", "os/exec", false},
		{"cmd/quasi", "driver.go", "os/exec", false},
		{"bta", "x.go", "quasi/ir/irtest", true},
		{"bta", "x_test.go", "quasi/ir/irtest", false},
		{"util", "x.go", "quasi/ir", true},
		{"bta", "x.go", "quasi/cmd/quasi", true},
	} {
		if got := breach(c.pkg, c.file, c.imported); (got != "") != c.wrong {
			t.Errorf("%s/%s importing %s: %q", c.pkg, c.file, c.imported, got)
		}
	}
}
