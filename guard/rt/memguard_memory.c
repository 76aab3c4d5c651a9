/*
 * memguard_memory.c: the program's memory as MemGuard sees it: through aliases where
 * there are slots, without faults that matter, and as the kernel has mapped it.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <fcntl.h>
#include <string.h>

/* These may fault: the handler of SIGSEGV then continues at the second label (see on_segv). */
__asm__(".text\n"
        ".globl __quasi_memguard_load, __quasi_memguard_load_byte, __quasi_memguard_touch\n"
        ".globl __quasi_memguard_probes, __quasi_memguard_probes_end, __quasi_memguard_probe_fails\n"
        ".hidden __quasi_memguard_load, __quasi_memguard_load_byte, __quasi_memguard_touch\n"
        ".hidden __quasi_memguard_probes, __quasi_memguard_probes_end, __quasi_memguard_probe_fails\n"
        "__quasi_memguard_probes:\n"
        "__quasi_memguard_load: mov (%rdi), %rax; mov %rax, (%rsi); mov $1, %eax; ret\n"
        "__quasi_memguard_load_byte: mov (%rdi), %al; mov %al, (%rsi); mov $1, %eax; ret\n"
        "__quasi_memguard_touch: lock orb $0, (%rdi); mov $1, %eax; ret\n"
        "__quasi_memguard_probes_end:\n"
        "__quasi_memguard_probe_fails: xor %eax, %eax; ret\n");

/*
 * try calls f, and returns -1 if that faults: *sp is where the handler of SIGSEGV goes on then.
 * enter faults at an address that cannot be; the handler then serves the request in %rdi.
 */
__asm__(".text\n"
        ".globl __quasi_memguard_try, __quasi_memguard_try_fails, __quasi_memguard_enter, __quasi_memguard_entered\n"
        ".hidden __quasi_memguard_try, __quasi_memguard_try_fails, __quasi_memguard_enter, __quasi_memguard_entered\n"
        "__quasi_memguard_try: .cfi_startproc\n"
        "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rcx\n"
        "  .cfi_adjust_cfa_offset 56\n"
        "  mov %rsp, (%rcx)\n"
        "  mov %rdi, %rax; mov %rsi, %rdi; mov %edx, %esi\n"
        "  call *%rax\n"
        "1: pop %rcx; movq $0, (%rcx)\n"
        "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "  .cfi_adjust_cfa_offset -56\n"
        "  ret\n"
        "  .cfi_adjust_cfa_offset 56\n"
        "__quasi_memguard_try_fails: mov $-1, %eax; jmp 1b\n"
        "  .cfi_endproc\n"
        "__quasi_memguard_enter: movb $0, (%rsi)\n"
        "__quasi_memguard_entered: ret\n");

char *__quasi_memguard_alias(struct memguard *m, uintptr_t addr)
{
    struct guarded_page *p = find_guarded(m, addr);
    return p ? p->alias + addr % PAGE : (char *)addr;
}

static size_t within_page(uintptr_t addr, size_t size)
{
    size_t left = PAGE - addr % PAGE;
    return size < left ? size : left;
}

void __quasi_memguard_read(struct memguard *m, uintptr_t addr, void *to, size_t size)
{
    while (size) {
        size_t n = within_page(addr, size);
        copy_bytes(to, __quasi_memguard_alias(m, addr), n);
        addr += n;
        to = (char *)to + n;
        size -= n;
    }
}

/* Bytes that are aligned are written at once. */
__asm__(".text\n"
        ".globl __quasi_memguard_copy, __quasi_memguard_copy_end\n.hidden __quasi_memguard_copy, __quasi_memguard_copy_end\n"
        "__quasi_memguard_copy: .cfi_startproc\n"
        "  lea -1(%rdx), %rax\n  test %rdi, %rax\n  jnz 1f\n"
        "  cmp $8, %rdx\n  je 5f\n  cmp $4, %rdx\n  je 4f\n  cmp $2, %rdx\n  je 3f\n  cmp $1, %rdx\n  je 2f\n"
        "1: mov %rdx, %rcx\n  rep movsb\n  ret\n"
        "2: mov (%rsi), %al\n  mov %al, (%rdi)\n  ret\n"
        "3: movzwl (%rsi), %eax\n  mov %ax, (%rdi)\n  ret\n"
        "4: mov (%rsi), %eax\n  mov %eax, (%rdi)\n  ret\n"
        "5: mov (%rsi), %rax\n  mov %rax, (%rdi)\n  ret\n"
        "__quasi_memguard_copy_end: .cfi_endproc\n");

