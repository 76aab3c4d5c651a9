-- What `make crosscheck` has Lua do: a little of everything that its interpreter has.
local function check(c, what) if not c then error(what or "wrong", 2) end end

-- Tables: array part, hash part, growth, shrinking, borders, next, metatables.
local t = {}
for i = 1, 300 do t[i] = i * i end
for i = 1, 200 do t["k" .. i] = i; t[i + 0.5] = i end
for i = 300, 100, -1 do t[i] = nil end
check(#t == 99)
local n = 0
for k, v in pairs(t) do n = n + 1; if type(k) == "string" then t[k] = nil end end
check(n == 99 + 400)
check(select("#", table.unpack(t, 1, 50)) == 50)
table.sort(t, function(a, b) return a > b end)
table.insert(t, 1, -1); table.remove(t); table.move(t, 1, 20, 30)
local mt = { __index = function(_, k) return k .. "!" end, __newindex = function(s, k, v) rawset(s, k, v) end,
  __call = function(_, a) return a end, __add = function() return 7 end, __concat = function() return "cat" end,
  __eq = function() return true end, __lt = function() return true end, __len = function() return 3 end,
  __close = function() n = n + 1 end, __gc = function() n = n + 1 end, __tostring = function() return "obj" end }
local o = setmetatable({}, mt)
check(o.x == "x!" and o(5) == 5 and o + 1 == 7 and o .. "a" == "cat" and #o == 3 and tostring(o) == "obj")
check(o == setmetatable({}, mt) and o < setmetatable({}, mt))
do local c <close> = o end

-- Strings, numbers, patterns, formats.
local parts = {}
for i = 1, 100 do parts[#parts + 1] = string.format("%5d|%-8s|%q|%.3f|%x", i, "s" .. i, "a\n" .. i, i / 3, i) end
local s = table.concat(parts, ",")
check(select(2, s:gsub("(%d+)|", "%1;")) > 100 and s:find("s50", 1, true) and s:rep(3):len() == 3 * #s)
check(string.unpack("<i4", string.pack("<i4", -5)) == -5 and utf8.char(955, 8364):len() == 5)
check(math.tointeger("8") == 8 or math.tointeger(8.0) == 8)
check(7 // 2 == 3 and -7 % 3 == 2 and 1 << 62 > 0 and 5 // 0.0 == math.huge and "10" + 5 == 15)
for w in s:gmatch("%w+") do n = n + #w end

-- Closures, upvalues, varargs, recursion, tail calls, goto.
local function counter() local c = 0; return function(d) c = c + (d or 1); return c end, function() return c end end
local up, get = counter()
for i = 1, 100 do up(i) end
check(get() == 5050)
local function fib(i) return i < 2 and i or fib(i - 1) + fib(i - 2) end
check(fib(15) == 610)
local function loop(i, ...) if i == 0 then return select("#", ...) end return loop(i - 1, i, ...) end
check(loop(60) == 60)
local function deep(i) return i == 0 and 0 or 1 + deep(i - 1) end
check(deep(3000) == 3000)
for i = 1, 10 do for j = 1, 10 do if j == 5 then goto continue end n = n + 1 end ::continue:: end

-- Errors, coroutines, yields across pcall and metamethods.
check(not pcall(error, { code = 1 }) and not pcall(function() local x = nil; return x.y end))
check(select(2, xpcall(function() error("e", 0) end, function(m) return m .. debug.traceback("", 1):sub(1, 0) end)) == "e")
check(not pcall(deep, 1e7)) -- the stack overflows
local co = coroutine.wrap(function(a)
  for i = 1, 200 do a = coroutine.yield(i + a) end
  pcall(function() coroutine.yield("inside") end)
  local y = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end })
  return y.key
end)
for i = 1, 200 do check(co(1) == i + 1) end
check(co() == "inside" and co() == "key" and co("back") == "back")
local many = {}
for i = 1, 60 do many[i] = coroutine.create(function(x) while true do x = coroutine.yield(x * 2) end end); coroutine.resume(many[i], i) end
for _ = 1, 5 do for i = 1, 60 do check(select(2, coroutine.resume(many[i], i)) == 2 * i) end end
coroutine.close(many[1])

-- Code made at run time, binary chunks, debug hooks.
local f = load(string.dump(load("local a, b = ... ; return a * b + #tostring(a)")))
check(f(6, 7) == 43 and not load("x ="))
for i = 1, 50 do check(load("return " .. i .. " + " .. i)() == 2 * i) end
local lines = 0
debug.sethook(function() lines = lines + 1 end, "l", 100); for i = 1, 500 do n = n + i end; debug.sethook()
check(debug.getinfo(1, "l").currentline > 0 and debug.getlocal(1, 1) ~= nil)

-- The collector in both modes; weak tables, ephemerons, finalizers, resurrection.
local weak, eph = setmetatable({}, { __mode = "v" }), setmetatable({}, { __mode = "k" })
for _, mode in ipairs { "incremental", "generational", "incremental" } do
  collectgarbage(mode)
  for i = 1, 1500 do
    local v = { i, { i }, tostring(i) }
    weak[i % 50], eph[v] = v, { v }
    if i % 10 == 0 then setmetatable(v, { __gc = function(x) n = n + x[1] end }) end
    if i % 100 == 0 then collectgarbage("step", 20) end
  end
  collectgarbage()
end
collectgarbage("stop"); collectgarbage("restart"); check(collectgarbage("count") > 0)

-- Files.
local name = os.tmpname()
local h = assert(io.open(name, "w+")); h:setvbuf("full", 256)
for i = 1, 100 do h:write(i, "\n", i / 2, "\n") end
h:seek("set", 0); local sum = 0
for l in h:lines("n") do sum = sum + l end
h:close(); os.remove(name)
check(sum == 5050 * 1.5)
print("done", fib(12), get(), n > 0)
