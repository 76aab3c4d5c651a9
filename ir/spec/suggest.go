package spec

// This file finds the name that a misspelt one was meant to be.

// suggest adds the nearest of names to the message of e, as clang does.
func suggest(e *Error, name string, names []string) *Error {
	if n := Nearest(name, names); n != "" {
		e.Msg += "; did you mean '" + n + "'?"
	}
	return e
}

// Nearest is the first of the names nearest to name, a misspelt one, by edit distance,
// empty if none is near: at most a third of its length away.
func Nearest(name string, names []string) string {
	best, bound := "", (len(name)+2)/3+1
	for _, n := range names {
		if n == name || n == "" {
			continue
		}
		if d := distance(name, n, bound); d < bound {
			best, bound = n, d
		}
	}
	return best
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that make b of a (optimal string alignment); it is at least bound
// if it would exceed it.
func distance(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least >= bound {
			return bound
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
