// Package spec reads specifications: which functions to specialize, and for
// what.
//
// A specification is a YAML file, or flags that say the same:
//
//	specialize:
//	  - function: kill_proc
//	    as: kill_proc_usr1
//	    static: { sig: 10, priv: 0 }
//	    when:
//	      - current->last_sig_to->pid == pid
//	      - current->euid == current->last_sig_to->euid
//	    always: [ current != 0 ]
//	    plug: counting
//	    expect: { "kill_proc:42": static, result: static }
//
// Parse checks its form, Resolve binds it to a program, NewFacts draws the
// consequences.
//
// # Terms
//
//   - variant: one specialization of one function; several of one function are
//     tried in the order of the file.
//   - static parameter: one whose value the specification gives.
//   - predicate: a C expression over the state in which the function is called.
//     The predicates of `when` are the quasi-invariants: they are tested at
//     entry, those about memory are also guarded. Those of `always` are assumed.
//   - term: a memory location that a predicate loads.
//   - entry state: parameters and memory when an activation of the variant
//     begins. Predicates and facts are about it alone.
//
// # The file
//
// Keys of an entry are function, as, static, when, always, plug and expect; an unknown
// or repeated key is an error. Where a value begins, the characters & * ! ? are
// those of C: anchors, aliases, tags and complex keys of YAML do not exist here.
// An expression needs quotes if it holds ": " or " #", begins with a quote, or
// has brackets inside a list in brackets.
//
// (S1) A static value is an integer constant expression (with enumerators, and
// macros if the input has them), 'c' for an integer parameter, a floating-point
// literal for a float or double, which is the parameter if its bits are, a "string", null,
// &global, the name of a function, or ? for a parameter that is dynamic. It must
// fit the parameter's type; a negative value of an unsigned type is converted as
// C does.
//
// (S2) Parameters have their C names. #0, #1 ... (or $0, $1 ...; # begins a
// comment in YAML unless it is in quotes) are the parameters by place, with and
// without debug information. A struct that is passed in registers has no
// address and no place in the IR: it cannot be used.
//
// (S9) An expectation demands a binding time (static, dynamic, static-and-dynamic) of
// something that its key names. Its form is checked here; what keys mean, and whether
// it is met, is for who has analyzed the program.
//
// # Predicates
//
// (S3) An expression is one of C without side effects: names, constants,
// sizeof, member access, indexing, * and &, arithmetic, shifts, comparisons,
// bitwise and logical operators, ?:, casts to integer and pointer types. It has
// the type and value that C gives it; promotions and conversions are explicit in
// the Expr. Names are parameters, then variables (static locals of the function,
// of its file, others), functions, enumerators, macros, typedefs.
//
// (S4) Members are found through debug information; without it (or for a struct
// that it does not know) they have numbers: p->[2]. A variable that is only
// declared has no debug information in C; the struct that the IR type is named
// for is used.
//
// (S5) Evaluating a predicate never traps, but by a load from an address that
// cannot be read. Signed overflow wraps; divisors are constants other than 0 and
// -1; a variable shift is taken modulo the width. Where C defines the value it
// is that value. Predicates are evaluated in order and stop at the first that is
// false; && and || stop as in C. So `p != 0` before `p->x == 1` protects it.
//
// (S6) Volatile, atomic, floating-point objects and integers of more than 8
// bytes cannot be read.
//
// (S7) A bit-field is a term of the unit that clang loads for it.
//
// (S8) Predicates that contradict each other, or the static values, as far as
// Facts can tell, are errors.
//
// # Facts
//
// Rules (F1) to (F6) are at the type Facts. What it answers holds in every
// activation in which the predicates hold and nothing undefined happens:
// if Value says c, then the value is c; if two Syms are equal, the values are.
// It is not complete: it does not reason about products, nor about sums of
// variables in inequalities.
//
// # Speller
//
// A Speller goes the other way: it writes a Sym, or a cell of memory at entry, as the
// expression of a predicate (p->x, g.a[2].y, a->uid == b->uid), by parameters, debug
// information and the operators of C. What it writes is checked as a predicate and
// given only if its value is that Sym again.
//
// # Errors
//
// Every fault is an *Error with file, line, column and the source line; several
// are joined by errors.Join, up to 20. Messages read as those of a C compiler:
//
//	kill.yaml:6:9: error: struct task has no member 'pod'; did you mean 'pid'?
//	      - current->pod == 3
//	                 ^~~
package spec
