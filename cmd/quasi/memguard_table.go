package main

// This file makes the table by which a program under MemGuard turns the address of an
// instruction into a place in the source and rows of the ledger: what guard/rt/ledger.c
// reads, from the program's own debug information.

import (
	"bytes"
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"quasi/guard"
)

// ledgerMagic ends the table, which is at the end of the program's file; guard/rt/ledger.h
// has the layout.
const ledgerMagic = "quasiML1"

// The parts of the table, as they are written.
type (
	ledgerHead struct {
		Terms, Ranges, Places, Rows, Calls, Strings, Dir, _ uint32
	}
	ledgerRange struct {
		Start       uint64
		Size, Place uint32
	}
	ledgerPlace struct {
		File, Line, Col, Function uint32
		Row, Rows                 uint32 // the ledger's
		Call, Calls               uint32 // that have inlined the place
	}
	ledgerRow  struct{ Term, Class, Reason uint32 }
	ledgerCall struct{ File, Line, Col uint32 }
)

// A tableWriter collects the parts.
type tableWriter struct {
	ranges  []ledgerRange
	places  []ledgerPlace
	rows    []ledgerRow
	calls   []ledgerCall
	strings bytes.Buffer
	at      map[string]uint32
	place   map[string]uint32 // by what it is made of
	short   map[string]string
}

func (w *tableWriter) str(s string) uint32 {
	at, ok := w.at[s]
	if !ok {
		at = uint32(w.strings.Len())
		w.at[s] = at
		w.strings.WriteString(s + "\x00")
	}
	return at
}

// file is the name of a file for people: from here, if it lies below.
func (w *tableWriter) file(name, dir string) uint32 {
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	short, ok := w.short[name]
	if !ok {
		short = shortPath(name)
		w.short[name] = short
	}
	return w.str(short)
}

// ledgerTable makes the table of a linked program.
func ledgerTable(program string, watch *watching) ([]byte, error) {
	f, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.DWARF()
	if err != nil {
		return nil, fmt.Errorf("the program's debug information: %w", err)
	}
	w := &tableWriter{at: make(map[string]uint32), place: make(map[string]uint32), short: make(map[string]string)}
	here, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	var terms []uint32
	for _, t := range watch.Terms {
		terms = append(terms, w.str(t))
	}
	first := make([]uint32, len(watch.Rows)) // of a discriminator's rows
	for i, rows := range watch.Rows {
		first[i] = uint32(len(w.rows))
		for _, r := range rows {
			w.rows = append(w.rows, ledgerRow{Term: uint32(slices.Index(watch.Terms, r.Term)), Class: uint32(r.Class), Reason: w.str(r.Reason)})
		}
	}
	names, err := dieNames(info)
	if err != nil {
		return nil, err
	}
	for r := info.Reader(); ; {
		cu, err := r.Next()
		if err != nil {
			return nil, err
		}
		if cu == nil {
			break
		}
		if producer, _ := cu.Val(dwarf.AttrProducer).(string); strings.HasSuffix(producer, guard.WatchedProducer) {
			if err := w.unit(info, cu, names, watch, first); err != nil {
				return nil, err
			}
		}
		r.SkipChildren()
	}
	slices.SortFunc(w.ranges, func(a, b ledgerRange) int { return cmp.Compare(a.Start, b.Start) })
	w.join()
	head := ledgerHead{Terms: uint32(len(terms)), Ranges: uint32(len(w.ranges)), Places: uint32(len(w.places)), Rows: uint32(len(w.rows)), Calls: uint32(len(w.calls)), Dir: w.str(here)}
	head.Strings = uint32(w.strings.Len())
	var out bytes.Buffer
	for _, part := range []any{head, w.ranges, w.places, w.rows, w.calls, terms, w.strings.Bytes()} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	out.Write(make([]byte, -out.Len()&7))
	err = binary.Write(&out, binary.LittleEndian, uint64(out.Len()))
	out.WriteString(ledgerMagic)
	return out.Bytes(), err
}

// join makes one range of neighbours of the same place.
func (w *tableWriter) join() {
	var joined []ledgerRange
	for _, r := range w.ranges {
		if n := len(joined); n > 0 && joined[n-1].Place == r.Place && joined[n-1].Start+uint64(joined[n-1].Size) == r.Start {
			joined[n-1].Size += r.Size
		} else {
			joined = append(joined, r)
		}
	}
	w.ranges = joined
}

// unit adds the code of a compile unit.
func (w *tableWriter) unit(info *dwarf.Data, cu *dwarf.Entry, names map[dwarf.Offset]string, watch *watching, first []uint32) error {
	lines, err := info.LineReader(cu)
	if err != nil || lines == nil {
		return err
	}
	dir, _ := cu.Val(dwarf.AttrCompDir).(string)
	funcs, err := scopesOf(info, cu, names)
	if err != nil {
		return err
	}
	files := lines.Files()
	var prev, next dwarf.LineEntry
	for begun := false; ; begun = true {
		if err := lines.Next(&next); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if begun && !prev.EndSequence && next.Address > prev.Address {
			chain := chainAt(funcs, prev.Address)
			w.ranges = append(w.ranges, ledgerRange{Start: prev.Address, Size: uint32(next.Address - prev.Address), Place: w.placeOf(&prev, dir, chain, files, watch, first)})
		}
		prev = next
	}
}

