/* What programs of csmith include, in place of csmith's own csmith.h: the
 * checksum is a matter of checksum.c, unknown code to the specializer, unless
 * FUZZ_CHECKSUM_INSIDE is defined. FUZZ_WIDE gives them 128-bit arithmetic. */
#ifdef FUZZ_CHECKSUM_INSIDE
#include_next <csmith.h>
#else
#include <float.h>
#include <math.h>
#include <string.h>
#include "random_inc.h"
extern uint32_t crc32_context;
void crc32_gentab(void);
void transparent_crc(uint64_t val, char *vname, int flag);
void transparent_crc_bytes(char *ptr, int nbytes, char *vname, int flag);
#endif
#ifdef FUZZ_WIDE
#include "wide.h"
#endif
