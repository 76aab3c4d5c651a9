// Use sensitivity: weight is static where the specializer reads it and has to be there
// for residual code, which reads it at a dynamic index. An array has no literal: without
// use sensitivity it is dynamic at both uses.
//
// quasi: -e weigh --static s=7
// run: 4
// matters: no-use
int putchar(int c);
int atoi(const char *s);

int weigh(int s, int d)
{
    int weight[4];
    weight[0] = s;                              //: S, no-use D
    weight[1] = s + 1;                          //: S, no-use D
    weight[2] = s + 2;                          //: S, no-use D
    weight[3] = s + 3;                          //: S, no-use D
    if (weight[1] == 8)                         //: S, no-use D
        putchar('w');                           //: D
    return weight[d & 3];                       //: D
}

int main(int argc, char **argv)
{
    return weigh(7, atoi(argv[1]));
}
