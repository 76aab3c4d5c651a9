package guard

// This file checks the protocol of the replugger (rt/replug.c) in all interleavings of
// a few threads, on a machine with store buffers (x86-TSO).
//
// A thread is a list of instructions, each with one access to memory. A store goes
// into the thread's buffer and from there to memory, in order, at any later time; a load
// sees the thread's own buffer first; locked instructions and system calls run with
// an empty buffer. membarrier is assumed to be what its manual says: between its
// beginning and its end there is a full fence at some place in each other thread's
// instructions, that is, its buffer is emptied there. A signal handler may run between any two
// instructions.
//
// What must hold: a function that was displaced by a replacement which has returned is not
// run; no state is without a successor before all threads have ended; a replacement does not
// go on waiting for a thread that has left since it looked.

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"testing"
)

const (
	modelThreads = 3
	modelSlots   = 2
	modelBuffer  = 6 // stores
	modelNest    = 4 // calls that a thread is in
)

// The protocol's variants that have to fail.
type modelFault int

const (
	noFault         modelFault = iota
	noMembarrier               // the replacement runs a fence of its own alone
	wordAfterLoad              // a call looks up the function before it raises the word
	fenceFirst                 // the replacement runs membarrier before it exchanges the pointer
	bareCounter                // there is no number above the calls
	noSecondFence              // no membarrier between raising waited and sleeping
	plainListing               // a record is taken by a plain store
	noWaits                    // those who wait inside do not say so
	waitsAfterwards            // they say so after looking at the other's
	resetOnly                  // a thread that ends does not wake
)

var faultNames = []string{"", "no membarrier", "word after load", "membarrier first", "bare counter", "no second membarrier", "plain listing",
	"waiting unsaid", "waiting said late", "no wake at the end"}

// Kinds of instructions.
const (
	mList       = iota // the first call takes a record
	mLoadWord          // of a call
	mStoreEnter        //
	mLoadTarget        // from here on the function counts as running
	mLoadLeave         // up to here
	mStoreLeave        //
	mLoadWaited        // and goes past mWake if nobody sleeps
	mWake              //
	mDie               // the thread ends inside: its frames are gone
	mCut               //
	mUnlist            //
	mXchg              // of a replacement
	mScan              // the list, one thread after the other
	mFence             // membarrier
	mLook              // at a thread's word: left, or goes on below
	mSayWaits          //
	mLookAgain         //
	mRaise             // waited
	mFenceAgain        //
	mLookLast          //
	mSeeWaits          //
	mSleep             // futex
	mLower             // waited, goes back to mLook if the thread has left
	mReturn            //
	mInstructions
)

type modelInst struct {
	kind, slot, base int8 // base: where the call or the replacement begins
	new              int8 // the function that a replacement puts there
}

// modelRegs are what the instructions of a thread, or of its handler, remember.
type modelRegs struct {
	r                          int8
	old, list, at, seen, fence int8
	waits, gaveUp, left        bool
	exits                      int8 // of the thread at, when it was first looked at
}

type modelStore struct {
	addr, val int8
	exit      bool // the thread leaves
}

type modelThread struct {
	pc, hpc int8 // hpc -1: there is no handler under way
	handled bool
	listed  bool // has a record, in its own view
	regs    [2]modelRegs
	active  [modelNest]int8
	nactive int8
	buf     [modelBuffer]modelStore
	nbuf    int8
	sleeps  int8             // on this address, 0 if awake
	exits   [modelSlots]int8 // stays of each word that have ended, in memory
}

// A modelState is comparable.
type modelState struct {
	mem     [2 + 5*modelThreads]int8
	threads [modelThreads]modelThread
	retired uint32               // functions that nobody may run
	but     [modelThreads]uint32 // that nobody but this thread may run
}

// Addresses.
func aTarget(slot int8) int8 { return slot }
func (m *model) aWord(t, slot int8) int8 {
	if m.shared {
		slot = 0
	}
	return 2 + modelSlots*t + slot
}
func aWaited(t int8) int8 { return 2 + 2*modelThreads + t }
func aWaits(t int8) int8  { return 2 + 3*modelThreads + t }
func aListed(t int8) int8 { return 2 + 4*modelThreads + t }

// A word: calls, and the number above them.
func wordCalls(w int8) int8 { return w & 7 }
func wordUpper(w int8) int8 { return w >> 3 }
func wordLeave(w int8) int8 {
	if w--; wordCalls(w) == 0 {
		w += 8
	}
	return w
}

