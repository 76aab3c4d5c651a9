// 2-D arrays: a static kernel over a dynamic image, and a static row index.
//
// quasi: -e convolve --static k=&blur
// quasi: -e trace --static n=3
// run: 1
// run: 77
#include <stdio.h>
#include <stdlib.h>

typedef int kernel[3][3];
const kernel blur = { { 1, 2, 1 }, { 0, 4, 0 }, { 1, 2, 1 } };
static const kernel edge = { { 0, -1, 0 }, { -1, 4, -1 }, { 0, -1, 0 } };

int convolve(int image[6][6], int y, int x, const kernel *k)
{
    int s = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            if ((*k)[i][j])
                s += (*k)[i][j] * image[y + i - 1][x + j - 1];
    return s;
}

int trace(int image[6][6], int n)
{
    int t = 0, line[6];
    for (int i = 0; i < n; i++)
        line[i] = image[i][i] - image[i][n - 1 - i];
    for (int i = 0; i < n; i++)
        t = t * 7 + line[i];
    return t;
}

int main(int argc, char **argv)
{
    int image[6][6], seed = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < 36; i++)
        image[i / 6][i % 6] = seed = seed * 37 % 251 + i;
    for (int y = 1; y < 5; y++)
        for (int x = 1; x < 5; x++)
            printf("%d,%d ", convolve(image, y, x, &blur), convolve(image, y, x, &edge));
    printf("\n%d %d\n", trace(image, 3), trace(image, 6));
    return 0;
}
