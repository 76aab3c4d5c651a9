// Writes of unusual kinds and widths: vectors, parts of members, several members at once, atomic
// operations that fail, assembly, and instances that are moved.
//
// quasi: -e get --when 'r->a == 1' --when 'r->b == 2' --guards=table --check-guards
// quasi: -e get --when 'r->w == 5' --when 'r->list[2] == 6' --guards=table --check-guards
// run: 2
// run: 5
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rec {
    int a, b;
    long w;
    int list[8];
    unsigned f1 : 3, f2 : 9, f3 : 20;
};
struct rec one, *r = &one;
static unsigned sum;
static volatile int zero;

int get(int x)
{
    if (r->a == 1 && r->b == 2)
        x++;
    else
        x += r->a * 3 + r->b;
    x = r->w == 5 ? x * 2 : x - r->w;
    return x * 5 + (r->list[2] == 6 ? 1 : r->list[2]);
}

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

static void reset(void)
{
    r->a = 1;
    r->b = 2;
    r->w = 5;
    r->list[2] = 6;
    call(0);
}

typedef int four __attribute__((vector_size(16), aligned(1), may_alias));
typedef long any __attribute__((aligned(1), may_alias));

static void vectors(int i)
{
    reset();
    *(four *)&r->list[0] = (four){ i, 6, 6, 6 };
    call(i);
    *(four *)&r->list[1] = (four){ 1, i, 2, 3 };
    call(i);
    reset();
    *(any *)((char *)&r->a + 2) = i * 0x123456789;
    call(i);
    reset();
    _mm_storeh_pi((__m64 *)&r->list[1], _mm_set1_ps(i));
    call(i);
    reset();
    _mm_storel_epi64((__m128i *)&r->list[2], _mm_set1_epi32(3));
    call(i);
    reset();
    _mm_stream_si32(&r->a, i);
    call(i);
}

static void atomics(int i)
{
    long old = 5, expected = 4;
    reset();
    call(__atomic_fetch_add(&r->a, i, __ATOMIC_SEQ_CST));
    call(__sync_bool_compare_and_swap(&r->a, i + 1, 9));
    call(i);
    reset();
    call(__atomic_compare_exchange_n(&r->w, &old, i, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    call(__atomic_compare_exchange_n(&r->w, &old, i, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    call(old);
    reset();
    __atomic_compare_exchange_n(&expected, &r->w, 8L, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); /* failing, it writes the term */
    call(i);
}

static void by_bytes(int i)
{
    reset();
    memmove(&r->list[0], &r->list[1], 5 * sizeof(int));
    call(i);
    memmove(&r->list[2], &r->list[0], 3 * sizeof(int));
    call(i);
    reset();
    __asm__ volatile("movl %1, %0" : "=m"(r->a) : "r"(i));
    call(i);
    reset();
    __asm__("incl %0" : "+m"(r->a));
    call(i);
    reset();
    for (int k = 0; k < 40; k += 7)
        ((char *)r)[k] ^= i;
    call(i);
    reset();
    memset(&r->b, i, 2);
    call(i);
    snprintf((char *)&r->a, 8, "%d", i);
    call(i);
    reset();
    int *p = zero ? &r->a : &r->b;
    *p = i;
    call(i);
    *(zero > 1 ? p : &r->list[2]) = 1;
    call(i);
    r->f2 = i;
    r->f1 = 2;
    call(i);
}

static void moved(int i)
{
    reset();
    struct rec copy = *r, *q = malloc(sizeof *q);
    *q = copy;
    r = q;
    call(i);
    q = realloc(q, 100 * sizeof *q);
    r = q;
    call(i);
    q->a = i;
    call(i);
    q->a = 1;
    call(i);
    free(q);
    q = malloc(sizeof *q);
    memset(q, 0, sizeof *q);
    r = q;
    call(i);
    reset();
    free(q);
    r = &one;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < n; i++) {
        vectors(i);
        atomics(i);
        by_bytes(i);
        moved(i);
    }
    printf("%u\n", sum);
    return 0;
}