type model struct {
	fault    modelFault
	shared   bool // the slots have one word, as SIMPLE ones
	programs [modelThreads][]modelInst
	handlers [modelThreads][]modelInst
	slack    int8 // how often a thread may leave while somebody waits for it
	states   int
	next     int8 // function
}

// compile makes a program of a script: a[...] is a call of slot a with what happens inside,
// b[...] of slot b; A and B replace; x ends the thread, inside.
func (m *model) compile(script string) []modelInst {
	var p []modelInst
	var open []modelInst
	emit := func(slot, base, new int8, kinds ...int8) {
		for _, k := range kinds {
			p = append(p, modelInst{kind: k, slot: slot, base: base, new: new})
		}
	}
	for _, c := range script {
		base := int8(len(p))
		switch c {
		case 'a', 'b':
			slot := int8(c - 'a')
			open = append(open, modelInst{slot: slot, base: base})
			emit(slot, base, 0, mList)
			if m.fault == wordAfterLoad {
				emit(slot, base, 0, mLoadTarget, mLoadWord, mStoreEnter)
			} else {
				emit(slot, base, 0, mLoadWord, mStoreEnter, mLoadTarget)
			}
		case ']':
			i := open[len(open)-1]
			open = open[:len(open)-1]
			emit(i.slot, base, 0, mLoadLeave, mStoreLeave, mLoadWaited, mWake)
		case 'x':
			emit(0, base, 0, mDie)
			for slot := range int8(modelSlots) {
				emit(slot, base, 0, mCut, mLoadWaited, mWake)
			}
			emit(0, base, 0, mUnlist)
		case 'A', 'B':
			m.next++
			first := []int8{mXchg, mScan, mFence}
			if m.fault == fenceFirst {
				first = []int8{mScan, mFence, mXchg}
			}
			emit(int8(c-'A'), base, m.next, append(first, mLook, mSayWaits, mLookAgain, mRaise, mFenceAgain,
				mLookLast, mSeeWaits, mSleep, mLower, mReturn)...)
		}
	}
	return p
}

// Places in a replacement, from its base.
const (
	rLook     = 3
	rSayWaits = 4
	rRaise    = 6
	rLookLast = 8
	rSeeWaits = 9
	rSleep    = 10
	rLower    = 11
	rReturn   = 12
)

func (t *modelThread) load(s *modelState, addr int8) int8 {
	for i := t.nbuf - 1; i >= 0; i-- {
		if t.buf[i].addr == addr {
			return t.buf[i].val
		}
	}
	return s.mem[addr]
}

// flush moves the oldest store to memory.
func (s *modelState) flush(i int8) {
	t := &s.threads[i]
	st := t.buf[0]
	s.mem[st.addr] = st.val
	if st.exit {
		t.exits[(st.addr-2)%modelSlots]++
	}
	copy(t.buf[:], t.buf[1:])
	t.nbuf--
	t.buf[t.nbuf] = modelStore{}
}

func (s *modelState) wake(addr int8) {
	for i := range s.threads {
		if s.threads[i].sleeps == addr {
			s.threads[i].sleeps = 0
		}
	}
}

// stale reports a displaced function that runs.
func (s *modelState) stale() bool {
	for i := range s.threads {
		t := &s.threads[i]
		for _, f := range t.active[:t.nactive] {
			bit := uint32(1) << f
			if s.retired&bit != 0 {
				return true
			}
			for o := range s.but {
				if o != i && s.but[o]&bit != 0 {
					return true
				}
			}
		}
	}
	return false
}

