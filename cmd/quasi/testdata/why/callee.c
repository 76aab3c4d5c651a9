// In a function that is called: what counts is what the entry function gets.
// flags: -e f --static mode=1
// says: state-memory: state what p->level holds: --when 'p->level == VALUE'
// value: p->level == 3
struct state {
    int level, other;
};

static int scaled(int mode, int level)
{
    int n = 0;
    switch (mode) {
    case 1:
        n = level * 2; // asked
        break;
    case 2:
        n = level / 2;
        break;
    }
    return n;
}

int f(int mode, const struct state *p, int x)
{
    return scaled(mode, p->level) + x;
}
