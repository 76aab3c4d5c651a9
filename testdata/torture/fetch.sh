#!/usr/bin/env bash
# Puts GCC's execution tests (c-torture/execute) on the machine, for TestTorture
# of cmd/quasi. Nothing of them is committed.
#
# usage: testdata/torture/fetch.sh DIR
#
# Afterwards DIR/execute is gcc/testsuite/gcc.c-torture/execute of Debian's
# source package gcc-12. It is left alone if it is there already.
set -euo pipefail

[ $# = 1 ] || {
    echo "usage: fetch.sh DIR" >&2
    exit 1
}
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ ! -d "$dir/execute" ] || exit 0

work=$(mktemp -d "$dir/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
outer=$("$(dirname "$0")/../fetch.sh" gcc-12 "$work/source")
# The outer tarball holds that of GCC, without its documentation, and others.
tar -xzf "$outer" -C "$work" --wildcards --strip-components=1 '*/gcc-*.tar.xz'
tar -xJf "$work"/gcc-*.tar.xz -C "$work" --wildcards --strip-components=4 '*/gcc/testsuite/gcc.c-torture/execute'
mv "$work/execute" "$dir/execute"
