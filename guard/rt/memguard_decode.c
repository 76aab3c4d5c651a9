/*
 * memguard_decode.c: the instructions of x86-64 that write memory in user mode.
 *
 * Only those have rows here, so that a fault of any other is nothing that MemGuard
 * completes by itself. It touches no memory but its arguments.
 */
#include "memguard_decode.h"

#include <string.h>

/* Sizes of what is written, below these numbers the bytes themselves. */
enum { V = 120, Y, VL, VL_2, VL_4, VL_8, XSAVE, ENV, FSAVE };
/* Immediate operands, below Z their bytes. */
enum { Z = 9 };

/* Flags of general forms. */
enum {
    REG = 1,   /* ModRM.reg is a general register */
    AX = 2,    /* these are operands as well */
    CL = 4,
    DXCXBX = 8,
    BITS = 16, /* the address depends on the operand in ModRM.reg */
    X87 = 32,
    SSE = 64,  /* state is read */
};

struct general {
    uint8_t digits; /* values of ModRM.reg that are meant, a set; none: it is no store */
    uint8_t size, imm, flags;
};

static const struct general one_byte[256] = {
    [0x00] = { 0xff, 1, 0, REG },     [0x01] = { 0xff, V, 0, REG },     [0x08] = { 0xff, 1, 0, REG },
    [0x09] = { 0xff, V, 0, REG },     [0x10] = { 0xff, 1, 0, REG },     [0x11] = { 0xff, V, 0, REG },
    [0x18] = { 0xff, 1, 0, REG },     [0x19] = { 0xff, V, 0, REG },     [0x20] = { 0xff, 1, 0, REG },
    [0x21] = { 0xff, V, 0, REG },     [0x28] = { 0xff, 1, 0, REG },     [0x29] = { 0xff, V, 0, REG },
    [0x30] = { 0xff, 1, 0, REG },     [0x31] = { 0xff, V, 0, REG },     [0x80] = { 0x7f, 1, 1, 0 },
    [0x81] = { 0x7f, V, Z, 0 },       [0x83] = { 0x7f, V, 1, 0 },       [0x86] = { 0xff, 1, 0, REG },
    [0x87] = { 0xff, V, 0, REG },     [0x88] = { 0xff, 1, 0, REG },     [0x89] = { 0xff, V, 0, REG },
    [0x8c] = { 0x3f, 2, 0, 0 },       [0x8f] = { 0x01, V, 0, 0 },       [0xc0] = { 0xff, 1, 1, 0 },
    [0xc1] = { 0xff, V, 1, 0 },       [0xc6] = { 0x01, 1, 1, 0 },       [0xc7] = { 0x01, V, Z, 0 },
    [0xd0] = { 0xff, 1, 0, 0 },       [0xd1] = { 0xff, V, 0, 0 },       [0xd2] = { 0xff, 1, 0, CL },
    [0xd3] = { 0xff, V, 0, CL },      [0xf6] = { 0x0c, 1, 0, 0 },       [0xf7] = { 0x0c, V, 0, 0 },
    [0xfe] = { 0x03, 1, 0, 0 },       [0xff] = { 0x47, V, 0, 0 },
};

static const struct general two_bytes[256] = {
    [0x90] = { 0xff, 1, 0, 0 },       [0x91] = { 0xff, 1, 0, 0 },       [0x92] = { 0xff, 1, 0, 0 },
    [0x93] = { 0xff, 1, 0, 0 },       [0x94] = { 0xff, 1, 0, 0 },       [0x95] = { 0xff, 1, 0, 0 },
    [0x96] = { 0xff, 1, 0, 0 },       [0x97] = { 0xff, 1, 0, 0 },       [0x98] = { 0xff, 1, 0, 0 },
    [0x99] = { 0xff, 1, 0, 0 },       [0x9a] = { 0xff, 1, 0, 0 },       [0x9b] = { 0xff, 1, 0, 0 },
    [0x9c] = { 0xff, 1, 0, 0 },       [0x9d] = { 0xff, 1, 0, 0 },       [0x9e] = { 0xff, 1, 0, 0 },
    [0x9f] = { 0xff, 1, 0, 0 },       [0xa4] = { 0xff, V, 1, REG },     [0xa5] = { 0xff, V, 0, REG | CL },
    [0xab] = { 0xff, V, 0, REG|BITS },[0xac] = { 0xff, V, 1, REG },     [0xad] = { 0xff, V, 0, REG | CL },
    [0xb0] = { 0xff, 1, 0, REG | AX },[0xb1] = { 0xff, V, 0, REG | AX },[0xb3] = { 0xff, V, 0, REG|BITS },
    [0xba] = { 0xe0, V, 1, 0 },       [0xbb] = { 0xff, V, 0, REG|BITS },[0xc0] = { 0xff, 1, 0, REG },
    [0xc1] = { 0xff, V, 0, REG },     [0xc3] = { 0xff, Y, 0, REG },
};

