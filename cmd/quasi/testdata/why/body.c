// A call of a function that is only declared, and memory that it may write.
// flags: -e f --static n=3
// says: give-body: give the body of @scale: add the file that defines it to the inputs
// fixed: scale.c
int scale(int);

int f(int n, int x)
{
    int m = scale(n); // asked
    return m * x;
}
