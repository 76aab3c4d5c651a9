/*
 * memguard_insns.h: one function for each kind of instruction that writes memory.
 *
 * A function gets the address to write at in rdi, loads the registers from *io, executes
 * its instruction, and stores the registers back; flags too. Run with the same *io on
 * memory with the same contents, it must do the same.
 */
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct io {
    uint64_t rax, rcx, rdx, rbx, rsi, rdi, r8, r9, rbp, flags, k1, k2; /* rdi: how far it has moved */
    uint8_t v[4][64] __attribute__((aligned(64)));                    /* zmm0, zmm1, zmm2, zmm17 */
};

int memguard_level; /* 0: SSE2, 1: AVX2, 2: AVX-512 F, BW, DQ, VL; 3: and VBMI2 */

__asm__(".macro enter_insn name\n"
        ".globl \\name\n"
        "\\name:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "mov %rsi, %r15; mov %rdi, %r14\n"
        "cmpl $2, memguard_level(%rip); jb 1f\n"
        "vmovdqu64 128(%r15), %zmm0; vmovdqu64 192(%r15), %zmm1; vmovdqu64 256(%r15), %zmm2; vmovdqu64 320(%r15), %zmm17\n"
        "kmovq 80(%r15), %k1; kmovq 88(%r15), %k2; jmp 3f\n"
        "1: cmpl $1, memguard_level(%rip); jb 2f\n"
        "vmovdqu 128(%r15), %ymm0; vmovdqu 192(%r15), %ymm1; vmovdqu 256(%r15), %ymm2; jmp 3f\n"
        "2: movdqu 128(%r15), %xmm0; movdqu 192(%r15), %xmm1; movdqu 256(%r15), %xmm2\n"
        "3: mov (%r15), %rax; mov 8(%r15), %rcx; mov 16(%r15), %rdx; mov 24(%r15), %rbx\n"
        "mov 32(%r15), %rsi; mov 48(%r15), %r8; mov 56(%r15), %r9; mov 64(%r15), %rbp\n"
        "push 72(%r15); popf\n"
        ".endm\n"
        ".macro leave_insn\n"
        "pushf; cld; pop 72(%r15)\n"
        "mov %rax, (%r15); mov %rcx, 8(%r15); mov %rdx, 16(%r15); mov %rbx, 24(%r15)\n"
        "mov %rsi, 32(%r15); sub %r14, %rdi; mov %rdi, 40(%r15); mov %r8, 48(%r15); mov %r9, 56(%r15); mov %rbp, 64(%r15)\n"
        "cmpl $2, memguard_level(%rip); jb 1f\n"
        "vmovdqu64 %zmm0, 128(%r15); vmovdqu64 %zmm1, 192(%r15); vmovdqu64 %zmm2, 256(%r15); vmovdqu64 %zmm17, 320(%r15)\n"
        "kmovq %k1, 80(%r15); kmovq %k2, 88(%r15); vzeroupper; jmp 3f\n"
        "1: cmpl $1, memguard_level(%rip); jb 2f\n"
        "vmovdqu %ymm0, 128(%r15); vmovdqu %ymm1, 192(%r15); vmovdqu %ymm2, 256(%r15); vzeroupper; jmp 3f\n"
        "2: movdqu %xmm0, 128(%r15); movdqu %xmm1, 192(%r15); movdqu %xmm2, 256(%r15)\n"
        "3: pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "ret\n"
        ".endm\n");

