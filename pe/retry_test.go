package pe

import (
	"regexp"
	"strconv"
	"testing"
)

// TestRoundsBeforeBodies checks the size of loops that only count, which the
// division keeps apart by the counter, one of which has all its rounds
// before what they do.
func TestRoundsBeforeBodies(t *testing.T) {
	size := regexp.MustCompile(` Insts:(\d+)}`)
	for _, path := range []string{"testdata/loop_rounds_before_bodies.c", "testdata/loop_counter_not_unfolded.c"} {
		listing, _ := readCase(t, path).specialize(t, withDivision)
		m := size.FindStringSubmatch(listing)
		if m == nil {
			t.Fatalf("%s: no size in\n%s", path, listing)
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n > 200 {
			t.Errorf("%s: %s residual instructions, want at most 200 (%v)", path, m[1], err)
		}
	}
}
