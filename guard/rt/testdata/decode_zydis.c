/*
 * decode_zydis.c: MemGuard's decoder against Zydis, over the text of object files.
 *
 *     decode_zydis FILE...
 *
 * It goes through the sections that are executable, instruction by instruction as
 * Zydis sees them. Where Zydis says that memory is written by an explicit operand, the
 * decoder must agree on length, size, address and registers, or refuse; where Zydis
 * says that there is none, it must refuse, or see an implicit write.
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
        refused++;
        say("refused", file, offset, code, in->length);
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

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        sweep(argv[i]);
    printf("%lu instructions, %lu explicit stores: %lu refused, %lu wrong; %lu implicit ones\n", instructions, stores,
           refused, wrong, implicit);
    return wrong != 0;
}
