// A member of a global variable, and a parameter.
// flags: -e f
// says: fix-parameter: fix parameter n: --static n=VALUE
// says: state-memory: state what limits[1].high holds: --when 'limits[1].high == VALUE'
// value: n=2
// value: limits[1].high == 9
struct limit {
    int low, high;
} limits[3] = { { 1, 2 }, { 3, 4 }, { 5, 6 } };

int f(int n, int x)
{
    int high = limits[1].high * n; // asked
    return x < high;
}
