package main

// This file runs real programs under MemGuard, as `quasi build --memguard` makes them of
// the specifications in testdata/crosscheck: whatever they are had to do, each write to a
// term must be one that the ledger has predicted, and they must do what they do without.

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"
)

var (
	crosscheckDir  = flag.String("crosscheck.dir", "", "what testdata/crosscheck/fetch.sh has made: real programs run under MemGuard")
	crosscheckOnly = flag.String("crosscheck.only", "", "one of sqlite, lua, zlib, redis")
	crosscheckSize = flag.Int("crosscheck.size", 2500, "how many statements SQLite executes, and commands Redis from each client")
)

// A realProgram is one that is run with MemGuard and without.
type realProgram struct {
	name    string
	units   []string // patterns below its folder, or of names there that begin with ! what is left out
	list    string   // a file that lists the units, instead
	folder  string   // where the units are
	objects []string
	flags   []string
	run     func(c *realRun) (string, error) // what it has printed
}

// A realRun is a program that runs: all its files are in dir.
type realRun struct {
	ctx       context.Context
	prog, dir string
	env       []string
	sources   string
}

var realPrograms = []realProgram{
	{
		name: "zlib", units: []string{"*.c", "test/minigzip.c"}, run: runZlib,
		flags: []string{"-D_GNU_SOURCE", "-DHAVE_UNISTD_H", "-DHAVE_HIDDEN", "-I."},
	},
	{
		name: "lua", folder: "src", units: []string{"*.c", "!luac.c"}, run: runLua,
		flags: []string{"-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX", "-lm"},
	},
	{ // with lookaside, memory of one type becomes that of another without being given back
		name: "sqlite", units: []string{"sqlite3.c", "shell.c"}, run: runSQLite,
		flags: []string{"-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_OMIT_LOOKASIDE", "-pthread", "-lm"},
	},
	{
		name: "redis", folder: "src", list: "../units", run: runRedis,
		objects: []string{"../deps/hiredis/libhiredis.a", "../deps/lua/src/liblua.a", "../deps/hdr_histogram/libhdrhistogram.a"},
		flags: []string{"-std=gnu11", "-DREDIS_STATIC=", "-D_GNU_SOURCE", "-I../deps/hiredis", "-I../deps/linenoise", "-I../deps/lua/src",
			"-I../deps/hdr_histogram", "-rdynamic", "-pthread", "-lm", "-ldl"},
	},
}

func TestCrosscheck(t *testing.T) {
	if *crosscheckDir == "" {
		t.Skip("no -crosscheck.dir (make crosscheck)")
	}
	tc := needLLVM(t)
	dir, err := filepath.Abs(*crosscheckDir)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := filepath.Abs("../../testdata/crosscheck")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range realPrograms {
		if *crosscheckOnly != "" && *crosscheckOnly != p.name {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Chdir(filepath.Join(dir, p.name, p.folder))
			crosscheck(t, tc, &p, specs)
		})
	}
}

