// Context sensitivity of results: what twice returns is static for the first call and
// dynamic for the second.
//
// quasi: -e both --static s=5
// run: 4
// matters: uniform, monovariant
int putchar(int c);
int atoi(const char *s);

static int twice(int n)
{
    return 2 * n;                               //: SD, uniform D, monovariant D
}

int both(int s, int d)
{
    int known = twice(s);                       //: S, uniform SD, monovariant SD
    if (known == 10)                            //: S, uniform D, monovariant D
        putchar('t');                           //: D
    return twice(d) & 127;                      //: SD
}

int main(int argc, char **argv)
{
    return both(5, atoi(argv[1]));
}
