/*
 * memguard_emulate.c: executes the instruction that faulted on a page with terms, by
 * its alias (T2). The lock is held, so hits have the values from just before and after.
 *
 * What has one memory operand is executed by the processor (memguard_stub.c), on the
 * alias; or, if the operand's pages have aliases that do not lie side by side, on a copy.
 * Strings, the stack, scatters and the like are done by hand.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <asm/prctl.h>
#include <string.h>

enum { DONE = 1, FAULT = 2 };
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };
enum { STATUS_FLAGS = 0x8d5, DIRECTION = 0x400 };

/* What is known while an instruction is executed. */
struct run {
    struct memguard *m;
    ucontext_t *uc;
    greg_t *gregs;
    const uint8_t *code;
    struct quasi_insn in;
    uintptr_t *fault;
};

static uint64_t reg(const struct run *r, int n) { return r->gregs[__quasi_memguard_greg[n]]; }
static void set_reg(struct run *r, int n, uint64_t v) { r->gregs[__quasi_memguard_greg[n]] = v; }
static void advance(struct run *r) { r->gregs[REG_RIP] += r->in.length; }

/* address is that of the memory operand, but for a scatter. */
static uintptr_t address(const struct run *r, int base, int index)
{
    const struct quasi_insn *in = &r->in;
    uint64_t a = in->disp;
    if (in->rip_relative)
        a += r->gregs[REG_RIP] + in->length;
    if (base != NO_REG)
        a += reg(r, base);
    if (index != NO_REG)
        a += reg(r, index) * in->scale;
    if (in->bit_string) {
        int64_t bit = reg(r, in->reg);
        bit = in->width == 2 ? (int16_t)bit : in->width == 4 ? (int32_t)bit : bit;
        a += (uint64_t)(bit >> (in->width == 2 ? 4 : in->width == 4 ? 5 : 6)) * in->width;
    }
    if (in->address32)
        a = (uint32_t)a;
    if (in->segment) {
        uint64_t segment = 0;
        call3(SYS_arch_prctl, in->segment == 0x64 ? ARCH_GET_FS : ARCH_GET_GS, (long)&segment, 0);
        a += segment;
    }
    return a;
}

/* Registers that the kernel has saved beyond the general ones. */

enum { X87, SSE, AVX, OPMASK = 5, ZMM_HIGH, ZMM_REST };

static uint64_t *components(const struct run *r) { return (uint64_t *)((char *)r->uc->uc_mcontext.fpregs + 512); }

static uint64_t mask_register(const struct run *r, int k)
{
    if (!(components(r)[0] >> OPMASK & 1))
        return 0;
    return ((uint64_t *)((char *)r->uc->uc_mcontext.fpregs + r->m->opmask_at))[k];
}

static void set_mask_register(const struct run *r, int k, uint64_t v)
{
    if (components(r)[0] >> OPMASK & 1)
        ((uint64_t *)((char *)r->uc->uc_mcontext.fpregs + r->m->opmask_at))[k] = v;
}

/* vector gets the 64 bytes of register n. */
static void vector(const struct run *r, int n, uint8_t to[64])
{
    const char *state = (const char *)r->uc->uc_mcontext.fpregs;
    uint64_t present = components(r)[0];
    memset(to, 0, 64);
    if (n >= 16) {
        if (present >> ZMM_REST & 1)
            memcpy(to, state + r->m->zmm_rest_at + 64 * (n - 16), 64);
        return;
    }
    if (present >> SSE & 1)
        memcpy(to, state + 160 + 16 * n, 16);
    if (present >> AVX & 1)
        memcpy(to + 16, state + r->m->ymm_at + 16 * n, 16);
    if (present >> ZMM_HIGH & 1)
        memcpy(to + 32, state + r->m->zmm_high_at + 32 * n, 32);
}

static void mmx(const struct run *r, int n, uint8_t to[64])
{
    memset(to, 0, 64);
    if (components(r)[0] >> X87 & 1)
        memcpy(to, (const char *)r->uc->uc_mcontext.fpregs + 32 + 16 * n, 8);
}

static int negative(const uint8_t *element, unsigned size) { return element[size - 1] >> 7; }

static uint64_t low_bits(unsigned n) { return n >= 64 ? ~0ull : (1ull << n) - 1; }

/* selected tells which of the bytes are written, 1 if not all; the size may become smaller. */
static int selected(const struct run *r, size_t *size, uint64_t *bytes)
{
    const struct quasi_insn *in = &r->in;
    unsigned n = in->element ? *size / in->element : 0;
    uint64_t elements = 0;
    if (in->kind == INSN_VMASK) {
        uint8_t mask[64];
        vector(r, in->vector2, mask);
        for (unsigned i = 0; i < n; i++)
            elements |= (uint64_t)negative(mask + i * in->element, in->element) << i;
    } else if (in->mask) {
        elements = mask_register(r, in->mask) & low_bits(n);
        if (in->compress) {
            *size = (size_t)__builtin_popcountll(elements) * in->element;
            return 0;
        }
    } else {
        return 0;
    }
    *bytes = 0;
    for (unsigned i = 0; i < n; i++)
        if (elements >> i & 1)
            *bytes |= low_bits(in->element) << i * in->element;
    return 1;
}

