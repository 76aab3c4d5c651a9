/*
 * decode_zydis.c: MemGuard's decoder against Zydis, over the text of object files.
 *
 *     decode_zydis FILE... [random N SEED]
 *
 * It goes through the sections that are executable, instruction by instruction as
 * Zydis sees them. Where Zydis says that memory is written by an explicit operand, the
 * decoder must agree on length, size, address and registers, or refuse; where Zydis
 * says that there is none, it must refuse, or see an implicit write. Random bytes, which
 * begin as instructions of each encoding do, are compared in the same way.
 */
#include "../memguard_decode.h"

#include <Zydis/Zydis.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static unsigned long stores, refused, wrong, implicit, instructions;

static int gpr(ZydisRegister reg)
{
    ZydisRegister wide = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    if (wide < ZYDIS_REGISTER_RAX || wide > ZYDIS_REGISTER_R15)
        return NO_REG;
    return wide - ZYDIS_REGISTER_RAX;
}

static void say(const char *what, const char *file, unsigned long offset, const uint8_t *code, unsigned length)
{
    static int said;
    if (said++ > 60)
        return;
    printf("%s: %s+0x%lx:", what, file, offset);
    for (unsigned i = 0; i < length; i++)
        printf(" %02x", code[i]);
    ZydisFormatter f;
    ZydisDecoder d;
    ZydisDecodedInstruction in;
    ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
    char text[200] = "";
    ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisFormatterInit(&f, ZYDIS_FORMATTER_STYLE_INTEL);
    if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, code, length, &in, ops)))
        ZydisFormatterFormatInstruction(&f, &in, ops, in.operand_count, text, sizeof text, 0, NULL);
    printf("  %s\n", text);
}

static int agrees(const struct quasi_insn *q, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *ops,
                  const ZydisDecodedOperand *mem)
{
    if (q->length != in->length)
        return 0;
    int segment = mem->mem.segment == ZYDIS_REGISTER_FS ? 0x64 : mem->mem.segment == ZYDIS_REGISTER_GS ? 0x65 : 0;
    if (q->segment != segment)
        return 0;
    uint16_t gprs = 0;
    for (unsigned i = 0; i < in->operand_count; i++)
        if (ops[i].type == ZYDIS_OPERAND_TYPE_REGISTER && gpr(ops[i].reg.value) != NO_REG)
            gprs |= 1 << gpr(ops[i].reg.value);
    int special = q->kind >= INSN_MASKMOV || q->kind == INSN_ABSOLUTE;
    if (!special && (gprs & ~q->gprs))
        return 0;
    if (q->kind == INSN_MOVS || q->kind == INSN_STOS)
        return q->size * 8 == mem->size;
    int xsave = in->meta.category == ZYDIS_CATEGORY_XSAVE || in->meta.category == ZYDIS_CATEGORY_XSAVEOPT;
    unsigned size = q->kind == INSN_SCATTER ? q->element * 8u : q->size * 8u;
    if (xsave ? q->size != 0 || q->kind != INSN_STORE : q->kind == INSN_SCATTER ? 0 : size != mem->size)
        return 0;
    if (q->rip_relative != (mem->mem.base == ZYDIS_REGISTER_RIP || mem->mem.base == ZYDIS_REGISTER_EIP))
        return 0;
    /* Zydis 4.0 sees a base in a SIB byte that has none, if there are both REX.B and a prefix 67 */
    int none = q->address32 && in->raw.modrm.mod == 0 && in->raw.modrm.rm == 4 && in->raw.sib.base == 5;
    if (none && q->base == NO_REG)
        return 1;
    if (!q->rip_relative && q->base != gpr(mem->mem.base))
        return 0;
    if (q->kind == INSN_SCATTER) {
        ZydisRegister v = mem->mem.index;
        int n = v >= ZYDIS_REGISTER_ZMM0 ? v - ZYDIS_REGISTER_ZMM0
                : v >= ZYDIS_REGISTER_YMM0 ? v - ZYDIS_REGISTER_YMM0 : v - ZYDIS_REGISTER_XMM0;
        if (q->index != n)
            return 0;
    } else if (q->index != gpr(mem->mem.index)) {
        return 0;
    }
    if (q->index != NO_REG && q->scale != mem->mem.scale)
        return 0;
    if (in->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX && q->element) {
        int k = in->avx.mask.reg == ZYDIS_REGISTER_NONE ? 0 : in->avx.mask.reg - ZYDIS_REGISTER_K0;
        if (q->mask != k)
            return 0;
    }
    return q->disp == mem->mem.disp.value;
}

