// An atomic access is left to run time.
// flags: -e f
// says: remove-volatile: make the access a plain one, if no other thread takes part
// fixed: -- -DFIXED
int f(int x)
{
    int n = 4;
#ifdef FIXED
    int m = n += 1;
#else
    int m = __atomic_add_fetch(&n, 1, __ATOMIC_SEQ_CST);
#endif
    m *= 2; // asked
    return m + x;
}
