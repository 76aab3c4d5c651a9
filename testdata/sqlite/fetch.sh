#!/bin/sh
# Makes .cache/sqlite/sqlite3.ll, the whole of SQLite as one module, for
# BenchmarkSQLite of package ir. Nothing of it is committed.
#
# usage: testdata/sqlite/fetch.sh [CACHE [full|source]]    (CACHE defaults to ./.cache/sqlite)
#
# With full it makes sqlite3-full.ll instead: every extension, compiled as quasi
# compiles C, more than 40 MB. With source it stops when sqlite3.c is there.
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

build_amalgamation() {
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

compile() { # compile NAME FLAG...: NAME.ll of sqlite3.c
	out="$cache/$1"
	shift
	if [ ! -f "$out.ll" ]; then
		$(tool clang) "$@" -g -w -Xclang -disable-llvm-passes -S -emit-llvm -o "$out.raw.ll" "$cache/sqlite3.c"
		$(tool opt) -passes=sroa -S -o "$out.ll.tmp" "$out.raw.ll"
		rm "$out.raw.ll"
		mv "$out.ll.tmp" "$out.ll"
	fi
	echo "$out.ll"
}

if [ "${2:-}" = source ]; then
	echo "$cache/sqlite3.c"
elif [ "${2:-}" = full ]; then
	set --
	for e in FTS3 FTS3_PARENTHESIS FTS4 FTS5 RTREE GEOPOLY SESSION PREUPDATE_HOOK RBU STMTVTAB DBPAGE_VTAB DBSTAT_VTAB \
		STAT4 ICU_COLLATIONS COLUMN_METADATA EXPLAIN_COMMENTS UNLOCK_NOTIFY SNAPSHOT DESERIALIZE MATH_FUNCTIONS \
		BYTECODE_VTAB OFFSET_SQL_FUNC NORMALIZE SQLLOG CURSOR_HINTS MEMSYS5 STMT_SCANSTATUS HIDDEN_COLUMNS; do
		set -- "$@" "-DSQLITE_ENABLE_$e"
	done
	compile sqlite3-full -O2 -fdebug-macro -fno-discard-value-names -DSQLITE_DEBUG "$@"
else
	compile sqlite3 -O1
fi
