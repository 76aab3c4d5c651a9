// Package guard finds every instruction that may write a term of a
// quasi-invariant, and puts guards there.
//
// # Words
//
//   - term: a memory location that a quasi-invariant reads: a member of a record
//     type in any instance (struct task_struct.uid), or a variable or a part of one.
//   - instance: an object of the record type; it is bound while a plugged variant
//     relies on one of its terms.
//   - ledger: the list of the writes that may concern a term, each with its class,
//     and of the operations that take the types' guarantees away (warnings).
//   - guard: what is put around a write that may concern a bound instance.
//
// # Discovery
//
// Summarize looks at one module, Join at the summaries of all modules of a
// program; a summary depends on its module and the terms alone, so it can be
// made in parallel, written down and read again. What an instruction may write is
// concluded from all evidence that clang leaves: the source types of
// getelementptr, TBAA struct paths, debug information, and points-to. A write
// that no evidence speaks about is guarded conservatively; evidence only ever
// removes rows, or moves them to ProvenDisjoint with the argument.
//
// A ledger is complete if it has no row of class NotVisible.
//
// # Guards
//
// A predicate of `when` is guarded if it reads memory, and no parameter but static
// ones. The others are tested at every call, as all are where no guards are wanted.
//
//   - (G1) A variant is plugged or not. Its slot tests the parameters; while it is
//     not plugged also the guarded predicates, in their order. If all hold, the slot
//     arms the variant: it binds every location that the guarded predicates read,
//     makes sure that no write is under way that has looked before (every thread is
//     outside its guarded sections, or entered them later: membarrier), reads
//     the locations, evaluates the predicates again, and plugs.
//   - (G2) A guarded write looks up whether its bytes meet a bound location. Look-up
//     and write are one guarded section of the thread. If they meet, the variants
//     concerned are unplugged before the write, unless it is known that their predicates
//     hold after it as well. They are armed again by a later call, (G1): predicates are
//     evaluated at calls, where the specification promises that they can be.
//   - (G3) A predicate one of whose terms has an incomplete ledger is tested at every
//     call, and the user is told why.
//   - (G4) The end of an instance's life (free, realloc) is a write to all of it.
//   - (G5) Guards do not change what the program computes: loads, stores, calls and
//     volatile and atomic accesses of the program stay as they are, in order.
package guard