static void check(const char *file, unsigned long offset, const uint8_t *code, const ZydisDecodedInstruction *in,
                  const ZydisDecodedOperand *ops)
{
    struct quasi_insn q;
    const ZydisDecodedOperand *mem = NULL;
    for (unsigned i = 0; i < in->operand_count; i++)
        if (ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY && ops[i].visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
            (ops[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) && ops[i].mem.type != ZYDIS_MEMOP_TYPE_AGEN)
            mem = &ops[i];
    int known = __quasi_memguard_decode(code, 15, &q);
    if (!mem) {
        if (known && q.kind != INSN_PUSH && q.kind != INSN_CALL && q.kind != INSN_MOVS && q.kind != INSN_STOS &&
            q.kind != INSN_MASKMOV) {
            wrong++;
            say("no store", file, offset, code, in->length);
        } else if (known) {
            implicit++;
            if (q.length != in->length) {
                wrong++;
                say("length", file, offset, code, in->length);
            }
        }
        return;
    }
    stores++;
    if (!known) {
        static uint8_t said[ZYDIS_MNEMONIC_MAX_VALUE + 1]; /* each mnemonic once */
        refused++;
        if (!said[in->mnemonic])
            say("refused", file, offset, code, in->length);
        said[in->mnemonic] = 1;
    } else if (!agrees(&q, in, ops, mem)) {
        wrong++;
        say("wrong", file, offset, code, in->length);
    }
}

static void sweep(const char *file)
{
    int fd = open(file, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        perror(file);
        exit(2);
    }
    const uint8_t *image = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    const Elf64_Ehdr *head = (const void *)image;
    const Elf64_Shdr *sections = (const void *)(image + head->e_shoff);
    ZydisDecoder d;
    ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (int i = 0; i < head->e_shnum; i++) {
        const Elf64_Shdr *s = &sections[i];
        if (s->sh_type != SHT_PROGBITS || !(s->sh_flags & SHF_EXECINSTR))
            continue;
        for (unsigned long at = 0; at + 16 < s->sh_size;) {
            const uint8_t *code = image + s->sh_offset + at;
            ZydisDecodedInstruction in;
            ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
            if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, code, 15, &in, ops))) {
                at++; /* data in the text */
                continue;
            }
            instructions++;
            check(file, s->sh_addr + at, code, &in, ops);
            at += in.length;
        }
    }
}

static uint64_t state;

static unsigned random_byte(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state * 0x2545f4914f6cdd1dull) >> 56;
}

/* random_insn has prefixes, escapes and opcodes as likely as they are in tables. */
static void random_insn(uint8_t *code)
{
    static const uint8_t prefixes[] = { 0x66, 0x66, 0xf2, 0xf3, 0xf3, 0xf0, 0x67, 0x64, 0x65, 0x2e };
    unsigned n = 0, form = random_byte() % 8;
    for (unsigned i = 0; i < 32; i++)
        code[i] = random_byte();
    while (form < 5 && n < 4 && random_byte() < 90)
        code[n++] = prefixes[random_byte() % sizeof prefixes];
    switch (form) {
    case 5: code[n++] = 0xc5; break;
    case 6:
        code[n++] = 0xc4;
        code[n] = (code[n] & 0xe0) | (1 + random_byte() % 3);
        break;
    case 7:
        code[n++] = 0x62;
        code[n] = (code[n] & 0xf0) | (1 + random_byte() % 6);
        code[n + 1] |= 4;
        if (random_byte() < 200)
            code[n + 1] |= 0x78;
        code[n + 2] |= 8;
        break;
    default:
        if (random_byte() < 128)
            code[n++] = 0x40 | random_byte() % 16;
        if (form > 0)
            code[n++] = 0x0f;
        if (form == 2)
            code[n++] = random_byte() & 1 ? 0x38 : 0x3a;
    }
}

static void random_bytes(unsigned long count)
{
    uint8_t code[32];
    ZydisDecoder d;
    ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (unsigned long i = 0; i < count; i++) {
        ZydisDecodedInstruction in;
        ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
        random_insn(code);
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, code, 15, &in, ops)))
            continue;
        instructions++;
        check("random", i, code, &in, ops);
    }
}

static void report(const char *name)
{
    printf("%s: %lu instructions, %lu explicit stores: %lu refused, %lu wrong; %lu implicit ones\n", name, instructions,
           stores, refused, wrong, implicit);
    instructions = stores = refused = implicit = 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "random") && i + 2 < argc) {
            state = strtoull(argv[i + 2], NULL, 10) * 7919 + 1;
            random_bytes(strtoul(argv[i + 1], NULL, 10));
            report("random");
            i += 2;
        } else {
            sweep(argv[i]);
            report(argv[i]);
        }
    }
    return wrong != 0;
}
