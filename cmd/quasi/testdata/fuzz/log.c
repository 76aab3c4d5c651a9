/* Records with which arguments, and with what in memory, functions of a
 * program are called. The program was instrumented to call quasi_enter first in
 * every function, and says in quasi_objects what there is in memory; the record
 * goes to the file $QUASI_LOG. fuzz_log_test.go reads it.
 *
 *   header:      u64 address of every object
 *   activation:  u32 1, u32 function, u32 number of the activation, u32 n,
 *                n times u64 argument, u32 bytes, what the argument points to
 *                (0 bytes if it is no pointer or cannot be read);
 *                the content of every object
 *   at the end:  u32 2, u32 activations of every function */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *const quasi_objects[];
extern const uint64_t quasi_sizes[];
extern const uint32_t quasi_object_count, quasi_function_count;

enum { POINTEE = 64, KEPT = 6, MOST = 4 << 20 };

static FILE *record;
static uint32_t *entered;
static int probe[2];

static void word(uint32_t w)
{
    fwrite(&w, sizeof w, 1, record);
}

static void finish(void)
{
    word(2);
    fwrite(entered, sizeof *entered, quasi_function_count, record);
    fclose(record);
}

static void begin(void)
{
    record = fopen(getenv("QUASI_LOG"), "wb");
    entered = calloc(quasi_function_count, sizeof *entered);
    if (!record || !entered || pipe(probe) != 0)
        abort();
    atexit(finish);
    fwrite(quasi_objects, sizeof *quasi_objects, quasi_object_count, record);
}

/* pointee records what p points to. The kernel tells how much can be read. */
static void pointee(uint64_t p)
{
    char bytes[POINTEE];
    ssize_t n = p ? write(probe[1], (void *)p, sizeof bytes) : 0;
    n = n > 0 ? read(probe[0], bytes, n) : 0;
    word(n);
    fwrite(bytes, 1, n, record);
}

/* wanted tells whether to record an activation: the first ones, then ever
 * fewer. */
static int wanted(uint32_t fn)
{
    uint32_t n = entered[fn]++, kept = 2;
    if (n < 2)
        return ftell(record) < MOST;
    for (uint32_t at = 4; kept < KEPT; at *= 4, kept++)
        if (n == at)
            return ftell(record) < MOST;
    return 0;
}

/* quasi_enter says that function number fn begins with n arguments; bit i of
 * pointers is set if argument i is one. */
void quasi_enter(uint32_t fn, uint32_t n, uint64_t pointers, ...)
{
    if (!record)
        begin();
    if (!wanted(fn))
        return;
    word(1);
    word(fn);
    word(entered[fn] - 1);
    word(n);
    va_list ap;
    va_start(ap, pointers);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = va_arg(ap, uint64_t);
        fwrite(&x, sizeof x, 1, record);
        if (i < 64 && pointers >> i & 1)
            pointee(x);
        else
            word(0);
    }
    va_end(ap);
    for (uint32_t i = 0; i < quasi_object_count; i++)
        fwrite(quasi_objects[i], 1, quasi_sizes[i], record);
}
