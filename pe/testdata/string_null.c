// A static string is compared byte by byte at entry; a null pointer goes to the generic code.
// pe: @f s='hi'
// run:
#include <stdio.h>
__attribute__((noinline)) int f(const char *s, int x)
{
    int n = 0;
    if (!s)
        return -x;
    while (*s)
        n = n * 2 + *s++;
    return n * x;
}
int main(void)
{
    char copy[] = "hi";
    const char *all[] = { "hi", "h", "hit", "", copy, 0, "ho" };
    for (int i = 0; i < 7; i++)
        printf("%d ", f(all[i], i + 1));
}
// CHECK-LABEL: define internal i32 @f.v1(
// CHECK-NOT: load
// CHECK: mul {{.*}}313
// CHECK-LABEL: define {{.*}}i32 @f(
// CHECK: icmp ne i8* %p0, null
// CHECK: load i8