/* The x87 instructions, by the low bits of the opcode and ModRM.reg. */
static const uint8_t x87[8][8] = {
    [1] = { [2] = 4, [3] = 4, [6] = ENV, [7] = 2 },
    [3] = { [1] = 4, [2] = 4, [3] = 4, [7] = 10 },
    [5] = { [1] = 8, [2] = 8, [3] = 8, [6] = FSAVE, [7] = 2 },
    [7] = { [1] = 2, [2] = 2, [3] = 2, [6] = 10, [7] = 8 },
};

enum { P0 = 1, P66 = 2, PF3 = 4, PF2 = 8 };
enum { L_ = 1 << LEGACY, V_ = 1 << VEX, E_ = 1 << EVEX };
enum { W0 = 1, W1 = 2, WX = 3 };

/* Vector forms, in the order of map and opcode. Without an immediate operand outside of map 3. */
static const struct vector {
    uint8_t map, opcode, encodings, prefixes, w, size, element;
} vectors[] = {
    { 1, 0x11, L_ | V_, P0 | P66, WX, VL, 0 },
    { 1, 0x11, L_ | V_, PF3, WX, 4, 0 },
    { 1, 0x11, L_ | V_, PF2, WX, 8, 0 },
    { 1, 0x11, E_, P0, W0, VL, 4 },
    { 1, 0x11, E_, P66, W1, VL, 8 },
    { 1, 0x11, E_, PF3, W0, 4, 4 },
    { 1, 0x11, E_, PF2, W1, 8, 8 },
    { 1, 0x13, L_ | V_ | E_, P0 | P66, WX, 8, 0 },
    { 1, 0x17, L_ | V_ | E_, P0 | P66, WX, 8, 0 },
    { 1, 0x29, L_ | V_, P0 | P66, WX, VL, 0 },
    { 1, 0x29, E_, P0, W0, VL, 4 },
    { 1, 0x29, E_, P66, W1, VL, 8 },
    { 1, 0x2b, L_ | V_ | E_, P0 | P66, WX, VL, 0 },
    { 1, 0x2b, L_, PF3, WX, 4, 0 },
    { 1, 0x2b, L_, PF2, WX, 8, 0 },
    { 1, 0x7e, L_ | V_ | E_, P66, WX, Y, 0 },
    { 1, 0x7e, L_, P0, WX, Y, 0 },
    { 1, 0x7f, L_, P0, WX, 8, 0 },
    { 1, 0x7f, L_ | V_, P66 | PF3, WX, VL, 0 },
    { 1, 0x7f, E_, P66 | PF3, W0, VL, 4 },
    { 1, 0x7f, E_, P66 | PF3, W1, VL, 8 },
    { 1, 0x7f, E_, PF2, W0, VL, 1 },
    { 1, 0x7f, E_, PF2, W1, VL, 2 },
    { 1, 0x91, V_, P0, W0, 2, 0 }, /* kmov */
    { 1, 0x91, V_, P0, W1, 8, 0 },
    { 1, 0x91, V_, P66, W0, 1, 0 },
    { 1, 0x91, V_, P66, W1, 4, 0 },
    { 1, 0xd6, L_ | V_ | E_, P66, WX, 8, 0 },
    { 1, 0xe7, L_, P0, WX, 8, 0 },
    { 1, 0xe7, L_ | V_ | E_, P66, WX, VL, 0 },
    { 2, 0x10, E_, PF3, W0, VL_2, 1 }, /* vpmovuswb and its kin */
    { 2, 0x11, E_, PF3, W0, VL_4, 1 },
    { 2, 0x12, E_, PF3, W0, VL_8, 1 },
    { 2, 0x13, E_, PF3, W0, VL_2, 2 },
    { 2, 0x14, E_, PF3, W0, VL_4, 2 },
    { 2, 0x15, E_, PF3, W0, VL_2, 4 },
    { 2, 0x20, E_, PF3, W0, VL_2, 1 },
    { 2, 0x21, E_, PF3, W0, VL_4, 1 },
    { 2, 0x22, E_, PF3, W0, VL_8, 1 },
    { 2, 0x23, E_, PF3, W0, VL_2, 2 },
    { 2, 0x24, E_, PF3, W0, VL_4, 2 },
    { 2, 0x25, E_, PF3, W0, VL_2, 4 },
    { 2, 0x2e, V_, P66, W0, VL, 4 }, /* vmaskmov */
    { 2, 0x2f, V_, P66, W0, VL, 8 },
    { 2, 0x30, E_, PF3, W0, VL_2, 1 },
    { 2, 0x31, E_, PF3, W0, VL_4, 1 },
    { 2, 0x32, E_, PF3, W0, VL_8, 1 },
    { 2, 0x33, E_, PF3, W0, VL_2, 2 },
    { 2, 0x34, E_, PF3, W0, VL_4, 2 },
    { 2, 0x35, E_, PF3, W0, VL_2, 4 },
    { 2, 0x63, E_, P66, W0, VL, 1 }, /* vpcompress */
    { 2, 0x63, E_, P66, W1, VL, 2 },
    { 2, 0x8a, E_, P66, W0, VL, 4 },
    { 2, 0x8a, E_, P66, W1, VL, 8 },
    { 2, 0x8b, E_, P66, W0, VL, 4 },
    { 2, 0x8b, E_, P66, W1, VL, 8 },
    { 2, 0x8e, V_, P66, W0, VL, 4 },
    { 2, 0x8e, V_, P66, W1, VL, 8 },
    { 2, 0xa0, E_, P66, W0, VL, 4 }, /* scatters */
    { 2, 0xa0, E_, P66, W1, VL, 8 },
    { 2, 0xa1, E_, P66, W0, VL, 4 },
    { 2, 0xa1, E_, P66, W1, VL, 8 },
    { 2, 0xa2, E_, P66, W0, VL, 4 },
    { 2, 0xa2, E_, P66, W1, VL, 8 },
    { 2, 0xa3, E_, P66, W0, VL, 4 },
    { 2, 0xa3, E_, P66, W1, VL, 8 },
    { 3, 0x14, L_ | V_ | E_, P66, WX, 1, 0 }, /* vpextr, vextract */
    { 3, 0x15, L_ | V_ | E_, P66, WX, 2, 0 },
    { 3, 0x16, L_ | V_ | E_, P66, WX, Y, 0 },
    { 3, 0x17, L_ | V_ | E_, P66, WX, 4, 0 },
    { 3, 0x19, V_, P66, W0, 16, 0 },
    { 3, 0x19, E_, P66, W0, 16, 4 },
    { 3, 0x19, E_, P66, W1, 16, 8 },
    { 3, 0x1b, E_, P66, W0, 32, 4 },
    { 3, 0x1b, E_, P66, W1, 32, 8 },
    { 3, 0x1d, V_, P66, W0, VL_2, 0 },
    { 3, 0x1d, E_, P66, W0, VL_2, 2 },
    { 3, 0x39, V_, P66, W0, 16, 0 },
    { 3, 0x39, E_, P66, W0, 16, 4 },
    { 3, 0x39, E_, P66, W1, 16, 8 },
    { 3, 0x3b, E_, P66, W0, 32, 4 },
    { 3, 0x3b, E_, P66, W1, 32, 8 },
    { 5, 0x11, E_, PF3, W0, 2, 2 }, /* half precision */
    { 5, 0x7e, E_, P66, WX, 2, 0 },
};

