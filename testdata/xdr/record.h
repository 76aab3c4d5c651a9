/* A record as rpcgen would declare it, and the sizes of the other cases. */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

enum { MAX_ARRAY = 500, MAX_NAME = 40, HANDLE = 32 };

enum kind { READ = 1, WRITE = 2, REMOVE = 7 };

struct record {
    uint32_t id;
    int32_t kind; /* enum kind */
    int64_t offset;
    uint32_t count;
    int32_t stable; /* a bool_t */
    int16_t port;
    uint16_t flags;
    unsigned char handle[HANDLE];
    char name[MAX_NAME + 1];
};

#endif
