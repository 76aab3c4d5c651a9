// A member of a structure that a parameter points to, and an element of an array in it.
// flags: -e f
// says: state-memory: state what p->size[2] holds: --when 'p->size[2] == VALUE'
// value: p->size[2] == 7
struct box {
    int kind;
    long size[4];
};

int f(const struct box *p)
{
    if (p->size[2] > 5) // asked
        return 1;
    return p->kind;
}
