// Package pe specializes functions: it executes what is static, emits residual
// LLVM IR for the rest, and installs the result behind the generic function's name.
//
// # The mix equation
//
// For a program p with static input s and dynamic input d, running the residual
// program of p for s on d does what running p on (s, d) does: the same results,
// calls of unknown code, volatile accesses and memory that outlives the call,
// for every execution without undefined behaviour in which the variant's
// predicates hold at entry.
//
// # State
//
// A state is what is known on one residual path: a stack of frames (one a call
// that is being unfolded) with a Value a register, and a memory of objects with
// a tag a byte. The rules that keep residual code right:
//
//   - (P1) A register that is dynamic is a variable of the residual function,
//     named by (stack depth, register); SSA form is built on the fly.
//   - (P2) Run-time memory is right for every byte that is not dirty. Bytes of
//     private objects (stack and heap objects whose address no residual code holds)
//     are dirty until somebody asks for them, those of public ones until residual code
//     may see memory, and paths part, meet or end (delay.go).
//   - (P3) Before residual code may read a byte, it is flushed. Before residual
//     code may keep an address, the object leaks: it is flushed and stays clean.
//   - (P4) A residual store or call ends what is known of memory it may write:
//     by the object if the address is known, by points-to, mod/ref and TBAA
//     otherwise. Private objects are reached by known addresses only.
//   - (P5) What is undefined, poison or traps is not evaluated: the instruction
//     is emitted with its constant operands.
//   - (P6) Volatile and atomic accesses, and calls of unknown code, are emitted
//     once each, in order.
//   - (P7) Facts (package spec) decide symbolic values: a dynamic Value may carry
//     the symbol of what it is over the entry state, and memory of symbolic
//     instances holds symbols until something may write there.
//
// # Values
//
// What is evaluated has the bits that the program would have computed:
//
//   - (E1) Integers of 1 to 128 bits, float and double are evaluated by their bits.
//     A float is never computed with more precision than it has.
//   - (E2) Of floating point, a result is evaluated if IEEE 754 fixes its bits: if
//     it is no NaN, or the one quiet NaN among the operands, and if no fast-math
//     flag makes it poison. Conversions out of range are poison.
//   - (E3) Functions of <math.h> are evaluated where C fixes the last bit and errno
//     is not set. llvm.fmuladd is what the code generator makes of it: fused only
//     if the function's target features have fused multiplication.
//   - (E4) Nothing is evaluated in a module that looks at the floating-point
//     environment, or in a function whose attributes change what arithmetic means
//     (strictfp, denormal-fp-math, no SSE2).
//   - (E5) A vector, struct or array in a register is a list of scalars. It is
//     static if all of them are; otherwise it is residual as a whole, and those of
//     its scalars that are known are taken from what is known.
//   - (E6) Stores put the bytes of scalars into memory, so that a load of another
//     type reads them (unions, punning).
//
// # Control
//
// At a Join of the division (package bta) the state is generalized as the
// division says and looked up in the memo, which is keyed by point, call
// context and the live static state. Between joins nothing is forgotten. The
// division decides quality only: the state itself says what is known, so that a
// division that is too optimistic or missing costs residual code, not
// correctness.
//
// # Calls
//
// A call is unfolded, stays a call of the generic function, or goes to a residual
// function of the callee for what is static at the call:
//
//   - (C1) Static arguments and the static content of memory that the callee may
//     access are passed on; equal ones share a residual function. Stack objects of
//     callers have names in the callee, outer objects; what is dirty of them stays
//     dirty, and their addresses are parameters where residual code needs them.
//     Heap objects of callers are known to the callee by their run-time addresses.
//   - (C2) Delayed stores are made before the call and before a return.
//   - (C3) After the call the caller knows what holds at all exits of the callee, its
//     summary. A path that calls a function waits for its summary; in a circle, only
//     what is known without the circle counts. A summary that turns out not to hold
//     makes its users anew.
//   - (C4) Arguments that decide nothing, and what keeps changing when there are too
//     many residual functions of one callee, are passed at run time.
//
// # Obedience
//
// To show what a division is worth, the specializer can be made to know no more than it
// says (Config.Obey, rules (O1) to (O4) in obey.go): what the division has dynamic is
// generalized where it is defined or written, and a branch on it is a residual branch.
//
// # Termination
//
// Every limit of Budget counts something of the program. A loop that unfolds
// too far, a point with too many states, a stack too deep: each is generalized
// where it happens, in the components that keep changing. When a global limit is
// spent, everything is generalized wherever paths meet, and no call is unfolded
// any more; the number of (context, block) pairs is finite then, and so the walk
// ends. Each such decision is a Reason.
//
// # What stays residual
//
// Floating point of other types than float and double, that makes or mixes NaNs,
// or in a module that looks at the floating-point environment; integers of more
// than 128 bits; vectors, structs and arrays of more than 64 scalars in
// registers; functions with setjmp, exceptions or asm goto (these are called, not unfolded), functions
// that allocate an unknown size on the stack, and functions in which a computed goto has a label that is not known:
// what one attempt finds out too late to leave a function alone, the next one heeds.
//
// # Files
//
// specialize.go is the entry; code.go and live.go compile functions; value.go,
// list.go, regs.go, memory.go and state.go hold the state; exec*.go, builtin.go
// and intrinsics.go execute (exec_goto.go: computed gotos,
// exec_vararg.go: variable arguments; heap.go: malloc and free,
// exec_alloca.go: arrays of variable length; strings.go: the C library's strings), wide.go and float.go
// evaluate;
// lift.go brings values and memory into residual code, debug.go its source
// positions; join.go holds the memo and the generalizations; residual.go builds
// and prints residual functions, circles.go removes circles of their phis; specialized.go, passing.go, summary.go and schedule.go
// hold calls of residual functions; simplify.go, bounds.go, seed.go, conditions.go and
// rcfg.go simplify their conditions, rules (B1) to (B10), narrow.go their
// promotions; retry.go makes a function again; slot.go installs them,
// slot_guarded.go those whose quasi-invariants are guarded; reason.go records
// what was lost, observe.go what became of each point; obey.go makes it all obey a
// division.
//
// # Papers
//
// Jones, Gomard and Sestoft, Partial Evaluation and Automatic Program
// Generation, 1993. Bulyonkov, Polyvariant mixed computation, 1984. Consel and
// Noël, A general approach for run-time specialization, 1996. Stadler,
// Würthinger and Mössenböck, Partial escape analysis, 2014 (private objects).
// Braun et al., Simple and efficient construction of SSA form, 2013.
package pe
