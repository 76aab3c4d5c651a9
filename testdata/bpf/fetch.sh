#!/usr/bin/env bash
# Puts libpcap's source and its filter compiler on the machine.
#
# Usage: fetch.sh DIR. Afterwards DIR/libpcap is the source tree of Debian's
# libpcap source package, and the development files of the installed libpcap
# are there. Works as root or through sudo; needs no root when nothing has to be
# installed. A tree that is there already is left alone.
set -euo pipefail

tarball=libpcap_1.10.3.orig.tar.gz
sha256=2a8885c403516cf7b0933ed4b14d6caa30e02052489ebd414dc75ac52e7559e6
package=libpcap0.8-dev

die() {
    echo "fetch.sh: $*" >&2
    exit 1
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "neither root nor sudo: install the Debian package $package by hand"
    fi
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Runs apt-get with the system's sources, turned into source-package ones, and
# with lists of its own below $work, so the machine's configuration stays as it
# is and no root is needed.
source_apt() {
    apt-get -qq \
        -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$work/sources" \
        -o Dir::State::Lists="$work/lists" \
        -o Dir::Cache="$work/cache" \
        -o APT::Sandbox::User="$(id -un)" \
        "$@"
}

# Copies the machine's package sources into $work/sources as deb-src.
source_lists() {
    local f
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        if [ -f "$f" ]; then
            sed -n -E 's/^[[:space:]]*deb([[:space:]])/deb-src\1/p' "$f" >"$work/sources/$(basename "$f" .list).list"
        fi
    done
    for f in /etc/apt/sources.list.d/*.sources; do
        if [ -f "$f" ]; then
            sed -E 's/^Types:.*/Types: deb-src/' "$f" >"$work/sources/$(basename "$f")"
        fi
    done
}

[ $# = 1 ] || die "usage: fetch.sh DIR"
mkdir -p "$1"
dir=$(cd "$1" && pwd)

if ! installed "$package"; then
    if [ -z "$(apt-cache madison "$package" 2>/dev/null)" ]; then
        as_root apt-get -qq update
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$package" >/dev/null ||
        die "cannot install $package"
fi

if [ ! -f "$dir/libpcap/bpf_filter.c" ]; then
    work=$(mktemp -d "$dir/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial"
    source_lists
    source_apt update || echo "fetch.sh: some package sources have no source packages" >&2
    (cd "$work" && source_apt source --download-only libpcap) || die "cannot fetch the source package libpcap"
    [ -f "$work/$tarball" ] || die "the source package has no $tarball; this needs Debian 12"
    echo "$sha256  $work/$tarball" | sha256sum --quiet --check - || die "$tarball is not the expected file"
    mkdir "$work/tree"
    tar -xzf "$work/$tarball" -C "$work/tree" --strip-components=1
    mv "$work/tree" "$dir/libpcap"
fi
