// A term of a global stays known over a call that cannot write it, and is not known after one that can.
// pe: @f "when mode == 2"
// run: #include <stdio.h>
// run: int f(int); extern int mode; void ext(void) { mode++; }
// run: int main(void) { mode = 2; printf("%d ", f(1)); printf("%d\n", f(1)); }
int mode;
static int hidden;
void ext(void);
unsigned long strlen(const char *);
int f(int x)
{
    int r = mode == 2;
    hidden = x;
    r += mode == 2 ? 10 : 0;
    ext();
    return r + (mode == 2 ? 100 : 0) + (hidden == x ? 1000 : 0);
}
// CHECK-LABEL: define internal i32 @f.v1(
// CHECK-NOT: load
// CHECK: call void @ext
// CHECK: load i32, i32* @mode
