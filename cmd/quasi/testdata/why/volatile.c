// A volatile variable is read whenever the program says so.
// flags: -e f
// says: remove-volatile: remove the qualifier volatile, if nothing else reads or writes the object
// fixed: -- -DVOLATILE=
#ifndef VOLATILE
#define VOLATILE volatile
#endif
int f(int x)
{
    VOLATILE int n = 4;
    int m = n * 2; // asked
    return m + x;
}