func crosscheck(t *testing.T, tc *toolchain, p *realProgram, specs string) {
	units, err := p.sources()
	if err != nil || len(units) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	temp := t.TempDir()
	plain, prog, notes := filepath.Join(temp, "plain"), filepath.Join(temp, "prog"), filepath.Join(temp, "notes")
	compileC(t, tc, plain, slices.Concat([]string{"-w", "-O1"}, units, p.objects, p.flags)...)
	args := slices.Concat([]string{"build", "-q", "--json", "--memguard", "--spec", filepath.Join(specs, p.name+".yaml"), "-o", prog}, units, p.objects,
		[]string{"--", "-O1", "-w"}, p.flags)
	var built struct{ Memguard watching }
	if err := json.Unmarshal([]byte(mustQuasi(t, args...)), &built); err != nil {
		t.Fatal(err)
	}
	var printed [2]string
	var took [2]time.Duration
	for i, exe := range []string{plain, prog} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		dir := filepath.Join(temp, fmt.Sprint(i))
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		c := &realRun{ctx: ctx, prog: exe, dir: dir, env: append(os.Environ(), "QUASI_MEMGUARD_REPORT="+notes), sources: specs}
		if printed[i], err = p.run(c); err != nil {
			t.Fatalf("%s: %v", exe, err)
		}
		took[i] = time.Since(began)
	}
	if i := difference(printed[0], printed[1]); i >= 0 {
		t.Errorf("under MemGuard the program prints\n%s\ninstead of\n%s", around(printed[1], i), around(printed[0], i))
	}
	rep := newWriteReport()
	if err := rep.read(notes); err != nil {
		t.Fatal(err)
	}
	rep.sort()
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\tlocations\trows\twrites\tunknown\t\n", p.name)
	for i, term := range built.Memguard.Terms {
		var seen termWrites
		for _, s := range rep.Terms {
			if s.Term == term {
				seen = s
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t\n", term, seen.Locations, built.Memguard.RowsOf[i], seen.Writes, seen.Writes-seen.Known)
	}
	fmt.Fprintf(w, "all\t\t%d\t%d\t%d\t\n", built.Memguard.Number, rep.Writes, rep.Missed)
	w.Flush()
	fmt.Printf("%s%.1f s, without MemGuard %.1f s\n", out.String(), took[1].Seconds(), took[0].Seconds())
	for _, line := range rep.unprotected() {
		fmt.Println(line)
	}
	if rep.Known == 0 {
		t.Error("no write was seen")
	}
	for i := range rep.Misses {
		m := &rep.Misses[i]
		t.Errorf("%s:%d:%d: %s [%s]", m.File, m.Line, m.Col, m.message(), m.tags())
	}
}

func (p *realProgram) sources() (units []string, err error) {
	if p.list != "" {
		text, err := os.ReadFile(p.list)
		return strings.Fields(string(text)), err
	}
	for _, pattern := range p.units {
		if name, ok := strings.CutPrefix(pattern, "!"); ok {
			units = slices.DeleteFunc(units, func(u string) bool { return u == name })
			continue
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		units = append(units, found...)
	}
	return units, nil
}

// difference is where two texts part, -1 if they are the same.
func difference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return min(len(a), len(b))
}

func around(s string, i int) string { return s[max(0, i-200):min(len(s), i+200)] }

// command runs the program to its end.
func (c *realRun) command(stdin io.Reader, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(c.ctx, c.prog, args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.dir, c.env, stdin, &out, &out
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); ok && cmd.ProcessState.Exited() {
		err = nil // SQLite tells so of statements that fail
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, around(out.String(), out.Len()))
	}
	return out.String(), err
}

func runLua(c *realRun) (string, error) { return c.command(nil, filepath.Join(c.sources, "lua.lua")) }

// runZlib compresses and expands what is like text, what repeats, and what is neither.
func runZlib(c *realRun) (string, error) {
	random := rand.New(rand.NewPCG(1, 1))
	var data bytes.Buffer
	for range 3000 {
		fmt.Fprintf(&data, "%d words of %x, ", random.IntN(50), random.IntN(1<<random.IntN(20)))
	}
	data.Write(make([]byte, 70_000))
	for range 20_000 {
		data.WriteByte(byte(random.Uint32()))
	}
	all := ""
	for _, level := range []string{"-1", "-3", "-6", "-9", "-f", "-h", "-r"} {
		packed, err := c.command(bytes.NewReader(data.Bytes()), level)
		if err != nil {
			return "", err
		}
		plain, err := c.command(strings.NewReader(packed), "-d")
		if err != nil || plain != data.String() {
			return "", fmt.Errorf("minigzip %s: what is expanded is not what was compressed: %v", level, err)
		}
		all += packed
	}
	return all, nil
}

