# quasi: see README.md. `make run` shows the main job, `make test` runs all
# tests; both install the Debian packages that they need and miss.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

GO := $(firstword $(shell command -v go 2>/dev/null) $(wildcard /usr/local/go/bin/go) $(wildcard /usr/lib/go-1.*/bin/go))
export PATH := $(if $(GO),$(dir $(GO)):)$(PATH)

RUN_PACKAGES    := clang-14 llvm-14 lld-14 ca-certificates
TEST_PACKAGES   := $(RUN_PACKAGES) gcc libc6-dev csmith libcsmith-dev libclang-rt-14-dev chromium graphviz libzydis-dev
SQLITE_PACKAGES := $(RUN_PACKAGES) gcc libc6-dev tcl xz-utils
REDUCE_PACKAGES := $(TEST_PACKAGES) creduce
RECALL_PACKAGES := $(SQLITE_PACKAGES) g++ llvm-14-dev libclang-14-dev python3 flex bison bc libelf-dev libssl-dev
TORTURE_PACKAGES := $(RUN_PACKAGES) libc6-dev libgcc-12-dev xz-utils

# The subjects that testdata/NAME/subject.yaml describes: make bench-NAME.
SUBJECTS = lua regexp fft xdr crc32 printf protobuf ebpf spline vmalloc raytrace

# What `make fuzz` tries: programs, the first one's seed, one of the ways
# outer (main), inner (functions inside), halves and twice (empty: all).
N    ?= 500
SEED ?= 1
MODE ?=
# The mode of the analysis: any (a random one a build), a name such as
# uniform+no-use, or empty for the full analysis. make torture heeds it too.
DIVISION ?=
# Guards of what quasi-invariants read, in `make fuzz` and `make torture`: table or
# quid (where the ledger is complete), everything (all writes), or empty for none.
GUARD ?=
# What `make fuzz-reduce` shrinks: the build that make fuzz has kept.
BUILD ?= $(SEED)-inner

# How long make fuzz-input tries each target.
FUZZTIME ?= 10m

# What `make torture` tries, besides N and SEED.
SAMPLE ?= 300
ONLY   ?=

.PHONY: all build run test test-modes fuzz fuzz-prepare fuzz-reduce fuzz-input torture stress recall crosscheck bench bench-bpf bench-guards bench-runtime bench-discovery compare bench-go bench-load bench-sqlite check clean go

all: build

build: go
	@$(GO) build -o bin/quasi ./cmd/quasi

# $(call install,PACKAGES) installs what is missing of them, and is silent if
# nothing is.
define install
	@missing=""; \
	for p in $(1); do \
		[ "$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null || true)" = installed ] || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then \
		if ! command -v apt-get >/dev/null; then \
			echo "make: no Debian here; what these packages hold has to be there:$$missing" >&2; exit 0; \
		fi; \
		if [ "$$(id -u)" = 0 ]; then root=""; \
		elif command -v sudo >/dev/null; then root="sudo"; \
		else echo "make: neither root nor sudo; install these Debian packages:$$missing" >&2; exit 1; fi; \
		echo "installing$$missing"; \
		apt() { $$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o=Dpkg::Use-Pty=0 "$$@"; }; \
		for p in $$missing; do \
			apt-cache show "$$p" >/dev/null 2>&1 || { apt update; break; }; \
		done; \
		apt install -y --no-install-recommends $$missing >/dev/null || \
			{ apt update && apt install -y --no-install-recommends $$missing >/dev/null; } || \
			{ echo "make: could not install$$missing" >&2; exit 1; }; \
	fi
endef

go:
	@if [ -z "$(GO)" ]; then \
		echo "make: Go is missing: put Go 1.26 or later on the PATH or into /usr/local/go" >&2; exit 1; \
	fi

# The main job: the kill path of Linux 2.0, specialized, checked and measured.
run: go
	$(call install,$(RUN_PACKAGES))
	@$(GO) build -o bin/quasi ./cmd/quasi
	@bin/quasi bench signal

test: go
	$(call install,$(TEST_PACKAGES))
	@$(GO) vet ./...
	@$(GO) test -timeout 14m ./...

