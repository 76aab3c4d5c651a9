package guard

// This file checks the owned lock of the guards' run-time (rt/threads.h) in all
// interleavings of a few threads, on a machine with store buffers (x86-TSO). membarrier
// empties the buffer of each other thread at some moment between its beginning and its end.
//
// What must hold: one thread at a time has the lock; no state is without a successor
// before all threads have ended; a thread that has ended owns nothing, and nobody looks at it.

import (
	"fmt"
	"slices"
	"testing"
)

const (
	lockThreads = 3
	lockBuffer  = 4
)

// The protocol's variants that have to fail.
type lockFault int

const (
	lockRight      lockFault = iota
	lockNoFence              // no membarrier
	lockNoLook               // nor a look at whether the owner is inside
	lockLateInside           // the owner says that it is inside after it has looked
	lockEarlyOwner           // ownership is given before the last change under the lock
	lockEndsOwning           // a thread that ends takes the lock by ownership
	lockSelfStays            // who owned the lock and takes the word leaves the owner as it is
	lockFaults
)

var lockFaultNames = []string{"right", "no membarrier", "no look", "inside late", "owner early", "ends owning", "owner stays"}

// Cells of memory: threads are numbers from 1, 0 is none.
const (
	cellLock = iota
	cellOwner
	cellLastOwner
	cellThreads // a set of bits
	cellInside  // of thread 1, and so on
	lockCells   = cellInside + lockThreads
)

const (
	sayWaiting = 1
	sayOwning  = 2
)

type lockStore struct{ cell, value int8 }

// A lockThread runs operations, each of which takes the lock: "w" a guarded write, which
// lists the thread first, "f" a fork, which does not, "e" its end. Without an end its memory stays.
type lockThread struct {
	op, pc   int8
	owned    bool // how it has the lock
	fenced   int8 // threads that its membarrier has reached
	buffered int8
	buffer   [lockBuffer]lockStore
	ended    bool
}

type lockState struct {
	memory  [lockCells]int8
	threads [lockThreads]lockThread
	inside  int8 // the thread that has the lock, 0 if none
}

type lockModel struct {
	fault lockFault
	ops   [lockThreads]string
}

// load is what thread t sees in a cell.
func (s *lockState) load(t int, cell int8) int8 {
	th := &s.threads[t]
	for i := th.buffered - 1; i >= 0; i-- {
		if th.buffer[i].cell == cell {
			return th.buffer[i].value
		}
	}
	return s.memory[cell]
}

// store puts a store into the buffer of thread t; it reports whether there was room.
func (s *lockState) store(t int, cell, value int8) bool {
	th := &s.threads[t]
	if th.buffered == lockBuffer {
		return false
	}
	th.buffer[th.buffered] = lockStore{cell, value}
	th.buffered++
	return true
}

// drain does the oldest store of thread t's buffer.
func (s *lockState) drain(t int) {
	th := &s.threads[t]
	s.memory[th.buffer[0].cell] = th.buffer[0].value
	copy(th.buffer[:], th.buffer[1:th.buffered])
	th.buffered--
	th.buffer[th.buffered] = lockStore{}
}

// The places in an operation.
const (
	pcInside = iota
	pcLoadOwner
	pcWaiting
	pcTake
	pcLastOwner
	pcDisown
	pcFence
	pcLook
	pcForget
	pcEnter
	pcWork
	pcGiveLast
	pcGiveOwner
	pcUnlock
	pcOutside
	pcLate // of a fault
	pcGone
)