#define EACH_INSN(X) \
    X(mov8, 1, ~0, 0, "mov %al, (%rdi)") \
    X(mov8_high, 1, ~0, 0, "mov %bh, (%rdi)") \
    X(mov8_rex, 1, ~0, 0, "mov %sil, (%rdi)") \
    X(mov16, 2, ~0, 0, "mov %cx, (%rdi)") \
    X(mov32, 4, ~0, 0, "mov %edx, (%rdi)") \
    X(mov64, 8, ~0, 0, "mov %r9, (%rdi)") \
    X(mov_rdi, 8, ~0, 0, "mov %rdi, %rbx; mov $1234567, %edi; mov %rdi, (%rbx); mov %rbx, %rdi; xor %ebx, %ebx") \
    X(xadd_rsi, 8, ~0, 0, "lock xadd %rsi, (%rdi)") \
    X(xchg_rdi, 4, ~0, 0, "mov %rdi, %rbx; mov $76543, %edi; xchg %edi, (%rbx); mov %edi, %ecx; mov %rbx, %rdi; xor %ebx, %ebx") \
    X(mov_imm8, 1, ~0, 0, "movb $0x5a, (%rdi)") \
    X(mov_imm16, 2, ~0, 0, "movw $0x5a5b, (%rdi)") \
    X(mov_imm32, 4, ~0, 0, "movl $0x5a5b5c5d, (%rdi)") \
    X(mov_imm64, 8, ~0, 0, "movq $-77, (%rdi)") \
    X(mov_sib, 4, ~0, 0, "mov %rdi, %rbp; mov $-3, %rbx; mov %eax, 24(%rbp,%rbx,8); xor %ebp, %ebp") \
    X(mov_segment, 2, ~0, 0, "mov %ds, (%rdi)") \
    X(mov_fs, 4, ~0, 0, "mov %rdi, %rbp; sub %fs:0, %rbp; mov %eax, %fs:(%rbp); mov $1, %ebp") \
    X(mov_32, 4, ~0, 32, "mov %edx, (%edi)") \
    X(movnti, 8, ~0, 0, "movnti %rax, (%rdi)") \
    X(movbe, 4, ~0, 0, "movbe %eax, (%rdi)") \
    X(add8, 1, ~0, 0, "add %al, (%rdi)") \
    X(add32, 4, ~0, 0, "add %edx, (%rdi)") \
    X(adc64, 8, ~0, 0, "adc %rax, (%rdi)") \
    X(sbb16, 2, ~0, 0, "sbb $5, %cx; sbbw $1234, (%rdi)") \
    X(and_imm, 4, ~0, 0, "andl $0xfff, (%rdi)") \
    X(or_imm8, 8, ~0, 0, "orq $64, (%rdi)") \
    X(xor64, 8, ~0, 0, "xor %rbx, (%rdi)") \
    X(sub_lock, 4, ~0, 0, "lock subl $3, (%rdi)") \
    X(inc, 1, ~0, 0, "incb (%rdi)") \
    X(dec_lock, 8, ~0, 0, "lock decq (%rdi)") \
    X(neg, 4, ~0, 0, "negl (%rdi)") \
    X(not, 2, ~0, 0, "notw (%rdi)") \
    X(shl, 4, ~0, 0, "shll $3, (%rdi)") \
    X(sar_cl, 8, ~0, 0, "mov $7, %cl; sarq %cl, (%rdi)") \
    X(rcl, 2, ~0, 0, "rclw (%rdi)") \
    X(shld, 4, ~0, 0, "shld $5, %edx, (%rdi)") \
    X(shrd, 8, ~0, 0, "mov $9, %cl; shrd %cl, %rax, (%rdi)") \
    X(xchg, 8, ~0, 0, "xchg %rax, (%rdi)") \
    X(xchg8, 1, ~0, 0, "xchg %dh, (%rdi)") \
    X(xadd, 4, ~0, 0, "lock xadd %ecx, (%rdi)") \
    X(cmpxchg_other, 8, ~0, 0, "lock cmpxchg %rdx, (%rdi)") \
    X(cmpxchg_same, 4, ~0, 0, "mov (%rdi), %eax; lock cmpxchg %edx, (%rdi)") \
    X(cmpxchg8b, 8, ~0, 0, "mov (%rdi), %eax; mov 4(%rdi), %edx; lock cmpxchg8b (%rdi)") \
    X(cmpxchg16b, 16, ~0, 16, "mov (%rdi), %rax; mov 8(%rdi), %rdx; lock cmpxchg16b (%rdi)") \
    X(bts, 4, ~0, 0, "btsl $11, (%rdi)") \
    X(bts_far, 8, ~0, 0, "mov $1000005, %ebx; lea -125000(%rdi), %rdi; lock bts %rbx, (%rdi); lea 125000(%rdi), %rdi") \
    X(btc_back, 2, ~0, 0, "mov $-1001, %bx; lea 126(%rdi), %rdi; btc %bx, (%rdi); lea -126(%rdi), %rdi") \
    X(setc, 1, ~0, 0, "setc (%rdi)") \
    X(setne, 1, ~0, 0, "setne (%rdi)") \
    X(pop_m, 8, ~0, 0, "push %rcx; popq (%rdi)") \
    X(pop_m16, 2, ~0, 0, "pushw %cx; popw (%rdi)") \
    X(push_r, 8, ~0, 0, "mov %rsp, %r12; lea 8(%rdi), %rsp; push %r9; mov %r12, %rsp") \
    X(push_rsp, 8, ~0, 128, "mov %rsp, %r12; lea 8(%rdi), %rsp; push %rsp; mov %r12, %rsp") \
    X(push_imm, 8, ~0, 0, "mov %rsp, %r12; lea 8(%rdi), %rsp; push $-1234; mov %r12, %rsp") \
    X(push_m, 8, ~0, 0, "mov %rsp, %r12; lea 8(%rdi), %rsp; pushq 16(%r15); mov %r12, %rsp") \
    X(pushf, 8, ~0, 0, "mov %rsp, %r12; lea 8(%rdi), %rsp; pushf; mov %r12, %rsp") \
    X(call, 8, ~0, 0, "mov %rsp, %r12; lea 8(%rdi), %rsp; call 9f; 9: mov %r12, %rsp") \
    X(call_r, 8, ~0, 0, "mov %rsp, %r12; lea 9f(%rip), %r13; lea 8(%rdi), %rsp; call *%r13; 9: mov %r12, %rsp") \
    X(mov_rsp, 8, ~0, 128, "mov %rsp, (%rdi)") \
    X(stosb, 1, ~0, 0, "stosb") \
    X(stosq, 8, ~0, 0, "stosq") \
    X(movsw, 2, ~0, 0, "movsw") \
    X(rep_stosb, 23, ~0, 0, "mov $23, %ecx; rep stosb") \
    X(rep_stosd, 44, ~0, 0, "mov $11, %ecx; rep stosl") \
    X(rep_movsb, 61, ~0, 0, "mov $61, %ecx; rep movsb") \
    X(rep_movsq, 64, ~0, 0, "mov $8, %ecx; rep movsq") \
    X(rep_stosw_down, 20, ~0, 0, "mov $10, %ecx; add $18, %rdi; std; rep stosw; cld") \
    X(rep_movsb_over, 40, ~0, 0, "lea -3(%rdi), %rsi; mov $40, %ecx; rep movsb; xor %esi, %esi") \
    X(fst32, 4, ~0, 0, "fld1; fsts (%rdi); fstp %st") \
    X(fstp64, 8, ~0, 0, "fldpi; fstpl (%rdi)") \
    X(fstp80, 10, ~0, 0, "fldl2e; fstpt (%rdi)") \
    X(fistp16, 2, ~0, 0, "fldpi; fistps (%rdi)") \
    X(fistp64, 8, ~0, 0, "fldl2t; fistpll (%rdi)") \
    X(fisttp32, 4, ~0, 0, "fldpi; fisttpl (%rdi)") \
    X(fbstp, 10, ~0, 0, "fldpi; fbstp (%rdi)") \
    X(fnstcw, 2, ~0, 0, "fnstcw (%rdi)") \
    X(fnstsw, 2, ~0, 0, "fnstsw (%rdi)") \
    X(x87_stack, 8, ~0, 0, "fld1; fldpi; faddp; fldl2e; fxch; fstpl (%rdi); fstp %st") \
    X(stmxcsr, 4, ~0, 0, "stmxcsr (%rdi)") \
    X(movd, 4, ~0, 0, "movd %xmm1, (%rdi)") \
    X(movq, 8, ~0, 0, "movq %xmm1, (%rdi)") \
    X(movq_mmx, 8, ~0, 0, "movq %rax, %mm3; movq %mm3, (%rdi); emms") \
    X(movntq, 8, ~0, 0, "movq %rdx, %mm1; movntq %mm1, (%rdi); emms") \
    X(maskmovq, 8, bytes_of_signs(io->v[2], 8), 0, "movq 192(%r15), %mm1; movq 256(%r15), %mm2; maskmovq %mm2, %mm1; emms") \
    X(movss, 4, ~0, 0, "movss %xmm0, (%rdi)") \
    X(movsd, 8, ~0, 0, "movsd %xmm1, (%rdi)") \
    X(movlps, 8, ~0, 0, "movlps %xmm1, (%rdi)") \
    X(movhpd, 8, ~0, 0, "movhpd %xmm1, (%rdi)") \
    X(movups, 16, ~0, 0, "movups %xmm2, (%rdi)") \
    X(movaps, 16, ~0, 16, "movaps %xmm2, (%rdi)") \
    X(movdqu, 16, ~0, 0, "movdqu %xmm1, (%rdi)") \
    X(movntdq, 16, ~0, 16, "movntdq %xmm1, (%rdi)") \
    X(maskmovdqu, 16, bytes_of_signs(io->v[2], 16), 0, "maskmovdqu %xmm2, %xmm1") \
    X(pextrb, 1, ~0, 0, "pextrb $5, %xmm1, (%rdi)") \
    X(pextrw, 2, ~0, 0, "pextrw $3, %xmm1, (%rdi)") \
    X(pextrq, 8, ~0, 0, "pextrq $1, %xmm1, (%rdi)") \
    X(extractps, 4, ~0, 0, "extractps $2, %xmm1, (%rdi)") \
    X(fxsave, 512, ~0, 16 | 256, "fxsave (%rdi)") \
    X(vmovups, 32, ~0, 1, "vmovups %ymm1, (%rdi)") \
    X(vmovdqa, 32, ~0, 1 | 64, "vmovdqa %ymm2, (%rdi)") \
    X(vmovntps, 32, ~0, 1 | 64, "vmovntps %ymm2, (%rdi)") \
    X(vextracti128, 16, ~0, 1, "vextracti128 $1, %ymm1, (%rdi)") \
    X(vcvtps2ph, 16, ~0, 1, "vcvtps2ph $0, %ymm0, (%rdi)") \
    X(vmaskmovps, 32, bytes_of(io->v[2], 4, 8), 1, "vmaskmovps %ymm1, %ymm2, (%rdi)") \
    X(vpmaskmovq, 16, bytes_of(io->v[2], 8, 2), 1, "vpmaskmovq %xmm1, %xmm2, (%rdi)") \
    X(vmovdqu64, 64, ~0, 2, "vmovdqu64 %zmm17, (%rdi)") \
    X(vmovups_disp, 64, ~0, 2, "sub $320, %rdi; vmovups %zmm1, 320(%rdi); add $320, %rdi") \
    X(vmovdqu8_mask, 64, io->k1, 2, "vmovdqu8 %zmm1, (%rdi){%k1}") \
    X(vmovdqu16_mask, 32, spread(io->k1, 2, 16), 2, "vmovdqu16 %ymm17, (%rdi){%k1}") \
    X(vmovapd_mask, 64, spread(io->k2, 8, 8), 2 | 1024, "vmovapd %zmm0, (%rdi){%k2}") \
    X(vmovss_mask, 4, spread(io->k2, 4, 1), 2, "vmovss %xmm1, (%rdi){%k2}") \
    X(vpmovqb_mask, 8, spread(io->k2, 1, 8), 2, "vpmovqb %zmm1, (%rdi){%k2}") \
    X(vpmovdw, 32, ~0, 2, "vpmovusdw %zmm17, (%rdi)") \
    X(vextracti32x4_mask, 16, spread(io->k1, 4, 4), 2, "vextracti32x4 $2, %zmm1, (%rdi){%k1}") \
    X(vpcompressd, 4 * __builtin_popcount(io->k1 & 0xffff), ~0, 2, "vpcompressd %zmm1, (%rdi){%k1}") \
    X(vpcompressb, __builtin_popcountll(io->k1), ~0, 3, "vpcompressb %zmm17, (%rdi){%k1}") \
    X(vpextrw_evex, 2, ~0, 2, "vpextrw $3, %xmm17, (%rdi)") \
    X(kmovw, 2, ~0, 2, "kmovw %k1, (%rdi)") \
    X(kmovq, 8, ~0, 2, "kmovq %k2, (%rdi)")

