package main

// This file sorts what follows "--" on a command line into what clang wants to
// compile C, what it wants to make machine code, and what it wants to link.

import (
	"fmt"
	"strings"
)

// clangFlags are the flags of one build, by the step that gets them.
type clangFlags struct {
	compile []string // C to IR
	codegen []string // IR to machine code
	link    []string // libraries and linker flags, in order
	level   string   // -O level of the residual program, "" if none was given
	debug   bool     // keep debug info
	inputs  []string // arguments that are no flags
}

// A flagStep is the step or steps that a clang flag is for.
type flagStep uint8

const (
	stepCompile flagStep = 1 << iota
	stepCodegen
	stepLink
	stepAll = stepCompile | stepCodegen | stepLink
)

// separateValue are the flags whose value may be the next argument.
var separateValue = map[string]flagStep{
	"-D": stepCompile, "-U": stepCompile, "-I": stepCompile,
	"-isystem": stepCompile, "-iquote": stepCompile, "-idirafter": stepCompile,
	"-include": stepCompile, "-imacros": stepCompile,
	"-L": stepLink, "-l": stepLink, "-T": stepLink, "-u": stepLink, "-z": stepLink, "-Xlinker": stepLink,
	"-isysroot": stepCompile, "-Xpreprocessor": stepCompile,
	"-mllvm": stepCodegen, "-target": stepAll, "--sysroot": stepAll, "-B": stepAll,
}

// flagPrefixes says which step flags that start so are for; the first match
// counts, so longer prefixes come first.
var flagPrefixes = []struct {
	prefix string
	step   flagStep
}{
	{"-Wl,", stepLink}, {"-Wa,", stepCodegen}, {"-Wp,", stepCompile},
	{"-W", stepCompile}, {"-w", stepCompile},
	{"-D", stepCompile}, {"-U", stepCompile}, {"-I", stepCompile}, {"-i", stepCompile},
	{"-std", stepCompile}, {"-ansi", stepCompile}, {"-pedantic", stepCompile}, {"-trigraphs", stepCompile},
	{"-nostdinc", stepCompile},
	{"-l", stepLink}, {"-L", stepLink}, {"-T", stepLink}, {"-u", stepLink}, {"-z", stepLink},
	{"-static", stepLink}, {"-shared", stepLink}, {"-rdynamic", stepLink}, {"-s", stepLink},
	{"-nostdlib", stepLink}, {"-nostartfiles", stepLink}, {"-nodefaultlibs", stepLink},
	{"-fuse-ld", stepLink}, {"-pie", stepLink}, {"-no-pie", stepLink}, {"-nopie", stepLink},
	{"-f", stepAll}, {"-m", stepAll}, {"-pthread", stepAll}, {"-pipe", stepAll},
	{"--target", stepAll}, {"--sysroot", stepAll}, {"-B", stepAll},
}

// refusedFlags would have clang do something else than the step at hand.
var refusedFlags = map[string]string{
	"-c":         "quasi build links a program; quasi specialize -o FILE.o makes an object",
	"-S":         "quasi build links a program; quasi specialize -o FILE.s makes assembly",
	"-E":         "there is nothing to specialize in preprocessed text",
	"-o":         "the output is named by quasi's own -o",
	"-emit-llvm": "quasi specialize -o FILE.ll makes IR",
	"-x":         "the language goes by the file's extension",
}

// sortClangFlags sorts args.
func sortClangFlags(args []string) (*clangFlags, error) {
	var cf clangFlags
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !strings.HasPrefix(a, "-") || a == "-" {
			cf.inputs = append(cf.inputs, a)
			continue
		}
		if why, ok := refusedFlags[a]; ok || strings.HasPrefix(a, "-flto") {
			if !ok {
				why = "all inputs are one module already"
			}
			return nil, fmt.Errorf("clang flag %s has no place here: %s", a, why)
		}
		if step, ok := separateValue[a]; ok {
			if i++; i == len(args) {
				return nil, fmt.Errorf("clang flag %s needs a value", a)
			}
			cf.add(step, a, args[i])
			continue
		}
		switch {
		case a == "-Xclang":
			if i++; i == len(args) {
				return nil, fmt.Errorf("clang flag %s needs a value", a)
			}
			cf.add(stepCompile, a, args[i])
		case strings.HasPrefix(a, "-O"):
			cf.level = a
		case a == "-g0":
			cf.debug = false
		case strings.HasPrefix(a, "-g"):
			cf.debug = true
			cf.add(stepAll, a)
		default:
			cf.add(stepOf(a), a)
		}
	}
	return &cf, nil
}

// stepOf is the step of a flag that stands alone; an unknown one goes to all.
func stepOf(a string) flagStep {
	for _, p := range flagPrefixes {
		if strings.HasPrefix(a, p.prefix) {
			return p.step
		}
	}
	return stepAll
}

func (cf *clangFlags) add(step flagStep, args ...string) {
	if step&stepCompile != 0 {
		cf.compile = append(cf.compile, args...)
	}
	if step&stepCodegen != 0 {
		cf.codegen = append(cf.codegen, args...)
	}
	if step&stepLink != 0 {
		cf.link = append(cf.link, args...)
	}
}
