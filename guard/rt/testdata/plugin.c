/* plugin.c: an object that holds code for another's slot, and slots. */
#include "quasi.h"

int plugin(int x);
int twice(int x);
__attribute__((visibility("default"))) int call_own_slot(int x);

int plugin(int x)
{
    for (volatile int i = 0; i < 20; i++)
        ;
    return x + 50;
}

static QUASI_SLOT(COUNTING, plugin) own = QUASI_INIT(COUNTING, plugin);

int twice(int x) { return 2 * x; }

QUASI_PATCHED(own_patched, twice);

/* call_own_slot patches code, too, which goes with the object. */
int call_own_slot(int x)
{
    int y = quasi_call_patched(own_patched, x);
    if (y != 2 * x || quasi_replug(own_patched, plugin) || quasi_call_patched(own_patched, x) != x + 50 ||
        quasi_replug(own_patched, twice) || quasi_call_patched(own_patched, x) != y)
        return -1;
    return quasi_call(own, x);
}
