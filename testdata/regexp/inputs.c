/* Lines of text: addresses and settings, whole, nearly right and noise. */
#include "subject.h"

#include <string.h>

static const char *const pieces[] = {
    "a", "mail", "user", "x", "com", "org", "net", ".com", ".org", ".net", "@", "@host", ".", "=", " = ", "\"", "\"text\"",
    "\t", " ", "  ", "_", "Name", "7", "2024", "0", "-", "\xc3\xa9", "\xe2\x82\xac", "\xff", "\n", "co", "or", "\"\"",
};

enum { NR_PIECES = sizeof pieces / sizeof pieces[0] };

static const char *const whole[] = {
    "me@example.org", "name = 12", "name=\"text of a value\"", " _x\t= 0 ", "a.b@c.com", "x@y@z.net", "n = \"\"",
};

static char *put(char *p, const char *text)
{
    return strcpy(p, text) + strlen(text);
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    char *p = in;
    unsigned n = random_below(r, 12);

    (void)name;
    *p = 0;
    if (i % 3 == 0)
        p = put(p, whole[random_below(r, sizeof whole / sizeof whole[0])]);
    while (n-- > 0)
        p = put(p, pieces[random_below(r, NR_PIECES)]);
    if (i % 3 == 1)
        p = put(p, whole[random_below(r, sizeof whole / sizeof whole[0])]);
    return p - (char *)in;
}

long bench_input(const char *name, int input, void *in)
{
    static const char *const mail[] = { "Please send it to our new address now: someone@example.org, thanks.",
                                        "There is no address in this line, though a lot of text, no." };
    static const char *const setting[] = { "  timeout = 86400", "greeting = \"hello to all of you\"  ",
                                           "# a remark about timeout = 86400" };

    return put(in, strcmp(name, "mail") == 0 ? mail[input] : setting[input]) - (char *)in;
}
