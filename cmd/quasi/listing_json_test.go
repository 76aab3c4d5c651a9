package main

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestAnalyzeJSON: every point of every variant is there, dynamic ones with causes
// and remedies if they are asked for, and no member has another name than README.md says.
func TestAnalyzeJSON(t *testing.T) {
	needLLVM(t)
	inDir(t)
	type specialization struct {
		Name, Function string
		Variants       []struct {
			Function   string
			Variant    int
			Parameters []string
			File       string
			FirstLine  int
			Lines      []lineMark
			Points     []map[string]any
		}
	}
	read := func(args ...string) (all []specialization) {
		t.Helper()
		if err := json.Unmarshal([]byte(mustQuasi(t, append([]string{"analyze", "--json", "-e", "power", "--static", "n=3"}, args...)...)), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	point := func(all []specialization, instruction string, line float64) map[string]any {
		t.Helper()
		for _, p := range all[0].Variants[0].Points {
			if p["instruction"] == instruction && p["line"] == line {
				return p
			}
		}
		t.Fatalf("no %s on line %v: %v", instruction, line, all)
		return nil
	}
	plain, causes := read("power.c"), read("--causes", "power.c")
	v := plain[0].Variants[0]
	if len(plain) != 1 || plain[0].Name != "power.v1" || plain[0].Function != "power" || v.Function != "power" || v.File != "power.c" ||
		v.FirstLine != 1 || len(v.Lines) != 3 || !reflect.DeepEqual(v.Parameters, []string{"x:D", "n:S"}) {
		t.Errorf("got %+v", plain)
	}
	mul := map[string]any{
		"variant": 0.0, "file": "power.c", "line": 5.0, "col": 11.0, "function": "power", "block": "while.body",
		"instruction": "mul", "value": "%mul", "variable": "r", "mark": "D",
	}
	if got := point(plain, "mul", 5); !reflect.DeepEqual(got, mul) {
		t.Errorf("got %v, want %v", got, mul)
	}
	mul["checked"] = true
	mul["causes"] = []any{
		map[string]any{"kind": "operand", "file": "power.c", "line": 5.0, "col": 11.0, "function": "power", "text": "r (%mul) is computed from a dynamic value"},
		map[string]any{"kind": "parameter", "file": "power.c", "line": 1.0, "col": 0.0, "function": "power", "text": "parameter x of @power is not fixed by the specification"},
	}
	mul["remedies"] = []any{map[string]any{"kind": "fix-parameter", "text": "fix parameter x", "flag": "--static x=VALUE", "file": "power.c", "line": 1.0}}
	if got := point(causes, "mul", 5); !reflect.DeepEqual(got, mul) {
		t.Errorf("got %v, want %v", got, mul)
	}
	if got := point(causes, "icmp", 4); got["mark"] != "S" || got["causes"] != nil {
		t.Errorf("a static point is %v", got)
	}
	// Without debug information there is no listing, but there are points.
	if bare := read("power.ll"); len(bare[0].Variants[0].Lines) != 0 || len(bare[0].Variants[0].Points) != 4 {
		t.Errorf("got %+v", bare)
	}
	var why struct {
		Why             string
		Specializations []struct{ Points []pointJSON }
	}
	text := mustQuasi(t, "analyze", "--json", "-e", "power", "--static", "n=3", "--why", "4", "power.c")
	if err := json.Unmarshal([]byte(text), &why); err != nil || why.Why != "4" || len(why.Specializations) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	for _, p := range why.Specializations[0].Points {
		if p.Line != 4 || p.Mark != "S" || p.RestsOn != "it rests on n = 3" || p.Causes != nil {
			t.Errorf("got %+v", p)
		}
	}
	for _, args := range [][]string{{"--causes"}, {"--json", "--ir"}, {"--json", "--causes", "--why", "4"}} {
		if code, _, _ := quasi(append([]string{"analyze", "-e", "power", "power.c"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit code %d, want %d", args, code, exitUsage)
		}
	}
}
