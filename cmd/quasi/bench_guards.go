package main

// This file measures what guards cost (testdata/guards): stores to a member of
// 10 000 instances, guarded in three ways and not, in one run.

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// guardRecords are the records of writes.c, and the unguarded ones with their layout.
var guardRecords = []struct{ name, head, plain string }{
	{"table", "side table, 64 bytes", "plain"},
	{"near", "QUASI_QUID on the line, 64 bytes", "plain"},
	{"far", "QUASI_QUID on another line, 256 bytes", "plain_far"},
}

// guardRows are the rows of the table: a state and what is written, and what of the
// unguarded record it is compared with.
var guardRows = []struct{ key, head, plain string }{
	{"nothing bound/in order", "nothing bound, in order", "unguarded/in order"},
	{"nothing bound/at random", "at random", "unguarded/at random"},
	{"another bound/in order", "another bound, in order", "unguarded/in order"},
	{"another bound/at random", "at random", "unguarded/at random"},
	{"bound/unchanged", "bound, same value", "bound/unchanged"},
	{"bound/holds", "bound, still holds", "bound/holds"},
	{"bound/holds, two threads", "so, two threads", "bound/holds"},
	{"bound/violated", "violated, mended, called", ""},
}

// guardRuns is how often the program runs; each figure is the median of its medians.
const guardRuns = 5

// guards does the subject: build, measure, print.
func (b *bench) guards() error {
	text, err := b.guardTable()
	b.bar.Close()
	if err == nil {
		_, err = fmt.Fprint(b.stdout, text)
	}
	return err
}

// guardTable builds and measures.
func (b *bench) guardTable() (string, error) {
	b.bar.enter("building")
	if err := writeHeader(b.made("quasi.h")); err != nil {
		return "", err
	}
	program := b.made("writes")
	if _, err := b.quasi("build", "-q", "--spec", b.source("writes.yaml"), "--guards=quid", "-o", program, b.source("writes.c"), "--", "-I"+b.dir); err != nil {
		return "", err
	}
	b.bar.enter("measuring")
	if err := os.Setenv("QUASI_BACKOFF", "0"); err != nil {
		return "", err
	}
	all := make(map[string][]float64)
	for i := range guardRuns {
		out, err := b.output(program, strconv.Itoa(i+1))
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(string(out)) {
			key, ns, _ := strings.Cut(strings.TrimSpace(line), "\t")
			n, err := strconv.ParseFloat(ns, 64)
			if err != nil {
				return "", fmt.Errorf("%s printed %q", program, line)
			}
			all[key] = append(all[key], n)
		}
	}
	return guardTimes(all)
}

// guardTimes is the table: ns a store, and its ratio to the unguarded one.
func guardTimes(all map[string][]float64) (string, error) {
	rows := [][]string{{"a store, ns (× unguarded)"}}
	for _, r := range guardRecords {
		rows[0] = append(rows[0], r.head)
	}
	for _, c := range guardRows {
		row := []string{c.head}
		for _, r := range guardRecords {
			times := all[r.name+"/"+c.key]
			if len(times) == 0 {
				return "", fmt.Errorf("nothing was measured for %s/%s", r.name, c.key)
			}
			cell := fmt.Sprintf("%.2f", median(times))
			plain := all[r.plain+"/"+c.plain]
			if len(plain) == 0 {
				plain = all["plain/"+c.plain]
			}
			if c.plain != "" && len(plain) > 0 {
				cell += fmt.Sprintf(" (%.2f)", median(times)/median(plain))
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return table(rows), nil
}
