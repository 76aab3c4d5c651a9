// Facts in chains and through copies: orders, a structure that is copied, values
// that paths merge; a store through another pointer ends them.
//
// quasi: -e pick --when 'a < b' --when 'b <= c'
// quasi: -e checked --when 'p->uid == 3' --when '(p->flags & 4) == 0'
// quasi: -e checked --when 'p->uid == q->uid' --when 'p->len <= q->len'
// quasi: -e merged --when 'p->len < 3' --when 'p->flags < 10'
// run: 1 2 3 3 8 1
// run: 2 1 3 3 4 2
// run: -5 7 7 4 12 9
// run: 3 3 3 -1 0 0
#include <stdio.h>
#include <stdlib.h>

struct task {
    int uid, gid;
    unsigned flags, len;
};

static int pick(int a, int b, int c, int k)
{
    int x = k & 1 ? a : b;
    if (a >= c)
        return 1;
    if (x > c)
        return 2;
    return x < c ? 3 : 4;
}

static int checked(struct task *p, struct task *q, int k)
{
    struct task l = *p, m;
    m = l;
    q->uid = k;
    int r = m.uid == 3 && !(m.flags & 4);
    if (p->uid == 3)
        r += 2;
    if (m.len > q->len)
        r += 4;
    return l.uid == q->uid ? r + 8 : r;
}

static int merged(struct task *p, int k)
{
    unsigned x = k > 3 ? p->len : p->flags;
    if (x < 10)
        return 1;
    return x & 1 ? 2 : 3;
}

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    int v[6];
    for (int i = 0; i < 6; i++)
        v[i] = atoi(argv[i + 1]);
    struct task p = { v[3], 1, v[4], v[5] }, q = { v[3], 2, 0, 5 }, r = p;
    printf("%d %d ", pick(v[0], v[1], v[2], v[3]), pick(v[2], v[0], v[1], 1));
    printf("%d %d ", checked(&p, &q, v[0]), checked(&r, &r, v[1]));
    printf("%d %d\n", merged(&p, v[0]), merged(&r, v[2]));
    return 0;
}