/* A field of what is true of an instruction: needs, alignment. */
enum {
    LEVEL = 3,         /* of memguard_level */
    ALIGNED_16 = 16,
    LOW_MEMORY = 32,   /* below 4 GiB */
    ALIGNED_32 = 64,
    OWN_ADDRESS = 128, /* writes addresses of its own, which differ from place to place */
    UNSPECIFIED = 256, /* some bytes differ from time to time */
    ALIGNED_64 = 1024,
};

#define DECLARE(name, size, written, flags, text) \
    __asm__("enter_insn insn_" #name "\n" text "\nleave_insn\n"); \
    void insn_##name(void *at, struct io *io);

EACH_INSN(DECLARE)

static inline uint64_t spread(uint64_t mask, unsigned element, unsigned n)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < n; i++)
        if (mask >> i & 1)
            bytes |= ((1ull << element) - 1) << i * element;
    return bytes;
}

static inline uint64_t bytes_of(const uint8_t *v, unsigned element, unsigned n)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < n; i++)
        if (v[i * element + element - 1] >> 7)
            bytes |= ((1ull << element) - 1) << i * element;
    return bytes;
}

static inline uint64_t bytes_of_signs(const uint8_t *v, unsigned n) { return bytes_of(v, 1, n); }

struct insn {
    const char *name;
    void (*run)(void *at, struct io *io);
    int flags;
};

