/* Inputs: numbers of every length in bytes, optional fields there or not. */
#include "person.h"
#include "subject.h"

#include <string.h>

static uint64_t number(struct random *r) { return random_next(r) >> random_below(r, 64); }

static void text(struct random *r, char *s)
{
    unsigned n = random_below(r, MAX_TEXT);

    memset(s, 'a', n);
    s[n] = 0;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    struct content *c = in;
    unsigned k;

    (void)name;
    (void)i;
    memset(c, 0, sizeof *c);
    c->id = (int32_t)number(r);
    c->has_email = random_below(r, 2);
    c->has_weight = random_below(r, 2);
    c->key_length = random_below(r, MAX_TEXT);
    c->nr_scores = random_below(r, MAX_SCORES + 1);
    c->balance = (int64_t)number(r);
    c->weight = (double)number(r);
    text(r, c->name);
    text(r, c->email);
    for (k = 0; k < MAX_SCORES; k++)
        c->scores[k] = (uint32_t)number(r);
    for (k = 0; k < MAX_PHONES; k++) {
        text(r, c->numbers[k]);
        c->kinds[k] = (int32_t)random_below(r, 3) - 1;
    }
    return 1;
}

long bench_input(const char *name, int input, void *in)
{
    struct content *c = in;

    (void)name;
    memset(c, 0, sizeof *c);
    c->id = 1234;
    c->has_email = (uint32_t)input;
    c->has_weight = 1;
    c->key_length = input ? 16 : 0;
    c->nr_scores = input ? 8 : 2;
    c->scores[0] = 100;
    c->scores[1] = 70000;
    c->balance = -5000;
    c->weight = 72.5;
    c->kinds[1] = 1;
    strcpy(c->name, "Ada Lovelace");
    strcpy(c->email, "ada@example.org");
    strcpy(c->numbers[0], "555-4321");
    strcpy(c->numbers[1], "555-1234");
    return 1;
}
