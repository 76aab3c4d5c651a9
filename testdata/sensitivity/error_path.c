// Point sensitivity, where errors are handled: the path on which mode takes a dynamic
// value ends in a return. Nothing after it sees that value, but a variable with one
// binding time has it everywhere.
//
// quasi: -e handle --static request=2
// run: 4
// matters: uniform
int putchar(int c);
int atoi(const char *s);

int handle(int request, int d)
{
    int mode = request & 1;                     //: S, uniform D
    if (d < 0) {                                //: D
        mode = d;                               //: D
        return mode;                            //: D
    }
    if (mode == 0)                              //: S, uniform D
        putchar('e');                           //: D
    else
        putchar('o');                           //: -, uniform D
    return d;                                   //: D
}                                               //: D

int main(int argc, char **argv)
{
    return handle(2, atoi(argv[1]));
}
