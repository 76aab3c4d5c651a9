// strlen, memcpy, memset, strcmp, memcmp, strchr on static data.
//
// quasi: -e encode --static key='"secret"'
// quasi: -e lookup --static name='"two"'
// run: hello two
// run: attack three
// run: x none
#include <stdio.h>
#include <string.h>

struct entry {
    char name[8];
    int value;
};

static const struct entry entries[] = { { "one", 1 }, { "two", 22 }, { "three", 333 } };

int lookup(const char *name, int otherwise)
{
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (strcmp(entries[i].name, name) == 0)
            return entries[i].value;
    return otherwise;
}

unsigned encode(const char *key, const char *text)
{
    char pad[16], copy[16];
    unsigned h = 0;
    memset(pad, 0x20, sizeof pad);
    memcpy(pad, key, strlen(key));
    memcpy(copy, pad, sizeof pad);
    copy[15] = 0;
    if (memcmp(pad, copy, 15) != 0 || strchr(key, 'q'))
        return 0;
    for (size_t i = 0; i < strlen(text); i++)
        h = h * 31 + (unsigned char)(text[i] ^ copy[i % 16]);
    return h;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%u %u\n", encode("secret", argv[1]), encode(argv[1], argv[2]));
    printf("%d %d\n", lookup(argv[2], -1), lookup("two", -2));
    return 0;
}
