#!/usr/bin/env bash
# Reduces a build that fails, as `make fuzz` keeps it.
#
# usage: reduce.sh DIR
#
# DIR/x.c is reduced in place, then the flags, then x.c again. DIR/flags has the
# flags of quasi build, one a line; DIR/spec.yaml may be one of them; DIR/kind
# says how it fails: crash or mismatch. A DIR/checksum.c is linked. $QUASI is the
# quasi to try (default: bin/quasi).
#
# creduce runs the script with no argument: does x.c of the current folder fail
# still, in the same way, and is it free of undefined behaviour?
set -u

tool() { # tool NAME: an LLVM 14 program
    if [ -n "${QUASI_LLVM:-}" ]; then
        echo "$QUASI_LLVM/$1"
    else
        echo "$1-14"
    fi
}

# build runs quasi build with the flags of the file $1.
build() {
    local flags
    mapfile -t flags <"$1"
    (cd "$(dirname "$1")" && timeout 120 "$QUASI" build -q -o "$OLDPWD/special" "$OLDPWD/x.c" $OBJECTS "${flags[@]}" >"$OLDPWD/build.log" 2>&1)
}

# interesting exits 0 if x.c is still worth keeping with the flags of $FLAGS.
interesting() {
    local clang runs
    clang=$(tool clang)
    # What clang warns of here is undefined or makes the comparison void.
    "$clang" -O1 -Wall -Werror=uninitialized -Werror=sometimes-uninitialized -Werror=return-type \
        -Werror=implicit-function-declaration -Werror=implicit-int \
        -Werror=incompatible-pointer-types -Werror=int-conversion \
        -Werror=format -Werror=array-bounds -Werror=strict-prototypes -Werror=conditional-type-mismatch \
        -c -o x.o x.c 2>/dev/null || return 1
    if [ "$KIND" = crash ]; then
        build "$FLAGS"
        # The same exit code, so that an internal error does not turn into bad input.
        [ $? -eq "$CODE" ]
        return
    fi
    "$clang" -w -O0 -o o0 x.c $OBJECTS -lm 2>/dev/null || return 1
    "$clang" -w -O2 -o o2 x.c $OBJECTS -lm 2>/dev/null || return 1
    "$clang" -w -O0 -fsanitize=undefined,address -fno-sanitize=alignment -fno-sanitize-recover=all -o san x.c $OBJECTS -lm 2>/dev/null || return 1
    build "$FLAGS" || return 1
    runs=1
    for arg in "" 1; do
        timeout 5 ./o0 $arg >want 2>&1 || return 1
        timeout 5 ./o2 $arg >want2 2>&1 || return 1
        cmp -s want want2 || return 1
        ASAN_OPTIONS=detect_leaks=0 timeout 20 ./san $arg >/dev/null 2>&1 || return 1
        timeout 15 ./special $arg >got 2>&1
        [ $? -eq 0 ] && cmp -s want got || runs=0
    done
    [ $runs -eq 0 ]
}

# reduceFlags drops pairs of flags (--static, --when, --budget) that do not
# matter, and predicates of spec.yaml.
reduceFlags() {
    local i lines
    mapfile -t lines <flags
    i=0
    while [ $i -lt ${#lines[@]} ]; do
        case ${lines[$i]} in
        --static | --when | --budget)
            cp flags flags.old
            printf '%s\n' "${lines[@]:0:i}" "${lines[@]:i+2}" | sed '/^$/d' >flags
            if interesting; then
                mapfile -t lines <flags
                continue
            fi
            mv flags.old flags
            ;;
        esac
        i=$((i + 1))
    done
    [ -s spec.yaml ] || return
    i=$(wc -l <spec.yaml)
    while [ "$i" -gt 1 ]; do
        cp spec.yaml spec.old
        sed -i "${i}d" spec.yaml
        interesting || mv spec.old spec.yaml
        i=$((i - 1))
    done
}

if [ $# -eq 0 ]; then
    interesting
    exit
fi

script=$(readlink -f "$0")
QUASI=$(readlink -f "${QUASI:-bin/quasi}")
cd "$1" || exit 2
FLAGS=$PWD/flags
KIND=$(cat kind)
OBJECTS=
if [ -f checksum.c ]; then
    "$(tool clang)" -O2 -c -o checksum.o checksum.c || exit 2
    OBJECTS=$PWD/checksum.o
fi
export QUASI FLAGS KIND OBJECTS
build "$FLAGS"
CODE=$?
export CODE
cat build.log
interesting || {
    echo "reduce.sh: this build does not fail" >&2
    exit 1
}
reduceFlags
creduce --n "$(nproc)" "$script" x.c
reduceFlags
creduce --n "$(nproc)" "$script" x.c
tr '\n' ' ' <flags
echo
