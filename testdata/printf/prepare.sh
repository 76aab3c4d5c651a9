#!/usr/bin/env bash
# Makes the headers that musl's build makes, as its Makefile does.
# Usage: prepare.sh MADE MUSL: below MADE/include, from the tree MUSL.
set -euo pipefail

bits=$1/include/bits arch=$2/arch/x86_64/bits
mkdir -p "$bits"
sed -f "$2/tools/mkalltypes.sed" "$arch/alltypes.h.in" "$2/include/alltypes.h.in" >"$bits/alltypes.h"
sed -n -e p -e 's/__NR_/SYS_/p' "$arch/syscall.h.in" >"$bits/syscall.h"