static const struct vector *find_vector(unsigned map, unsigned opcode, unsigned encoding, unsigned prefix, unsigned w)
{
    unsigned lo = 0, hi = sizeof vectors / sizeof *vectors, n = hi;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if ((vectors[mid].map << 8 | vectors[mid].opcode) < (int)(map << 8 | opcode))
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < n && vectors[lo].map == map && vectors[lo].opcode == opcode; lo++)
        if ((vectors[lo].encodings >> encoding & 1) && (vectors[lo].prefixes >> prefix & 1) && (vectors[lo].w >> w & 1))
            return &vectors[lo];
    return NULL;
}

/* The bytes under the decoder's hand. */
struct reader {
    const uint8_t *code;
    unsigned n, at;
    int truncated;
};

static unsigned byte(struct reader *r)
{
    if (r->at < r->n)
        return r->code[r->at++];
    r->truncated = 1;
    return 0;
}

/* Prefixes as found. */
struct prefixes {
    unsigned opsize, rep, rex; /* rep: 0, 0xf2 or 0xf3 */
    unsigned w, r, x, b;       /* of REX, VEX or EVEX; r of two bits with EVEX */
    unsigned vvvv, length, pp; /* length: 0, 1, 2 */
};

/* operand reads ModRM, SIB and displacement of a memory operand; 0 if it is a register. */
static int operand(struct reader *r, struct quasi_insn *in, const struct prefixes *p, unsigned modrm, int disp8_scale)
{
    unsigned mod = modrm >> 6, rm = modrm & 7;
    if (mod == 3)
        return 0;
    in->base = rm | p->b << 3;
    in->index = NO_REG;
    if (rm == 4) {
        unsigned sib = byte(r), index = (sib >> 3 & 7) | p->x << 3;
        in->scale = 1 << (sib >> 6);
        in->index = index == 4 && in->kind != INSN_SCATTER ? NO_REG : (int)index;
        in->base = (sib & 7) | p->b << 3;
        if ((sib & 7) == 5 && mod == 0)
            in->base = NO_REG;
    } else if (rm == 5 && mod == 0) {
        in->base = NO_REG;
        in->rip_relative = 1;
    }
    if (mod == 1) {
        in->disp = (int64_t)(int8_t)byte(r) * disp8_scale;
    } else if (mod == 2 || in->base == NO_REG) {
        uint32_t d = 0;
        for (int i = 0; i < 4; i++)
            d |= (uint32_t)byte(r) << 8 * i;
        in->disp = (int32_t)d;
    }
    return 1;
}

