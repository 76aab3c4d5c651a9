#!/usr/bin/env bash
# Writes the configuration that the library includes. Usage: prepare.sh MADE GRAPHVIZ.
set -euo pipefail
mkdir -p "$1/include"
printf '#define HAVE_SYS_TYPES_H 1\n' >"$1/include/config.h"
