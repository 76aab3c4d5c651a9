#!/usr/bin/env bash
# Puts the programs on which `make recall` measures quasi guard on the machine.
# Nothing of them is committed.
#
# usage: testdata/recall/fetch.sh DIR
#
# Afterwards DIR/NAME/compile_commands.json lists the translation units of
#
#	sqlite  the amalgamation of Debian's source package sqlite3
#	redis   src/*.c of the server, of Debian's source package redis
#	linux   Linux 6.1 for x86-64, tinyconfig with users, of Debian's package linux-source-6.1
#
# with the compiler flags of each, as its own build gives them to clang. What is
# there already is left alone. Needs apt-get, make, gcc, tclsh, clang 14 and lld
# 14; the kernel also flex, bison, bc and the headers of libelf and libssl.
set -euo pipefail

[ $# = 1 ] || {
    echo "usage: fetch.sh DIR" >&2
    exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)

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
    "$here/../sqlite/fetch.sh" "$dir/sqlite" source >/dev/null
    cat >"$dir/sqlite/compile_commands.json.tmp" <<END
[{"directory": "$dir/sqlite", "file": "sqlite3.c", "arguments": ["clang", "-c", "sqlite3.c"]}]
END
    mv "$dir/sqlite/compile_commands.json.tmp" "$dir/sqlite/compile_commands.json"
}

# redis wants the headers of jemalloc's absence, hiredis, lua and hdr_histogram,
# which its tarball holds, and one header that its build writes.
redis() {
    local tree=$dir/redis/tree tarball unit sep=''
    tarball=$("$here/../fetch.sh" redis "$dir/redis/source")
    rm -rf "$tree"
    mkdir -p "$tree"
    tar -xf "$tarball" -C "$tree" --strip-components=1
    (cd "$tree/src" && logged "$dir/redis/build.log" ./mkreleasehdr.sh)
    {
        echo '['
        for unit in $(server_units "$tree/src/Makefile"); do
            printf '%s{"directory": "%s", "file": "%s", "arguments": ["clang"' "$sep" "$tree/src" "$unit"
            printf ', "%s"' -std=gnu11 -DREDIS_STATIC= -D_GNU_SOURCE -I../deps/hiredis -I../deps/linenoise \
                -I../deps/lua/src -I../deps/hdr_histogram -c "$unit"
            printf ']}'
            sep=$',\n'
        done
        echo ']'
    } >"$dir/redis/compile_commands.json.tmp"
    mv "$dir/redis/compile_commands.json.tmp" "$dir/redis/compile_commands.json"
}

# server_units MAKEFILE: the files that make redis-server.
server_units() {
    sed -n 's/^REDIS_SERVER_OBJ=//p' "$1" | tr ' ' '\n' | sed -n 's/\.o$/.c/p'
}

# The kernel is built once, which writes the headers that it generates and, beside each
# object, the command that made it.
linux() {
    local tree=$dir/linux/tree
    local make=(make -C "$tree" ARCH=x86_64 LLVM=-14 KBUILD_BUILD_TIMESTAMP=@0 "-j$(nproc)")
    rm -rf "$tree" "$dir/linux/package"
    mkdir -p "$tree" "$dir/linux/package"
    (
        cd "$dir/linux/package"
        apt-get -qq -o APT::Sandbox::User="$(id -un)" download linux-source-6.1
        dpkg-deb -x linux-source-6.1_*.deb .
    ) || {
        echo "fetch.sh: cannot fetch the package linux-source-6.1" >&2
        exit 1
    }
    tar -xf "$dir/linux/package/usr/src/linux-source-6.1.tar.xz" -C "$tree" --strip-components=1 --exclude='*.rst'
    rm -rf "$dir/linux/package/usr"
    logged "$dir/linux/build.log" "${make[@]}" tinyconfig
    "$tree/scripts/config" --file "$tree/.config" --enable MULTIUSER
    logged "$dir/linux/build.log" "${make[@]}" olddefconfig
    logged "$dir/linux/build.log" "${make[@]}" vmlinux
    logged "$dir/linux/commands.log" python3 "$tree/scripts/clang-tools/gen_compile_commands.py" -d "$tree" -o "$dir/linux/commands.json"
    kernel_units <"$dir/linux/commands.json" >"$dir/linux/compile_commands.json.tmp"
    mv "$dir/linux/compile_commands.json.tmp" "$dir/linux/compile_commands.json"
}

# kernel_units leaves of all commands those of the kernel itself: no tools of the build, no 16-bit
# start, nothing for 32-bit programs.
kernel_units() {
    python3 -c '
import json, shlex, sys
units = []
for c in json.load(sys.stdin):
    args = shlex.split(c["command"])
    if "-D__KERNEL__" in args and "-m64" in args:
        units.append({"directory": c["directory"], "file": c["file"], "arguments": args})
json.dump(units, sys.stdout, indent=1)'
}

for corpus in sqlite redis linux; do
    mkdir -p "$dir/$corpus"
    exec 8>"$dir/$corpus/lock"
    flock 8
    [ -f "$dir/$corpus/compile_commands.json" ] || "$corpus"
done
