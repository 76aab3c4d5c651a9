// Facts without values: two fields are equal, a pointer is not null, a number
// is in a range; conditions over them are decided.
//
// quasi: -e allowed --when 'p != 0' --when 'me->uid == p->uid' --when 'me->session == p->session'
// quasi: -e allowed --when 'p != 0' --when 'sig < 32' --when '(p->flags & 4) == 0'
// run: 1 1 10 1 0
// run: 1 2 10 1 0
// run: 1 1 40 2 4
// run: 0 5 18 1 4
#include <stdio.h>
#include <stdlib.h>

struct task {
    int uid, session;
    unsigned flags;
    struct task *parent;
};

int allowed(const struct task *me, struct task *p, unsigned sig)
{
    if (sig > 32)
        return -22;
    if (!p)
        return -3;
    if ((me->uid ^ p->uid) && me->uid != 0 && (sig != 18 || me->session != p->session))
        return -1;
    if (p->flags & 4)
        return 0;
    p->flags |= 1u << (sig & 7);
    if (p->parent && me->uid == p->uid)
        p->parent->flags ^= sig;
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    struct task top = { 0, 0, 0, 0 };
    struct task me = { atoi(argv[1]), 1, 0, &top };
    struct task p = { atoi(argv[2]), atoi(argv[4]), atoi(argv[5]), &top };
    printf("%d ", allowed(&me, &p, atoi(argv[3])));
    printf("%d ", allowed(&me, &me, atoi(argv[3])));
    printf("%d\n", allowed(&me, 0, atoi(argv[3])));
    printf("%u %u %u\n", me.flags, p.flags, top.flags);
    return 0;
}