/* finish skips the immediate operand. */
static int finish(struct reader *r, struct quasi_insn *in, unsigned imm)
{
    in->imm = imm;
    r->at += imm;
    in->length = r->at;
    return !r->truncated && r->at <= r->n && r->at <= 15;
}

static int store(struct reader *r, struct quasi_insn *in, const struct prefixes *p, const struct general *g)
{
    in->modrm_at = r->at;
    unsigned modrm = byte(r), reg = modrm >> 3 & 7;
    if (!(g->digits >> reg & 1) || !operand(r, in, p, modrm, 1))
        return 0;
    in->kind = INSN_STORE;
    in->width = p->w ? 8 : p->opsize ? 2 : 4;
    unsigned imm = g->imm == Z ? (in->width == 2 ? 2 : 4) : g->imm;
    in->size = g->size;
    if (g->size == 1)
        in->width = 1;
    else if (g->size == V)
        in->size = in->width;
    else if (g->size == Y)
        in->size = in->width = p->w ? 8 : 4;
    else if (g->size == XSAVE)
        in->size = 0;
    if (g->flags & REG) {
        in->reg = reg | p->r << 3;
        in->reg_is_byte = in->width == 1;
        if (in->reg_is_byte && !p->rex && reg >= 4)
            in->gprs |= 1 << (reg - HIGH_BYTES);
        else
            in->gprs |= 1 << in->reg;
    }
    if (g->flags & AX)
        in->gprs |= 1 << 0;
    if (g->flags & CL)
        in->gprs |= 1 << 1;
    if (g->flags & DXCXBX)
        in->gprs |= 1 << 1 | 1 << 2 | 1 << 3;
    in->bit_string = (g->flags & BITS) != 0;
    in->state = g->flags & X87 ? STATE_CHANGED : g->flags & SSE ? STATE_READ : STATE_NONE;
    return finish(r, in, imm);
}

