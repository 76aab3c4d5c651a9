// Instances: the members of from are static, one of to is dynamic. If a member has one
// binding time for all instances of its type, x is dynamic in from too; y is
// static in both.
//
// quasi: -e distance --static x=3
// run: 4
// matters: uniform
int putchar(int c);
int atoi(const char *s);

struct point {
    int x, y;
};

int distance(int x, int d)
{
    struct point from, to;
    from.x = x;                                 //: S, uniform D
    from.y = 1;                                 //: S
    to.x = d;                                   //: D
    to.y = 2;                                   //: S
    if (from.x > 2)                             //: S, uniform D
        putchar('x');                           //: D
    if (from.y < to.y)                          //: S
        putchar('y');                           //: D
    return to.x;                                //: D
}

int main(int argc, char **argv)
{
    return distance(3, atoi(argv[1]));
}
