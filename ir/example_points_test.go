package ir_test

import (
	"fmt"
	"log"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// A pointer that is stored in one place and loaded from another.
func ExampleSolvePointsTo() {
	p, err := ir.Load("swap.ll", []byte(`
@a = internal global i32 0
@b = internal global i32 0
@cells = internal global { i32*, i32* } zeroinitializer

define internal i32* @second() {
  %p = load i32*, i32** getelementptr ({ i32*, i32* }, { i32*, i32* }* @cells, i64 0, i32 1)
  ret i32* %p
}

define void @init() {
  store i32* @a, i32** getelementptr ({ i32*, i32* }, { i32*, i32* }* @cells, i64 0, i32 0)
  store i32* @b, i32** getelementptr ({ i32*, i32* }, { i32*, i32* }* @cells, i64 0, i32 1)
  %p = call i32* @second()
  store i32 1, i32* %p
  ret void
}`))
	if err != nil {
		log.Fatal(err)
	}
	pt := ir.SolvePointsTo(p)
	mr := ir.ComputeModRef(p, pt, ir.BuildCallGraph(p, pt))
	init := p.FuncByName("init")
	for _, inst := range init.Blocks[0].LL.Insts {
		switch inst := inst.(type) {
		case *llir.InstCall:
			fmt.Println(inst.Ident(), "points to", pt.Of(inst).Objs, "and its call reads", mr.Ref(inst).Objs)
		}
	}
	fmt.Println("@init writes", mr.FuncMod(init).Objs)
	// Output:
	// %p points to [@b] and its call reads [@cells]
	// @init writes [@b @cells]
}