/* stack is for what writes the stack: op pushes, or calls, with an immediate or a memory operand. */
static int stack(struct reader *r, struct quasi_insn *in, const struct prefixes *p, unsigned kind, int modrm, unsigned imm)
{
    if (modrm) {
        in->modrm_at = r->at;
        unsigned m = byte(r);
        if (!operand(r, in, p, m, 1))
            in->base = (m & 7) | p->b << 3; /* a register; modrm_at tells */
    }
    in->kind = kind;
    in->size = in->width = kind == INSN_PUSH && p->opsize && !p->w ? 2 : 8;
    return finish(r, in, imm);
}

static int string(struct reader *r, struct quasi_insn *in, const struct prefixes *p, unsigned kind)
{
    in->kind = kind;
    in->rep = p->rep != 0;
    in->width = in->opcode & 1 ? (p->w ? 8 : p->opsize ? 2 : 4) : 1;
    in->size = in->width;
    return finish(r, in, 0);
}

static int one_byte_opcode(struct reader *r, struct quasi_insn *in, const struct prefixes *p)
{
    unsigned op = in->opcode;
    switch (op) {
    case 0xa2: case 0xa3:
        in->kind = INSN_ABSOLUTE;
        in->size = in->width = op & 1 ? (p->w ? 8 : p->opsize ? 2 : 4) : 1;
        in->base = in->index = NO_REG;
        for (int i = 0; i < (in->address32 ? 4 : 8); i++)
            in->disp |= (int64_t)((uint64_t)byte(r) << 8 * i);
        if (in->address32)
            in->disp = (int32_t)in->disp;
        return finish(r, in, 0);
    case 0xa4: case 0xa5: return string(r, in, p, INSN_MOVS);
    case 0xaa: case 0xab: return string(r, in, p, INSN_STOS);
    case 0x68: return stack(r, in, p, INSN_PUSH, 0, p->opsize && !p->w ? 2 : 4);
    case 0x6a: return stack(r, in, p, INSN_PUSH, 0, 1);
    case 0x9c: return stack(r, in, p, INSN_PUSH, 0, 0);
    case 0xe8: return stack(r, in, p, INSN_CALL, 0, 4);
    case 0xd9: case 0xdb: case 0xdd: case 0xdf: {
        unsigned digit = r->at < r->n ? r->code[r->at] >> 3 & 7 : 0, size = x87[op & 7][digit];
        struct general g = { .digits = size ? 0xff : 0, .size = size, .flags = X87 };
        if (size == ENV)
            g.size = p->opsize && !p->w ? 14 : 28;
        else if (size == FSAVE)
            g.size = p->opsize && !p->w ? 94 : 108;
        return store(r, in, p, &g);
    }
    case 0xff: {
        unsigned digit = r->at < r->n ? r->code[r->at] >> 3 & 7 : 0;
        if (digit == 2)
            return stack(r, in, p, INSN_CALL, 1, 0);
        if (digit == 6)
            return stack(r, in, p, INSN_PUSH, 1, 0);
        static const struct general inc = { 0x03, V, 0, 0 };
        return store(r, in, p, &inc);
    }
    case 0x8f:
        if (!store(r, in, p, &one_byte[op]))
            return 0;
        in->kind = INSN_POP;
        in->size = in->width = p->opsize && !p->w ? 2 : 8;
        return 1;
    }
    if (op >= 0x50 && op <= 0x57) {
        in->reg = (op & 7) | p->b << 3;
        return stack(r, in, p, INSN_PUSH, 0, 0);
    }
    return one_byte[op].digits ? store(r, in, p, &one_byte[op]) : 0;
}

