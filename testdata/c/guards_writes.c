// All kinds of writes to what a quasi-invariant reads: each breaks it and mends it
// again, with calls in between.
//
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --when 'current->on == 1' --guards=table --check-guards
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --when 'current->list[2] == 3' --guards=table --check-guards
// quasi: -e get --when 'current == &fixed' --when 'fixed.u.word == 9' --guards=table --check-guards
// run: 0
// run: 3
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rec {
    int uid;
    unsigned on : 3, other : 5;
    short list[4];
    union {
        int word;
        char bytes[4];
    } u;
    long tail;
};

struct rec fixed, *current;
static unsigned sum;

int get(int x)
{
    if (!current)
        return x;
    int r = current->uid == 7 ? x : x + current->uid;
    if (current->on == 1)
        r += 100;
    r = r * 2 + current->list[2];
    return current->u.word == 9 ? r : r ^ current->u.word;
}

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

static void good(struct rec *r)
{
    r->uid = 7;
    r->on = 1;
    r->list[2] = 3;
    r->u.word = 9;
}

static void swap(struct rec *a, struct rec *b)
{
    struct rec t = *a;
    *a = *b;
    *b = t;
}

static void through(void *at, int value) { *(int *)at = value; }

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    struct rec *r = malloc(sizeof *r), local, zero;
    memset(&zero, 0, sizeof zero);
    memset(r, 0, sizeof *r);
    memset(&local, 0, sizeof local);
    struct rec *places[] = { &fixed, r, &local };
    for (int i = 0; i < 9; i++) {
        struct rec *c = places[i % 3];
        current = c;
        good(c);
        call(i);
        c->uid++;
        call(i);
        c->uid--;
        call(i);
        c->on |= 2;
        call(i);
        c->on &= 1;
        call(i);
        c->other = i;
        call(i);
        c->list[(i + n) % 4] = 5;
        call(i);
        c->list[2] = 3;
        call(i);
        __atomic_fetch_add(&c->uid, 3, __ATOMIC_SEQ_CST);
        call(i);
        int seven = 10;
        __atomic_compare_exchange_n(&c->uid, &seven, 7, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        call(i);
        __atomic_store_n(&c->uid, 8, __ATOMIC_RELEASE);
        call(i);
        through(&c->uid, 7);
        call(i);
        ((char *)c)[n] ^= 1;
        call(i);
        ((char *)c)[n] ^= 1;
        call(i);
        struct rec saved = *c;
        memset(c, 0, sizeof *c);
        call(i);
        *c = saved;
        call(i);
        swap(c, &zero);
        call(i);
        swap(c, &zero);
        call(i);
        memcpy(c, &zero, 4 + n);
        call(i);
        memmove(c, &saved, sizeof saved);
        call(i);
        c->u.bytes[1] = 1;
        call(i);
        c->u.bytes[1] = 0;
        call(i);
        sscanf("12", "%d", &c->uid);
        call(i);
        sscanf("7", "%d", &c->uid);
        call(i);
        snprintf((char *)&c->u, 4, "%d", i);
        call(i);
        c->u.word = 9;
        call(i);
        current = &zero;
        call(i);
        current = 0;
        call(i);
        current = c;
        call(i);
        if (c == r) { /* bound, and gone; what malloc gives next may lie there */
            free(r);
            current = 0;
            call(i);
            r = malloc(sizeof *r);
            memset(r, 0, sizeof *r);
            current = places[1] = r;
            call(i);
            good(r);
            call(i);
            r = realloc(r, sizeof *r * 100);
            current = places[1] = r;
            call(i);
        }
    }
    printf("%u\n", sum);
    return 0;
}
