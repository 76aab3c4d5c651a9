/* The chunks: each returns the function that is specialized. */
#ifndef CHUNKS_H
#define CHUNKS_H

#define CHUNKS(C)                                                                                                      \
    C(sum, "return function(n)\n"                                                                                      \
           "  local s = 0\n"                                                                                           \
           "  for i = 1, n do s = s + (i*i) % 7 end\n"                                                                 \
           "  return s\n"                                                                                              \
           "end")                                                                                                      \
    C(sieve, "return function(n)\n"                                                                                    \
             "  local t, count = {}, 0\n"                                                                              \
             "  for i = 2, n do t[i] = true end\n"                                                                     \
             "  for i = 2, n do\n"                                                                                     \
             "    if t[i] then\n"                                                                                      \
             "      count = count + 1\n"                                                                               \
             "      for j = i + i, n, i do t[j] = false end\n"                                                         \
             "    end\n"                                                                                               \
             "  end\n"                                                                                                 \
             "  return count\n"                                                                                        \
             "end")                                                                                                    \
    C(fib, "local function fib(n)\n"                                                                                   \
           "  if n < 2 then return n end\n"                                                                            \
           "  return fib(n - 1) + fib(n - 2)\n"                                                                        \
           "end\n"                                                                                                     \
           "return fib")                                                                                               \
    C(hash, "return function(s)\n"                                                                                     \
            "  local h = 0\n"                                                                                          \
            "  for i = 1, #s do h = (h * 31 + s:byte(i)) % 65536 end\n"                                                \
            "  return h\n"                                                                                             \
            "end")

#endif