// statements are what SQLite is had to do; x, y and i are numbers.
var statements = []string{
	"INSERT OR REPLACE INTO t VALUES({x},'k{b}',{y}/3.0,zeroblob({x}),CASE WHEN {y}%3=0 THEN NULL ELSE {y} END);",
	"INSERT INTO t(b,c,e) SELECT 'm'||{y},{y},x.value FROM (SELECT 1 AS value UNION SELECT 2 UNION ALL SELECT 'z') x;",
	"UPDATE t SET b='k{b}', c=c+1 WHERE a BETWEEN {x} AND {x}+7;",
	"DELETE FROM t WHERE a={x};",
	"INSERT INTO u VALUES('k{b}',{x}) ON CONFLICT(k) DO UPDATE SET v=v+excluded.v;",
	"SELECT count(*), sum(c), group_concat(b,'-') FROM (SELECT * FROM t WHERE a>{x} ORDER BY c LIMIT 10);",
	"SELECT a,v FROM vw WHERE v>{x} ORDER BY b DESC, a LIMIT 5;",
	"WITH RECURSIVE c(i) AS (SELECT {x} UNION ALL SELECT i+1 FROM c WHERE i<{x}+40) SELECT sum(i*i), max(i) FROM c;",
	"SELECT b, count(*) OVER (PARTITION BY b ORDER BY a ROWS 2 PRECEDING), rank() OVER (ORDER BY c) FROM t WHERE a<{x} LIMIT 20;",
	"INSERT OR IGNORE INTO p(n) VALUES('n{y}'); INSERT INTO q(p,w) SELECT id,{y} FROM p WHERE n='n{y}';",
	"DELETE FROM p WHERE id={x};",
	"SELECT p.n, count(q.id) FROM p LEFT JOIN q ON q.p=p.id GROUP BY p.n HAVING count(*)>0 ORDER BY 2 DESC, 1 LIMIT 3;",
	"BEGIN; UPDATE t SET e={x} WHERE a%7={y}%7; SAVEPOINT s; DELETE FROM u; ROLLBACK TO s; RELEASE s; COMMIT;",
	"BEGIN IMMEDIATE; INSERT INTO log VALUES(zeroblob({y}*5)); ROLLBACK;",
	"SELECT json_extract('{\"a\":[1,{x},{\"b\":{y}}]}','$.a[2].b'), json_group_array(a) FROM (SELECT a FROM t LIMIT 5);",
	"SELECT upper(b)||lower(hex(d)), substr(b,2,3), replace(b,'k','zz'), printf('%08.3f|%s|%d',c,b,a), typeof(e), quote(e) FROM t LIMIT {y}%20;",
	"SELECT t1.a FROM t t1, t t2 WHERE t1.b=t2.b AND t1.a<t2.a AND t1.c IN (SELECT c FROM t WHERE a<{x}) LIMIT 10;",
	"EXPLAIN QUERY PLAN SELECT * FROM t WHERE b='k{b}' OR a={x};",
	"SELECT strftime('%Y-%m-%d %H:%M:%f', {y}*1000000, 'unixepoch', '+{x} days'), julianday('2001-01-01');",
	"SELECT * FROM t WHERE a=1 UNION SELECT * FROM t WHERE a=2 EXCEPT SELECT * FROM t WHERE a={x}%3 INTERSECT SELECT * FROM t ORDER BY 1;",
	"INSERT INTO q(p,w) VALUES(999999,{y});",
	"INSERT INTO q(w) VALUES({y}*1000);",
	"SELECT {x}+'12abc', {y}%({x}%5), {y}<<3, ~{x}, CAST('{y}.5x' AS INTEGER), {x}||{y}, x'00{b}' LIKE '%a', 'abc' GLOB 'a*', {y}.0/0;",
	"CREATE TEMP TABLE tt{i} AS SELECT * FROM t WHERE a>{x} LIMIT 30; SELECT count(*) FROM tt{i}; DROP TABLE tt{i};",
	"SELECT syntax error {x}; SELECT nosuch({x});",
	"UPDATE u SET v=(SELECT max(a) FROM t WHERE t.b=u.k) WHERE v IN ({x},{y},NULL);",
	"SELECT DISTINCT e, b FROM t ORDER BY e NULLS LAST, b COLLATE NOCASE LIMIT 7;",
	"UPDATE t SET d=zeroblob({y}*10) WHERE a={x}; SELECT sum(length(d)) FROM t;",
	"DELETE FROM q WHERE id IN (SELECT id FROM q ORDER BY id LIMIT {y}%5) RETURNING id;",
	"SELECT total_changes()>0, last_insert_rowid()>=0;",
}

