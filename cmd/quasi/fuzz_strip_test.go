package main

// This file drops debug information from the text of a module, which saves the
// campaign a process of opt for every build.

import (
	"regexp"
	"strings"
)

var (
	debugAttachment = regexp.MustCompile(`,? !dbg !\d+`)
	metadataID      = regexp.MustCompile(`!\d+`)
	metadataLine    = regexp.MustCompile(`^(!\d+) = `)
)

// withoutDebug returns the module without calls of llvm.dbg intrinsics, !dbg
// attachments, and the metadata that nothing else needs.
func withoutDebug(text string) string {
	var code []string
	nodes := make(map[string]string) // metadata by id
	var needed []string
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "!llvm.dbg.cu"), strings.Contains(line, "call void @llvm.dbg."):
			continue
		case strings.HasPrefix(line, "!"):
			if m := metadataLine.FindStringSubmatch(line); m != nil {
				nodes[m[1]] = line
				continue
			}
		case strings.Contains(line, "!dbg"):
			line = debugAttachment.ReplaceAllString(line, "")
		}
		if strings.Contains(line, "!") {
			needed = append(needed, metadataID.FindAllString(line, -1)...)
		}
		code = append(code, line)
	}
	kept := make(map[string]bool)
	for len(needed) > 0 {
		id := needed[len(needed)-1]
		needed = needed[:len(needed)-1]
		if kept[id] {
			continue
		}
		kept[id] = true
		code = append(code, nodes[id])
		needed = append(needed, metadataID.FindAllString(nodes[id], -1)...)
	}
	return strings.Join(code, "")
}
