package guard

// This file holds the ledger and what it is made of.

import (
	"fmt"

	"quasi/ir"
)

// A Class says what is to be done about a write.
type Class uint8

// The classes, from what needs a guard to what needs none.
const (
	MustGuard      Class = iota // writes the term of some instance
	MayWrite                    // may write it: guarded conservatively
	NotVisible                  // code that is not there may write it: cannot be guarded
	Fresh                       // writes an instance that cannot be bound yet
	ProvenDisjoint              // looks as if it could write the term, but does not
)

var classNames = []string{"must-guard", "may-write", "not-visible", "fresh", "proven-disjoint"}

func (c Class) String() string { return word(classNames, int(c), "Class") }

// MarshalText writes a Class as a word.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Class) UnmarshalText(text []byte) error { return readWord(c, classNames, text, "class") }

// A How says as what a write was recognized.
type How uint8

// The kinds of writes.
const (
	ByField   How = iota // a store through a getelementptr of the record type, or to the variable
	ByTBAA               // a store whose struct-path tag names the member
	ByObject             // a store that points-to leads to a variable or an instance
	ByCopy               // memcpy, memmove, a struct assignment
	ByFill               // memset
	ByAtomic             // atomicrmw, cmpxchg, an atomic store
	ByCall               // a call of code that is not there and gets or finds a pointer to it
	ByAsm                // inline assembly
	ByFree               // the end of the instance's life
	ByValue              // a parameter that is a struct: the call of the function writes it
	ByUnknown            // a store of which too little is known
)

var howNames = []string{"by-field", "by-tbaa", "by-object", "by-copy", "by-fill", "by-atomic", "by-call", "by-asm", "by-free", "by-value", "by-unknown"}

func (h How) String() string { return word(howNames, int(h), "How") }

// MarshalText writes a How as a word.
func (h How) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *How) UnmarshalText(text []byte) error { return readWord(h, howNames, text, "kind of write") }

// A Row of a ledger is an instruction that may write a term.
type Row struct {
	Term     string   `json:"term"`
	Unit     string   `json:"unit"` // the module
	File     string   `json:"file"` // of the source, else of the module
	Line     int      `json:"line,omitempty"`
	Col      int      `json:"column,omitempty"`
	Function string   `json:"function"`
	Place    string   `json:"place"`             // in the IR: @f:%block#3
	Inlined  []string `json:"inlined,omitempty"` // the calls that inlining has put it into, outermost last: file:line:col
	How      How      `json:"how"`
	Class    Class    `json:"class"`
	Reason   string   `json:"reason"` // why it has this class
	// Allocators are the functions that a fresh instance is of, which the module only
	// declares; none in a ledger.
	Allocators []string `json:"allocators,omitempty"`

	Pt ir.Point `json:"-"` // in the module; of Summarize alone. ByValue: where the function begins
}

// A Kind is the kind of a Warning.
type Kind uint8

// The kinds of warnings: operations that take the guarantees of types away.
const (
	WarnCastFrom      Kind = iota // a pointer to the record becomes one to another type
	WarnCastTo                    // a pointer to another type becomes one to the record
	WarnCastInteger               // a pointer to the record becomes an integer, or an integer one
	WarnUnion                     // the member lies in a union
	WarnAddressTaken              // the member's address is taken
	WarnAddressEscape             // the member's address is taken and goes where it is not followed
	WarnArithmetic                // pointer arithmetic on the member's address leaves the member
	WarnMemory                    // memcpy, memset, read and the like over it
	WarnAssembly                  // inline assembly
	WarnNotVisible                // passing it to code that is not visible
	WarnEvidence                  // optimization has destroyed evidence
	WarnLayout                    // units disagree on the record
)

var kindNames = []string{"cast-from", "cast-to", "cast-integer", "union", "address-taken", "address-escapes",
	"pointer-arithmetic", "memory-function", "inline-assembly", "not-visible", "evidence-destroyed", "layout"}

func (k Kind) String() string { return word(kindNames, int(k), "Kind") }

// MarshalText writes a Kind as a word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (k *Kind) UnmarshalText(text []byte) error {
	return readWord(k, kindNames, text, "kind of warning")
}

// Kinds are all kinds of warnings, in order.
func Kinds() []Kind {
	all := make([]Kind, len(kindNames))
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// A Warning is an operation after which the type of a pointer does not tell what
// is written.
type Warning struct {
	Kind     Kind   `json:"kind"`
	Term     string `json:"term"`
	Unit     string `json:"unit"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Col      int    `json:"column,omitempty"`
	Function string `json:"function,omitempty"`
	Place    string `json:"place,omitempty"` // in the IR, empty for what is no instruction
	Text     string `json:"text"`
	Hint     string `json:"hint,omitempty"` // what follows from it, or what to do

	Pt ir.Point `json:"-"` // in the module; of Summarize alone
}

// A Ledger lists the writes that may concern terms, and the warnings, of a whole
// program.
type Ledger struct {
	Terms    []string  `json:"terms"` // in the order asked for
	Units    []string  `json:"units"`
	Rows     []Row     `json:"rows"` // by term, unit and place
	Warnings []Warning `json:"warnings"`
}

// Complete reports whether every write that may concern a term can be guarded:
// there is no row of class NotVisible.
func (l *Ledger) Complete(term string) bool {
	for i := range l.Rows {
		if l.Rows[i].Term == term && l.Rows[i].Class == NotVisible {
			return false
		}
	}
	return true
}

// word is the name of number n of an enumeration.
func word(names []string, n int, typ string) string {
	if n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%s(%d)", typ, n)
}

// readWord sets to to the number of a name.
func readWord[T ~uint8](to *T, names []string, text []byte, what string) error {
	for i, n := range names {
		if n == string(text) {
			*to = T(i)
			return nil
		}
	}
	return fmt.Errorf("there is no %s %q", what, text)
}