# All programs in all sixteen modes of the analysis.
test-modes: go
	$(call install,$(TEST_PACKAGES))
	@$(GO) test ./cmd/quasi -count=1 -timeout 0 -run 'TestModes|TestSensitivityPrograms' -modes all

# Programs of csmith through the specializer, against clang. Builds that fail
# stay in .cache/fuzz/kept; make fuzz-reduce BUILD=17-inner shrinks one. What does
# not depend on the specializer is kept in .cache/fuzz/programs; make
# fuzz-prepare makes that alone.
FUZZ = @mkdir -p .cache/fuzz/kept && $(GO) test ./cmd/quasi -count=1 -timeout 0 -run 'TestCsmith$$' -v \
	-csmith.n $(N) -csmith.seed $(SEED) -csmith.mode '$(MODE)' -csmith.division '$(DIVISION)' -csmith.guards '$(GUARD)' \
	-csmith.cache $(CURDIR)/.cache/fuzz/programs -csmith.keep $(CURDIR)/.cache/fuzz/kept

fuzz: go
	$(call install,$(TEST_PACKAGES))
	$(FUZZ)

fuzz-prepare: go
	$(call install,$(TEST_PACKAGES))
	$(FUZZ) -csmith.prepare

fuzz-reduce: build
	$(call install,$(REDUCE_PACKAGES))
	@QUASI=$(CURDIR)/bin/quasi cmd/quasi/testdata/reduce.sh .cache/fuzz/kept/$(BUILD)

# What is read, fuzzed: the loader, specifications, and the specializer on
# damaged modules. An input that fails is written to testdata/fuzz of its package.
fuzz-input: go
	@for target in ir:FuzzLoad ir:FuzzLoadTokens ir/spec:FuzzParse ir/spec:FuzzPredicate ir/spec:FuzzResolve pe:FuzzSpecialize; do \
		echo "$$target"; \
		$(GO) test ./$${target%:*} -run '^$$' -fuzz "^$${target#*:}\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s -parallel 1; \
	done

# GCC's execution tests through quasi, against clang: N of them from main (0:
# all), and SAMPLE of them from each of their functions; ONLY is a regular
# expression of names. What clang makes of them is kept in .cache/torture.
torture: N = 0
torture: go
	$(call install,$(TORTURE_PACKAGES))
	@testdata/torture/fetch.sh .cache/torture
	@$(GO) test ./cmd/quasi -count=1 -timeout 0 -run 'TestTorture$$' -v -torture.dir $(CURDIR)/.cache/torture \
		-torture.n $(N) -torture.sample $(SAMPLE) -torture.seed $(SEED) -torture.only '$(ONLY)' -torture.division '$(DIVISION)' \
		-torture.guards '$(GUARD)'

# The run-time under many threads, signals and schedules: N calls of each program, of
# the replugger REPLACEMENTS replacements in each schedule, and of MemGuard WRITES writes
# in each of one to four threads.
stress: N = 12000000
stress: REPLACEMENTS = 1000000
stress: WRITES = 1000000
stress: go
	$(call install,$(TEST_PACKAGES))
	@$(GO) test ./cmd/quasi -count=1 -timeout 0 -run 'TestSignalThreads$$|TestGuardsSanitized' -v -stress.n $(N)
	@$(GO) test ./guard -count=1 -timeout 0 -run 'TestReplugStress' -v -replug.calls $(N) -replug.replacements $(REPLACEMENTS) \
		-replug.seed $(SEED) -replug.schedules free,one,two,fifo,rr,yield,signals,threads
	@$(GO) test ./guard -count=1 -timeout 0 -run 'TestMemGuard' -v -memguard.writes $(WRITES) -memguard.seed $(SEED)

# Whether quasi guard finds every write that clang's AST shows, on SQLite, Redis and
# a Linux kernel; ONLY is one of sqlite, redis and linux. And whether it finds what
# the programs of testdata/c, and of make torture if they are there, are seen to write.
recall: go
	$(call install,$(RECALL_PACKAGES))
	@testdata/recall/fetch.sh .cache/recall
	@$(GO) test ./cmd/quasi -count=1 -timeout 0 -run 'TestRecall|TestWatch' -v -recall.dir $(CURDIR)/.cache/recall -recall.only '$(ONLY)' \
		-watch.n 0 $(if $(wildcard .cache/torture/execute),-watch.dir $(CURDIR)/.cache/torture/execute)