/* writable has the pages of the bytes that are not guarded touched, 0 if one cannot be written. */
static int writable(struct run *r, uintptr_t addr, size_t size, const uint64_t *bytes)
{
    for (size_t i = 0; i < size;) {
        size_t n = PAGE - (addr + i) % PAGE;
        if (n > size - i)
            n = size - i;
        uint64_t here = bytes && i < 64 ? *bytes >> i & low_bits(n) : 1;
        size_t at = i + (bytes && here ? (size_t)__builtin_ctzll(here) : 0);
        if (here && !find_guarded(r->m, addr + i) && !__quasi_memguard_touch((void *)(addr + at))) {
            *r->fault = addr + at;
            return 0;
        }
        i += n;
    }
    return 1;
}

/* adjacent is where the bytes are, if their aliases lie side by side. */
static char *adjacent(struct memguard *m, uintptr_t addr, size_t size)
{
    char *a = __quasi_memguard_alias(m, addr);
    for (uintptr_t p = (addr | (PAGE - 1)) + 1; p < addr + size; p += PAGE)
        if (__quasi_memguard_alias(m, p) != a + (p - addr))
            return NULL;
    return a;
}

static void call_stub(struct run *r, quasi_stub *stub, void *target)
{
    uint64_t flags = r->gregs[REG_EFL];
    uint64_t after = stub(r->gregs, target, (flags & STATUS_FLAGS) | 2, r->uc->uc_mcontext.fpregs);
    if (r->in.state != STATE_NONE) { /* the state is the program's now, which functions do not expect */
        static const uint32_t usual = 0x1f80;
        __asm__ volatile("fninit; ldmxcsr %0" : : "m"(usual));
    }
    if (__quasi_memguard_uses_flags(&r->in))
        r->gregs[REG_EFL] = (flags & ~(uint64_t)STATUS_FLAGS) | (after & STATUS_FLAGS);
}

static int store(struct run *r)
{
    struct quasi_insn *in = &r->in;
    quasi_stub *stub = __quasi_memguard_stub(r->m, r->code, in);
    if (!stub)
        return 0;
    uintptr_t addr = address(r, in->base, in->index);
    size_t whole = in->size ? in->size : r->m->xsave_size, size = whole;
    uint64_t mask, *bytes = NULL;
    struct write w;
    if (selected(r, &size, &mask))
        bytes = &mask;
    char *target = adjacent(r->m, addr, whole);
    if (target) {
        __quasi_memguard_begin(r->m, &w, r->uc, addr, size, bytes);
        call_stub(r, stub, target);
    } else {
        char *copy = r->m->bounce + addr % 64;
        if (!writable(r, addr, size, bytes))
            return FAULT;
        for (size_t i = 0; i < size; i++) /* bytes that are not written may not be there */
            if (!bytes || i >= 64 || (mask >> i & 1))
                copy[i] = *__quasi_memguard_alias(r->m, addr + i);
        __quasi_memguard_begin(r->m, &w, r->uc, addr, size, bytes);
        call_stub(r, stub, copy);
        for (size_t i = 0; i < size; i++)
            if (!bytes || i >= 64 || (mask >> i & 1))
                *__quasi_memguard_alias(r->m, addr + i) = copy[i];
    }
    __quasi_memguard_end(r->m, &w);
    advance(r);
    return DONE;
}

/* put writes bytes by hand. */
static int put(struct run *r, uintptr_t addr, const void *from, size_t size, const uint64_t *bytes)
{
    struct write w;
    if (!writable(r, addr, size, bytes))
        return FAULT;
    __quasi_memguard_begin(r->m, &w, r->uc, addr, size, bytes);
    if (!bytes)
        __quasi_memguard_put(r->m, addr, from, size, 0);
    else
        for (size_t i = 0; i < size; i++)
            if (*bytes >> i & 1)
                *__quasi_memguard_alias(r->m, addr + i) = ((const char *)from)[i];
    __quasi_memguard_end(r->m, &w);
    return DONE;
}

static int maskmov(struct run *r)
{
    uint8_t data[64], mask[64];
    uint64_t bytes = 0;
    if (r->in.size == 8) {
        mmx(r, r->in.vector, data);
        mmx(r, r->in.vector2, mask);
    } else {
        vector(r, r->in.vector, data);
        vector(r, r->in.vector2, mask);
    }
    for (unsigned i = 0; i < r->in.size; i++)
        bytes |= (uint64_t)(mask[i] >> 7) << i;
    int done = put(r, address(r, RDI, NO_REG), data, r->in.size, &bytes);
    if (done == DONE)
        advance(r);
    return done;
}

