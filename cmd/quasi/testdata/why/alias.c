// A write through another pointer, of the same type.
// flags: -e f --when "p->size == 3"
// says: rule-out-alias: rule out that this store writes p->size: copy p->size to a local variable before it, or keep the pointer away from it
// fixed: -- -DFIXED
struct box {
    int size, kind;
};

int f(struct box *p, int *out, int x)
{
#ifdef FIXED
    int size = p->size;
    *out = x;
#else
    *out = x;
    int size = p->size;
#endif
    size += 1; // asked
    return size;
}
