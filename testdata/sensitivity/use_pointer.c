// Use sensitivity: to is dereferenced by the specializer, and given to code that is not
// here. The address of a local variable has no literal: without use sensitivity it, and
// what it leads to, is dynamic at both uses. A number such as kind is lifted.
//
// quasi: -e show --static s=7
// run: 4
// matters: no-use
int putchar(int c);
int atoi(const char *s);
int puts(const char *s);

int show(int s, int d)
{
    char text[2];
    char *to = text;                            //: S, no-use D
    int kind = s & 1;                           //: S
    text[0] = 'a' + kind;                       //: S, no-use D
    text[1] = 0;                                //: S, no-use D
    if (*to == 'b')                             //: S, no-use D
        d++;                                    //: D
    puts(to);                                   //: D
    if (kind)                                   //: S
        putchar('k');                           //: D
    return d;                                   //: D
}

int main(int argc, char **argv)
{
    return show(7, atoi(argv[1]));
}
