// Return sensitivity: report leaves residual code, and its result is static all the same.
// Without return sensitivity the result of a residual call is dynamic.
//
// quasi: -e run --static s=7
// run: 4
// matters: no-return
int putchar(int c);
int atoi(const char *s);

static int report(int d, int s)
{
    putchar('0' + d);                           //: D
    return s + 1;                               //: S
}

int run(int s, int d)
{
    int code = report(d, s);                    //: S, no-return SD
    if (code == 8)                              //: S, no-return D
        putchar('r');                           //: D
    return code;                                //: D
}

int main(int argc, char **argv)
{
    return run(7, atoi(argv[1]));
}
