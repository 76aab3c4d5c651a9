// A store that cannot alias a term by its type leaves the term known, but not for loads of other types: memory may have changed its type.
// pe: @f "when p->kind == 1"
// run:
#include <stdio.h>
#include <stdlib.h>
struct s { int kind, n; };
__attribute__((noinline)) int f(struct s *p, float *q, short *w)
{
    int before = p->kind;
    *w = 9;
    int same = p->kind;
    *q = 2.0f;
    float now = *(float *)p;
    unsigned char low = *(unsigned char *)p;
    return before * 100 + same * 10 + (int)now + low;
}
int main(void)
{
    struct s *p = malloc(sizeof *p);
    short w;
    float other;
    p->kind = 1;
    printf("%d ", f(p, &other, &w) == 111);
    p->kind = 1;
    printf("%d\n", f(p, (float *)p, &w));
}
// CHECK-LABEL: define internal i32 @f.v1(
// CHECK: store i16 9
// CHECK: store float
// CHECK: load float
// CHECK: load i8
