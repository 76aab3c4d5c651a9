// A table-driven state machine: table static, input dynamic; the state stays
// static because it indexes static data.
//
// quasi: -e number
// run: 12
// run: -3.5e10
// run: 1e
// run: +.5
// run: abc
#include <stdio.h>
#include <string.h>

enum { DIGIT, SIGN, POINT, EXP, OTHER, CLASSES };
enum { START, SIGNED, WHOLE, DOT, FRACTION, E, ESIGN, EXPONENT, BAD };

static const unsigned char next[][CLASSES] = {
    [START] = { WHOLE, SIGNED, DOT, BAD, BAD },
    [SIGNED] = { WHOLE, BAD, DOT, BAD, BAD },
    [WHOLE] = { WHOLE, BAD, FRACTION, E, BAD },
    [DOT] = { FRACTION, BAD, BAD, BAD, BAD },
    [FRACTION] = { FRACTION, BAD, BAD, E, BAD },
    [E] = { EXPONENT, ESIGN, BAD, BAD, BAD },
    [ESIGN] = { EXPONENT, BAD, BAD, BAD, BAD },
    [EXPONENT] = { EXPONENT, BAD, BAD, BAD, BAD },
    [BAD] = { BAD, BAD, BAD, BAD, BAD },
};

static int class(char c)
{
    if (c >= '0' && c <= '9')
        return DIGIT;
    if (c == '+' || c == '-')
        return SIGN;
    return c == '.' ? POINT : c == 'e' ? EXP : OTHER;
}

int number(const char *s)
{
    int state = START;
    for (; *s; s++)
        state = next[state][class(*s)];
    return state;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int s = number(argv[i]);
        printf("%d %d\n", s, s == WHOLE || s == FRACTION || s == EXPONENT);
    }
    return 0;
}
