package spec_test

import (
	"fmt"
	"os"

	"quasi/ir"
	"quasi/ir/spec"
)

func load(path string) *ir.Program {
	src, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	p, err := ir.Load(path, src)
	if err != nil {
		panic(err)
	}
	return p
}

func ExampleParse() {
	_, err := spec.Parse("kill.yaml", []byte(`specialize:
  - function: kill_proc
    wehn: [ sig == 10 ]
`))
	fmt.Println(err)
	// Output:
	// kill.yaml:3:5: error: unknown key 'wehn'; did you mean 'when'?
	//     wehn: [ sig == 10 ]
	//     ^~~~
}

func ExampleResolve() {
	f, err := spec.FromFlags("kill_proc", []string{"sig=10"}, []string{"current->cred->euid == from->cred->euid"})
	if err != nil {
		panic(err)
	}
	r, err := spec.Resolve(load("testdata/kill.ll"), f)
	if err != nil {
		panic(err)
	}
	v := r.Variants[0]
	fmt.Println(v.Name, v.Static[0].Value)
	for _, t := range v.When[0].Terms {
		fmt.Println(t.Text, t.Type)
	}
	// Output:
	// kill_proc.v1 10
	// current struct task *
	// current->cred struct cred *
	// current->cred->euid unsigned int
	// from->cred struct cred *
	// from->cred->euid unsigned int
}

func ExampleNewFacts() {
	f, err := spec.FromFlags("kill_proc", nil, []string{"sig == pid", "pid < 8", "pid >= 0"})
	if err != nil {
		panic(err)
	}
	r, err := spec.Resolve(load("testdata/kill.ll"), f)
	if err != nil {
		panic(err)
	}
	facts := spec.NewFacts(r.Variants[0])
	pid, sig := facts.Param(0, 32), facts.Param(1, 32)
	fmt.Println(facts.Value(facts.Op(spec.OpXor, 32, pid, sig)))
	fmt.Println(facts.Value(facts.Op(spec.OpAnd, 32, sig, facts.Const(8, 32))))
	fmt.Println(facts.Value(facts.Op(spec.OpSLT, 1, pid, facts.Const(4, 32))))
	// Output:
	// 0 32 true
	// 0 32 true
	// 0 0 false
}