/* vector is for all but general registers, in maps 1 to 5. */
static int vector(struct reader *r, struct quasi_insn *in, const struct prefixes *p, unsigned map, unsigned z)
{
    const struct vector *v = find_vector(map, in->opcode, in->encoding, p->pp, p->w);
    if (!v)
        return 0;
    unsigned length = 16 << p->length;
    switch (v->size) {
    case VL: in->size = length; break;
    case VL_2: in->size = length / 2; break;
    case VL_4: in->size = length / 4; break;
    case VL_8: in->size = length / 8; break;
    case Y: in->size = p->w ? 8 : 4; break;
    default: in->size = v->size; break;
    }
    in->kind = INSN_STORE;
    in->element = v->element;
    in->compress = map == 2 && (in->opcode == 0x63 || in->opcode == 0x8a || in->opcode == 0x8b);
    unsigned disp8_scale = in->encoding != EVEX ? 1 : in->compress ? v->element : in->size;
    if (map == 2 && in->opcode >= 0xa0 && in->opcode <= 0xa3) {
        in->kind = INSN_SCATTER;
        disp8_scale = v->element;
    } else if (map == 2 && in->encoding == VEX) {
        in->kind = INSN_VMASK;
    }
    in->modrm_at = r->at;
    unsigned modrm = byte(r);
    if (!operand(r, in, p, modrm, disp8_scale) || z)
        return 0;
    if (in->kind == INSN_SCATTER) {
        if ((modrm & 7) != 4)
            return 0;
        in->index |= p->vvvv & 16;
    }
    in->vector = (modrm >> 3 & 7) | p->r << 3;
    in->vector2 = p->vvvv;
    in->vector_length = length;
    /* movq of an MMX register changes the x87 tags */
    in->state = in->encoding == LEGACY && p->pp == 0 && (in->opcode == 0x7e || in->opcode == 0x7f || in->opcode == 0xe7)
                    ? STATE_CHANGED
                    : STATE_READ;
    return finish(r, in, map == 3);
}

/* maskmov has no memory operand: it writes at rdi. */
static int maskmov(struct reader *r, struct quasi_insn *in, const struct prefixes *p)
{
    unsigned modrm = byte(r);
    if (modrm >> 6 != 3)
        return 0;
    in->kind = INSN_MASKMOV;
    in->size = in->encoding == LEGACY && p->pp == 0 ? 8 : 16;
    in->element = 1;
    in->vector = (modrm >> 3 & 7) | (in->size == 16 ? p->r << 3 : 0);
    in->vector2 = (modrm & 7) | (in->size == 16 ? p->b << 3 : 0);
    in->vector_length = in->size;
    in->state = STATE_READ;
    return finish(r, in, 0);
}

static int two_byte_opcode(struct reader *r, struct quasi_insn *in, const struct prefixes *p)
{
    unsigned op = in->opcode, digit = r->at < r->n ? r->code[r->at] >> 3 & 7 : 0;
    if (two_bytes[op].digits)
        return op == 0xc3 && p->pp ? 0 : store(r, in, p, &two_bytes[op]);
    switch (op) {
    case 0xa0: case 0xa8: /* fs, gs */
        in->reg = NO_REG;
        return stack(r, in, p, INSN_PUSH, 0, 0);
    case 0xae: {
        static const struct general fxsave = { 0x01, 0, 0, SSE }, stmxcsr = { 0x08, 4, 0, SSE },
                                    xsave = { 0x50, XSAVE, 0, SSE | AX };
        if (p->pp)
            return 0;
        if (digit == 0) {
            if (!store(r, in, p, &fxsave))
                return 0;
            in->size = 512;
            return 1;
        }
        if (!store(r, in, p, digit == 3 ? &stmxcsr : &xsave))
            return 0;
        if (digit != 3)
            in->gprs |= 1 << 2;
        return 1;
    }
    case 0xc7: {
        static const struct general exchange = { 0x02, V, 0, AX | DXCXBX }, xsavec = { 0x10, XSAVE, 0, SSE | AX };
        if (digit == 4) {
            in->gprs |= 1 << 2;
            return !p->pp && store(r, in, p, &xsavec);
        }
        if (!store(r, in, p, &exchange))
            return 0;
        in->size = p->w ? 16 : 8;
        in->width = p->w ? 8 : 4;
        return 1;
    }
    case 0xf7: return p->pp < 2 && maskmov(r, in, p);
    }
    return vector(r, in, p, 1, 0);
}

static int three_byte_opcode(struct reader *r, struct quasi_insn *in, const struct prefixes *p, unsigned map)
{
    static const struct general movbe = { 0xff, V, 0, REG }, movdiri = { 0xff, Y, 0, REG };
    if (map == 2 && in->opcode == 0xf1 && p->pp < 2)
        return store(r, in, p, &movbe);
    if (map == 2 && in->opcode == 0xf9 && p->pp == 0)
        return store(r, in, p, &movdiri);
    return vector(r, in, p, map, 0);
}

