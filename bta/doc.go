// Package bta is the binding-time analysis: it divides a function, and all that it
// calls, into what the specializer can compute (static) and what is left to run time
// (dynamic), at every program point, before any value is known.
//
// # Result
//
// Analyze starts at the entry division that a specification states and returns
// variants: one function under one entry division. Of a variant it tells the binding
// time of every register, use and instruction (Reg, Use, Exec), of memory at every
// point (At), what is done with every call (Call), which blocks are specialized
// points and what is generalized there (Join, Exit), and which selects become branches
// (SplitSelect). Why tells the causes of a dynamic verdict, Check proves a result again.
//
// A division decides the shape of the residual program, never its meaning: a specializer
// carries what it really knows. It merges paths at specialized points only, keyed by
// the static state there, and generalizes there what the division says.
//
// # Lattice
//
// A register or cell has a value: its binding time, Static below Dynamic; if it is an
// address, the set of addresses that it may be (an arithmetic progression of offsets per
// ir.Object, or unknown, which means what points-to says); a spec.Sym, its identity over
// the entry state, if it has one; and whether it varies: it is static, but differs
// between residual copies that exist side by side, since a join keeps them apart.
//
// Memory at a point is, per object and per symbolic instance (memory at a symbolic
// base address), disjoint cells of bytes with values; bytes in no cell are dynamic. A
// cell knows where its content was written or merged, which tells whether two ways
// into a block bring the same content. Read-only globals are static throughout. States
// share all that is equal.
//
// # Rules
//
// bt is the binding time, pts the set of addresses. Values:
//
//	(B1) At the entry a parameter with a binding is static, any other dynamic, with
//	     its symbol; cells that predicates read hold their symbols; other memory is
//	     dynamic, but for read-only globals with a definite initializer.
//	(B2) A value whose symbol the facts decide is static, whatever it is computed from.
//	     Edges of branches that are decided are not taken.
//	(B3) r = op x, y: bt(r) = bt(x) ⊔ bt(y), and the symbol of r is that operation on
//	     their symbols. So is floating point (float and double, unless the module looks at
//	     the floating-point environment), integers of up to 128 bits, and vectors as a
//	     whole, all without symbols; a struct or array has a binding time a field. Other
//	     types, va_arg and exceptions are dynamic; moving such constants is not.
//	(B4) Addresses: pts(r) is pts(base) moved by the offset; an index that is static but
//	     unknown moves it over the array that the type says, or over the innermost array
//	     around it. Of an address as an integer only sums, distances and low bits are
//	     static.
//	(B5) r = load p: a place is one address in one object, for a static p, for a dynamic
//	     p too if the object has one instance; or an offset from a symbolic base. From a
//	     place: bt(r) is that of the cell. Otherwise bt(r) = bt(p) ⊔ ⨆ bt(cells of pts(p)),
//	     dynamic if pts(p) is unknown. An address read at an unknown place of read-only
//	     data is one of those that the data holds there. Volatile and atomic loads are dynamic. An access
//	     through a pointer that is null on every path ends the path.
//	(B6) store v, p: at a place of a single instance, the cell becomes v (strong update).
//	     With static p otherwise, every cell that it may hit is joined with v (weak).
//	     With dynamic p, every cell that it may hit is dynamic, unless its last access
//	     was of a type that TBAA tells apart. Symbolic instances may be hit by any write
//	     outside this activation's slots, with the same exception. An alloca makes its
//	     slot undefined, which is static.
//	(B7) Intrinsics and C functions that the specializer can run (strlen, memcmp, memcpy,
//	     bswap, ...) are computed: on static arguments and memory their result is static,
//	     copies go cell by cell.
//	(B8) select: with a static condition as (B3). With a dynamic one, two static operands
//	     that differ are a phi under a dynamic branch, see (J5).
//	(B9) A block begins with the join of the states of the edges that are taken; a phi is
//	     the join of its operands there. At loop headers two addresses of one object
//	     become all of their distance in the array around them.
//	(B10) At a specialized point, what it generalizes becomes dynamic.
//	(B11) A label is what its symbol says. A computed goto with a known label takes its
//	     edge. A load at one dynamic index of an array of static content that holds
//	     labels is static, and varies: it becomes a switch over the places. A call is
//	     residual if a goto in its callee has a dynamic label.
//	(B12) The variable arguments of a call are cells of an object of the callee, the
//	     va_list that va_start makes points there. A load at an unknown place of them
//	     is what all arguments of its type are.
//	(B13) malloc, calloc, realloc and strdup of a static size give the address of an
//	     object that stands for all that the call allocates: it has no cells before the
//	     first time, what is allocated anew is joined with them, and writes are weak. It
//	     is private until it leaks, as a stack slot is; then free is static.
//
// A stack slot is private until its address leaks: until it goes into residual code,
// into memory that does, or to a residual call. Unknown code cannot write it before.
//
// Specialized points (joins), B being the dynamic branches:
//
//	(J1) A block that disjoint paths from one b ∈ B reach.
//	(J2) The entries of a loop that some paths of a b ∈ B in it leave while others go on.
//	(J3) The exits of such a loop, and where disjoint paths from different exits meet.
//	(J4) Once (J1) to (J3) stand: a block where copies that a static value keeps apart
//	     can become one again, that is where paths of a static branch on such a value
//	     meet, a loop is entered or left, or the last need of it has just ended, provided
//	     that every such value that is still needed is itself merged there.
//	(J5) A static value that differs between the ways into a join stays static only if
//	     static computation needs it: if it flows, through computation, memory and calls,
//	     to the condition of a branch, to a callee, or to the address of a load from
//	     static memory. What a loop of (J2) carries must flow to the first two inside the
//	     loop, and be bounded; or be the state of a table-driven automaton; or go along
//	     with a program counter (an address of static data, computed from itself, that
//	     decides control), needed for an address of static data or of a slot. Everything
//	     else is generalized.
//	(J6) A value that a loop computes from itself by arithmetic is bounded if static data
//	     is read with it, or a static exit of the loop depends on it.
//
// Blocks that only static control reaches several times are no joins: generalizing there
// would lose what unrolling knows.
//
// Calls:
//
//	(C1) A call is unfolded if its callee is static and known and has a definite body
//	     without setjmp or invoke, if something static reaches it that can matter to
//	     it, or it is small, or only classifies its arguments by constants. Constants of
//	     the program do not count inside a recursion, nor where the callee and what it
//	     calls are large, but in a function that only wraps the call.
//	(C2) The callee is analyzed for the division of arguments and of the memory that it
//	     may access (mod/ref); equal entry divisions share a variant.
//	(C3) After the call, memory that the callee may access is as it leaves it, the rest as
//	     before; the result is what it returns. The path goes on once the callee returns.
//	(C4) Where dynamic control reaches different returns, (J5) applies to what differs.
//	(C5) A residual call makes dynamic what mod/ref says it writes, and its result; its
//	     arguments leak, but for those that a library function only borrows.
//	(C6) Variants that call each other in a circle with a call under dynamic control get
//	     residual functions of their own, and return what is the same in all copies.
//	(C7) A variant that decides nothing, reads nothing static and keeps no knowledge of
//	     memory is not unfolded.
//	(C8) With too many variants, the entry divisions of the functions with most of them
//	     are joined; of a recursive function, those that differ only in what pointers
//	     point to and in constants share a variant once there are a few.
//
// # Modes
//
// Config.Mode takes sensitivities away, so that the analysis can be compared with
// others. The rules above hold in every mode; those of a mode make more dynamic, between
// two runs of the forward analysis, and everything is analyzed again until they find
// nothing more. So a division of any mode is congruent for the same reasons, and Check
// takes it.
//
// Uniform, the division of C-Mix (Andersen 1994, chapter 6: types of binding times, one
// for a variable, found by constraints that know no order):
//
//	(U1) A variable is a slot or a global, an array with all its elements; a field of a
//	     struct type, for all instances of the type, wherever they lie, read-only
//	     ones too; what one call allocates, or the fields of the struct type that its
//	     address is cast to. Variable arguments and registers are none: IR that has been
//	     through mem2reg or sroa has fewer variables than the C program.
//	(U2) A variable is dynamic in the whole program, so in all variants, as soon as
//	     one is analyzed where a value that is not known is stored to it, what it holds
//	     is lost or generalized, Forced names it, or what is read from it is not known.
//	     What memory holds at the entry counts where it is read. An access that leads
//	     out of what is known is one of the field that its address is computed as.
//	     No cell of a dynamic variable is ever static or has a symbol. What predicates
//	     say of a variable at the entry stands only if it is static, or nothing writes it.
//	(U3) Branches and selects that the facts decide are static, and count with both sides.
//	     Accesses that are undefined behaviour end paths all the same.
//	(U4) Static values that differ between the ways into a join stay apart, whether
//	     anything needs them or not (C-Mix copies the rest of a function behind a
//	     dynamic branch). What a loop under dynamic control carries is the exception: (J5)
//	     and (J6) decide there, since C-Mix would not end. So are returns of functions of
//	     their own (C6).
//
// Without context sensitivity (Hornof and Noyé 1997):
//
//	(M1) All calls of a function, and the specification if it is the entry, share one
//	     entry division, the join of theirs, as in (C8).
//
// Without use sensitivity (Hornof, Consel, Noyé 1997). A value that can be lifted as a
// literal, a number or the address of a global or a function, may be static at one use
// and residual at another one still:
//
//	(N1) A residual use is an operand of an instruction that is residual, an argument for a
//	     parameter that is dynamic by (N2), and what is returned for a call that is.
//	     The address of a load, a store or a copy is none where it is the name of a
//	     variable: a slot, or a place at a constant offset in one.
//	(N2) A register with a residual use that holds a struct, an array, or an address of
//	     a slot or of heap memory, is dynamic, unless it is the name of a variable.
//	(N3) An object has no static cells, anywhere, if residual code reads static content
//	     of it, or has its address; if a name of it has a residual use; or if a write to
//	     it is executed and emitted, as one to memory that outlives specialization is.
//	     Read-only data is no exception. What predicates read is.
//
// Without return sensitivity (Hornof and Noyé 1997):
//
//	(R1) The result of a variant that leaves residual code is dynamic: if an instruction of
//	     it, other than its returns, is not executed only, or one of what it calls. What it
//	     leaves in memory is as before.
//
// # Order
//
// The forward analysis runs to its fixpoint, inner loops before outer ones, then what
// varies and which slots have leaked is computed afresh, then joins, demand (J5) and
// calls are decided, which only ever adds dynamic values and joins, and it starts again
// until nothing is added.
// Transfer functions are monotone, states are joined afresh from predecessors, so the
// order of the worklist does not matter (tested with shuffled ones, in every mode),
// except where bounds on variants are met while it runs, and in what a variant is told
// to have leaked at its entry.
//
// One run costs the instructions reached times the small number of rounds (5 to 15).
// Functions that are not reached cost nothing.
//
// # Explanations
//
// Why goes from a dynamic verdict backwards over the rules, breadth first, to a root: a
// parameter or memory at entry that the specification does not fix, a call, a write, a
// volatile access. Explain says besides what would make the verdict static:
//
//	(E1) Memory at entry that is asked for gets its symbol, as if a predicate read it.
//	     Then memory behind it can be told apart, and conditions on it have symbols.
//	(E2) A verdict is dynamic for each of its roots. The remedies of all roots that the
//	     graph of causes reaches are candidates, needed together; the graph is cut at
//	     what a predicate can state, conditions too if that takes less.
//	(E3) Candidates are assumed, and the analysis runs again: parameters, cells and
//	     conditions are static, calls, writes and volatile accesses harmless. While the
//	     verdict is dynamic the remedies of its new roots are added.
//	(E4) If it is static, each candidate without which it is static too is left out.
//	(E5) What no predicate and no change that is known can remove is NoRemedy; where
//	     nothing static needs the value it is NothingLost.
//
// All that is bounded: the graph, the rounds, and Config.MaxTries analyses for one
// Result; Checked tells whether (E4) was reached. Basis goes the other way: it takes the
// specification apart to tell what of it a static verdict rests on.
//
// # Limits
//
// Vectors are static or dynamic as a whole, and so are fields that are structs
// themselves. A global that is only initialized at run time, element by element with
// an unknown static index, stays dynamic. Termination of the specializer is not
// guaranteed by (J6), where values go through memory: it has budgets, and comes back
// with Config.Forced.
//
// # Papers
//
// Consel, Hornof, Noël, Noyé, Volanschi: A Uniform Approach for Compile-Time and Run-Time
// Specialization (Tempo), 1996. Hornof, Noyé: Accurate Binding-Time Analysis for
// Imperative Languages: Flow, Context, and Return Sensitivity, PEPM 1997, TCS 2000; use
// sensitivity: Hornof, Consel, Noyé, SAS 1997. Andersen: Program Analysis and
// Specialization for the C Programming Language (C-Mix), 1994. Jones, Gomard, Sestoft:
// Partial Evaluation and Automatic Program Generation, 1993 (congruence, division,
// bounded static variation). Cytron et al.: Efficiently Computing Static Single
// Assignment Form, 1991. Karrenberg, Hack: Whole-Function Vectorization, 2011 (joins of
// divergent branches).
package bta
