#!/bin/sh
# Reduces a program of csmith that fails, as `make fuzz` keeps it.
#
# usage: reduce.sh DIR        DIR/x.c is reduced in place; DIR/flags and
#                             DIR/kind say how it fails
#
# $QUASI is the quasi to try (default: bin/quasi). With no argument the script
# is the test that creduce runs: does x.c of the current folder fail still, in
# the same way, and is it free of undefined behaviour?
set -u

tool() { # tool NAME: an LLVM 14 program
    if [ -n "${QUASI_LLVM:-}" ]; then
        echo "$QUASI_LLVM/$1"
    else
        echo "$1-14"
    fi
}

# Exits 0 if x.c is still worth keeping.
interesting() {
    clang=$(tool clang)
    # What clang warns of here is undefined or makes the comparison void.
    "$clang" -O1 -Wall -Werror=uninitialized -Werror=sometimes-uninitialized -Werror=return-type \
        -Werror=implicit-function-declaration -Werror=implicit-int \
        -Werror=incompatible-pointer-types -Werror=int-conversion \
        -Werror=format -Werror=array-bounds -Werror=strict-prototypes -Werror=conditional-type-mismatch \
        -c -o x.o x.c 2>/dev/null || exit 1
    "$clang" -w -O0 -o o0 x.c 2>/dev/null || exit 1
    "$clang" -w -O2 -o o2 x.c 2>/dev/null || exit 1
    "$clang" -w -O0 -fsanitize=undefined,address -fno-sanitize-recover=all -o san x.c 2>/dev/null || exit 1
    timeout 5 ./o0 >want 2>&1 || exit 1
    timeout 5 ./o2 >want2 2>&1 || exit 1
    cmp -s want want2 || exit 1
    ASAN_OPTIONS=detect_leaks=0 timeout 20 ./san >/dev/null 2>&1 || exit 1
    timeout 120 "$QUASI" build -q -o special x.c $FLAGS -w >build.log 2>&1
    built=$?
    if [ "$KIND" = crash ]; then
        # The same exit code, so that an internal error does not turn into bad input.
        [ $built -eq "$CODE" ] || exit 1
        exit 0
    fi
    [ $built -eq 0 ] || exit 1
    timeout 15 ./special >got 2>&1
    [ $? -eq 0 ] && cmp -s want got && exit 1
    exit 0
}

if [ $# -eq 0 ]; then
    interesting
fi

script=$(readlink -f "$0")
QUASI=$(readlink -f "${QUASI:-bin/quasi}")
cd "$1" || exit 2
FLAGS=$(cat flags)
KIND=$(cat kind)
export QUASI FLAGS KIND
"$QUASI" build -q -o special x.c $FLAGS -w >build.log 2>&1
CODE=$?
export CODE
cat build.log
exec creduce --n "$(nproc)" "$script" x.c
