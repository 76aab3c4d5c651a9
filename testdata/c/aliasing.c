// Two pointer arguments that may be the same object: a store through one ends
// what is known of the other.
//
// quasi: -e transfer --when 'from->limit == 100'
// quasi: -e transfer --when 'from->limit == 100' --when 'to->limit == 7'
// run: 0 30
// run: 1 30
// run: 0 300
#include <stdio.h>
#include <stdlib.h>

struct account {
    int limit, balance;
};

int transfer(struct account *from, struct account *to, int amount)
{
    if (amount > from->limit)
        amount = from->limit;
    to->limit = amount / 2;
    from->balance -= amount;
    to->balance += amount;
    return from->limit * 1000 + to->limit;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct account a = { 100, 500 }, b = { 7, 1 };
    int same = atoi(argv[1]), amount = atoi(argv[2]);
    for (int i = 0; i < 3; i++) {
        printf("%d\n", transfer(&a, same ? &a : &b, amount));
        a.limit = 100;
        b.limit = i == 0 ? 7 : 9;
    }
    printf("%d %d\n", a.balance, b.balance);
    return 0;
}
