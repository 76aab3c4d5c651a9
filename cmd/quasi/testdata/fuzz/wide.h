/* 128-bit arithmetic that is always defined, for programs of csmith whose
 * 64-bit types were replaced by 128-bit ones. */
typedef __int128 wide_s;
typedef unsigned __int128 wide_u;

#define WIDE_MIN ((wide_s)((wide_u)1 << 127))

static wide_s wide_unary_minus_func_int64_t_s(wide_s a) { return (wide_s)-(wide_u)a; }
static wide_s wide_add_func_int64_t_s_s(wide_s a, wide_s b) { return (wide_s)((wide_u)a + (wide_u)b); }
static wide_s wide_sub_func_int64_t_s_s(wide_s a, wide_s b) { return (wide_s)((wide_u)a - (wide_u)b); }
static wide_s wide_mul_func_int64_t_s_s(wide_s a, wide_s b) { return (wide_s)((wide_u)a * (wide_u)b); }
static wide_s wide_mod_func_int64_t_s_s(wide_s a, wide_s b) { return b == 0 || (a == WIDE_MIN && b == -1) ? a : a % b; }
static wide_s wide_div_func_int64_t_s_s(wide_s a, wide_s b) { return b == 0 || (a == WIDE_MIN && b == -1) ? a : a / b; }
static wide_s wide_lshift_func_int64_t_s_s(wide_s a, int n) { return n < 0 || n > 127 ? a : (wide_s)((wide_u)a << n); }
static wide_s wide_lshift_func_int64_t_s_u(wide_s a, unsigned n) { return n > 127 ? a : (wide_s)((wide_u)a << n); }
static wide_s wide_rshift_func_int64_t_s_s(wide_s a, int n) { return n < 0 || n > 127 ? a : a >> n; }
static wide_s wide_rshift_func_int64_t_s_u(wide_s a, unsigned n) { return n > 127 ? a : a >> n; }

static wide_u wide_unary_minus_func_uint64_t_u(wide_u a) { return -a; }
static wide_u wide_add_func_uint64_t_u_u(wide_u a, wide_u b) { return a + b; }
static wide_u wide_sub_func_uint64_t_u_u(wide_u a, wide_u b) { return a - b; }
static wide_u wide_mul_func_uint64_t_u_u(wide_u a, wide_u b) { return a * b; }
static wide_u wide_mod_func_uint64_t_u_u(wide_u a, wide_u b) { return b == 0 ? a : a % b; }
static wide_u wide_div_func_uint64_t_u_u(wide_u a, wide_u b) { return b == 0 ? a : a / b; }
static wide_u wide_lshift_func_uint64_t_u_s(wide_u a, int n) { return n < 0 || n > 127 ? a : a << n; }
static wide_u wide_lshift_func_uint64_t_u_u(wide_u a, unsigned n) { return n > 127 ? a : a << n; }
static wide_u wide_rshift_func_uint64_t_u_s(wide_u a, int n) { return n < 0 || n > 127 ? a : a >> n; }
static wide_u wide_rshift_func_uint64_t_u_u(wide_u a, unsigned n) { return n > 127 ? a : a >> n; }