#define ROW(name, size, written, flags, text) { #name, insn_##name, flags },
static const struct insn insns[] = { EACH_INSN(ROW) };
enum { INSNS = sizeof insns / sizeof *insns };

/* extent is what an instruction will write with these registers: size, and which bytes of it. */
static inline unsigned extent(unsigned insn, const struct io *io, uint64_t *bytes)
{
    unsigned n = 0;
#define EXTENT(name, size, written, flags, text) \
    if (insn == n++) { \
        *bytes = written; \
        return size; \
    }
    EACH_INSN(EXTENT)
    (void)io;
    abort();
}

static inline void find_level(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return;
    if (__builtin_cpu_supports("avx2"))
        memguard_level = 1;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        memguard_level = 2 + __builtin_cpu_supports("avx512vbmi2");
}

static inline unsigned alignment(unsigned insn)
{
    int f = insns[insn].flags;
    return f & ALIGNED_64 ? 64 : f & ALIGNED_32 ? 32 : f & ALIGNED_16 ? 16 : 1;
}

static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1dull;
}

static inline void randomize(struct io *io, uint64_t *state, const void *source)
{
    uint64_t *word = (uint64_t *)io;
    for (unsigned i = 0; i < sizeof *io / 8; i++)
        word[i] = next_random(state);
    io->flags = (io->flags & 0x8d5) | 2;
    for (int i = 0; i < 16; i++) { /* numbers that vcvtps2ph converts */
        float f = (float)(int)(next_random(state) % 2000) / 16;
        memcpy(io->v[0] + 4 * i, &f, 4);
    }
    io->rsi = (uint64_t)source;
}
