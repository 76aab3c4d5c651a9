/* What the cases format. */
#ifndef VALUES_H
#define VALUES_H

enum { ROOM = 256 }; /* of the output */

struct values {
    int number;
    unsigned size;
    unsigned long address;
    char name[40], value[40];
};

#endif