// seldom is what it is had to do now and then.
var seldom = []string{
	"PRAGMA integrity_check;", "VACUUM;", "ANALYZE;", "REINDEX;", "PRAGMA journal_mode=WAL;", "PRAGMA wal_checkpoint(TRUNCATE);", "ALTER TABLE log ADD COLUMN c{i};",
	"PRAGMA journal_mode=MEMORY;", "PRAGMA page_size=8192; VACUUM;", "PRAGMA cache_size=20;", "ATTACH ':memory:' AS mm; CREATE TABLE mm.z AS SELECT * FROM t; DETACH mm;",
}

func runSQLite(c *realRun) (string, error) {
	random := rand.New(rand.NewPCG(2, 2))
	var sql strings.Builder
	sql.WriteString(`.bail off
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL, d BLOB, e);
CREATE TABLE u(k TEXT PRIMARY KEY, v INT) WITHOUT ROWID;
CREATE TABLE p(id INTEGER PRIMARY KEY, n TEXT UNIQUE);
CREATE TABLE q(id INTEGER PRIMARY KEY, p REFERENCES p(id) ON DELETE CASCADE, w INT DEFAULT 7 CHECK(w<100000));
CREATE INDEX tb ON t(b); CREATE INDEX tce ON t(c,e) WHERE c>10; CREATE INDEX tex ON t(length(b));
CREATE TABLE log(x);
CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO log(x) VALUES(old.a||':'||new.b); DELETE FROM log WHERE rowid<(SELECT max(rowid)-50 FROM log); END;
CREATE VIEW vw AS SELECT t.a, u.v, b FROM t JOIN u ON u.k=t.b;
PRAGMA foreign_keys=ON;
PRAGMA recursive_triggers=ON;
`)
	for i := range *crosscheckSize {
		s := statements[random.IntN(len(statements))]
		if i%200 == 199 {
			s = seldom[i/200%len(seldom)]
		}
		number := func(n int) string { return fmt.Sprint(random.IntN(n)) }
		fmt.Fprintln(&sql, strings.NewReplacer("{x}", number(400), "{y}", number(1000), "{b}", fmt.Sprint(10+random.IntN(87)), "{i}", fmt.Sprint(i)).Replace(s))
	}
	sql.WriteString(".dump p\n.schema\nSELECT count(*), sum(a), total(c) FROM t;\nPRAGMA integrity_check;\n")
	return c.command(strings.NewReader(sql.String()), "test.db")
}

// commands are what Redis is had to do; its answers do not depend on time. k is the client.
var commands = []string{
	"SET k{k}:{x} v{y}", "GET k{k}:{x}", "INCR n{k}", "HSET h{k} f{x} {y}", "HLEN h{k}", "HDEL h{k} f{y}", "LPUSH l{k} a b c {y}", "RPOP l{k}", "LRANGE l{k} 0 20", "LTRIM l{k} 0 50",
	"SADD s{k} m{x} {y}", "SREM s{k} m{y}", "SCARD s{k}", "ZADD z{k} {x} m{y}", "ZRANGEBYSCORE z{k} {x} +inf LIMIT 0 5", "ZRANK z{k} m{y}", "ZREM z{k} m{x}",
	"XADD st{k} {i}-1 f {y}", "XRANGE st{k} - + COUNT 3", "XTRIM st{k} MAXLEN 40", "APPEND ap{k} x{y}", "GETRANGE ap{k} 0 20", "SETEX e{k} 1000 {y}", "PERSIST e{k}", "OBJECT ENCODING l{k}",
	"MULTI", "EXEC", "DISCARD", "EVAL \"return redis.call('incrby',KEYS[1],ARGV[1])\" 1 lua{k} {y}", "DEL k{k}:{y}", "UNLINK l{k}", "SORT s{k} ALPHA LIMIT 0 3", "PFADD pf{k} {y}", "PFCOUNT pf{k}",
	"SETBIT bits{k} {y} 1", "BITCOUNT bits{k}", "GEOADD g{k} 13.{x} 38.{y} p{x}", "COPY h{k} hh{k} REPLACE", "PUBLISH ch x", "NOSUCH {x}", "GET", "LPUSH n{k} x", "WATCH k{k}:{x}", "SELECT {s}", "EXISTS k{k}:{x} n{k}",
}

