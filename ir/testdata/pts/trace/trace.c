// Run-time half of TestTrace: remembers which object every address belongs to
// and writes down, at exit, which objects each instruction has reached.
//
// Lines of the log: KIND POINT OBJECT OFFSET, where KIND is L or S for a load or
// store, C for a call of the function OBJECT, R or W for what a call has read or
// written on the way. OBJECT is -1 for memory that no object of the program has.
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1 << 12, PAGES = 1 << 16, LOG = 1 << 20, DEPTH = 1 << 16 };

typedef struct { int32_t object; uintptr_t start; uint64_t born; int stack; } instance;
typedef struct page { uintptr_t number; struct page *next; int32_t owner[PAGE]; } page;
typedef struct { int32_t kind, point, object; int64_t offset; } event;

static page *pages[PAGES];
static instance *instances;
static int32_t count, room;
static event events[LOG];
static uint64_t now;
static struct { int32_t point; uint64_t since; } calls[DEPTH];
static int depth;
static struct { uintptr_t start; int64_t size; } frames[1 << 18];
static int top;

static int32_t *owner(uintptr_t a, int make) {
  page **at = &pages[(a / PAGE) % PAGES];
  for (page *p = *at; p; p = p->next)
    if (p->number == a / PAGE) return &p->owner[a % PAGE];
  if (!make) return 0;
  page *p = calloc(1, sizeof *p);
  p->number = a / PAGE;
  p->next = *at;
  *at = p;
  return &p->owner[a % PAGE];
}

static void forget(uintptr_t start, int64_t size) {
  for (int64_t i = 0; i < size; i++) {
    int32_t *o = owner(start + i, 0);
    if (o) *o = 0;
  }
}

static void remember(void *p, int64_t size, int32_t object, int stack) {
  if (!p) return;
  if (count + 1 >= room) instances = realloc(instances, (room = 2 * room + 1024) * sizeof *instances);
  instances[++count] = (instance){object, (uintptr_t)p, ++now, stack};
  for (int64_t i = 0; i < size; i++) *owner((uintptr_t)p + i, 1) = count;
}

static void note(int kind, int32_t point, int32_t object, int64_t offset) {
  uint64_t h = ((uint64_t)kind * 31 + point) * 1000003 + object * 7919 + offset;
  h = h * 0x9E3779B97F4A7C15u >> 44;
  for (;; h = (h + 1) % LOG) {
    event *e = &events[h % LOG];
    if (e->kind == kind && e->point == point && e->object == object && e->offset == offset) return;
    if (!e->kind) {
      static int used;
      if (++used > LOG / 2) return;
      *e = (event){kind, point, object, offset};
      return;
    }
  }
}

static void touch(int kind, int32_t point, void *p, int64_t size) {
  if (size <= 0) return;
  int32_t *o = owner((uintptr_t)p, 0);
  instance *in = o && *o ? &instances[*o] : 0;
  note(kind, point, in ? in->object : -1, in ? (int64_t)((uintptr_t)p - in->start) : 0);
  if (!in) return;
  for (int i = depth; i-- > 0;)
    if (!(in->stack && in->born > calls[i].since)) note(kind == 'L' ? 'R' : 'W', calls[i].point, in->object, 0);
}

void pt_object(void *p, int64_t size, int32_t object) { remember(p, size, object, 0); }

void pt_stack(void *p, int64_t size, int32_t object) {
  remember(p, size, object, 1);
  frames[top].start = (uintptr_t)p;
  frames[top++].size = size;
}

int32_t pt_enter(void) { return top; }

void pt_leave(int32_t mark) {
  while (top > mark) {
    top--;
    forget(frames[top].start, frames[top].size);
  }
}

void pt_heap(void *p, int32_t object) { remember(p, p ? malloc_usable_size(p) : 0, object, 0); }

void pt_free(void *p) {
  if (p) forget((uintptr_t)p, malloc_usable_size(p));
}

void pt_load(void *p, int64_t size, int32_t point) { touch('L', point, p, size); }
void pt_store(void *p, int64_t size, int32_t point) { touch('S', point, p, size); }

int32_t pt_call(void *callee, int32_t point) {
  int32_t *o = owner((uintptr_t)callee, 0);
  note('C', point, o && *o ? instances[*o].object : -1, 0);
  calls[depth].point = point;
  calls[depth++].since = now;
  return depth - 1;
}

void pt_return(int32_t mark) { depth = mark; }

__attribute__((destructor)) static void dump(void) {
  const char *path = getenv("PT_LOG");
  FILE *f = path ? fopen(path, "w") : 0;
  if (!f) return;
  for (int i = 0; i < LOG; i++)
    if (events[i].kind) fprintf(f, "%c %d %d %ld\n", events[i].kind, events[i].point, events[i].object, events[i].offset);
  fclose(f);
}