/* extended is for VEX and EVEX, whose first byte has been read. */
static int extended(struct reader *r, struct quasi_insn *in, struct prefixes *p, unsigned first)
{
    unsigned map = 1, z = 0, b1 = byte(r), b2 = first == 0xc5 ? b1 : byte(r);
    if (p->opsize || p->rep || p->rex || in->lock)
        return 0;
    p->r = ~b1 >> 7 & 1;
    in->encoding = VEX;
    if (first == 0xc4 || first == 0x62) {
        p->x = ~b1 >> 6 & 1;
        p->b = ~b1 >> 5 & 1;
        p->w = b2 >> 7;
        map = b1 & (first == 0x62 ? 7 : 31);
    }
    p->vvvv = ~b2 >> 3 & 15;
    p->pp = b2 & 3;
    p->length = b2 >> 2 & 1;
    if (first == 0x62) {
        unsigned b3 = byte(r);
        in->encoding = EVEX;
        p->r |= (~b1 >> 4 & 1) << 1;
        p->vvvv |= (~b3 >> 3 & 1) << 4;
        p->length = b3 >> 5 & 3;
        in->mask = b3 & 7;
        z = b3 >> 7;
        if (!(b2 & 4) || (b1 & 8) || p->length == 3)
            return 0;
    }
    in->opcode_at = r->at;
    in->opcode = byte(r);
    if (map == 1 && in->encoding == VEX && in->opcode == 0xae) {
        static const struct general stmxcsr = { 0x08, 4, 0, SSE };
        return p->pp == 0 && store(r, in, p, &stmxcsr);
    }
    if (map == 1 && in->encoding == VEX && in->opcode == 0xf7)
        return p->pp == 1 && maskmov(r, in, p);
    return vector(r, in, p, map, z);
}

static int decode(struct reader *r, struct quasi_insn *in)
{
    struct prefixes p = { 0 };
    unsigned b;
    for (;;) {
        b = byte(r);
        switch (b) {
        case 0x66: p.opsize = 1; break;
        case 0x67: in->address32 = 1; break;
        case 0xf0: in->lock = 1; break;
        case 0xf2: case 0xf3: p.rep = b; break;
        case 0x26: case 0x2e: case 0x36: case 0x3e: break; /* mean nothing */
        case 0x64: case 0x65: in->segment = b; break;
        default:
            if (b >> 4 != 4)
                goto opcode;
            p.rex = b; /* counts only if an opcode follows */
            in->ext_at = r->at - 1;
            continue;
        }
        p.rex = 0;
    }
opcode:
    if (p.rex) {
        p.w = p.rex >> 3 & 1;
        p.r = p.rex >> 2 & 1;
        p.x = p.rex >> 1 & 1;
        p.b = p.rex & 1;
    } else {
        in->ext_at = r->at - 1;
    }
    if (b == 0xc4 || b == 0xc5 || b == 0x62)
        return extended(r, in, &p, b);
    p.pp = p.rep ? (p.rep == 0xf3 ? 2 : 3) : p.opsize;
    unsigned map = 0;
    if (b == 0x0f) {
        map = 1;
        b = byte(r);
        if (b == 0x38 || b == 0x3a) {
            map = b == 0x38 ? 2 : 3;
            b = byte(r);
        }
    }
    in->opcode = b;
    in->opcode_at = r->at - 1;
    switch (map) {
    case 0: return one_byte_opcode(r, in, &p);
    case 1: return two_byte_opcode(r, in, &p);
    default: return three_byte_opcode(r, in, &p, map);
    }
}

int __quasi_memguard_decode(const uint8_t *code, unsigned n, struct quasi_insn *in)
{
    struct reader r = { .code = code, .n = n < 15 ? n : 15 };
    memset(in, 0, sizeof *in);
    in->reg = in->base = in->index = NO_REG;
    in->scale = 1;
    if (decode(&r, in))
        return 1;
    in->kind = INSN_NONE;
    return 0;
}
