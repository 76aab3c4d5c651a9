/*
 * The cases: functions that Lua's compiler makes of the chunks, called through
 * Lua's API. Their prototypes are the constants of static.h, so that the virtual
 * machine can be specialized for them; everything else is Lua's own.
 */
#define LUA_CORE
#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

#include "chunks.h"
#include "static.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lua_State *L;

/* Where the registry holds the function of each case. */
#define REF(name, text) static int ref_##name;
CHUNKS(REF)

static void *allocate(void *ud, void *p, size_t old, size_t size)
{
    (void)ud;
    (void)old;
    if (size)
        return realloc(p, size);
    free(p);
    return NULL;
}

/*
 * Makes the constant strings the ones that Lua finds for their texts. They are
 * marked already and not on the collector's lists, so it leaves them alone.
 */
static void intern_strings(void)
{
    stringtable *table = &G(L)->strt;
    size_t i;

    for (i = 0; strings[i].s; i++) {
        TString *s = strings[i].s;
        TString **list = &table->hash[lmod(s->hash, table->size)];

        memcpy(getstr(s), strings[i].text, (size_t)s->shrlen + 1);
        s->u.hnext = *list;
        *list = s;
        table->nuse++;
        if (luaS_newlstr(L, getstr(s), s->shrlen) != s) {
            fprintf(stderr, "harness: \"%s\" is not the only one\n", getstr(s));
            exit(1);
        }
    }
}

/* Runs a chunk and keeps the function that it returns, with a constant prototype. */
static int keep(const char *text, const Proto *p)
{
    LClosure *cl;

    if (luaL_dostring(L, text) != LUA_OK) {
        fprintf(stderr, "harness: %s\n", lua_tostring(L, -1));
        exit(1);
    }
    cl = clLvalue(s2v(L->top - 1));
    if (cl->p->sizecode != p->sizecode || memcmp(cl->p->code, p->code, (size_t)p->sizecode * sizeof *p->code) != 0) {
        fprintf(stderr, "harness: other code\n");
        exit(1);
    }
    cl->p = (Proto *)p;
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

void lua_setup(void)
{
    L = lua_newstate(allocate, NULL);
    intern_strings();
    luaL_requiref(L, "_G", luaopen_base, 1);
    luaL_requiref(L, "string", luaopen_string, 1);
    lua_settop(L, 0);
#define KEEP(name, text) ref_##name = keep(text, &proto_##name);
    CHUNKS(KEEP)
}

/* Calls the function with what is on the stack and writes its result to out. */
static long result(void *out)
{
    lua_Integer value;

    lua_call(L, 1, 1);
    value = lua_tointeger(L, -1);
    lua_settop(L, 0);
    memcpy(out, &value, sizeof value);
    return sizeof value;
}

long sum(const void *in, long n, void *out)
{
    (void)in;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref_sum);
    lua_pushinteger(L, n);
    return result(out);
}

long sieve(const void *in, long n, void *out)
{
    (void)in;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref_sieve);
    lua_pushinteger(L, n);
    return result(out);
}

long fib(const void *in, long n, void *out)
{
    (void)in;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref_fib);
    lua_pushinteger(L, n);
    return result(out);
}

long hash(const void *in, long n, void *out)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref_hash);
    lua_pushlstring(L, in, (size_t)n);
    return result(out);
}
