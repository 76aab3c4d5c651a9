/* What a case gets: n steps, each about one of a number of blocks. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stdint.h>

enum {
    SMALL = 48,         /* the size of blocks; of this one, free ones are cached */
    LARGE = 200,        /* and of this one kept in a tree */
    MAX_BLOCKS = 1000,
    MAX_STEPS = 2000,
    ARENA = 48 << 10,   /* bytes of the region, which is too little for MAX_BLOCKS */
};

struct steps {
    uint16_t blocks[MAX_STEPS]; /* to be allocated if free, to be freed otherwise */
};

#endif
