// Eager copies: paths of a dynamic branch meet with different static values of step.
// Nothing static needs step, so it becomes dynamic where they meet. One binding time a
// variable has no such place: step is static, and what follows is there twice.
//
// quasi: -e walk --static s=2
// run: 4
// run: 5
// matters: uniform
int putchar(int c);
int atoi(const char *s);

int walk(int s, int d)
{
    int step, far;
    if (d & 1)                                  //: D
        step = s;                               //: S
    else
        step = s + 3;                           //: S
    far = step * 2 + 1;                         //: D, uniform S
    putchar('0' + far);                         //: D
    return d;                                   //: D
}

int main(int argc, char **argv)
{
    return walk(2, atoi(argv[1]));
}
