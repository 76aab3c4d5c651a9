#!/bin/sh
# Makes .cache/sqlite/sqlite3.ll, the whole of SQLite as one module, for
# BenchmarkSQLite of package ir. Nothing of it is committed.
#
# usage: testdata/sqlite/fetch.sh [CACHE]     (CACHE defaults to ./.cache/sqlite)
#
# The source is Debian's source package sqlite3; its .orig tarball is the full
# tree, from which `make sqlite3.c` builds the amalgamation. Needs apt-get,
# tclsh, make, a C compiler, tar, xz, and clang 14 with opt ($QUASI_LLVM names
# their folder). Every step that is done already is skipped.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

cache=${1:-.cache/sqlite}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

tool() { # tool NAME: path of an LLVM 14 tool
	if [ -n "${QUASI_LLVM:-}" ]; then echo "$QUASI_LLVM/$1"
	elif command -v "$1-14" >/dev/null 2>&1; then echo "$1-14"
	else echo "$1"; fi
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

need_tool() { # need_tool NAME PACKAGE
	command -v "$1" >/dev/null 2>&1 && return
	as_root apt-get update -qq
	as_root apt-get install -y -qq "$2"
}

build_amalgamation() {
	need_tool tclsh tcl
	tarball=$("$here/../fetch.sh" sqlite3 "$cache/source")
	rm -rf "$cache/tree" "$cache/build"
	mkdir "$cache/tree" "$cache/build"
	tar -xf "$tarball" -C "$cache/tree" --strip-components=1
	(
		cd "$cache/build"
		../tree/configure --disable-tcl --disable-readline
		make sqlite3.c
	) >"$cache/build.log" 2>&1 || { tail -n 20 "$cache/build.log" >&2; exit 1; }
	cp "$cache/build/sqlite3.c" "$cache/build/sqlite3.h" "$cache/"
	rm -rf "$cache/tree" "$cache/build"
}

[ -f "$cache/sqlite3.c" ] || build_amalgamation
if [ ! -f "$cache/sqlite3.ll" ]; then
	$(tool clang) -O1 -g -w -Xclang -disable-llvm-passes -S -emit-llvm \
		-o "$cache/sqlite3.raw.ll" "$cache/sqlite3.c"
	$(tool opt) -passes=sroa -S -o "$cache/sqlite3.ll.tmp" "$cache/sqlite3.raw.ll"
	rm "$cache/sqlite3.raw.ll"
	mv "$cache/sqlite3.ll.tmp" "$cache/sqlite3.ll"
fi
echo "$cache/sqlite3.ll"
