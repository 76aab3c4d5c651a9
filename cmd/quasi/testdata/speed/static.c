// The programs of BenchmarkStatic: each is executed while it is specialized, all of
// it, and must come to the same number as at run time. WORK names the one that runs;
// its time grows with SIZE in proportion.

#include <stdio.h>

// Arithmetic: rounds of a mixing function, in registers.
static unsigned mix(int size)
{
	unsigned a = 1, b = 2, c = 3;
	for (int i = 0; i < 7000 * size; i++) {
		a += (b << 5) ^ (c >> 7);
		b ^= a + i;
		c = (c << 13 | c >> 19) + b;
	}
	return a ^ b ^ c;
}

// Arrays: the primes below a bound, again and again.
static unsigned sieve(int size)
{
	static char composite[2000];
	unsigned count = 0;
	for (int round = 0; round < 4 * size; round++) {
		for (int i = 0; i < 2000; i++)
			composite[i] = 0;
		for (int i = 2; i < 2000; i++) {
			if (composite[i])
				continue;
			count++;
			for (int k = 2 * i; k < 2000; k += i)
				composite[k] = 1;
		}
	}
	return count;
}

// Calls: quicksort, recursive, of numbers made on the way.
static void sort(unsigned *a, int n)
{
	if (n < 2)
		return;
	unsigned pivot = a[n / 2];
	int i = 0, k = n - 1;
	while (i <= k) {
		while (a[i] < pivot)
			i++;
		while (a[k] > pivot)
			k--;
		if (i <= k) {
			unsigned t = a[i];
			a[i++] = a[k];
			a[k--] = t;
		}
	}
	sort(a, k + 1);
	sort(a + i, n - i);
}

static unsigned sorted(int size)
{
	unsigned a[200], seed = 1, sum = 0;
	for (int round = 0; round < 6 * size; round++) {
		for (int i = 0; i < 200; i++)
			a[i] = seed = seed * 1103515245 + 12345;
		sort(a, 200);
		for (int i = 1; i < 200; i++)
			sum += (a[i] - a[i - 1]) * i;
	}
	return sum;
}

// Pointers: a search tree of nodes in a pool.
struct node {
	struct node *left, *right;
	unsigned key;
};

static unsigned tree(int size)
{
	static struct node pool[300];
	unsigned seed = 1, depth = 0;
	for (int round = 0; round < 7 * size; round++) {
		struct node *root = NULL;
		for (int i = 0; i < 300; i++) {
			struct node **p = &root;
			seed = seed * 1103515245 + 12345;
			while (*p) {
				p = seed < (*p)->key ? &(*p)->left : &(*p)->right;
				depth++;
			}
			pool[i].left = pool[i].right = NULL;
			pool[i].key = seed;
			*p = &pool[i];
		}
	}
	return depth;
}

int main(void)
{
	printf("%d\n", (int)WORK(SIZE));
	return 0;
}
