// Conditional expressions that become selects, of static values under dynamic
// conditions, used to index a static table.
//
// quasi: -e grade --static scale=&strict
// run: 10 1
// run: 55 0
// run: 70 1
// run: 95 0
#include <stdio.h>
#include <stdlib.h>

struct scale {
    int cut[3];
    char letter[4];
};

const struct scale strict = { { 50, 70, 90 }, { 'F', 'C', 'B', 'A' } };
static const struct scale mild = { { 30, 50, 70 }, { 'f', 'c', 'b', 'a' } };

int grade(const struct scale *scale, int points, int bonus)
{
    int extra = bonus ? 5 : 0;
    int rank = points + extra >= scale->cut[2] ? 3 : points + extra >= scale->cut[1] ? 2 : points >= scale->cut[0] ? 1 : 0;
    return scale->letter[rank] + (bonus & rank);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int p = atoi(argv[1]), b = atoi(argv[2]);
    printf("%d %d\n", grade(&strict, p, b), grade(&mild, p, b));
    return 0;
}
