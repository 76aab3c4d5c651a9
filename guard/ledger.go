package guard

import "quasi/ir"

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

// A How says as what a write was recognized.
type How uint8

// The kinds of writes.
const (
	ByField   How = iota // a store through a getelementptr of the record type
	ByTBAA               // a store whose struct-path tag names the member
	ByObject             // a store that points-to leads to a variable or an instance
	ByCopy               // memcpy, memmove, a struct assignment
	ByFill               // memset
	ByAtomic             // atomicrmw, cmpxchg, an atomic store
	ByCall               // a call of code that is not there and gets or finds a pointer to it
	ByAsm                // inline assembly
	ByFree               // the end of the instance's life
	ByUnknown            // a store of which too little is known
)

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

	Pt ir.Point `json:"-"` // in the module; of Summarize alone
}
