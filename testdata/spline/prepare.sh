#!/usr/bin/env bash
# Makes the headers of gsl as its build does. Usage: prepare.sh MADE GSL.
set -euo pipefail
mkdir -p "$1/include/gsl"
find "$2" -name 'gsl_*.h' -exec ln -sf -t "$1/include/gsl" {} +
printf '#define HAVE_INLINE 1\n#define GSL_RANGE_CHECK 0\n' >"$1/include/config.h"
