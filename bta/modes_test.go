package bta

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestModesOnListings analyzes every testdata/*.ll in every mode: the division is
// congruent, and the same for every order of the worklist.
func TestModesOnListings(t *testing.T) {
	for _, path := range listingFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ll"), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			checkModes(t, string(src), 2)
		})
	}
}

// TestModesOnRandom does the same with random programs.
func TestModesOnRandom(t *testing.T) {
	for seed := range uint64(60) {
		src := randomProgram(rand.New(rand.NewPCG(seed, 11)))
		checkModes(t, src, 1)
		if t.Failed() {
			t.Fatalf("seed %d, program:\n%s", seed, src)
		}
	}
}

// checkModes analyzes src in every mode, with that many orders besides the usual one.
func checkModes(t *testing.T, src string, orders uint64) {
	t.Helper()
	for _, m := range Modes() {
		edit := func(c *Config) { c.Mode = m }
		res := analyzeText(t, src, nil, edit)
		for _, err := range Check(res) {
			t.Errorf("%v: not congruent: %v", m, err)
		}
		want := listing(t, res)
		for seed := range orders {
			if got := listing(t, analyzeText(t, src, rand.New(rand.NewPCG(seed, 5)), edit)); got != want {
				t.Errorf("%v, order %d: got\n%s\nwant\n%s", m, seed, got, want)
			}
		}
	}
}
