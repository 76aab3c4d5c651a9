/*
 * memguard_stub.c: makes of an instruction that writes memory a function that executes
 * it on other memory (T2).
 *
 * The memory operand becomes one general register, so that the function depends on
 * nothing but the instruction's bytes. It loads the registers that the instruction uses
 * from the interrupted context, executes it and stores them back: width, atomicity and
 * flags are the processor's. Functions are never changed or removed: a processor that
 * has fetched one has fetched all of it.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <string.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9 };

const int8_t __quasi_memguard_greg[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                           REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

enum { LONGEST = 192 }; /* stub */

struct writer {
    uint8_t code[LONGEST];
    unsigned n;
};

static void put(struct writer *w, unsigned byte) { w->code[w->n++] = byte; }

static void put_n(struct writer *w, const void *bytes, unsigned n)
{
    memcpy(w->code + w->n, bytes, n);
    w->n += n;
}

/* rm64 puts an instruction of two 64-bit registers, or one and memory at another plus disp. */
static void rm64(struct writer *w, unsigned opcode, unsigned reg, unsigned rm, int disp)
{
    put(w, 0x48 | (reg >> 3) << 2 | rm >> 3);
    put(w, opcode);
    put(w, (disp < 0 ? 0xc0 : 0x40) | (reg & 7) << 3 | (rm & 7));
    if (disp >= 0)
        put(w, disp);
}

static void push(struct writer *w, unsigned reg)
{
    if (reg >= R8)
        put(w, 0x41);
    put(w, 0x50 | (reg & 7));
}

static void pop(struct writer *w, unsigned reg)
{
    if (reg >= R8)
        put(w, 0x41);
    put(w, 0x58 | (reg & 7));
}

static int callee_saved(unsigned reg) { return reg == RBX || reg == RBP || reg >= 12; }

static unsigned unused(uint16_t *used, const uint8_t *candidates)
{
    while (*used >> *candidates & 1)
        candidates++;
    *used |= 1 << *candidates;
    return *candidates;
}

/* uses_flags: all that computes does, what only moves does not. */
int __quasi_memguard_uses_flags(const struct quasi_insn *in)
{
    if (in->state != STATE_NONE)
        return 0;
    switch (in->opcode) {
    case 0x88: case 0x89: case 0x8c: case 0xc3: case 0xc6: case 0xf1: case 0xf9: return 0;
    case 0xc7: return in->gprs != 0; /* cmpxchg8b */
    }
    return 1;
}

/* instruction puts it with memory at target, and its register operand renamed unless to is NO_REG. */
static void instruction(struct writer *w, const uint8_t *code, const struct quasi_insn *in, unsigned target, int to)
{
    for (unsigned i = 0; i < in->ext_at; i++)
        if (code[i] == 0x66 || code[i] == 0xf0 || code[i] == 0xf2 || code[i] == 0xf3)
            put(w, code[i]);
    unsigned from = w->n;
    put_n(w, code + in->ext_at, in->modrm_at - in->ext_at);
    uint8_t *ext = w->code + from;
    if (in->encoding == LEGACY && (*ext & 0xf0) == 0x40)
        *ext &= to == NO_REG ? ~3 : ~7; /* no B, X, or R */
    else if (in->encoding != LEGACY && *ext != 0xc5)
        ext[1] |= 0x60;
    unsigned reg = to == NO_REG ? (unsigned)(code[in->modrm_at] & 0x38) : (unsigned)to << 3;
    put(w, reg | target);
    put_n(w, code + in->length - in->imm, in->imm);
}

static void make(struct writer *w, const uint8_t *code, const struct quasi_insn *in)
{
    static const uint8_t for_gregs[] = { RDI, R8, R9 }, for_target[] = { RSI, RDX, RCX, RAX, RBX }, /* low ones */
        for_operand[] = { RDX, RCX, RAX, RBX };
    uint16_t operands = in->gprs, used = operands | 1 << RSP;
    int renamed = NO_REG;
    unsigned gregs = unused(&used, for_gregs), target = unused(&used, for_target);
    if (in->reg != NO_REG && (in->bit_string || in->reg == RSP) && !(in->reg_is_byte && !(operands >> in->reg & 1))) {
        renamed = unused(&used, for_operand);
        operands &= ~(1 << in->reg);
    }
    int flags = __quasi_memguard_uses_flags(in);

    put_n(w, "\xf3\x0f\x1e\xfa", 4); /* endbr64 */
    for (unsigned r = 0; r < 16; r++)
        if ((used >> r & 1) && callee_saved(r))
            push(w, r);
    if (flags)
        push(w, RDX);
    if (gregs != RDI)
        rm64(w, 0x89, RDI, gregs, -1);
    if (target != RSI)
        rm64(w, 0x89, RSI, target, -1);
    if (in->state != STATE_NONE)
        put_n(w, "\xb8\xff\xfd\xf9\xff\x31\xd2\x48\x0f\xae\x29", 11); /* xrstor64 (%rcx), but for PKRU and tiles */
    for (unsigned r = 0; r < 16; r++)
        if (operands >> r & 1)
            rm64(w, 0x8b, r, gregs, 8 * __quasi_memguard_greg[r]);
    if (renamed != NO_REG) {
        rm64(w, 0x8b, renamed, gregs, 8 * __quasi_memguard_greg[in->reg]);
        if (in->bit_string) {
            put(w, 0x48);
            put(w, 0x83);
            put(w, 0xe0 | renamed);
            put(w, 8 * in->width - 1);
        }
    }
    if (flags)
        put(w, 0x9d); /* popf */
    instruction(w, code, in, target, renamed);
    for (unsigned r = 0; r < 16; r++)
        if (operands >> r & 1)
            rm64(w, 0x89, r, gregs, 8 * __quasi_memguard_greg[r]);
    if (renamed != NO_REG && !in->bit_string)
        rm64(w, 0x89, renamed, gregs, 8 * __quasi_memguard_greg[in->reg]);
    if (in->state == STATE_CHANGED)
        put_n(w, "\xb8\x01\0\0\0\x31\xd2\x48\x0f\xae\x21", 11); /* xsave64 (%rcx), x87 */
    if (flags) {
        put(w, 0x9c); /* pushf */
        pop(w, RAX);
    }
    for (int r = 15; r >= 0; r--)
        if ((used >> r & 1) && callee_saved(r))
            pop(w, r);
    put(w, 0xc3);
}

/* The lock is held. NULL: there is no room. */
quasi_stub *__quasi_memguard_stub(struct memguard *m, const uint8_t *code, const struct quasi_insn *in)
{
    uint64_t key[2] = { 0, 0 };
    memcpy(key, code, in->length);
    ((uint8_t *)key)[15] = in->length;
    uint64_t hash = (key[0] * 0x9e3779b97f4a7c15u ^ key[1]) * 0xff51afd7ed558ccdu;
    struct stub *s = &m->stubs[hash >> 49];
    while (s->at && memcmp(s->key, key, sizeof key))
        s = s + 1 < m->stubs + STUB_ROOM ? s + 1 : m->stubs;
    if (!s->at) {
        struct writer w = { .n = 0 };
        if (m->stub_count > STUB_ROOM / 4 * 3 || m->code_used + LONGEST > CODE_SIZE)
            return NULL;
        make(&w, code, in);
        memcpy(m->code + m->code_used, w.code, w.n);
        memcpy(s->key, key, sizeof key);
        s->at = m->code_used + 1;
        m->code_used += (w.n + 15) & ~15u;
        m->stub_count++;
    }
    return (quasi_stub *)(m->code + s->at - 1);
}
