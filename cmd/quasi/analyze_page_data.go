package main

// This file holds the data of the page that analyze --html makes, as the page's
// script reads it. Lists of numbers stand where there is one entry a point: a
// program may have many thousands of them. What occurs often is in a table, and
// -1 stands for no entry.

// A pageData is the JSON in the page. A place in a source is one number, its
// file's index times placeLines plus the line; 0 is no place.
type pageData struct {
	Files  []string    `json:"files"`
	Funcs  []*pageFunc `json:"funcs"`
	Specs  []*pageSpec `json:"specs"`
	Causes []pageCause `json:"causes"`
	Words  []string    `json:"words"`
	Chains [][2]int    `json:"chains"` // a cause, and the chain after it
	Roots  []pageRoot  `json:"roots"`  // what removes the last causes of chains
	Texts  []string    `json:"texts"`
}

// placeLines is more than the lines of any file that is shown.
const placeLines = 1_000_000

// A pageFunc is a function of the generic program.
type pageFunc struct {
	Name     string         `json:"name"`
	Sections []*pageSection `json:"src"`
	IR       []string       `json:"ir"`
	Places   []int          `json:"at"` // by line of IR
	Insts    int            `json:"insts"`
	Peeled   bool           `json:"peeled,omitempty"` // it is the copy of a function with rounds that stand apart
}

// A pageSection is a run of source lines: the function itself, or code of other
// files or functions in it.
type pageSection struct {
	Title string   `json:"title,omitempty"` // empty for the function itself
	File  int      `json:"file"`
	First int      `json:"first"`
	Lines []string `json:"lines"`
}

// Binding times in the page, in the order of its classes and marks.
const (
	pageStatic = iota + 1
	pageDynamic
	pageBoth
	pageUnreached
)

// A pageSpec is one specialization that was asked for.
type pageSpec struct {
	Name     string          `json:"name"`
	Variants []*pageVariant  `json:"variants"`
	Residual []*pageResidual `json:"residual"`
}

// A pageVariant is one function under one entry division.
type pageVariant struct {
	Func   int      `json:"fn"`
	ID     int      `json:"id"`
	Params []string `json:"params"`        // as sig:S
	Memory []string `json:"mem"`           // static at entry
	Marks  string   `json:"marks"`         // by line of IR: S, D, +, x not reached, blank for no instruction
	Counts [3]int   `json:"counts"`        // points that are static, dynamic, both
	Chains []int    `json:"why"`           // by line of IR
	Became []int    `json:"became"`        // by line of IR: a text
	Rests  []int    `json:"rests"`         // by line of IR, if it is static: a text on what that rests on
	Notes  []int    `json:"notes"`         // by line of IR: a text of the analysis
	Points [][]int  `json:"points"`        // see sourcePoints
	Cut    bool     `json:"cut,omitempty"` // causes were left out, as there are too many
}

// A pageResidual is a residual function.
type pageResidual struct {
	Name   string   `json:"name"`
	Lines  []string `json:"ir"`
	Places [][]int  `json:"at"` // by line: its place, then those of the calls that it was inlined through
	Insts  int      `json:"insts"`
}

// A pageCause is one link of a chain. What it says begins with a word, most often
// the name of a register.
type pageCause [7]int

// What a pageCause holds.
const (
	causeWord    = iota
	causeText    // the rest of what it says
	causePlace   //
	causeCol     //
	causeFunc    // whose IR it is about
	causeVariant // -1 for any
	causeLine    // of the function's IR, -1 for none
)

// A pageRoot tells what would remove a cause.
type pageRoot struct {
	Cause    int          `json:"cause"`
	Checked  bool         `json:"checked,omitempty"`
	Remedies []pageRemedy `json:"remedies"`
}

// A pageRemedy is one thing to state or change.
type pageRemedy struct {
	Text string `json:"text"`
	Flag string `json:"flag,omitempty"`
}

// A numbered list numbers what it is given, the same things with the same number.
type numbered[T comparable] struct {
	list  []T
	index map[T]int
}

func (t *numbered[T]) add(x T) int {
	if i, ok := t.index[x]; ok {
		return i
	}
	if t.index == nil {
		t.index = make(map[T]int)
	}
	t.index[x] = len(t.list)
	t.list = append(t.list, x)
	return len(t.list) - 1
}
