// Point sensitivity, where what is known decides a branch: the path on which mode
// takes a dynamic value is never taken. A variable with one binding time has that
// of every assignment in the program, whether it is ever made or not.
//
// quasi: -e handle --static request=2
// run: 4
// matters: uniform
int putchar(int c);
int atoi(const char *s);

int handle(int request, int d)
{
    int mode = request & 1;                     //: S, uniform D
    if (request > 7)                            //: S
        mode = d;                               //: -, uniform D
    if (mode == 0)                              //: S, uniform D
        putchar('e');                           //: D
    else
        putchar('o');                           //: -, uniform D
    return d;                                   //: D
}

int main(int argc, char **argv)
{
    return handle(2, atoi(argv[1]));
}
