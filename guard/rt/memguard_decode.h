/*
 * memguard_decode.h: what MemGuard knows of an instruction that writes memory.
 */
#ifndef QUASI_MEMGUARD_DECODE_H
#define QUASI_MEMGUARD_DECODE_H

#include <stdint.h>

enum quasi_insn_kind {
    INSN_NONE,     /* writes no memory, or is not known */
    INSN_STORE,    /* writes its memory operand */
    INSN_VMASK,    /* so, but only elements whose sign is set in register vvvv */
    INSN_SCATTER,  /* writes elements at addresses from a vector */
    INSN_ABSOLUTE, /* al to rax to a 64-bit address */
    INSN_MASKMOV,  /* bytes at rdi whose sign is set in register rm */
    INSN_MOVS,
    INSN_STOS,
    INSN_POP,   /* from the stack to its memory operand */
    INSN_PUSH,  /* these two write the stack */
    INSN_CALL,
};

enum quasi_insn_encoding { LEGACY, VEX, EVEX };
enum { NO_REG = -1, HIGH_BYTES = 4 };
enum { STATE_NONE, STATE_READ, STATE_CHANGED }; /* what is used of the registers of x87, SSE and so on */

struct quasi_insn {
    uint8_t kind;
    uint8_t length;
    uint8_t encoding;
    uint8_t ext_at;    /* its REX, VEX or EVEX prefix; the opcode if it has none */
    uint8_t opcode_at; /* after all prefixes and escapes */
    uint8_t modrm_at;  /* 0: there is none */
    uint8_t imm;       /* bytes of immediate operand, at the end */
    uint8_t opcode;
    uint8_t lock, rep, address32;
    uint8_t segment; /* 0x64: fs, 0x65: gs */
    uint8_t width;   /* of an operand in general registers */
    int8_t base, index;
    uint8_t scale, rip_relative;
    int64_t disp;
    uint16_t size;     /* bytes written at the address, if no mask says less; 0: of INSN_STORE, what xsave writes */
    uint8_t element;   /* of what masks select, in bytes */
    uint8_t mask;      /* k1 to k7, 0 for none */
    uint8_t compress;  /* the selected elements are written one after the other */
    uint16_t gprs;     /* general registers that operands are in */
    int8_t reg;        /* the general register of ModRM.reg, if it is an operand */
    uint8_t reg_is_byte, bit_string;
    uint8_t vector, vector2; /* registers of ModRM.reg, and of vvvv or ModRM.rm (STATE_READ) */
    uint8_t vector_length;   /* in bytes */
    uint8_t state;
};

/*
 * decode reads an instruction of at most n bytes. It returns 0 and INSN_NONE if it
 * is none that it knows to write memory, or longer than n.
 */
int __quasi_memguard_decode(const uint8_t *code, unsigned n, struct quasi_insn *in);

#endif
