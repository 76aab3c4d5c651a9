#!/usr/bin/env bash
# Puts libpcap's source and its filter compiler on the machine.
#
# Usage: fetch.sh DIR. Afterwards DIR/libpcap is the source tree of Debian's
# libpcap source package, and the development files of the installed libpcap
# are there. Works as root or through sudo; needs no root when nothing has to be
# installed. A tree that is there already is left alone.
set -euo pipefail

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
    tarball=$("$(dirname "$0")/../fetch.sh" libpcap "$dir/source" "$sha256") ||
        die "no libpcap 1.10.3; this needs Debian 12"
    mkdir "$work/tree"
    tar -xzf "$tarball" -C "$work/tree" --strip-components=1
    mv "$work/tree" "$dir/libpcap"
fi
