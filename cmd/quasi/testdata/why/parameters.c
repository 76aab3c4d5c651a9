// Two parameters decide: each alone leaves the sum dynamic.
// flags: -e f
// says: fix-parameter: fix parameter a: --static a=VALUE
// says: fix-parameter: fix parameter b: --static b=VALUE
// value: a=3
// value: b=4
int f(int a, int b, int c)
{
    int sum = a + b; // asked
    return sum * c;
}
