// The index of a store: while it is dynamic, every element may be written. If it is
// that of the element read, what is stored there counts, too.
// flags: -e f
// says: fix-parameter: fix parameter i: --static i=VALUE
// says: fix-parameter: fix parameter x: --static x=VALUE
// value: i=1
// value: x=5
int f(int i, int x)
{
    int a[4] = { 1, 2, 3, 4 };
    a[i] = x;
    int y = a[1] + 1; // asked
    return y;
}
