package main

// This file says on a terminal what a long run is doing, and records how long
// each phase took.

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"
)

// progressAfter is how long work stays silent.
const progressAfter = 2 * time.Second

// A progress shows the phase at hand once a run has lasted for progressAfter.
// Its line is erased before anything else is printed through Write.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	enabled bool   // w is a terminal
	about   string // what the run is at, shown before the phase
	phase   string
	now     string    // shown for the phase if it is not empty
	began   time.Time // of the run
	entered time.Time // of the phase
	spent   float64   // processor time in ms when it was entered
	shown   bool
	stop    chan struct{}
	times   []phaseTime
}

// A phaseTime is how long one phase took.
type phaseTime struct {
	Phase string  `json:"phase"`
	MS    float64 `json:"ms"`
	CPU   float64 `json:"-"` // processor time of quasi itself, in ms
}

// ownTime is what this process has used so far, in ms.
func ownTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}

func newProgress(w io.Writer, enabled bool) *progress {
	now := time.Now()
	p := &progress{w: w, enabled: enabled, began: now, entered: now, stop: make(chan struct{})}
	if enabled {
		go p.tick()
	}
	return p
}

func (p *progress) tick() {
	t := time.NewTicker(200 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-p.stop:
			return
		case now := <-t.C:
			p.mu.Lock()
			if now.Sub(p.began) >= progressAfter && p.phase != "" {
				fmt.Fprintf(p.w, "\r\x1b[K%s%s (%.0f s)", p.about, cmp.Or(p.now, p.phase), now.Sub(p.entered).Seconds())
				p.shown = true
			}
			p.mu.Unlock()
		}
	}
}

// enter starts a phase and ends the one before.
func (p *progress) enter(phase string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	p.now = ""
	p.phase, p.entered, p.spent = phase, time.Now(), ownTime()
}

// show changes what is shown of the phase at hand.
func (p *progress) show(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = text
}

// rest ends the phase at hand and erases the line, so that others may print.
func (p *progress) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	p.erase()
}

// title says what the run is at, among several things of the same kind.
func (p *progress) title(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.about = what + ": "
}

// leave records the phase at hand. The caller holds the lock.
func (p *progress) leave() {
	if p.phase != "" {
		p.times = append(p.times, phaseTime{p.phase, float64(time.Since(p.entered).Microseconds()) / 1000, ownTime() - p.spent})
	}
	p.phase = ""
}

// Write erases the progress line, then writes; so whatever else prints to the
// same terminal goes through it.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	return p.w.Write(b)
}

func (p *progress) erase() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// Close ends the last phase and erases the line.
func (p *progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	p.erase()
	if p.enabled {
		close(p.stop)
		p.enabled = false
	}
}
