// A backtracking matcher of regular expressions: the program is static, the text
// is not. Alternatives and stars call the matcher again, under dynamic control;
// captures are in a structure of the caller.
//
// quasi: -e match_word --static re=&word
// run: ab aab b aaaaab abab cab acccd aaabacd
// run: x aac accd
// lacks: switch|load .*struct.node|@word
// has: call .*@step
#include <stdio.h>
#include <string.h>

enum { CHAR, ANY, SPLIT, JMP, SAVE, MATCH };

struct node {
    int op, c;
    const struct node *x, *y;
};

struct captures {
    const char *at[4];
    int steps;
};

// (a*)(b|c+d)
const struct node word[] = {
    { SAVE, 0 },
    { SPLIT, 0, word + 2, word + 4 },
    { CHAR, 'a' }, { JMP, 0, word + 1 },
    { SAVE, 1 },
    { SPLIT, 0, word + 6, word + 8 },
    { CHAR, 'b' }, { JMP, 0, word + 11 },
    { CHAR, 'c' }, { SPLIT, 0, word + 8, word + 10 },
    { CHAR, 'd' },
    { SAVE, 2 },
    { MATCH },
};

static int step(const struct node *n, const char *s, struct captures *cap)
{
    for (;;) {
        switch (n->op) {
        case CHAR:
            if (*s != n->c)
                return 0;
            s++, n++;
            break;
        case ANY:
            if (!*s)
                return 0;
            s++, n++;
            break;
        case JMP:
            n = n->x;
            break;
        case SPLIT:
            cap->steps++;
            if (step(n->x, s, cap))
                return 1;
            n = n->y;
            break;
        case SAVE: {
            const char *old = cap->at[n->c];
            cap->at[n->c] = s;
            if (step(n + 1, s, cap))
                return 1;
            cap->at[n->c] = old;
            return 0;
        }
        case MATCH:
            return *s == 0;
        }
    }
}

int match_word(const struct node *re, const char *s, struct captures *cap)
{
    return step(re, s, cap);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct captures cap;
        memset(&cap, 0, sizeof cap);
        int ok = match_word(word, argv[i], &cap);
        printf("%s %d %d", argv[i], ok, cap.steps);
        for (int k = 0; k < 3; k++)
            printf(" %d", cap.at[k] ? (int)(cap.at[k] - argv[i]) : -1);
        printf("\n");
    }
    return 0;
}
