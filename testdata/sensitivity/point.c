// Point sensitivity (Hornof and Noye call it flow sensitivity): level is static up
// to where it takes a dynamic value, and again from where it takes a static one.
// One binding time for the variable is dynamic everywhere.
//
// quasi: -e power --static base=3
// run: 4
// matters: uniform
int putchar(int c);
int atoi(const char *s);

int power(int base, int d)
{
    int level = base;                           //: S, uniform D
    if (level > 2)                              //: S, uniform D
        d++;                                    //: D
    level = d;                                  //: D
    putchar('0' + level);                       //: D
    level = base + 1;                           //: S, uniform D
    if (level > 3)                              //: S, uniform D
        d *= 2;                                 //: D
    return d;                                   //: D
}

int main(int argc, char **argv)
{
    return power(3, atoi(argv[1]));
}
