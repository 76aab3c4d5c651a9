// A pointer in memory to constant data: what it points to decides.
// flags: -e f
// says: state-memory: state what o->table holds: --when 'o->table == &VARIABLE'
// value: o->table == &squares
struct table {
    int kind, factor;
};

struct object {
    long id;
    const struct table *table;
};

const struct table squares = { 2, 7 };

int f(const struct object *o, int x)
{
    const struct table *t = o->table;
    int known = t != 0; // asked
    return known ? x : -x;
}
