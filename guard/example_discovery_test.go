package guard_test

import (
	"fmt"

	"quasi/guard"
	"quasi/ir"
)

// Two modules: one writes the member, the other is called with the instance.
func Example() {
	load := func(name, text string) *guard.Summary {
		p, err := ir.Load(name, []byte(text))
		if err != nil {
			panic(err)
		}
		uid, err := guard.ParseTerm("struct task.[1]") // without debug information, by its number
		if err != nil {
			panic(err)
		}
		s, err := guard.Summarize(p, []guard.Term{uid}, guard.Config{})
		if err != nil {
			panic(err)
		}
		return s
	}
	set := load("set.ll", `
%struct.task = type { i32, i32 }
define void @set(%struct.task* %t, i32 %uid) {
  %p = getelementptr %struct.task, %struct.task* %t, i64 0, i32 1
  store i32 %uid, i32* %p
  ret void
}`)
	run := load("run.ll", `
%struct.task = type { i32, i32 }
declare void @set(%struct.task*, i32)
declare void @log_task(%struct.task*)
define void @run(%struct.task* %t) {
  call void @set(%struct.task* %t, i32 3)
  call void @log_task(%struct.task* %t)
  ret void
}`)
	l, err := guard.Join([]*guard.Summary{set, run})
	if err != nil {
		panic(err)
	}
	for _, r := range l.Rows {
		fmt.Printf("%s %v %v: %s\n", r.Place, r.Class, r.How, r.Reason)
	}
	fmt.Println("complete:", l.Complete("struct task.[1]"))
	// Output:
	// @set:%0#1 must-guard by-field: writes struct task.[1]
	// @run:%0#1 not-visible by-call: 'log_task' is not visible, and gets it: a pointer to struct task
	// complete: false
}
