// What the oracle says of one program. A comment at the end of a line lists the rows there,
// TERM:KIND, with /SCOPE if that is not direct, ! if it is dead, and = if it is part of
// a local variable; a is struct s.a, n struct s.n.x, u struct s.u, b the bit-field struct s.b,
// y struct s.n.y[2], g g.a, q the variable q.
#include <string.h>

struct in {
    int x, y[4];
};
struct s {
    int a;
    unsigned b : 3, c : 5;
    struct in n;
    union {
        int u;
        char v[4];
    };
};
struct out {
    int z;
    struct s s;
};
extern struct s g;
extern int q;
void ext(void *);
struct s make(void);

#define SET(p, v) do { (p)->a = (v); } while (0)
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))

void scalars(struct s *p, struct out *o, int i)
{
    p->a = 1;    // a:assign g:assign/inner
    p->a += 2;   // a:compound g:compound/inner
    --p->a;      // a:incdec g:incdec/inner
    SET(p, 4);   // a:assign g:assign/inner
    WRITE_ONCE(p->a, 5);  // a:assign g:assign/inner
    p[i].a = (*p).a;      // a:assign g:assign/inner
    o->s.a = 1;  // a:assign
    g.a = 1;     // a:assign g:assign
    (i ? p : &g)->a = 3;  // a:assign a:assign g:assign/inner g:assign
    p->b = 3;    // b:assign
    p->c = 1;
    q = q + 1;   // q:assign
    if (0)
        p->a = 3;  // a:assign! g:assign/inner!
    i = sizeof(p->a = 3);
}

void parts(struct s *p, struct in *ip, int i)
{
    p->n.x = 1;     // n:assign
    (&p->n)->x = 2; // n:assign
    ip->x = 3;      // n:assign/inner
    p->n.y[2] = 1;  // y:assign
    p->n.y[3] = 1;
    p->n.y[i]++;    // y:incdec
    p->u = 1;       // u:assign
    p->v[i] = 2;    // u:assign/union
    p->n = *ip;     // n:copy y:copy
    *(int *)&p->u = 3;  // u:assign
}

void aggregates(struct s *p, struct out *o)
{
    *p = g;           // a:copy b:copy n:copy u:copy y:copy g:copy/inner
    o->s = make();    // a:copy b:copy n:copy u:copy y:copy
    struct s l = {0}; // a:init= b:init= n:init= u:init= y:init=
    l.a = 2;          // a:assign=
    ext(&l);
    memset(p, 0, sizeof *p);      // a:memory b:memory n:memory u:memory y:memory g:memory/inner
    memset(p, 0, sizeof p->a);    // a:memory g:memory/inner
    memset((char *)p + sizeof(int) * 2, 0, sizeof(struct in));  // n:memory y:memory g:memory/inner
    memcpy(&o->s.n, &p->n, sizeof p->n);  // n:memory y:memory
}

void others(struct s *p)
{
    __atomic_store_n(&p->a, 1, 0);      // a:atomic g:atomic/inner
    __sync_fetch_and_add(&p->a, 1);     // a:atomic g:atomic/inner
    (void)__atomic_load_n(&p->a, 0);
    asm("" : "=r"(p->a));               // a:asm g:asm/inner
    ext(&p->a);                         // a:passed
    int *to = &p->a;                    // a:address
    *to = 3;
    ext(p->v);                          // u:passed/union
}
