package main

// This file gives the structs of C programs a member for guards, and the program
// pointers to instances that quasi-invariants can speak of, so that campaigns try the
// guards that look at the member.

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"quasi/ir"
)

var (
	structBody = regexp.MustCompile(`\bstruct\s+(\w+)\s*\{([^{}]*;\s*)\}`)
	structVar  = regexp.MustCompile(`(?m)^(?:static )?struct (\w+)\s+(\w+)((?:\[\d+\])*)\s*[=;]`)
)

// functionsBegin is where functions begin in the text of csmith.
const functionsBegin = "/* --- FORWARD DECLARATIONS --- */"

// quidPointer begins the names of the pointers that withQuids adds.
const quidPointer = "quasi_at_"

// withQuids adds the member to each struct that has no parts with braces and no
// flexible array, and quasi_at_V, which points to V, for each variable V of such a type,
// through which functions reach V as well. Initializers leave the member out, so it is null.
func withQuids(text string) string {
	has := make(map[string]bool)
	text = structBody.ReplaceAllStringFunc(text, func(s string) string {
		m := structBody.FindStringSubmatch(s)
		if has[m[1]] || strings.Contains(m[2], "[]") || strings.Contains(m[2], "[0]") {
			return s
		}
		has[m[1]] = true
		return strings.TrimSuffix(s, "}") + "void *quasi_quid;\n}"
	})
	var vars []string // that functions can reach through a pointer
	seen := make(map[string]bool)
	var rest strings.Builder // pointers for the end of the text
	csmith := strings.Contains(text, functionsBegin)
	text = structVar.ReplaceAllStringFunc(text, func(s string) string {
		m := structVar.FindStringSubmatch(s)
		if !has[m[1]] || seen[m[2]] {
			return s
		}
		seen[m[2]] = true
		pointer := fmt.Sprintf("struct %s *%s%s = (struct %[1]s *)&%[3]s;", m[1], quidPointer, m[2])
		here := strings.HasSuffix(s, ";") // all of the definition
		if m[3] == "" && (here || csmith) {
			vars = append(vars, m[2])
		}
		if here {
			return s + " " + pointer
		}
		rest.WriteString(pointer + "\n")
		return s
	})
	if csmith {
		text = strings.Replace(text, functionsBegin, rest.String()+functionsBegin, 1)
	} else {
		text += "\n" + rest.String()
	}
	if len(vars) == 0 {
		return text
	}
	member := regexp.MustCompile(`(?m)^(\s.*?|.*\{.*?)\b(` + strings.Join(vars, "|") + `)\.(\w)`)
	for range 20 { // several a line
		changed := member.ReplaceAllString(text, "${1}"+quidPointer+"$2->$3")
		if changed == text {
			break
		}
		text = changed
	}
	return text
}

// quidPredicates are what holds at first of the instances that withQuids has pointers
// for: for each member that is an integer, that the pointer leads there and that the
// member is what it is.
func quidPredicates(p *ir.Program) [][]string {
	var all [][]string
	for _, g := range p.Module.Globals {
		of, ok := strings.CutPrefix(g.Name(), quidPointer)
		if !ok {
			continue
		}
		instance, t := p.Debug().Global(of)
		if instance == nil || instance.Init == nil || t == nil {
			continue
		}
		for t.Kind == ir.CArray {
			t = t.Elem
		}
		img := p.Initializer(instance.Init)
		if img == nil {
			continue
		}
		for _, f := range t.Fields {
			if f.Name == "" || f.BitSize > 0 || !f.Type.IsInteger() || f.Type.Size > 8 || f.Type.Volatile {
				continue
			}
			n := num{int(f.Type.Size), f.Type.Signed, 0}
			if !img.Zero {
				n.bits = little(img.Bytes[f.Off : f.Off+f.Type.Size])
			}
			all = append(all, []string{g.Name() + " != 0", fmt.Sprintf("%s->%s == %s", g.Name(), f.Name, n.normal())})
		}
	}
	return all
}

// quidPrograms are those of one file in which withQuids finds something to do.
func quidPrograms(programs []*tortureProgram) ([]*tortureProgram, error) {
	dir := filepath.Join(*tortureDir, "quid")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var changed []*tortureProgram
	for _, p := range programs {
		if len(p.sources) > 1 {
			continue
		}
		text, err := os.ReadFile(p.sources[0])
		if err != nil {
			return nil, err
		}
		with := withQuids(string(text))
		if !strings.Contains(with, quidPointer) {
			continue
		}
		p.flags = append(p.flags, "-I"+absolute(filepath.Dir(p.sources[0])))
		p.sources[0] = filepath.Join(dir, strings.ReplaceAll(p.name, "/", "-")+".c")
		if err := os.WriteFile(p.sources[0], []byte(with), 0o666); err != nil {
			return nil, err
		}
		changed = append(changed, p)
	}
	return changed, nil
}