// disturbances are what clients are had to do beside each other; their answers are not compared.
var disturbances = []string{
	"BGSAVE", "BGREWRITEAOF", "INFO all", "CLIENT LIST", "MEMORY STATS", "CONFIG SET maxmemory 200mb", "CONFIG SET appendonly yes", "SLOWLOG GET", "RANDOMKEY", "SCAN 0 COUNT 50",
	"CONFIG SET hash-max-listpack-entries 4", "CLIENT NO-EVICT on", "LATENCY HISTOGRAM", "DBSIZE", "FUNCTION LIST", "CONFIG RESETSTAT", "ACL WHOAMI", "CLIENT SETNAME x", "OBJECT FREQ k1:1",
}

// runRedis starts the server with threads for input and output, and has clients at work while it saves itself in children.
func runRedis(c *realRun) (string, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(c.ctx, c.prog, "--port", "0", "--unixsocket", "socket", "--save", "", "--appendonly", "yes", "--io-threads", "3", "--io-threads-do-reads", "yes")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &said, &said
	if err := cmd.Start(); err != nil {
		return "", err
	}
	answers := make([]string, 6)
	errs := make([]error, len(answers))
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i], errs[i] = redisClient(c, i) })
	}
	wg.Wait()
	if conn, err := dialRedis(c); err == nil {
		fmt.Fprintf(conn, "SHUTDOWN NOSAVE FORCE\r\n")
		io.Copy(io.Discard, conn)
		conn.Close()
	} else {
		cmd.Process.Signal(syscall.SIGKILL)
	}
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("the server: %w\n%s", err, around(said.String(), said.Len()))
	}
	for _, err := range errs {
		if err != nil {
			return "", fmt.Errorf("%w\n%s", err, around(said.String(), said.Len()))
		}
	}
	return strings.Join(answers[1:], ""), nil
}

func dialRedis(c *realRun) (conn net.Conn, err error) {
	for range 200 {
		if conn, err = net.Dial("unix", filepath.Join(c.dir, "socket")); err == nil {
			return conn, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, err
}

// redisClient is client k; 0 makes disturbances.
func redisClient(c *realRun, k int) (string, error) {
	conn, err := dialRedis(c)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Minute))
	random := rand.New(rand.NewPCG(3, uint64(k)))
	from, n := commands, *crosscheckSize
	if k == 0 {
		from, n = disturbances, n/20
	}
	const last = "no more commands"
	go func() {
		for i := range n {
			s := from[random.IntN(len(from))]
			number := func(n int) string { return fmt.Sprint(random.IntN(n)) }
			fmt.Fprintf(conn, "%s\r\n", strings.NewReplacer("{k}", fmt.Sprint(k), "{x}", number(40), "{y}", number(400), "{i}", fmt.Sprint(i+1), "{s}", fmt.Sprint(k)).Replace(s))
			if k == 0 {
				time.Sleep(20 * time.Millisecond)
			}
		}
		fmt.Fprintf(conn, "DISCARD\r\nECHO \"%s\"\r\n", last)
	}()
	var all []byte
	for chunk := make([]byte, 1<<16); ; {
		n, err := conn.Read(chunk)
		all = append(all, chunk[:n]...)
		if bytes.HasSuffix(all, []byte("\r\n"+last+"\r\n")) {
			return string(all), nil
		}
		if err != nil {
			return "", fmt.Errorf("client %d: %w", k, err)
		}
	}
}