/* scatter writes its elements in order; those that are done are no longer in its mask. */
static int scatter(struct run *r)
{
    const struct quasi_insn *in = &r->in;
    uint8_t data[64], indices[64];
    unsigned index_size = in->opcode & 1 ? 8 : 4;
    unsigned n = in->vector_length / (in->element > index_size ? in->element : index_size);
    uint64_t left = mask_register(r, in->mask) & low_bits(n);
    vector(r, in->vector, data);
    vector(r, in->index, indices);
    for (unsigned i = 0; i < n; i++) {
        if (!(left >> i & 1))
            continue;
        int64_t index;
        int32_t narrow;
        memcpy(&index, indices + i * index_size, 8 - 4 * (index_size == 4));
        memcpy(&narrow, &index, 4);
        struct run at = *r;
        at.in.disp += (uint64_t)(index_size == 4 ? narrow : index) * in->scale;
        if (put(r, address(&at, in->base, NO_REG), data + i * in->element, in->element, NULL) != DONE)
            return FAULT;
        left &= left - 1;
        set_mask_register(r, in->mask, left);
    }
    set_mask_register(r, in->mask, 0);
    advance(r);
    return DONE;
}

static void move(void *to, const void *from, unsigned size)
{
    uint64_t v = 0;
    memcpy(&v, from, size);
    memcpy(to, &v, size);
}

/*
 * run_length is how many elements from addr on, upwards or downwards, have bytes on guarded pages
 * that follow each other; at least 1. The first and the last may have others as well.
 */
static uint64_t run_length(struct memguard *m, uintptr_t addr, unsigned width, uint64_t count, int down)
{
    uintptr_t low = addr & -(uintptr_t)PAGE, high = (addr + width - 1) & -(uintptr_t)PAGE, room;
    if (down) {
        uintptr_t page = find_guarded(m, high) ? high : low;
        while (addr + width - page < count * width && find_guarded(m, page - PAGE))
            page -= PAGE;
        room = addr + width - page;
    } else {
        uintptr_t page = find_guarded(m, low) ? low : high;
        while (page + PAGE - addr < count * width && find_guarded(m, page + PAGE))
            page += PAGE;
        room = page + PAGE - addr;
    }
    uint64_t n = (room + width - 1) / width;
    return n < count ? n : count;
}

/* readable is how many of the elements can be read. */
static uint64_t readable(uintptr_t addr, unsigned width, uint64_t count, int down)
{
    uint8_t byte;
    for (uint64_t i = 0; i < count;) {
        uintptr_t at = down ? addr - i * width : addr + i * width;
        if (!__quasi_memguard_load_byte((void *)at, &byte) || !__quasi_memguard_load_byte((void *)(at + width - 1), &byte))
            return i;
        uintptr_t left = down ? at % PAGE : PAGE - (at + width - 1) % PAGE - 1;
        i += left / width + 1;
    }
    return count;
}

static int string(struct run *r)
{
    const struct quasi_insn *in = &r->in;
    unsigned width = in->width;
    int down = (r->gregs[REG_EFL] & DIRECTION) != 0, moves = in->kind == INSN_MOVS;
    uint64_t count = in->rep ? reg(r, RCX) : 1;
    uintptr_t to = reg(r, RDI), from = reg(r, RSI);
    if (in->address32 || !count)
        return 0;
    if (moves && in->segment)
        from = address(r, RSI, NO_REG);
    uint64_t n = run_length(r->m, to, width, count, down);
    if (moves) {
        uint64_t some = readable(from, width, n, down);
        if (!some) {
            uint8_t byte;
            *r->fault = from + (__quasi_memguard_load_byte((void *)from, &byte) ? PAGE - from % PAGE : 0);
            return FAULT;
        }
        n = some;
    }
    if (!writable(r, to, width, NULL))
        return FAULT;
    if (n > 1 && !writable(r, down ? to - (n - 1) * width : to + (n - 1) * width, width, NULL))
        n--;
    uintptr_t low = down ? to - (n - 1) * width : to;
    struct write w;
    uint64_t value = reg(r, RAX);
    __quasi_memguard_begin(r->m, &w, r->uc, low, n * width, NULL);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t step = down ? -i * width : i * width;
        if (moves)
            __quasi_memguard_read(r->m, from + step, &value, width);
        uintptr_t at = to + step;
        if (at % PAGE + width <= PAGE)
            move(__quasi_memguard_alias(r->m, at), &value, width);
        else
            __quasi_memguard_put(r->m, at, &value, width, 0);
    }
    __quasi_memguard_end(r->m, &w);
    uint64_t step = down ? -n * width : n * width;
    set_reg(r, RDI, to + step);
    if (moves)
        set_reg(r, RSI, reg(r, RSI) + step);
    if (in->rep)
        set_reg(r, RCX, count - n);
    if (!in->rep || n == count)
        advance(r);
    return DONE;
}

