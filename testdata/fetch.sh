#!/usr/bin/env bash
# Fetches a Debian source package, for tests and benchmarks on other people's
# programs. Nothing of it is committed.
#
# usage: testdata/fetch.sh [-s SUITE] PACKAGE DIR [SHA256]
#
# Leaves the .orig tarballs of the newest version of PACKAGE in DIR and prints
# the path of the main one. With SUITE the package is that of another release
# (trixie) than the machine's. With SHA256 the main tarball must be that file. A
# tarball that is there already is not fetched again.
#
# apt-get gets package lists of its own: the machine's deb entries turned into
# deb-src, kept in .cache/apt for all packages. The machine's
# configuration stays as it is, and no root is needed.
set -euo pipefail

die() {
    echo "fetch.sh: $*" >&2
    exit 1
}

suite=
if [ "${1:-}" = -s ]; then
    suite=${2:-}
    shift 2
fi
[ $# = 2 ] || [ $# = 3 ] || die "usage: fetch.sh [-s SUITE] PACKAGE DIR [SHA256]"
package=$1 sum=${3:-}
mkdir -p "$2"
dir=$(cd "$2" && pwd)

# main_tarball prints the path of the fetched main tarball, nothing if there is none.
main_tarball() {
    find "$dir" -maxdepth 1 -name "${package}_*.orig.tar.*" ! -name '*.asc' | sort | head -n 1
}

# source_lists copies the machine's package sources, as deb-src.
source_lists() {
    local f
    rm -rf "$apt/sources"
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial"
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$f" ] || continue
        sed -n -E 's/^[[:space:]]*deb([[:space:]])/deb-src\1/p' "$f" >"$apt/sources/$(basename "$f" .list).list"
    done
    for f in /etc/apt/sources.list.d/*.sources; do
        [ -f "$f" ] || continue
        if [ -z "$suite" ]; then
            sed -E 's/^Types:.*/Types: deb-src/' "$f" >"$apt/sources/$(basename "$f")"
        else # the main archive alone: others may lack the suite
            awk -v RS= -v ORS='\n\n' '/URIs:[^\n]*\/debian\/?(\n|$)/' "$f" |
                sed -E "s/^Types:.*/Types: deb-src/; s/^Suites:.*/Suites: $suite/" >"$apt/sources/$(basename "$f")"
        fi
    done
}

source_apt() {
    apt-get -qq \
        -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$apt/sources" \
        -o Dir::State::Lists="$apt/lists" \
        -o Dir::Cache="$apt/cache" \
        -o APT::Sandbox::User="$(id -un)" \
        "$@"
}

fetch() {
    command -v apt-get >/dev/null || die "no apt-get here; put the .orig tarball of Debian's $package into $dir"
    apt=$(cd "$(dirname "$0")/.." && pwd)/.cache/apt${suite:+-$suite}
    mkdir -p "$apt"
    exec 9>"$apt/lock"
    flock 9
    # Lists of a day ago may name versions that the archive has no more.
    if [ -z "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ]; then
        source_lists
        source_apt update >&2 || echo "fetch.sh: some package sources have no source packages" >&2
        touch "$apt/updated"
    fi
    (cd "$dir" && source_apt source --download-only "$package" >&2) || die "cannot fetch the source package $package"
}

[ -n "$(main_tarball)" ] || fetch
tarball=$(main_tarball)
[ -n "$tarball" ] || die "the source package $package has no .orig tarball"
if [ -n "$sum" ]; then
    echo "$sum  $tarball" | sha256sum --quiet --check - >&2 || die "$tarball is not the expected file"
fi
echo "$tarball"