// placeOf is the number of the place that a line of the line table is.
func (w *tableWriter) placeOf(e *dwarf.LineEntry, dir string, chain []*dieScope, files []*dwarf.LineFile, watch *watching, first []uint32) uint32 {
	p := ledgerPlace{Line: uint32(e.Line), Col: uint32(e.Column)}
	name := ""
	if len(chain) > 0 {
		name = chain[0].name
	}
	p.Function = w.str(name)
	if e.File != nil {
		p.File = w.file(e.File.Name, dir)
	}
	if n := e.Discriminator; n > 0 && n <= len(watch.Rows) {
		p.Row, p.Rows = first[n-1], uint32(len(watch.Rows[n-1]))
	}
	var calls []ledgerCall
	for _, s := range chain {
		if s.callLine == 0 || s.callFile >= len(files) || files[s.callFile] == nil {
			continue
		}
		calls = append(calls, ledgerCall{w.file(files[s.callFile].Name, dir), uint32(s.callLine), uint32(s.callCol)})
	}
	key := fmt.Sprint(p, calls)
	n, ok := w.place[key]
	if !ok {
		p.Call, p.Calls = uint32(len(w.calls)), uint32(len(calls))
		w.calls = append(w.calls, calls...)
		n = uint32(len(w.places))
		w.place[key] = n
		w.places = append(w.places, p)
	}
	return n
}

// A dieScope is a function's code, or the code of one that is inlined there.
type dieScope struct {
	name                        string
	ranges                      [][2]uint64
	callFile, callLine, callCol int // of one that is inlined
	inside                      []*dieScope
}

func (s *dieScope) has(addr uint64) bool {
	return slices.ContainsFunc(s.ranges, func(r [2]uint64) bool { return r[0] <= addr && addr < r[1] })
}

// chainAt are the scopes around an address, the innermost first.
func chainAt(funcs []*dieScope, addr uint64) []*dieScope {
	var chain []*dieScope
	i, _ := slices.BinarySearchFunc(funcs, addr, func(s *dieScope, addr uint64) int {
		if s.ranges[0][0] <= addr {
			return -1
		}
		return 1
	})
	if i == 0 {
		return nil
	}
	for level := funcs[i-1 : i]; ; {
		k := slices.IndexFunc(level, func(s *dieScope) bool { return s.has(addr) })
		if k < 0 {
			break
		}
		chain = append(chain, level[k])
		level = level[k].inside
	}
	slices.Reverse(chain)
	return chain
}

// scopesOf are the functions of a unit by address.
func scopesOf(info *dwarf.Data, cu *dwarf.Entry, names map[dwarf.Offset]string) ([]*dieScope, error) {
	r := info.Reader()
	r.Seek(cu.Offset)
	if _, err := r.Next(); err != nil {
		return nil, err
	}
	root := &dieScope{}
	stack := []*dieScope{root}
	for len(stack) > 0 {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		if e.Tag == 0 {
			stack = stack[:len(stack)-1]
			continue
		}
		scope := stack[len(stack)-1]
		if e.Tag == dwarf.TagSubprogram || e.Tag == dwarf.TagInlinedSubroutine {
			ranges, err := info.Ranges(e)
			if err != nil {
				return nil, err
			}
			s := &dieScope{name: names[e.Offset], ranges: ranges}
			number := func(a dwarf.Attr) int { n, _ := e.Val(a).(int64); return int(n) }
			s.callFile, s.callLine, s.callCol = number(dwarf.AttrCallFile), number(dwarf.AttrCallLine), number(dwarf.AttrCallColumn)
			if len(ranges) > 0 {
				scope.inside = append(scope.inside, s)
				scope = s
			}
		}
		if e.Children {
			stack = append(stack, scope)
		}
	}
	slices.SortFunc(root.inside, func(a, b *dieScope) int { return cmp.Compare(a.ranges[0][0], b.ranges[0][0]) })
	return root.inside, nil
}

// dieNames are the names of functions, also of their inlined and outlined forms.
func dieNames(info *dwarf.Data) (map[dwarf.Offset]string, error) {
	names := make(map[dwarf.Offset]string)
	origin := make(map[dwarf.Offset]dwarf.Offset)
	for r := info.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		if e.Tag != dwarf.TagSubprogram && e.Tag != dwarf.TagInlinedSubroutine {
			continue
		}
		if name, ok := e.Val(dwarf.AttrName).(string); ok {
			names[e.Offset] = name
		} else if of, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok {
			origin[e.Offset] = of
		} else if of, ok := e.Val(dwarf.AttrSpecification).(dwarf.Offset); ok {
			origin[e.Offset] = of
		}
	}
	for at, of := range origin {
		for n := 0; names[of] == "" && origin[of] != 0 && n < 8; n++ {
			of = origin[of]
		}
		names[at] = names[of]
	}
	return names, nil
}