static int64_t immediate(const struct run *r)
{
    const uint8_t *at = r->code + r->in.length - r->in.imm;
    int32_t word;
    int16_t half;
    switch (r->in.imm) {
    case 1: return (int8_t)*at;
    case 2: memcpy(&half, at, 2); return half;
    default: memcpy(&word, at, 4); return word;
    }
}

/* operand is what push and call use of a register or memory. */
static int operand(struct run *r, uint64_t *v)
{
    const struct quasi_insn *in = &r->in;
    if (r->code[in->modrm_at] >> 6 == 3) {
        *v = reg(r, in->base);
        return 1;
    }
    uintptr_t addr = address(r, in->base, in->index);
    *v = 0;
    for (unsigned i = 0; i < in->width; i++)
        if (!__quasi_memguard_load_byte((void *)(addr + i), (uint8_t *)v + i)) {
            *r->fault = addr + i;
            return 0;
        }
    return 1;
}

static int stack(struct run *r)
{
    const struct quasi_insn *in = &r->in;
    uint64_t value = 0, next = r->gregs[REG_RIP] + in->length;
    int call = in->kind == INSN_CALL;
    if (in->modrm_at) {
        if (!operand(r, &value))
            return FAULT;
    } else if (in->imm) {
        value = immediate(r);
    } else if (in->reg != NO_REG) {
        value = reg(r, in->reg);
    } else if (in->opcode == 0x9c) {
        value = r->gregs[REG_EFL] & 0xfcffff;
    } else if (in->opcode == 0xa0) {
        __asm__("mov %%fs, %w0" : "=r"(value) : "0"(value));
    } else {
        __asm__("mov %%gs, %w0" : "=r"(value) : "0"(value));
    }
    if (call) {
        uint64_t target = in->modrm_at ? value : next + value;
        value = next;
        next = target;
    }
    int done = put(r, reg(r, RSP) - in->width, &value, in->width, NULL);
    if (done == DONE) {
        set_reg(r, RSP, reg(r, RSP) - in->width);
        r->gregs[REG_RIP] = next;
    }
    return done;
}

static int pop(struct run *r)
{
    uint64_t value = 0, sp = reg(r, RSP);
    unsigned width = r->in.width;
    for (unsigned i = 0; i < width; i++)
        if (!__quasi_memguard_load_byte((void *)(sp + i), (uint8_t *)&value + i)) {
            *r->fault = sp + i;
            return FAULT;
        }
    struct run after = *r; /* the address is that after rsp has changed */
    greg_t gregs[NGREG];
    memcpy(gregs, r->gregs, sizeof gregs);
    after.gregs = gregs;
    set_reg(&after, RSP, sp + width);
    int done = put(r, address(&after, r->in.base, r->in.index), &value, width, NULL);
    if (done == DONE) {
        set_reg(r, RSP, sp + width);
        advance(r);
    }
    return done;
}

static int absolute(struct run *r)
{
    uint64_t value = reg(r, RAX);
    int done = put(r, address(r, NO_REG, NO_REG), &value, r->in.width, NULL);
    if (done == DONE)
        advance(r);
    return done;
}

int __quasi_memguard_execute(struct memguard *m, ucontext_t *uc, uintptr_t *fault)
{
    struct run r = { .m = m, .uc = uc, .gregs = uc->uc_mcontext.gregs, .fault = fault };
    uint8_t across[16];
    r.code = (const uint8_t *)r.gregs[REG_RIP];
    unsigned here = PAGE - r.gregs[REG_RIP] % PAGE;
    if (!__quasi_memguard_decode(r.code, here < 15 ? here : 15, &r.in)) {
        if (here >= 15)
            return 0;
        memset(across, 0, sizeof across); /* the next page need not be there */
        for (unsigned i = 0; i < 15; i++)
            if (!__quasi_memguard_load_byte(r.code + i, across + i))
                break;
        r.code = across;
        if (!__quasi_memguard_decode(across, 15, &r.in))
            return 0;
    }
    if (r.in.state != STATE_NONE && !m->xsave_size)
        return 0;
    switch (r.in.kind) {
    case INSN_STORE:
    case INSN_VMASK: return store(&r);
    case INSN_SCATTER: return scatter(&r);
    case INSN_ABSOLUTE: return absolute(&r);
    case INSN_MASKMOV: return maskmov(&r);
    case INSN_MOVS:
    case INSN_STOS: return string(&r);
    case INSN_POP: return pop(&r);
    case INSN_PUSH:
    case INSN_CALL: return stack(&r);
    }
    return 0;
}