void __quasi_memguard_put(struct memguard *m, uintptr_t addr, const void *from, size_t size, size_t behind)
{
    while (size) {
        size_t n = within_page(addr, size);
        const struct guarded_page *p = find_guarded(m, addr);
        __quasi_memguard_copy(p ? p->alias + behind + addr % PAGE : (char *)addr, from, n);
        addr += n;
        from = (const char *)from + n;
        size -= n;
    }
}

void __quasi_memguard_warn(const char *text)
{
    static const char begin[] = "quasi: memguard: ";
    call3(SYS_write, 2, (long)begin, sizeof begin - 1);
    call3(SYS_write, 2, (long)text, strlen(text));
    call3(SYS_write, 2, (long)"\n", 1);
}

void __quasi_memguard_fails(void)
{
    __quasi_memguard_warn("the kernel refuses to map pages (vm.max_map_count); the program ends");
    call1(SYS_exit_group, 127);
    __builtin_unreachable();
}

/* The kernel's, since Linux 6.11; <linux/fs.h> may be older. */
struct procmap_query {
    uint64_t size, query_flags, query_addr, start, end, flags, page_size, offset, inode;
    uint32_t dev_major, dev_minor, name_size, build_id_size;
    uint64_t name, build_id;
};
enum { PROCMAP_QUERY_CALL = 0xc0686611 };

static uintptr_t hexadecimal(const char **s)
{
    uintptr_t n = 0;
    for (;; (*s)++) {
        unsigned c = **s, digit = c - '0' < 10 ? c - '0' : c - 'a' < 6 ? c - 'a' + 10 : 16;
        if (digit == 16)
            return n;
        n = n << 4 | digit;
    }
}

/* from_text looks into /proc/self/maps; only the first part of each line matters. */
static int from_text(int fd, uintptr_t addr, struct vma *v)
{
    char buffer[512], line[96];
    unsigned used = 0;
    long n;
    int found = 0;
    while (!found && (n = call3(SYS_read, fd, (long)buffer, sizeof buffer)) > 0)
        for (long i = 0; i < n && !found; i++) {
            if (buffer[i] != '\n') {
                if (used < sizeof line - 1)
                    line[used++] = buffer[i];
                continue;
            }
            line[used] = 0;
            used = 0;
            const char *s = line;
            v->start = hexadecimal(&s);
            s++;
            v->end = hexadecimal(&s);
            found = v->start <= addr && addr < v->end;
            v->readable = s[1] == 'r';
            v->writable = s[2] == 'w';
            v->executable = s[3] == 'x';
            v->shared = s[4] == 's';
            v->page_size = PAGE;
            v->inode = 0; /* start-end perms offset device inode path */
            for (int fields = 0; *s && fields < 4; s++)
                fields += *s == ' ';
            for (; *s >= '0' && *s <= '9'; s++)
                v->inode = v->inode * 10 + (*s - '0');
        }
    return found;
}

/* vma tells how the kernel has mapped addr; 0: not at all, -1: it cannot be known. */
int __quasi_memguard_vma(uintptr_t addr, struct vma *v)
{
    int fd = (int)call3(SYS_open, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0), found;
    if (fd < 0)
        return -1;
    struct procmap_query q = { .size = sizeof q, .query_addr = addr };
    if (call3(SYS_ioctl, fd, PROCMAP_QUERY_CALL, (long)&q) == 0) {
        *v = (struct vma){ q.start, q.end, q.flags & 1, q.flags >> 1 & 1, q.flags >> 2 & 1, q.flags >> 3 & 1, q.page_size, q.inode };
        found = 1;
    } else {
        found = from_text(fd, addr, v);
    }
    call1(SYS_close, fd);
    return found;
}
