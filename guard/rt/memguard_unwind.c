/*
 * memguard_unwind.c: who called, by the unwind tables of the objects that are loaded.
 *
 * What they say of a place in the code is kept, so that it is read once. It covers what
 * compilers emit for ordinary functions: a frame that is found by rsp or rbp. Of
 * anything else, frames of signals among them, nothing is said, and the caller asks libc.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <dlfcn.h>
#include <string.h>

enum { RBP = 6, RSP = 7, RETURN = 16 };                      /* DWARF's numbers */
enum { PCREL_SDATA4 = 0x1b, DATAREL_SDATA4 = 0x3b, UDATA4 = 3 }; /* its encodings of pointers */
enum { MOST_REMEMBERED = 8 };

/* State of a frame while its table is read. */
struct row {
    int cfa_register;
    int64_t cfa_offset, return_offset, rbp_offset;
    int return_undefined, rbp_saved, unknown;
};

static uint64_t uleb(const uint8_t **p)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t b = *(*p)++;
        if (shift < 64)
            v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
}

static int64_t sleb(const uint8_t **p)
{
    uint64_t v = 0;
    unsigned shift = 0;
    uint8_t b;
    do {
        b = *(*p)++;
        if (shift < 64)
            v |= (uint64_t)(b & 0x7f) << shift;
        shift += 7;
    } while (b & 0x80);
    if ((b & 0x40) && shift < 64)
        v |= ~0ull << shift;
    return (int64_t)v;
}

