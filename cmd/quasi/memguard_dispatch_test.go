package main

// This file runs programs under MemGuard where their system calls cannot be dispatched.

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// forbids runs a program under a filter by which PR_SET_SYSCALL_USER_DISPATCH fails with the
// error that it is given.
const forbids = `#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | atoi(argv[1])),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog p = { sizeof f / sizeof *f, f };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p))
        return 99;
    execv(argv[2], argv + 2);
    return 98;
}
`

func TestMemguardNotDispatched(t *testing.T) {
	tc := needLLVM(t)
	dir := t.TempDir()
	launcher := filepath.Join(dir, "forbids")
	writeFile(t, dir, "forbids.c", forbids)
	compileC(t, tc, launcher, filepath.Join(dir, "forbids.c"))
	for _, c := range []struct{ program, errno, why string }{
		{"overflow", "22", "this kernel does not dispatch them (Linux 5.11 does)"},
		{"overflow", "1", "Operation not permitted"},
		{"calls", "22", "this kernel does not dispatch them (Linux 5.11 does)"}, // threads, forks, signals
	} {
		t.Run(c.program+" "+c.errno, func(t *testing.T) {
			path := filepath.Join("testdata/memguard", c.program+".c")
			m, err := readMemguardCase(path)
			if err != nil {
				t.Fatal(err)
			}
			plain, prog := filepath.Join(dir, c.program+".plain"), filepath.Join(dir, c.program)
			compileC(t, tc, plain, slices.Concat([]string{"-w", "-O1", path}, m.clang)...)
			mustQuasi(t, slices.Concat([]string{"build", "-q", "--memguard", "-o", prog}, m.build, []string{path, "--"}, m.clang)...)
			wantOut, _, wantCode := runWatched(t, plain, nil)
			out, said, code := runWatched(t, launcher, nil, c.errno, prog)
			if out != wantOut || code != wantCode {
				t.Errorf("exit code %d, output\n%swant exit code %d, output\n%s", code, out, wantCode, wantOut)
			}
			if strings.Count(said, "quasi: memguard: system calls are not watched, those that write what is protected fail with EFAULT: "+c.why+"\n") != 1 {
				t.Errorf("it says\n%swant one message, with %s", said, c.why)
			}
			if got := warnings(said); !slices.Equal(got, m.missed) {
				t.Errorf("it reports %q, want %q", got, m.missed)
			}
		})
	}
}
