#!/usr/bin/env bash
# Writes the configuration that dpdk's headers include. Usage: prepare.sh MADE DPDK.
set -euo pipefail
mkdir -p "$1/include"
cat >"$1/include/rte_build_config.h" <<'END'
#define RTE_ARCH_64 1
#define RTE_ARCH_X86 1
#define RTE_ARCH_X86_64 1
#define RTE_CACHE_LINE_SIZE 64
#define RTE_COMPILER 1
#define RTE_EXEC_ENV_LINUX 1
#define RTE_IS_LINUX 1
#define RTE_LOG_DP_LEVEL 0
#define RTE_MAX_ETHPORTS 4
#define RTE_MAX_LCORE 4
#define RTE_MAX_MEM_MB 1024
#define RTE_MBUF_REFCNT_ATOMIC 1
#define RTE_PKTMBUF_HEADROOM 128
#define RTE_TOOLCHAIN_CLANG 1
END
