#!/usr/bin/env bash
# Puts the programs that `make crosscheck` runs under MemGuard on the machine.
# Nothing of them is committed.
#
# usage: testdata/crosscheck/fetch.sh DIR
#
# Afterwards DIR/NAME holds the sources of
#
#	sqlite  sqlite3.c and shell.c, of Debian's source package sqlite3
#	lua     src/*.c, of lua5.4
#	zlib    *.c and test/minigzip.c, of zlib
#	redis   src/*.c of the server, listed in units, and archives of what it is linked with
#
# What is there already is left alone. Needs apt-get, make, gcc and tclsh.
set -euo pipefail

[ $# = 1 ] || {
    echo "usage: fetch.sh DIR" >&2
    exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)

# unpacked PACKAGE NAME unpacks a source package to DIR/NAME.tmp, and prints that.
unpacked() {
    local tarball
    tarball=$("$here/../fetch.sh" "$1" "$dir/source/$1")
    rm -rf "$dir/$2.tmp"
    mkdir -p "$dir/$2.tmp"
    tar -xf "$tarball" -C "$dir/$2.tmp" --strip-components=1
    echo "$dir/$2.tmp"
}

# logged LOG CMD... says what CMD said only if it fails.
logged() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        exit 1
    }
}

sqlite() {
    local tree
    tree=$(unpacked sqlite3 sqlite)
    (
        cd "$tree"
        logged "$dir/sqlite.log" ./configure --disable-tcl --disable-readline
        logged "$dir/sqlite.log" make sqlite3.c shell.c
    )
}

lua() { unpacked lua5.4 lua >/dev/null; }

zlib() { unpacked zlib zlib >/dev/null; }

redis() {
    local tree
    tree=$(unpacked redis redis)
    logged "$dir/redis.log" make -C "$tree/deps" hiredis lua hdr_histogram
    (cd "$tree/src" && logged "$dir/redis.log" ./mkreleasehdr.sh)
    sed -n 's/^REDIS_SERVER_OBJ=//p' "$tree/src/Makefile" | tr ' ' '\n' | sed -n 's/\.o$/.c/p' >"$tree/units"
}

exec 8>"$dir/lock"
flock 8
for program in sqlite lua zlib redis; do
    [ -d "$dir/$program" ] || {
        "$program"
        mv "$dir/$program.tmp" "$dir/$program"
    }
done
