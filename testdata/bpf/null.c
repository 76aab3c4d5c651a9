/* The limit of any filter: a call that looks at nothing. */
#include "filters.h"

filter_fn null_filter;

unsigned null_filter(const unsigned char *p, unsigned wirelen, unsigned buflen)
{
    (void)p;
    (void)wirelen;
    (void)buflen;
    return 0;
}
