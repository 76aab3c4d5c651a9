// Package ir loads LLVM IR and answers questions about it: control flow,
// dominance, loops, uses, data layout, constants, debug information, what
// pointers point to, and who may write what. It knows nothing of binding times.
//
// # The model
//
// A Program is the tree of github.com/llir/llvm with dense numbers around it:
//
//	Func   a function; declarations have no blocks
//	Block  a basic block with its predecessors and successors
//	Point  a program point, the place just before one instruction or terminator
//	Reg    an SSA value inside its function: parameters, then results in order
//
// The numbers are assigned once. An analysis indexes slices with them; whoever
// changes the tree (edit.go) makes a new Program afterwards, or calls
// Func.Invalidate where only orders and trees are stale. Check (rule V2)
// notices numbers that no longer fit.
//
// What is derived from a function's blocks (RPO, Dom, PostDom, Loops, Uses,
// ControlDeps) is computed on demand and cached in the Func, so one Program is
// for one goroutine. All of it is deterministic.
//
// # Input
//
// The input is text in the dialect of LLVM 14: typed pointers. What clang-14 -O1
// -g -Xclang -disable-llvm-passes -S -emit-llvm and opt-14 -passes=sroa write is
// the intended form, any other valid module will do. Newer releases, bitcode,
// object files and C are refused with an error that says what to do.
//
// The parser is llir's, which accepts much that is not valid and fails on some
// that is. Three things stand around it:
//
//   - a pre-pass over the text, rules (L1) to (L7) in prepass.go, and repairs of
//     the tree in load.go;
//   - Check, rules (V1) to (V8) in check.go, which Load applies: what Load
//     returns is well-formed SSA, and no other code of this module tests that
//     again;
//   - rules (F1) to (F3) in print.go, for the way back.
//
// Of the IR's semantics, only what C needs is looked into: exception handling
// pads, scalable vectors, address spaces other than 0 and garbage collection
// load and print, and analyses treat them as unknown.
//
// # Errors and positions
//
// A fault of the input is an *Error with a Position: the source line if the
// instruction has a !dbg attachment, the place in the IR (@f:%block#3, the
// fourth instruction of the block) in any case. Library code never prints and
// never exits. A panic means a bug, except RenameFunc's.
//
// # Files
//
//	load.go prepass.go lex.go locate.go   text to Program; errors with positions
//	check.go typecheck.go                 the rules of valid IR
//	program.go point.go op.go             numbers, positions, kinds of operations
//	cfg.go dom.go loop.go uses.go         graphs of one function
//	layout.go constant.go image.go        sizes and offsets, constant expressions, initial memory
//	edit.go print.go                      changing and writing a module
//	peel.go                               copies whose first rounds of loops stand apart
//	debuginfo.go debugtype.go debugvar.go ctype.go   names and types of the C source
//	object.go constrain*.go solve.go step.go cell.go cycle.go copy.go sparse.go   points-to
//	floats.go                             what floating point means in a program
//	callgraph.go modref.go summary.go libc.go tbaa.go   call graph, effects, library functions, TBAA
//	prototype.go vararg.go                              calls through other prototypes, variable arguments
//	lend.go unwritten.go                                what calls borrow, variables that nothing writes
//
// # Design notes
//
// Why is ConstInt unsigned? LLVM integers have no sign; 0 <= n < 2^width is the
// one form in which two equal constants are equal numbers. ConstInt64 is for
// those who want a sign.
//
// Why are NaNs with a payload constant expressions? llir keeps a NaN's sign
// alone. `bitcast (i64 n to double)` is the same constant to LLVM, which folds
// it when it reads the text again.
//
// Why one block of an endless region in PostDom? Without any edge to the exit
// its blocks would have no postdominators; with an edge from each of them every
// block in it would depend on every other.
//
// Why does an irreducible Loop have Entries and its inner loops ignore edges to
// all of them (Steensgaard), not only to the header (Havlak)? The choice of a
// header among the entries is arbitrary, and inner loops would depend on it.
package ir