static uint32_t word(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static const uint8_t *relative(const uint8_t *p) { return p + (int32_t)word(p); }

/* set_offset: register n is saved at this distance from the frame's address. */
static void set_offset(struct row *r, uint64_t n, int64_t offset)
{
    if (n == RBP) {
        r->rbp_saved = 1;
        r->rbp_offset = offset;
    } else if (n == RETURN) {
        r->return_offset = offset;
    }
}

/* set_as: register n is saved as from says; if there is no from, in a way that is not known. */
static void set_as(struct row *r, uint64_t n, const struct row *from)
{
    if (n == RBP && from) {
        r->rbp_saved = from->rbp_saved;
        r->rbp_offset = from->rbp_offset;
    } else if (n == RETURN && from) {
        r->return_offset = from->return_offset;
        r->return_undefined = from->return_undefined;
    } else if (n == RBP || n == RETURN) {
        r->unknown = 1;
    }
}

struct factors {
    uint64_t code;
    int64_t data;
};

/* run executes the instructions of a table up to pc, which is so far from the beginning of the function. */
static void run(const uint8_t *p, const uint8_t *end, uint64_t pc, const struct factors *f, struct row *r,
                const struct row *initial)
{
    struct row remembered[MOST_REMEMBERED];
    unsigned depth = 0;
    uint64_t at = 0, n;
    while (p < end && !r->unknown) {
        uint8_t op = *p++;
        switch (op >> 6) {
        case 1: at += (op & 63) * f->code; break;
        case 2: set_offset(r, op & 63, (int64_t)uleb(&p) * f->data); continue;
        case 3: set_as(r, op & 63, initial); continue;
        default:
            switch (op) {
            case 0x00: continue;
            case 0x02: at += *p++ * f->code; break;
            case 0x03: at += (p[0] | p[1] << 8) * f->code; p += 2; break;
            case 0x04: at += word(p) * f->code; p += 4; break;
            case 0x05: n = uleb(&p); set_offset(r, n, (int64_t)uleb(&p) * f->data); continue;
            case 0x06: set_as(r, uleb(&p), initial); continue;
            case 0x07:
                n = uleb(&p);
                if (n == RETURN)
                    r->return_undefined = 1;
                continue;
            case 0x08:
                n = uleb(&p);
                if (n == RBP)
                    r->rbp_saved = 0;
                continue;
            case 0x0a:
                if (depth == MOST_REMEMBERED)
                    r->unknown = 1;
                else
                    remembered[depth++] = *r;
                continue;
            case 0x0b:
                if (!depth)
                    r->unknown = 1;
                else
                    *r = remembered[--depth];
                continue;
            case 0x0c: r->cfa_register = (int)uleb(&p); r->cfa_offset = (int64_t)uleb(&p); continue;
            case 0x0d: r->cfa_register = (int)uleb(&p); continue;
            case 0x0e: r->cfa_offset = (int64_t)uleb(&p); continue;
            case 0x10: /* an expression */
                set_as(r, uleb(&p), NULL);
                n = uleb(&p);
                p += n;
                continue;
            case 0x11: n = uleb(&p); set_offset(r, n, sleb(&p) * f->data); continue;
            case 0x12: r->cfa_register = (int)uleb(&p); r->cfa_offset = sleb(&p) * f->data; continue;
            case 0x13: r->cfa_offset = sleb(&p) * f->data; continue;
            case 0x2e: uleb(&p); continue;
            default: r->unknown = 1; continue;
            }
        }
        if (at > pc)
            return;
    }
}

/* read_tables fills in what the description of the function at fde says of pc. */
static int read_tables(const uint8_t *fde, uintptr_t pc, struct row *r)
{
    const uint8_t *fde_end = fde + 4 + word(fde), *cie = fde + 4 - word(fde + 4), *cie_end = cie + 4 + word(cie);
    const uint8_t *begin = relative(fde + 8), *p = cie + 9;
    uint32_t range = word(fde + 12);
    if (word(fde) == ~0u || word(cie) == ~0u || word(cie + 4) || cie[8] != 1 || pc - (uintptr_t)begin >= range)
        return 0;
    const char *letters = (const char *)p;
    p += strlen(letters) + 1;
    struct factors f;
    f.code = uleb(&p);
    f.data = sleb(&p);
    if (uleb(&p) != RETURN || *letters != 'z')
        return 0;
    const uint8_t *data = p, *data_end;
    uint64_t length = uleb(&data);
    data_end = data + length;
    for (letters++; *letters; letters++) {
        uint8_t encoding;
        switch (*letters) {
        case 'L': data++; break;
        case 'P':
            encoding = *data++;
            data += (encoding & 7) == 3 ? 4 : 8; /* of 32, or 64 bits */
            break;
        case 'R':
            if (*data++ != PCREL_SDATA4)
                return 0;
            break;
        default: return 0; /* a frame of a signal, for one */
        }
    }
    *r = (struct row){ .cfa_register = -1 };
    run(data_end, cie_end, ~0ull, &f, r, NULL);
    struct row initial = *r;
    p = fde + 16;
    length = uleb(&p);
    run(p + length, fde_end, pc - (uintptr_t)begin, &f, r, &initial);
    return !r->unknown && (r->cfa_register == RSP || r->cfa_register == RBP);
}

/* find_table looks pc up in the table of an object, which is sorted. NULL: it is not there. */
static const uint8_t *find_table(const uint8_t *header, uintptr_t pc)
{
    if (header[0] != 1 || header[1] != PCREL_SDATA4 || header[2] != UDATA4 || header[3] != DATAREL_SDATA4)
        return NULL;
    uint32_t lo = 0, hi = word(header + 8);
    int64_t want = (int64_t)(pc - (uintptr_t)header);
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if ((int32_t)word(header + 12 + 8 * (size_t)mid) <= want)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? header + (int32_t)word(header + 12 + 8 * (size_t)(lo - 1) + 4) : NULL;
}

#ifdef DLFO_STRUCT_HAS_EH_DBASE
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

/* rule_at is what is known of pc; NULL: nothing. */
static const struct frame_rule *rule_at(struct memguard *m, uintptr_t pc)
{
    struct dl_find_object object;
    if (!_dl_find_object || _dl_find_object((void *)pc, &object) || !object.dlfo_eh_frame)
        return NULL;
    struct frame_rule *known = &m->rules[(pc * 0x9e3779b97f4a7c15u) >> 52];
    if (known->pc == pc && known->object == object.dlfo_eh_frame)
        return known;
    const uint8_t *fde = find_table(object.dlfo_eh_frame, pc);
    struct row r;
    if (!fde || !read_tables(fde, pc, &r))
        return NULL;
    *known = (struct frame_rule){ pc,
                                  object.dlfo_eh_frame,
                                  (int32_t)r.cfa_offset,
                                  (int32_t)r.return_offset,
                                  (int32_t)r.rbp_offset,
                                  r.cfa_register == RBP,
                                  (uint8_t)r.rbp_saved,
                                  (uint8_t)r.return_undefined };
    return known;
}
#else
static const struct frame_rule *rule_at(struct memguard *m, uintptr_t pc)
{
    (void)m, (void)pc;
    return NULL;
}
#endif

/*
 * unwind finds up to most callers of the interrupted instruction. It returns how many, or -1 if it
 * has met what it does not know. The lock is held.
 */
int __quasi_memguard_unwind(struct memguard *m, const ucontext_t *uc, const void **to, unsigned most)
{
    uint64_t sp = uc->uc_mcontext.gregs[REG_RSP], bp = uc->uc_mcontext.gregs[REG_RBP], pc = uc->uc_mcontext.gregs[REG_RIP];
    unsigned n = 0;
    for (int before = 0; n < most; before = 1) { /* a call may be the last instruction of its function */
        const struct frame_rule *r = rule_at(m, pc - before);
        if (!r)
            return -1;
        if (r->return_undefined)
            break;
        uint64_t frame = (r->by_rbp ? bp : sp) + r->frame_offset;
        if (!__quasi_memguard_load((void *)(frame + r->return_offset), &pc) ||
            (r->rbp_saved && !__quasi_memguard_load((void *)(frame + r->rbp_offset), &bp)))
            return -1;
        if (!pc)
            break;
        if (frame <= sp)
            return -1;
        sp = frame;
        to[n++] = (const void *)pc;
    }
    return (int)n;
}
