/* The cases: programs of eBPF, and calls of the interpreter with each. */
#include <rte_config.h>

#include <rte_common.h>

#include "bpf_impl.h"

/* What a program gets, in its first register. */
struct context {
    const void *data;
    uint64_t n;
};

enum { ADD = BPF_ADD, SUB = BPF_SUB, MUL = BPF_MUL, AND = BPF_AND, LSH = BPF_LSH, RSH = BPF_RSH, XOR = BPF_XOR, MOV = EBPF_MOV };

/* dst op= imm, dst op= src, on 64 and 32 bits; jumps are relative to what follows. */
#define K(op, dst, imm) { EBPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm }
#define X(op, dst, src) { EBPF_ALU64 | (op) | BPF_X, dst, src, 0, 0 }
#define K32(op, dst, imm) { BPF_ALU | (op) | BPF_K, dst, 0, 0, imm }
#define X32(op, dst, src) { BPF_ALU | (op) | BPF_X, dst, src, 0, 0 }
#define LOAD(size, dst, src, off) { BPF_LDX | BPF_MEM | (size), dst, src, off, 0 }
#define JUMP(off) { BPF_JMP | BPF_JA, 0, 0, off, 0 }
#define JEQ(dst, imm, off) { BPF_JMP | BPF_JEQ | BPF_K, dst, 0, off, imm }
#define JNE(dst, imm, off) { BPF_JMP | EBPF_JNE | BPF_K, dst, 0, off, imm }
#define EXIT() { BPF_JMP | EBPF_EXIT, 0, 0, 0, 0 }

/* The sum of n 16-bit words, folded to 16 bits. */
static const struct ebpf_insn checksum_code[] = {
    K(MOV, 0, 0),
    LOAD(EBPF_DW, 2, 1, 0),
    LOAD(EBPF_DW, 3, 1, 8),
    JEQ(3, 0, 5), /* the loop */
    LOAD(BPF_H, 4, 2, 0),
    X(ADD, 0, 4),
    K(ADD, 2, 2),
    K(SUB, 3, 1),
    JUMP(-6),
    X(MOV, 4, 0),
    K(RSH, 4, 16),
    K(AND, 0, 0xffff),
    X(ADD, 0, 4),
    X(MOV, 4, 0),
    K(RSH, 4, 16),
    X(ADD, 0, 4),
    K(AND, 0, 0xffff),
    EXIT(),
};

/* Whether n bytes are an Ethernet packet of IPv4, TCP, to port 80. */
static const struct ebpf_insn parse_code[] = {
    K(MOV, 0, 0),
    LOAD(EBPF_DW, 2, 1, 0),
    LOAD(BPF_H, 3, 2, 12),
    JNE(3, 0x0008, 9), /* IPv4, in the order of the network */
    LOAD(BPF_B, 3, 2, 23),
    JNE(3, 6, 7),
    LOAD(BPF_B, 3, 2, 14),
    K(AND, 3, 0xf),
    K(LSH, 3, 2),
    X(ADD, 2, 3),
    LOAD(BPF_H, 3, 2, 16),
    JNE(3, 0x5000, 1),
    K(MOV, 0, 1),
    EXIT(),
};

/* FNV-1a of n bytes. */
static const struct ebpf_insn hash_code[] = {
    K32(MOV, 0, (int)0x811c9dc5),
    LOAD(EBPF_DW, 2, 1, 0),
    LOAD(EBPF_DW, 3, 1, 8),
    JEQ(3, 0, 6), /* the loop */
    LOAD(BPF_B, 4, 2, 0),
    X32(XOR, 0, 4),
    K32(MUL, 0, 16777619),
    K(ADD, 2, 1),
    K(SUB, 3, 1),
    JUMP(-7),
    EXIT(),
};

#define PROGRAM(name)                                                                                                  \
    static const struct rte_bpf name##_program = { .prm = { .ins = name##_code, .nb_ins = RTE_DIM(name##_code) } };    \
                                                                                                                       \
    long name(const void *in, long n, void *out)                                                                       \
    {                                                                                                                  \
        struct context c = { in, (uint64_t)n };                                                                        \
                                                                                                                       \
        *(uint64_t *)out = rte_bpf_exec(&name##_program, &c);                                                          \
        return sizeof(uint64_t);                                                                                       \
    }

PROGRAM(checksum)
PROGRAM(parse)
PROGRAM(hash)
