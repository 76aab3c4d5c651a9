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
// If an instruction of the modules writes the term in some execution, the ledger has
// a row of it, and its class is not ProvenDisjoint; it is Fresh only if no variant can
// have bound the instance then. This rests on (D3), on C's rules of types where the
// module has TBAA tags, and on what is assumed at (D15).
//
// Addresses and types:
//
//   - (D1) An address is followed back, through getelementptr, casts, phis, selects, the
//     slots of code before sroa, and arithmetic on integers, to its roots: variables,
//     parameters, loads, calls; from a parameter to what the callers pass, if the function's calls
//     are all known. On the way each record type in a getelementptr or a
//     pointer's type says: here is an object of type X, and the address lies so many bytes,
//     or between so many, from its start. Where ways join, each is judged by itself. Steps of
//     unknown length stay in the array of elements of that size; after a cast, and from
//     the beginning of a struct, which optimization does not tell from a cast, in the object.
//   - (D2) Bytes of an object of type X are the term's if X is the term's record, or holds
//     it at any depth (members, arrays, flexible arrays, unions, a record whose first
//     member it is), and the bytes meet the term's: MustGuard; MayWrite if the place varies
//     and may meet it. A bit-field is the unit that clang stores, a member of a union
//     every byte of it. If X may be a part of the term's record (a write of struct
//     list_head, for the term struct task.tasks.next), the address is like one of unknown
//     origin, unless another type on the way says what X is a part of.
//   - (D3) An object of another type X is no instance: a row ("another type") if the
//     member has the term's name, else none. This is believed of types, not proven: a
//     module that casts between X and the record, also as places that hold their
//     addresses, makes such writes MayWrite in every module (Join); records, and scalars, of
//     which some module knows that they share bytes of a union with it are not believed, nor anonymous ones, nor types after steps that
//     optimization makes (a constant number of elements), nor those that a write goes
//     beyond (memset of 24 bytes to a struct of 16); every cast of the record is a
//     warning. A variable is what debug information declares. One that has arrays of
//     integers may be memory for instances if a pointer to the record leads to it. So may one of
//     another module that is declared as bytes of no number, or without members, and one on the
//     stack of which optimization has made an integer or a vector.
//   - (D4) A TBAA tag that names a member says what (D2) and (D3) conclude from types.
//     A tag of a scalar type excludes terms without a part of that type; char, members
//     of unions, enumerations and bit-fields exclude nothing. A type that shows the write to
//     be one of the term outweighs a tag that does not. A member of another type that has char's tag,
//     though it is none of these, is of a type that may alias all: (D3) does not hold of it.
//   - (D5) What types leave open, points-to decides: the objects that the address may
//     point to hold no instance at these bytes (ProvenDisjoint), or one does. Variables are
//     judged by their type, heap objects by whether a pointer to the record, or to what
//     holds it, leads to them, or they escape.
//   - (D6) Else the row is MayWrite, ByUnknown.
//
// Instructions:
//
//   - (D7) Stores, atomic operations, masked stores write as many bytes as their type has;
//     memcpy, memmove, memset and the functions of ir.LibFunc as many as a constant
//     argument says, else any number from there on, but strings no more than the array of
//     char that they are given, scanf's results the member, others the type of the parameter.
//     vscanf may write any term; vprintf is believed to write none by %n. free and realloc end the
//     life of an instance. Static initializers are no writes. A parameter that is a struct on
//     the stack is written by calls of the function; the row is where it begins.
//   - (D8) A call of code that is in no module is NotVisible if an argument may point to
//     the term or to its instance, by (D1) to (D5); and once a callee if it can reach an instance
//     through pointers in what it gets, void * among them, or by the name of a variable. A call
//     through a pointer is one unless points-to knows all callees. Library functions are known
//     (ir.WriteFunc), by their names and arguments; what they call back may be such code as well.
//   - (D9) Inline assembly writes its output operands, and may write what it gets a
//     pointer to. If it names memory as changed it may write its input operands in memory too, and is
//     NotVisible, unless each instruction is one of those that write nothing but operands.
//   - (D10) A write is Fresh if each way leads to memory that the activation has allocated
//     (by the C library, or by a function in no module that returns noalias), and no
//     instruction that puts the address elsewhere can run between the allocation and the
//     write. To call a function is to put it elsewhere, unless it is known which functions
//     have variants, and this one, with what it calls, has none and keeps nothing. A variable
//     on the stack is Fresh only if its address goes nowhere in the function at all: since
//     all other writes to it have rows, the end of its life needs none.
//
// Several modules:
//
//   - (D11) A module that does not know a term writes it all the same: through pointers that
//     types do not tell of (filtered in Join by the types in the term), as a part of it
//     by (D2), or as a record or variable of which it has only the symbol.
//   - (D12) A variable is written through pointers only if some module takes its address.
//   - (D13) A term that no module knows is an error. Modules that disagree about where it
//     lies are warned of.
//   - (D14) In a module that llvm-link has made, an IR struct stands for every record of its
//     layout, since linking makes one type of them: its bytes may be those of any.
//   - (D15) Code that is in no module and is not called by it (main, say) is assumed
//     not to write the terms; give all modules. A record is known by its tag: all that have it, in
//     blocks say, are the term's.
//   - (D16) JoinAll is told that all modules of the program are given. Then a call through a
//     pointer reaches a function in no module only if one with its prototype has its address
//     taken by a module, or is returned, by itself, in a record, or as what a module casts,
//     by another in no module. In a program that calls dlsym it may reach any.
//   - (D17) A variable may have other names, as aliases and the ends of its section have: a module
//     that uses it by one is NotVisible. So is what writes a variable that no module defines.
//
// After optimization the same rules hold, with less to go by. A store that writes the
// term with its neighbours, and one at an address in bytes without a tag, is a warning
// that evidence is destroyed. Casts that optimization has removed are not seen: where
// there are no tags either, discover on code before optimization.
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
//     the locations, evaluates the predicates again, and plugs. It gives up, and this
//     call runs the residual function all the same, if its own thread is in a guarded
//     section, another thread does not leave its section soon, or a location is read
//     that was not bound: nobody waits for the program's own code. Where the guarded predicates
//     read variables at addresses that no memory tells, the variant is armed as well when
//     its module's constructors run: they can be evaluated then, and first calls find it plugged.
//
//   - (G2) A guarded write looks up whether its bytes meet a bound location. Look-up
//     and write are one guarded section of the thread (a fence ends that of a non-temporal store). If they meet, the variants
//     concerned are unplugged before the write, unless it is known that their predicates
//     hold after it as well. That is known of a store of up to eight bytes: the run-time
//     has the values of all bound locations, lays the new one over them and
//     evaluates; it reads no memory for that. This is the frequent case, and the run-time
//     does it without blocking signals, and without an atomic operation while one thread alone
//     has guarded writes (rt/threads.h); whatever else it finds it leaves to the long way.
//     Any other write holds the variants
//     concerned: they are unplugged until it is done, then their locations are read
//     and the predicates evaluated once. If they hold the variants are plugged again,
//     else they are armed by a later call, (G1). Only bound locations are ever read
//     outside of calls; what a predicate would read beyond them is a violation.
//
//   - (G3) A predicate one of whose terms has an incomplete ledger is tested at every
//     call, and the user is told why.
//
//   - (G4) The end of an instance's life (free, realloc, munmap) is a write to all of it,
//     after which nothing is read there. A thread's stack ends with the thread. Where a
//     function's variables were other variables may lie: what is bound there the
//     run-time only reads. A new object there may be bound before its life begins: so the value that a
//     store finds in memory tells nothing, and parameters on the stack have a guard where
//     their function begins.
//
//   - (G5) Guards do not change what the program computes: loads, stores, calls and
//     volatile and atomic accesses of the program stay as they are, in order. errno
//     is kept. Attributes of functions and parameters that guards make untrue are dropped.
//
//   - (G6) Stores in one block at constant distances from one pointer have one guard
//     around all of them, which holds what is concerned, if nothing in between calls,
//     is atomic, volatile or a fence, or is a write with a guard of its own: no other
//     code of the thread but a signal handler can run there, and to a handler nothing is
//     plugged that is concerned.
//
//   - (G7) Where all rows of a store name members of one record, by its type, and the
//     record has the member that QUASI_QUID declares, that member is looked at in place
//     of the table: where it is NULL no location of the instance is bound. Stores of a
//     batch are then all to that instance. It is set before (G1) waits, and looked at after that: if
//     it is NULL then, because a write that had looked before has taken it away, or it lies in constant
//     memory, nothing is armed. A new instance's is NULL, which is a write, unless free or realloc gave the
//     memory back before: else what was bound in an earlier life would not be found. It stays as it is while any variant is bound there, and longer: it is
//     cleared by a guarded write to a member of the instance, at some time after. Its own writes are
//     rows too, and violations: others could not find the instance after one. It is left alone
//     where the record may lie in a union: there its bytes may be another member's.
//
//   - (G8) A variant that a write has unplugged is armed by the next call at which all
//     predicates hold, but one that flaps waits for up to so many such calls:
//     rt/policy.h has the numbers. Guards by hand (rt/hand.c) follow all these rules, with a
//     predicate that is a C function over the values of locations that the program has bound.
//     A slot of the replugger that follows such a variant has the specialized function only if nobody has
//     replaced it since before the predicates were evaluated (rt/follow.c).
//
//   - (G9) When a module is unloaded its variants are forgotten, and no thread that unplugs
//     everything may be on its way through them any more; their statistics are copied. A thread's counters
//     of calls are in its own memory; when it ends they are added to the variants' records.
//
// Sections nest: by a signal handler, or by what a guarded call calls. What is
// pending in an outer section of the thread, or in a section of another thread, is not
// evaluated a second time: the variant is unplugged. A handler that interrupts the
// run-time in its own thread does not look up, it unplugs everything. So no thread waits for a
// lock that it has itself, and none holds one while the program's code runs.
//
// A section that a thread leaves by longjmp, of a handler or a callback, lasts as long as
// the thread: nothing is armed meanwhile. When a thread ends, cancelled in a guarded call say,
// its sections do, and the variants that they held can be armed again.
//
// A guarded call must end in the thread in which it began: a coroutine that another thread resumes
// inside one, from a callback, leaves one thread's section open and closes another's.
//
// A call whose extent is not known (LibFunc has it not, or it writes through
// several arguments) is a write to all memory while it lasts.
//
// Files: insert.go puts guards in, insert_batch.go (G6), insert_quid.go (G7), insert_value.go parameters (G4),
// insert_runtime.go the run-time and attributes, insert_all.go a ledger of all writes,
// for tests; rt/guards.ll is what is inlined, rt/guards.c the run-time, with threads.h, locations.h,
// policy.h (G8) and statistics.h (G9); rt/hand.c and rt/follow.c variants by hand; rt/quasi.h what programs may use of
// it, rt/variant.h what it shares with the slots of package pe (slot_guarded.go, slot_record.go).
//
// # Replugging
//
// A slot holds the function that an operation is at present. Its kind says what a
// replacement knows of the displaced function; rt/quasi.h has the interface, the head of
// rt/replug.c the argument.
//
//   - (R1) Calls of slots have no locked instruction and no fence. A thread counts its calls under
//     way in words of its own: one for all SIMPLE slots, one for each COUNTING or PATCHED one.
//     POINTER slots count nothing.
//   - (R2) A replacement exchanges the pointer, runs membarrier, and waits for each thread
//     whose word has calls, until it has none or has had none in between. After that no thread
//     runs the displaced function. Calls that begin later are never waited for.
//   - (R3) A thread that replaces from inside a call does not wait for itself, and is told; so
//     with a signal handler, whose calls are nested in what it interrupts.
//   - (R4) What ends a thread ends its calls; longjmp does not, before quasi_landed. In the
//     child of fork there are no other threads' calls.
//   - (R5) Nobody waits with a lock held, and calls wait for nothing. Replacements that wait from inside
//     say so before they look whether those that they wait for do: in a circle one
//     gives up. Who holds what a displaced function may want replaces without waiting
//     (quasi_replug_begin), and waits later.
//   - (R6) A PATCHED slot's jump is changed by moving a changed copy of its page over it. No
//     instruction that a thread may fetch is written, no page is writable and
//     executable, no signal is needed. Where the kernel forbids it the replacement is refused.
//   - (R7) A slot has a stamp that each replacement raises. Who decides on what may have
//     changed since replaces only if the stamp is what it was (quasi_replug_if).
//
// TestReplugModel runs (R1) to (R5) in all interleavings of three threads on a machine with
// store buffers, under what membarrier's manual promises, and without each of the
// things that the argument needs.
//
// Files: rt/replug.c, rt/replug_patch.c (R6), rt/replug.h what they share.
//
// # MemGuard
//
// MemGuard reports every write of the program's own instructions to protected memory, its
// terms, whoever writes; it finds the guards that are missing. rt/quasi.h has the interface.
//
//   - (T1) A page with terms is read-only in all threads from before its first term is made until after its
//     last one is released. No window opens for the writes of others, so nothing depends
//     on timing.
//   - (T2) Such a page is a page of a memory file, its slot, which is mapped a second time,
//     writable, at its alias. What faults is executed there, by the processor: the same instruction
//     with another address in a register (rt/memguard_stub.c), so that width, atomicity, flags and
//     registers are its own. Strings, pushes, calls, scatters and the like are done by hand
//     (rt/memguard_emulate.c), what crosses into a page without an alias beside it on a copy.
//   - (T3) One lock is held from before the old value is read until after the new one is. So each write is
//     one hit, or one for each term that it meets, and the hits of a term follow each other as its values
//     did. A string instruction's elements are one write, as far as they lie on guarded pages
//     that follow each other.
//   - (T4) A page keeps its slot when it is released, and is written as any memory: whoever holds an
//     alias writes the same bytes. Making a term of a page copies it once, while it is read-only.
//   - (T5) What MemGuard writes lies in memory of its own, on stacks of its own, and it calls nothing
//     that writes elsewhere: functions of libc are bound at start (-fno-plt). What needs the lock runs in
//     the handler of SIGSEGV, on the alternate stack; functions of the interface enter it by a fault. So
//     any page may be guarded but those of MemGuard, of alternate stacks, and of threads' descriptors. If the program's
//     alternate stack is smaller than that needs, the handler goes on on one of MemGuard's.
//   - (T6) A fault that is not MemGuard's is the program's: its handler is called, or it dies of SIGSEGV
//     as it would. An access that would have faulted on another page does so before anything is written.
//   - (T7) An instruction that the decoder (rt/memguard_decode.c) has no row for is executed by the
//     processor, on the open page, while all other threads stand still; terms that it changed are hits
//     (rt/memguard_step.c). Nobody is waited for who hears: who has been sent a signal executes no instruction of the program before it
//     is handled, and membarrier has those enter the kernel that run (rt/memguard_threads.c). Of what compilers emit the decoder refuses nothing.
//   - (T8) Around fork the pages have private memory, so that the child's copy is that of the moment; then
//     parent and child have slots of their own. Other threads' writes wait, also sanctioned ones; those of the thread that forks
//     are done and reported. It has signals blocked meanwhile, and can make no terms (rt/memguard_fork.c).
//   - (T9) Where the kernel refuses a mapping (vm.max_map_count) no page is left with the wrong memory: terms are not made, pages
//     stay as they are, or, around fork, the process says so and ends (rt/memguard_pages.c).
//
// It cannot see: writes of the kernel, which fail with EFAULT unless rt/interpose.c makes the system
// calls, and even then those of io_uring and other work begun before; writes of other processes, and of
// children made without the handlers of pthread_atfork; writes by an alias (quasi_memguard_write), which are
// meant not to be seen. A thread that blocks SIGSEGV dies when it writes to a guarded page, and
// does not stand still for (T7), which gives up on it after a while, and may miss its write. System calls that threads wait in may return EINTR when they are asked to
// stand still, or to take an alternate stack. What was unmapped is no longer protected. With (T7) a write of the value that is there is no hit. An instruction under a shadow stack that pushes a
// return address to a guarded page has it not pushed there, too. xsave and fxsave count as writes of
// all their area. A locked instruction across a guarded and an unguarded page is not atomic
// with writes to the latter alone. What the kernel itself does to locks on guarded pages fails: mutexes that
// inherit priority (EFAULT), the word that the owner of a robust one has died (nobody hears of it), but for (M7). With RLIMIT_SIGPENDING
// used up a SIGSEGV that the program sends may be taken for one of MemGuard's. A handler that the program installs without SA_ONSTACK after a
// term was made on a stack cannot be called there. Restartable sequences (rseq) are not restarted. ThreadSanitizer delays
// the signals that (T5) needs: MemGuard does not work with it.
//
// Files: rt/memguard.c terms, rt/memguard_trap.c the handler, rt/memguard_memory.c aliases, rt/memguard_log.c hits,
// rt/memguard_pages.c pages and slots, rt/memguard_unwind.c callers, rt/memguard_state.h what they share, rt/memguard_wrap.c and memguard.h what wrappers of system calls use.
//
// # Programs under MemGuard
//
// MemGuard (rt/memguard.h) catches every write of a running program to memory that is
// protected. Watch prepares a module so that each such write can be held against the
// ledger: that is how a guard that is missing is found, or a rule above that is wrong.
//
//   - (M1) An instruction that has rows gets a number, as the discriminator of its
//     position: it comes back from the line table of the program, whatever inlining and
//     unrolling have made of it. It becomes volatile, and clang is told not to merge what
//     branches have in common: no optimization makes one write of two, or a write of none.
//   - (M2) A write by code that is in no module belongs to the call by which the modules
//     have come there: the innermost return address into them. So calls are no tail calls.
//   - (M3) Variables of functions that hold a term's record are moved to the heap: the pages
//     of a stack are written all the time. Other terms on stacks are not protected.
//   - (M4) Variables are protected from the start, an instance's term from the first call of
//     a slot that reads it, until the modules give the memory back (free, realloc), or it is
//     unmapped. What a library frees stays protected.
//   - (M5) A write is known if the instruction, or the call, has a row of the term of the class
//     MustGuard, MayWrite or NotVisible. All others are missed, with Fresh and ProvenDisjoint
//     as what the ledger has instead.
//   - (M6) Every system call of the program is intercepted (rt/interpose.c): the kernel cannot
//     write to a page that is protected, nor, while a thread forks, to any that has a slot. It is
//     given other memory, which ends where the program's does, and what it has written is copied with the lock
//     of (T3), and reported as its write. If a page gets its slot while a call waits, the call fails and is made
//     again; one that takes away what it returns (a datagram, an event, a child's status) is given other
//     memory whether there are slots or not, once there are threads. What it is not known to write
//     (rt/calls.h) fails with EFAULT, and a message says why. In a child of fork, pages are the child's own.
//     Where the kernel or a filter (seccomp) has no dispatch of system calls, a message says so, and all those fail.
//   - (M7) What the kernel writes to locks that lie on protected pages (rt/interpose_locks.c): of a mutex that
//     inherits priority the page is released, and reported, until the term is read again; a robust one whose owner
//     ends is marked as the kernel would. Who waits for a lock of the kind that processes share, which the
//     kernel finds by the page, looks again now and then: the page may have got its slot.
//
// Not seen are writes through another mapping of the memory, by other processes, by
// asynchronous work of the kernel (io_uring, aio), of the dynamic linker, and all before
// constructors run; of a thread's own variables (_Thread_local) nothing is protected. A program
// that a signal ends, other than SIGSEGV, SIGTRAP and abort, reports nothing. What the kernel writes to where
// memory that it is given points to, beyond vectors and messages (SIOCGIFCONF, bpf), fails with EFAULT without a message.
// Memory that an allocator of the program's own reuses for another type without giving it back is written
// as that type, and reported: build such programs for tests without it (SQLite: SQLITE_OMIT_LOOKASIDE). A program that
// forbids itself system calls forbids them to MemGuard.
//
// Files: memguard.go; rt/ledger.c terms and hits, rt/report.c what is printed,
// rt/interpose.c system calls, rt/interpose_writes.c with calls.h those that write, rt/interpose_locks.c (M7); cmd/quasi/memguard*.go the table of positions.
//
// # Design notes
//
// Why are predicates not evaluated at writes of calls that are not plugged? A
// predicate may be evaluated where its function is called, and nowhere else: before
// that a pointer may dangle. Bound locations are different: the end of their life is
// a guarded write.
//
// Why does nobody wait until a variant that is unplugged has been left? What a residual
// function relies on is the state at entry, up to where the program itself may
// change it: its own writes, calls, synchronization with other threads. An execution
// in which another thread breaks a quasi-invariant meanwhile, and the generic code would
// see it, synchronizes first, or has a data race.
//
// Why does the only thread with guarded writes own the lock, and not take it? An atomic operation
// costs as much as all the rest of a write that breaks nothing. A second thread pays for that
// with a membarrier, once.
//
// Why is a light look-up interrupted by a handler no harm? The handler unplugs everything, and
// that is all it does. What the interrupted look-up finds then is about variants that are not plugged;
// whoever has the lock next forgets them, before anything is plugged.
//
// Why a counter of nested sections, not a restartable sequence? A sequence cannot
// hold a call, and the program's own instruction would have to be the last of it.
//
// # Files of discovery
//
//	ledger.go term.go                       Ledger, Row, Warning; Term and where it lies in a module
//	summarize.go summarize_*.go             Summarize: one pass over a module; calls, assembly
//	evidence.go evidence_paths.go           (D1)
//	evidence_callers.go                     (D1), from parameters to callers
//	evidence_types.go evidence_points.go    (D2) to (D4); (D5)
//	judge.go fresh.go                       one write against one term; (D10)
//	join.go blind.go evidence_linked.go     Join; (D11), (D12); (D14)
//	closed.go names.go                      (D16); (D17)
//	warn.go                                 warnings
package guard
