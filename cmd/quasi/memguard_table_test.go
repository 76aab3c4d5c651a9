package main

// This file compares the table of a program under MemGuard as it is written with what
// guard/rt/ledger.h reads.

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"quasi/guard"
)

func TestLedgerLayout(t *testing.T) {
	tc := needLLVM(t)
	var c strings.Builder
	c.WriteString("#define _GNU_SOURCE\n#include \"ledger.h\"\n")
	same := func(a string, b any) { fmt.Fprintf(&c, "_Static_assert(%s == %d, \"want %d\");\n", a, b, b) }
	for name, part := range map[string]any{
		"head": ledgerHead{}, "range": ledgerRange{}, "place": ledgerPlace{}, "row": ledgerRow{}, "call": ledgerCall{},
	} {
		same("sizeof(struct quasi_table_"+name+")", binary.Size(part))
		off := 0
		for f := range reflect.TypeOf(part).Fields() {
			if f.Name != "_" {
				same(fmt.Sprintf("offsetof(struct quasi_table_%s, %s)", name, strings.ToLower(f.Name)), off)
			}
			off += int(f.Type.Size())
		}
	}
	same("sizeof(struct quasi_table_end)", 8+len(ledgerMagic))
	for name, class := range map[string]guard.Class{
		"MUST": guard.MustGuard, "MAY": guard.MayWrite, "NOT_VISIBLE": guard.NotVisible, "FRESH": guard.Fresh, "DISJOINT": guard.ProvenDisjoint,
	} {
		same("CLASS_"+name, class)
	}
	fmt.Fprintf(&c, "_Static_assert(CLASS_NONE > CLASS_DISJOINT && sizeof QUASI_LEDGER_MAGIC == %d + 1, \"\");\n", len(ledgerMagic))
	dir := t.TempDir()
	for _, name := range []string{"ledger.h", "memguard.h", "quasi.h"} {
		text, err := fs.ReadFile(guard.Runtime(), name)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, dir, name, string(text))
	}
	header, _ := fs.ReadFile(guard.Runtime(), "ledger.h")
	if !strings.Contains(string(header), "#define QUASI_LEDGER_MAGIC \""+ledgerMagic+"\"") {
		t.Errorf("ledger.h has not the magic %q", ledgerMagic)
	}
	file := filepath.Join(dir, "layout.c")
	writeFile(t, dir, "layout.c", c.String())
	compileC(t, tc, filepath.Join(dir, "layout.o"), "-std=c11", "-c", file)
}
