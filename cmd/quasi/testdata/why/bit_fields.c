// Bit-fields share what is loaded for them.
// flags: -e f
// says: state-memory: state what p->mode, p->level hold: --when 'p->mode == VALUE' --when 'p->level == VALUE'
// value: p->mode == 5
// value: p->level == 2
struct device {
    int id;
    unsigned mode : 3, level : 5;
};

int f(const struct device *p, int x)
{
    if (p->mode + p->level > 4) // asked
        return p->id;
    return x;
}
