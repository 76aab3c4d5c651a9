/* plugin.c: an object that holds code for another's slot, and a slot. */
#include "quasi.h"

int plugin(int x);
__attribute__((visibility("default"))) int call_own_slot(int x);

int plugin(int x)
{
    for (volatile int i = 0; i < 20; i++)
        ;
    return x + 50;
}

static QUASI_SLOT(COUNTING, plugin) own = QUASI_INIT(COUNTING, plugin);

int call_own_slot(int x) { return quasi_call(own, x); }
