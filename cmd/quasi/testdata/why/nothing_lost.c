// The function itself returns at run time, whatever is known.
// flags: -e f --static n=3
// says: nothing-lost: the return itself always stays
int seen;

void f(int n)
{
    if (n > 2)
        seen = n;
} // asked
