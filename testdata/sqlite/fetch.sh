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

# private_apt ARGS...: apt-get with its own source lists, so the system's are
# left as they are. The lists are the machine's, with deb turned into deb-src.
private_apt() {
	apt-get \
		-o Dir::Etc::sourcelist="$cache/apt/sources.list" \
		-o Dir::Etc::sourceparts="$cache/apt/parts" \
		-o Dir::State::Lists="$cache/apt/lists" \
		-o Dir::Cache="$cache/apt/cache" \
		-o APT::Sandbox::User=root \
		"$@"
}

need_tool() { # need_tool NAME PACKAGE
	command -v "$1" >/dev/null 2>&1 && return
	as_root apt-get update -qq
	as_root apt-get install -y -qq "$2"
}

fetch_source() {
	mkdir -p "$cache/apt/parts" "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
	: >"$cache/apt/sources.list"
	for f in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources; do
		[ -f "$f" ] || continue
		sed 's/^Types:.*/Types: deb-src/' "$f" >"$cache/apt/parts/$(basename "$f")"
	done
	if [ -f /etc/apt/sources.list ]; then
		sed -n 's/^deb[[:space:]]/deb-src /p' /etc/apt/sources.list >"$cache/apt/sources.list"
	fi
	private_apt update -qq
	(cd "$cache" && private_apt source -qq --download-only sqlite3)
	rm -rf "$cache/apt"
}

build_amalgamation() {
	need_tool tclsh tcl
	tarball=$(ls "$cache"/sqlite3_*.orig.tar.* | grep -v '\.asc$' | head -n 1)
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

ls "$cache"/sqlite3_*.orig.tar.* >/dev/null 2>&1 || [ -f "$cache/sqlite3.c" ] || fetch_source
[ -f "$cache/sqlite3.c" ] || build_amalgamation
if [ ! -f "$cache/sqlite3.ll" ]; then
	$(tool clang) -O1 -g -w -Xclang -disable-llvm-passes -S -emit-llvm \
		-o "$cache/sqlite3.raw.ll" "$cache/sqlite3.c"
	$(tool opt) -passes=sroa -S -o "$cache/sqlite3.ll.tmp" "$cache/sqlite3.raw.ll"
	rm "$cache/sqlite3.raw.ll"
	mv "$cache/sqlite3.ll.tmp" "$cache/sqlite3.ll"
fi
echo "$cache/sqlite3.ll"