// step runs one instruction of thread i, in its handler if that is under way. It returns
// what is wrong, and whether the instruction could run.
func (m *model) step(s *modelState, i int8) (wrong string, ran bool) {
	t := &s.threads[i]
	prog, pc, regs := m.programs[i], &t.pc, &t.regs[0]
	if t.hpc >= 0 {
		prog, pc, regs = m.handlers[i], &t.hpc, &t.regs[1]
	}
	in := prog[*pc]
	word := m.aWord(i, in.slot)
	locked := func() bool { return t.nbuf == 0 }
	next := *pc + 1
	look := func(left, stays int8) {
		addr := m.aWord(regs.at, in.slot)
		now, exits := s.mem[addr], s.threads[regs.at].exits[(addr-2)%modelSlots]
		if wordCalls(now) == 0 || m.fault != bareCounter && regs.seen >= 0 && wordUpper(now) != wordUpper(regs.seen) {
			regs.left = true
			next = in.base + left
			return
		}
		if regs.seen < 0 {
			regs.exits = exits
		}
		regs.seen = now
		if exits-regs.exits > m.slack {
			wrong = "it waits for a thread that has left"
		}
		next = in.base + stays
	}
	switch in.kind {
	case mList:
		if !t.listed {
			if m.fault == plainListing {
				if t.nbuf == modelBuffer {
					return "", false
				}
				t.buf[t.nbuf] = modelStore{addr: aListed(i), val: 1}
				t.nbuf++
			} else {
				if !locked() {
					return "", false
				}
				s.mem[aListed(i)] = 1
			}
			t.listed = true
		}
	case mLoadLeave:
		t.nactive--
		t.active[t.nactive] = 0
		regs.r = t.load(s, word)
	case mLoadWord:
		regs.r = t.load(s, word)
	case mStoreEnter, mStoreLeave:
		if t.nbuf == modelBuffer {
			return "", false
		}
		st := modelStore{addr: word, val: regs.r + 1}
		if in.kind == mStoreLeave {
			st.val = wordLeave(regs.r)
			st.exit = wordCalls(st.val) == 0
		}
		t.buf[t.nbuf] = st
		t.nbuf++
		regs.r = 0
	case mLoadTarget:
		t.active[t.nactive] = t.load(s, aTarget(in.slot))
		t.nactive++
	case mLoadWaited:
		if t.load(s, aWaited(i)) == 0 {
			next++
		}
	case mWake:
		if !locked() {
			return "", false
		}
		if wordCalls(s.mem[word]) == 0 {
			s.wake(word)
		}
	case mDie:
		t.active, t.nactive = [modelNest]int8{}, 0
	case mCut:
		if !locked() {
			return "", false
		}
		if w := s.mem[word]; wordCalls(w) > 0 {
			s.mem[word] = w - wordCalls(w) + 8
			t.exits[(word-2)%modelSlots]++
		}
		if m.fault == resetOnly {
			next += 2
		}
	case mUnlist:
		if !locked() {
			return "", false
		}
		s.mem[aListed(i)] = 0
		next = int8(len(prog))
	case mXchg:
		if !locked() {
			return "", false
		}
		regs.old, s.mem[aTarget(in.slot)] = s.mem[aTarget(in.slot)], in.new
	case mScan:
		if !locked() {
			return "", false
		}
		if regs.at < modelThreads {
			if s.mem[aListed(regs.at)] != 0 && regs.at != i {
				regs.list |= 1 << regs.at
			}
			regs.at++
			next = *pc
		}
		if regs.at == modelThreads {
			next = *pc + 1
			regs.at = 0
			if regs.list == 0 && m.fault != fenceFirst {
				next = in.base + rReturn
			}
		}
	case mFence, mFenceAgain:
		if !locked() {
			return "", false
		}
		next = *pc
		for o := range int8(modelThreads) {
			if o != i && regs.fence&(1<<o) == 0 {
				regs.fence |= 1 << o
				for m.fault != noMembarrier && (m.fault != noSecondFence || in.kind == mFence) && s.threads[o].nbuf > 0 {
					s.flush(o)
				}
				return "", m.advance(s, i, pc, next)
			}
		}
		regs.fence = 0
		next = *pc + 1
	case mLook:
		for regs.at < modelThreads && regs.list&(1<<regs.at) == 0 {
			regs.at++
		}
		if regs.at == modelThreads {
			next = in.base + rReturn
			break
		}
		look(rLook, rSayWaits)
		if regs.left {
			regs.left, regs.seen = false, -1
			regs.at++
		}
	case mSayWaits:
		if !locked() {
			return "", false
		}
		if t.nactive > 0 && !regs.waits && m.fault != noWaits && m.fault != waitsAfterwards {
			s.mem[aWaits(i)]++
			regs.waits = true
		}
		if t.nactive > 0 && m.fault != noWaits && s.mem[aWaits(regs.at)] != 0 && m.fault == waitsAfterwards {
			regs.gaveUp = true
			next = in.base + rReturn
		}
	case mLookAgain:
		look(rLook, rRaise)
		if regs.left {
			regs.left, regs.seen = false, -1
			regs.at++
		}
	case mRaise:
		if !locked() {
			return "", false
		}
		if m.fault == waitsAfterwards && t.nactive > 0 && !regs.waits {
			s.mem[aWaits(i)]++
			regs.waits = true
		}
		s.mem[aWaited(regs.at)]++
	case mLookLast:
		look(rLower, rSeeWaits)
	case mSeeWaits:
		if t.nactive > 0 && m.fault != noWaits && m.fault != waitsAfterwards && s.mem[aWaits(regs.at)] != 0 {
			regs.gaveUp = true
			next = in.base + rLower
		}
	case mSleep:
		if !locked() {
			return "", false
		}
		addr := m.aWord(regs.at, in.slot)
		next = in.base + rLookLast
		if wordUpper(s.mem[addr]) == wordUpper(regs.seen) {
			t.sleeps = addr
		}
	case mLower:
		if !locked() {
			return "", false
		}
		s.mem[aWaited(regs.at)]--
		if !regs.gaveUp {
			next = in.base + rLook
			regs.left, regs.seen = false, -1
			regs.at++
		}
	case mReturn:
		if !locked() {
			return "", false
		}
		bit := uint32(1) << regs.old
		inside := wordCalls(s.mem[word]) > 0
		switch {
		case regs.gaveUp:
		case inside:
			s.but[i] |= bit
		default:
			s.retired |= bit
		}
		if regs.waits {
			s.mem[aWaits(i)]--
		}
		*regs = modelRegs{seen: -1}
	}
	return wrong, m.advance(s, i, pc, next)
}

