// Inline assembly that says it changes memory.
// term: struct page.flags
// term: level
struct page { int n; unsigned long flags; unsigned long bits[4]; };
int level;
static int hidden;
// Input operands that it writes all the same, as bit operations of kernels do.
void set_bit(struct page *p, long n) {
	__asm__ volatile("lock; btsq %1,%0" : : "m"(*(volatile long *)&p->flags), "Ir"(n) : "memory"); // guard: may-write by-asm
}
void set_bits(struct page *p, long n) {
	__asm__ volatile("lock; btsq %1,%0" : "+m"(p->bits[0]) : "Ir"(n) : "memory");
}
void set(volatile unsigned char *p) {
	__asm__ volatile("lock; orb $4,%0 # sets it" : : "m"(*p) : "memory"); // guard: may-write by-asm
}
// Operands that the compiler does not know.
void by_name(void) {
	__asm__ volatile("movl $5, level" : : : "memory"); // guard: not-visible by-asm; [2] not-visible by-asm
}
void by_segment(void) {
	__asm__ volatile("movl $5, %%gs:8" : : : "memory"); // guard: not-visible by-asm; [2] not-visible by-asm
}
void beyond(int *p) {
	__asm__ volatile("movl $5, 4+%0" : "+m"(*p) : : "memory"); // guard: may-write by-asm; not-visible by-asm; [2] not-visible by-asm
}
// Those that it does.
void barrier(int n) {
	__asm__ volatile("lock; addl $0,-4(%%rsp); mfence" : : : "memory", "cc");
	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n) : : "memory");
	__asm__ volatile("xorl %%eax, %%eax; movl $(1 << 3), %0" : "=r"(n) : : "eax", "memory");
}
int reads(struct page *p, int n) {
	__asm__ volatile("movl %1, %0" : "=r"(n) : "m"(p->flags));
	return n + hidden;
}
