/*
 * Has Lua compile the chunks and prints the prototypes of their functions as
 * constants: static.h. Strings among the constants of a function are objects that
 * harness.c puts into the string table.
 */
#define LUA_CORE
#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"

#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

#include "chunks.h"

#include <stdio.h>
#include <stdlib.h>

static void print_constant(const char *name, int i, const TValue *v)
{
    switch (ttypetag(v)) {
    case LUA_VNUMINT:
        printf("    { { .i = %lld }, %d },\n", (long long)ivalue(v), rawtt(v));
        break;
    case LUA_VNUMFLT:
        printf("    { { .n = %a }, %d },\n", (double)fltvalue(v), rawtt(v));
        break;
    case LUA_VSHRSTR:
        printf("    { { .gc = (GCObject *)&string_%s_%d.s }, %d },\n", name, i, rawtt(v));
        break;
    default:
        printf("    { { 0 }, %d },\n", rawtt(v));
    }
}

static void print_string(const char *name, int i, TString *s)
{
    printf("static union { TString s; char room[offsetof(TString, contents) + %d]; } string_%s_%d = {\n"
           "    { NULL, LUA_VSHRSTR, bitmask(BLACKBIT), %d, %d, %uu, { 0 }, { 0 } } /* %s */\n};\n",
           s->shrlen + 1, name, i, s->extra, s->shrlen, s->hash, getstr(s));
}

/* The texts of the strings, for the harness to copy. */
static void print_texts(const char *name, const Proto *p)
{
    int i;

    for (i = 0; i < p->sizek; i++)
        if (ttisshrstring(&p->k[i]))
            printf("    { &string_%s_%d.s, \"%s\" },\n", name, i, svalue(&p->k[i]));
}

static void print_function(const char *name, const Proto *p)
{
    int i;

    printf("\nstatic const Instruction code_%s[%d] = {", name, p->sizecode);
    for (i = 0; i < p->sizecode; i++)
        printf("%s0x%08x,", i % 8 ? " " : "\n    ", (unsigned)p->code[i]);
    printf("\n};\n");
    for (i = 0; i < p->sizek; i++)
        if (ttisshrstring(&p->k[i]))
            print_string(name, i, tsvalue(&p->k[i]));
    printf("static const TValue k_%s[%d] = {\n", name, p->sizek + 1);
    for (i = 0; i < p->sizek; i++)
        print_constant(name, i, &p->k[i]);
    printf("};\n");
    printf("static const Proto proto_%s = {\n    .tt = LUA_VPROTO, .marked = bitmask(BLACKBIT), .numparams = %d, .is_vararg = %d, .maxstacksize = %d,\n"
           "    .sizeupvalues = %d, .sizek = %d, .sizecode = %d, .k = (TValue *)k_%s, .code = (Instruction *)code_%s\n};\n",
           name, p->numparams, p->is_vararg, p->maxstacksize, p->sizeupvalues, p->sizek, p->sizecode, name, name);
}

/* Runs a chunk and leaves the function that it returns on the stack. */
static const Proto *function(lua_State *L, const char *name, const char *text)
{
    if (luaL_dostring(L, text) != LUA_OK) {
        fprintf(stderr, "dump: %s: %s\n", name, lua_tostring(L, -1));
        exit(1);
    }
    return ((const LClosure *)lua_topointer(L, -1))->p;
}

int main(void)
{
    lua_State *L = luaL_newstate();

#define PRINT(name, text) print_function(#name, function(L, #name, text));
    CHUNKS(PRINT)
    printf("\nstatic const struct { TString *s; const char *text; } strings[] = {\n");
#define TEXTS(name, text) print_texts(#name, function(L, #name, text));
    CHUNKS(TEXTS)
    printf("    { NULL, NULL }\n};\n");
    lua_close(L);
    return 0;
}