// advance sets the program counter; a handler ends with its last instruction.
func (m *model) advance(s *modelState, i int8, pc *int8, next int8) bool {
	*pc = next
	t := &s.threads[i]
	if t.hpc >= int8(len(m.handlers[i])) {
		t.hpc = -1
	}
	return true
}

// interrupt begins the handler of thread i. A system call that sleeps is interrupted.
func (m *model) interrupt(s *modelState, i int8) bool {
	t := &s.threads[i]
	if len(m.handlers[i]) == 0 || t.handled || t.pc >= int8(len(m.programs[i])) {
		return false
	}
	t.handled, t.hpc, t.sleeps = true, 0, 0
	return true
}

// check walks through all states. It returns what is wrong, and how one gets there.
func (m *model) check() (wrong string, trace []string) {
	var first modelState
	for i := range first.threads {
		first.threads[i].hpc = -1
		first.threads[i].regs[0].seen = -1
		first.threads[i].regs[1].seen = -1
	}
	first.mem[1] = 1 // function 1 is in slot b
	// States are known by two hashes, and how they were reached; those to look at wait in queue.
	seeds := [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	key := func(s *modelState) [2]uint64 {
		return [2]uint64{maphash.Comparable(seeds[0], *s), maphash.Comparable(seeds[1], *s)}
	}
	type came struct {
		from int32
		how  int8
	}
	seen := map[[2]uint64]bool{key(&first): true}
	queue := []modelState{first}
	how := []came{{-1, 0}}
	path := func(at int32, last int8) (lines []string) {
		moves := []int8{last}
		for ; how[at].from >= 0; at = how[at].from {
			moves = append(moves, how[at].how)
		}
		slices.Reverse(moves)
		s := first
		for _, move := range moves {
			if move < 0 {
				return append(lines, "nobody can go on")
			}
			lines = append(lines, m.describe(&s, move))
			m.move(&s, move)
		}
		return lines
	}
	for at := int32(0); len(queue) > 0; at++ {
		from := queue[0]
		queue = queue[1:]
		moves, ended := 0, 0
		for i := range int8(modelThreads) {
			if t := &from.threads[i]; t.pc >= int8(len(m.programs[i])) && t.nbuf == 0 {
				ended++
			}
			for act := range int8(3) {
				s, move := from, i*3+act
				bad, ran := m.move(&s, move)
				if !ran {
					continue
				}
				moves++
				if bad != "" {
					m.states = len(how)
					return bad, path(at, move)
				}
				if k := key(&s); !seen[k] {
					seen[k] = true
					queue = append(queue, s)
					how = append(how, came{at, move})
				}
			}
		}
		if moves == 0 && ended < modelThreads {
			m.states = len(how)
			return "dead-lock", path(at, -1)
		}
	}
	m.states = len(how)
	return "", nil
}

// move is one move of a thread: it runs an instruction, its oldest store reaches memory,
// or its handler begins. It tells what is wrong then, and whether the move was possible.
func (m *model) move(s *modelState, move int8) (wrong string, ran bool) {
	i := move / 3
	t := &s.threads[i]
	switch move % 3 {
	case 0:
		if t.pc >= int8(len(m.programs[i])) || t.sleeps != 0 {
			return "", false
		}
		wrong, ran = m.step(s, i)
	case 1:
		if ran = t.nbuf > 0; ran {
			s.flush(i)
		}
	case 2:
		ran = m.interrupt(s, i)
	}
	if ran && wrong == "" && s.stale() {
		wrong = "a displaced function runs"
	}
	return wrong, ran
}

var modelNames = [mInstructions]string{"list", "load word", "enter", "load function", "load word", "leave", "load waited", "wake", "ends",
	"cut", "unlist", "exchange", "scan", "membarrier", "look", "say waits", "look", "raise waited", "membarrier", "look", "see waits", "sleep", "lower waited", "replaced"}

func (m *model) describe(s *modelState, how int8) string {
	i, act := how/3, how%3
	t := &s.threads[i]
	switch {
	case act == 1:
		return fmt.Sprintf("thread %d: its store %v reaches memory", i, t.buf[0])
	case act == 2:
		return fmt.Sprintf("thread %d: a handler begins", i)
	case t.hpc >= 0:
		return fmt.Sprintf("thread %d: handler: %s", i, modelNames[m.handlers[i][t.hpc].kind])
	}
	in := m.programs[i][t.pc]
	return fmt.Sprintf("thread %d: %s %d", i, modelNames[in.kind], in.slot)
}

// A modelCase is a script a thread, and after a slash its handler's.
type modelCase struct {
	scripts string
	fault   modelFault
	shared  bool
	wrong   string
}

func (c modelCase) run() *model {
	m := &model{fault: c.fault, shared: c.shared, next: 1}
	for i, script := range strings.Fields(c.scripts) {
		script, handler, interrupted := strings.Cut(script, "/")
		m.programs[i] = m.compile(script)
		m.handlers[i] = m.compile(handler)
		if interrupted {
			m.slack = 1 // rt/replug.c says why
		}
	}
	return m
}

func TestReplugModel(t *testing.T) {
	cases := []modelCase{
		// A caller and a replacement; two callers; two replacements of one slot.
		{scripts: "a[]a[]a[] A"},
		{scripts: "a[]a[]a[]a[] A A"},
		{scripts: "a[]a[] a[]a[] A"},
		{scripts: "a[]a[] AA A"},
		// Nested and recursive calls; slots with one word, as SIMPLE has them, and with their own.
		{scripts: "a[a[]]a[] A"},
		{scripts: "a[b[]]b[a[]] A B"},
		{scripts: "a[b[]]b[a[]] A B", shared: true},
		{scripts: "a[] b[] AB", shared: true},
		// Replacements from inside: one, two that meet, three in a circle.
		{scripts: "a[A] a[]a[]"},
		{scripts: "a[A] a[A]"},
		{scripts: "a[A] a[A] A"},
		{scripts: "a[A] a[A] a[A]"},
		{scripts: "a[B] b[A]"},
		{scripts: "a[B] b[A]", shared: true},
		// Threads that end inside, one of which replaces.
		{scripts: "a[x a[]a[] A"},
		{scripts: "a[]a[x A A"},
		{scripts: "a[Ax a[]a[]"},
		// Handlers that call, and replace, at any place of calls and of replacements.
		{scripts: "a[]a[]/a[] A"},
		{scripts: "a[]a[] A/a[]"},
		{scripts: "a[]a[]/A A"},
		{scripts: "a[]a[] A/A"},
		{scripts: "a[A]/a[] a[]"},
		// What has to fail.
		{scripts: "a[] A", fault: noMembarrier, wrong: "a displaced function runs"},
		{scripts: "a[] A", fault: wordAfterLoad, wrong: "a displaced function runs"},
		{scripts: "a[] A", fault: fenceFirst, wrong: "a displaced function runs"},
		{scripts: "a[] A", fault: plainListing, wrong: "a displaced function runs"},
		{scripts: "a[]a[]a[] A", fault: bareCounter, wrong: "it waits for a thread that has left"},
		{scripts: "a[] A", fault: noSecondFence, wrong: "dead-lock"},
		{scripts: "a[A] a[A]", fault: noWaits, wrong: "dead-lock"},
		{scripts: "a[A] a[A]", fault: waitsAfterwards, wrong: "dead-lock"},
		{scripts: "a[x A", fault: resetOnly, wrong: "dead-lock"},
	}
	states := 0
	for _, c := range cases {
		m := c.run()
		wrong, trace := m.check()
		states += m.states
		if wrong != c.wrong {
			t.Errorf("%s %s: got %q, want %q\n%s", c.scripts, faultNames[c.fault], wrong, c.wrong, strings.Join(trace, "\n"))
		}
		t.Logf("%-18s %-21s %8d states  %s", c.scripts, faultNames[c.fault], m.states, wrong)
	}
	t.Logf("%d states", states)
}
