// A term decides branches until a store that may alias it by its type, or a call that may write it (P4, P7).
// pe: @f "when p->kind == 1"
// run: #include <stdio.h>
// run: struct s { int kind, n; };
// run: int f(struct s *p, int *q, long *l);
// run: void ext(struct s *p) { p->kind++; }
// run: int main(void) {
// run:     struct s s = { 1, 0 };
// run:     int q;
// run:     long l;
// run:     printf("%d ", f(&s, &q, &l));
// run:     printf("%d ", f(&s, &q, &l));
// run:     s.kind = 1;
// run:     printf("%d\n", f(&s, &s.kind, &l));
// run: }
struct s { int kind, n; };
void ext(struct s *p);
int f(struct s *p, int *q, long *l)
{
    int r = 0;
    if (p->kind == 1)
        r += 1;
    *l = 5;
    if (p->kind == 1)
        r += 10;
    *q = 2;
    if (p->kind == 1)
        r += 100;
    p->kind = 1;
    if (p->kind == 1)
        r += 1000;
    ext(p);
    if (p->kind == 1)
        r += 10000;
    return r;
}
// CHECK-LABEL: define internal i32 @f.v1(
// CHECK-NOT: icmp
// CHECK: store i64 5
// CHECK-NOT: icmp
// CHECK: store i32 2
// CHECK: load i32
// CHECK: icmp eq
// CHECK: store i32 1
// CHECK-NOT: icmp
// CHECK: call void @ext
// CHECK: icmp eq