# Whether SQLite, Lua, zlib and Redis write a term, while MemGuard watches, that no row of their
# ledger knows; ONLY is one of sqlite, lua, zlib and redis.
crosscheck: go
	$(call install,$(RECALL_PACKAGES))
	@testdata/crosscheck/fetch.sh .cache/crosscheck
	@$(GO) test ./cmd/quasi -count=1 -timeout 0 -run 'TestCrosscheck' -v -crosscheck.dir $(CURDIR)/.cache/crosscheck -crosscheck.only '$(ONLY)'

# How long quasi guard takes on them, for the terms of make recall, and its ledgers.
bench-discovery: go
	$(call install,$(RECALL_PACKAGES))
	@$(GO) build -o bin/quasi ./cmd/quasi
	@testdata/recall/fetch.sh .cache/recall
	@for p in sqlite redis linux; do \
		echo "$$p:"; \
		sed -n "/^$$p:/,/^[a-z]*:\$$/s/^  - \([^#]*[^# ]\) *\(#.*\)*\$$/--term=\1/p" testdata/recall/fields.yaml | tr '\n' '\0' | \
			xargs -0 bin/quasi guard -v --summary -p .cache/recall/$$p 2>&1 | grep -v '^+ \|MB of IR, compiled in [0-9]* ms'; \
	done

bench: run bench-bpf bench-guards bench-runtime $(SUBJECTS:%=bench-%)

bench-bpf: go
	$(call install,$(RUN_PACKAGES))
	@$(GO) build -o bin/quasi ./cmd/quasi
	@bin/quasi bench bpf

# What guards of writes cost.
bench-guards: go
	$(call install,$(RUN_PACKAGES))
	@$(GO) build -o bin/quasi ./cmd/quasi
	@bin/quasi bench guards

# What calls of slots, replacements, guards and MemGuard cost.
bench-runtime: go
	$(call install,$(RUN_PACKAGES))
	@$(GO) build -o bin/quasi ./cmd/quasi
	@bin/quasi bench runtime

# A subject that testdata/NAME/subject.yaml describes.
.PHONY: $(SUBJECTS:%=bench-%)
$(SUBJECTS:%=bench-%): bench-%: go
	$(call install,$(RUN_PACKAGES) bzip2 xz-utils)
	@$(GO) build -o bin/quasi ./cmd/quasi
	@bin/quasi bench $*

# The modes of the analysis side by side, on all subjects.
compare: go
	$(call install,$(RUN_PACKAGES) bzip2 xz-utils)
	@$(GO) build -o bin/quasi ./cmd/quasi
	@mkdir -p .cache/compare
	@bin/quasi compare --all --html .cache/compare/compare.html
	@echo "The same with plots is in .cache/compare/compare.html."

# Package benchmarks, each in three sizes, in units of the work done.
bench-go: go
	$(call install,$(TEST_PACKAGES))
	@$(GO) test ./ir ./ir/spec ./bta ./pe ./cmd/quasi -run '^$$' -bench . -benchmem -timeout 0

# All phases on a module of more than 40 MB.
bench-load: go
	$(call install,$(SQLITE_PACKAGES))
	@testdata/sqlite/fetch.sh .cache/sqlite full
	@$(GO) test ./cmd/quasi -run '^$$' -bench BigModule -benchtime 1x -timeout 0

# Load, check and points-to of sqlite3.c as one module.
bench-sqlite: go
	$(call install,$(SQLITE_PACKAGES))
	@testdata/sqlite/fetch.sh .cache/sqlite
	@$(GO) test ./ir -run '^$$' -bench SQLite -benchtime 1x -timeout 0

check: go
	@$(GO) vet ./...
	@unformatted=$$(gofmt -l $(wildcard ir bta pe guard cmd)); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

clean:
	rm -rf bin .cache