// step runs the next instruction of thread t. ran is false if it has to wait, or has ended.
func (m *lockModel) step(s *lockState, t int) (wrong string, ran bool) {
	th := &s.threads[t]
	if th.ended {
		return "", false
	}
	me := int8(t + 1)
	op := m.ops[t][min(int(th.op), len(m.ops[t])-1)]
	inside := int8(cellInside + t)
	next := func(pc int8) { th.pc = pc }
	put := func(cell, value, pc int8) bool {
		if !s.store(t, cell, value) {
			return false
		}
		next(pc)
		return true
	}
	switch th.pc {
	case pcInside:
		if m.fault == lockLateInside {
			next(pcLoadOwner)
			return "", true
		}
		return "", put(inside, sayOwning, pcLoadOwner)
	case pcLoadOwner:
		th.owned = s.load(t, cellOwner) == me && (op != 'e' || m.fault == lockEndsOwning)
		if !th.owned {
			next(pcWaiting)
			return "", true
		}
		if m.fault == lockLateInside {
			next(pcLate)
			return "", true
		}
		next(pcEnter)
	case pcLate:
		return "", put(inside, sayOwning, pcEnter)
	case pcWaiting:
		return "", put(inside, sayWaiting, pcTake)
	case pcTake:
		if th.buffered > 0 || s.memory[cellLock] != 0 {
			return "", false
		}
		s.memory[cellLock] = me
		next(pcLastOwner)
	case pcLastOwner:
		switch last := s.load(t, cellLastOwner); {
		case last == 0:
			next(pcEnter)
		case last == me && m.fault == lockSelfStays:
			next(pcForget)
		default:
			next(pcDisown)
		}
	case pcDisown:
		pc := int8(pcFence)
		if s.load(t, cellLastOwner) == me {
			pc = pcForget
		} else if m.fault == lockNoFence || m.fault == lockNoLook {
			pc = pcLook
		}
		return "", put(cellOwner, 0, pc)
	case pcFence: // own buffer first, then one other thread after the other
		if th.buffered > 0 {
			return "", false
		}
		for int(th.fenced) < lockThreads {
			other := int(th.fenced)
			th.fenced++
			if other != t && s.threads[other].buffered > 0 {
				for s.threads[other].buffered > 0 {
					s.drain(other)
				}
				break
			}
		}
		if th.fenced == lockThreads {
			th.fenced = 0
			next(pcLook)
		}
	case pcLook:
		last := s.load(t, cellLastOwner)
		if last := int(last - 1); s.threads[last].ended && m.ops[last][len(m.ops[last])-1] == 'e' {
			return "looks at a thread that has ended", true
		}
		if m.fault != lockNoLook && s.load(t, cellInside+last-1) == sayOwning {
			return "", false
		}
		next(pcForget)
	case pcForget:
		return "", put(cellLastOwner, 0, pcEnter)
	case pcEnter:
		if s.inside != 0 {
			return fmt.Sprintf("threads %d and %d have the lock", s.inside, me), true
		}
		s.inside = me
		next(pcWork)
	case pcWork:
		listed := s.load(t, cellThreads)
		switch op {
		case 'w':
			listed |= 1 << t
		case 'e':
			listed &^= 1 << t
		}
		if m.fault != lockEarlyOwner && !s.store(t, cellThreads, listed) {
			return "", false
		}
		pc := int8(pcOutside)
		if !th.owned {
			pc = pcUnlock
			if listed != 0 && listed&(listed-1) == 0 {
				pc = pcGiveLast
			}
		}
		if m.fault != lockEarlyOwner || pc != pcGiveLast { // else there is work after the owner has been named
			s.inside = 0
		}
		if m.fault == lockEarlyOwner && !s.store(t, cellThreads, listed) {
			return "", false
		}
		next(pc)
	case pcGiveLast:
		return "", put(cellLastOwner, single(s.load(t, cellThreads)), pcGiveOwner)
	case pcGiveOwner:
		return "", put(cellOwner, single(s.load(t, cellThreads)), pcUnlock)
	case pcUnlock:
		s.leave(me)
		return "", put(cellLock, 0, pcOutside)
	case pcOutside:
		if !put(inside, 0, pcInside) {
			return "", false
		}
		th.op++
		if int(th.op) == len(m.ops[t]) {
			th.pc = pcGone
		}
	case pcGone: // its memory goes, when its stores are done
		if th.buffered > 0 {
			return "", false
		}
		th.ended = true
		if op != 'e' { // it waits for something else, for ever
			return "", true
		}
		if s.memory[cellOwner] == me || s.memory[cellLastOwner] == me && s.memory[cellLock] != me {
			return fmt.Sprintf("thread %d has ended and owns the lock", me), true
		}
	}
	return "", true
}

// leave ends the work of a thread that has not ended it before.
func (s *lockState) leave(me int8) {
	if s.inside == me {
		s.inside = 0
	}
}

// single is the thread that is alone in a set.
func single(listed int8) int8 {
	for t := range int8(lockThreads) {
		if listed == 1<<t {
			return t + 1
		}
	}
	return 0
}

// check explores all interleavings, and returns what is wrong in one of them.
func (m *lockModel) check() (wrong string, states int) {
	seen := map[lockState]bool{{}: true}
	pending := []lockState{{}}
	for len(pending) > 0 {
		s := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		moved, ended := false, true
		reach := func(n lockState) {
			moved = true
			if !seen[n] {
				seen[n] = true
				pending = append(pending, n)
			}
		}
		for t := range lockThreads {
			ended = ended && s.threads[t].ended
			n := s
			wrong, ran := m.step(&n, t)
			if wrong != "" {
				return wrong, len(seen)
			}
			if ran {
				reach(n)
			}
			if s.threads[t].buffered > 0 {
				n := s
				n.drain(t)
				reach(n)
			}
		}
		if !moved && !ended {
			return fmt.Sprintf("nothing can go on: %+v", s), len(seen)
		}
	}
	return "", len(seen)
}

func TestLockModel(t *testing.T) {
	cases := [][lockThreads]string{
		{"www", "we", "fe"}, {"wwe", "wwe", "we"}, {"we", "wfe", "we"}, {"wwww", "fff", "we"}, {"www", "www", "f"},
	}
	failed := make([]bool, lockFaults)
	for fault := range lockFaults {
		for _, ops := range cases {
			m := &lockModel{fault: fault, ops: ops}
			wrong, states := m.check()
			failed[fault] = failed[fault] || wrong != ""
			t.Logf("%s, %q: %d states: %s", lockFaultNames[fault], ops, states, wrong)
			if fault == lockRight && wrong != "" {
				t.Errorf("%q: %s", ops, wrong)
			}
		}
	}
	if i := slices.Index(failed[1:], false); i >= 0 {
		t.Errorf("%s: nothing is wrong", lockFaultNames[i+1])
	}
}
