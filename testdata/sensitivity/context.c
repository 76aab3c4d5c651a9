// Context sensitivity: classify is called for a static and for a dynamic value. Each call
// has a division of its own; with one entry division n is dynamic in both. A parameter
// is a variable, so one binding time a variable does the same. limit is static in both.
//
// quasi: -e both --static s=5
// run: 4
// matters: uniform, monovariant
int putchar(int c);
int atoi(const char *s);

static int classify(int n, int limit)
{
    if (n > limit)                              //: SD, uniform D, monovariant D
        return putchar('m');                    //: D
    if (limit > 2)                              //: S
        putchar('l');                           //: D
    return n;                                   //: D
}                                               //: D

int both(int s, int d)
{
    int sum = classify(s, 3);                   //: SD
    sum += classify(d, 3);                      //: SD
    return sum & 127;                           //: D
}

int main(int argc, char **argv)
{
    return both(5, atoi(argv[1]));
}
