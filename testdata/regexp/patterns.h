/* The patterns that are specialized, and the form of a compiled one. */
#ifndef PATTERNS_H
#define PATTERNS_H

#include "regexp.h"
#include "utf.h"

#define PATTERNS(P)                                                                                                    \
    P(mail, "([a-z]+)@([a-z]+)\\.(com|org|net)")                                                                       \
    P(setting, "^\\s*([A-Za-z_]\\w*)\\s*=\\s*(\\d+|\"[^\"]*\")\\s*$")

/* As regexp.c defines them, which has no header for them. */
typedef struct Reclass Reclass;
typedef struct Reinst Reinst;

struct Reclass {
    Rune *end;
    Rune spans[64];
};

struct Reprog {
    Reinst *start, *end;
    int flags;
    int nsub;
    Reclass cclass[16];
};

struct Reinst {
    unsigned char opcode;
    unsigned char n;
    Rune c;
    Reclass *cc;
    Reinst *x;
    Reinst *y;
};

#endif
