# The two commands that matter: `make demo` and `make test`. Both install what is missing (Debian packages).

.PHONY: demo test test-fast build release dist deb install uninstall format lint check bench goldens clean dependencies fuzz simulate

SWIFT := swift
SHELL := bash
.SHELLFLAGS := -o pipefail -c

demo: build
	@scripts/demo

test: dependencies
	@scripts/fetch-oracles || echo "without the programs that renders are compared with: what needs them is skipped"
	$(SWIFT) build --build-tests
	@scripts/run-tests

# The daily loop: what starts no promote and simulates nothing.
test-fast: dependencies
	$(SWIFT) build --build-tests
	@scripts/run-tests --skip PromoteEndToEndTests --skip PromotionSimulationTests

build: dependencies
	@$(SWIFT) build --product promote 2>&1 | scripts/quiet-build

# The program as it is shipped: optimized, with the Swift runtime inside, and every library of which Debian has an archive. The linker merges equal code and packs relocations,
# which are most of what happens before the program's first instruction; it resolves all of them at the start, makes them
# read-only, and leaves out symbols and the folder of the program as a place for libraries. Swift reads headers of C with the
# options for C, and knows nothing of functions that fortified headers define: those are for what is compiled as C.
STATIC_LIBRARIES := $(CURDIR)/.build/static-libraries
RELEASE_FLAGS := -c release --product promote --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld \
	-Xswiftc -L$(STATIC_LIBRARIES) \
	-Xlinker -z -Xlinker pack-relative-relocs -Xlinker --icf=safe \
	-Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now -Xlinker --strip-all \
	-Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=. -Xcc -ffile-prefix-map=$(CURDIR)=. \
	-Xcc -fstack-protector-strong -Xcc '-D_FORTIFY_SOURCE=(2*!__swift__)' -Xswiftc -Xfrontend -Xswiftc -enable-stack-protector

PROGRAM := $(CURDIR)/.build/release/promote

release: export PROMOTE_VERSION := $(shell scripts/version)
release: dependencies
	@test -n "$$PROMOTE_VERSION"
	scripts/static-libraries $(STATIC_LIBRARIES)
	PKG_CONFIG_PATH=$(STATIC_LIBRARIES):$$PKG_CONFIG_PATH $(SWIFT) build $(RELEASE_FLAGS)
	@scripts/finish-release $$($(SWIFT) build -c release --show-bin-path)/promote
	@scripts/check-release $$($(SWIFT) build -c release --show-bin-path)/promote
	@scripts/make-copyright >.build/copyright
	@echo "built $$($(SWIFT) build -c release --show-bin-path)/promote"

# What is published, in dist/: the program, an archive, a Debian package, a container image, bills of materials, checksums.
dist: release
	@scripts/install-dependencies --dist
	scripts/make-dist $(PROGRAM) dist

deb: release
	@scripts/install-dependencies --dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) scripts/make-deb $(PROGRAM) dist

# make release && sudo make install, or make release && make install PREFIX=$$HOME/.local. DESTDIR stands for / where a package is
# made of it.
PREFIX ?= /usr/local
install:
	scripts/install-files $(PROGRAM) $(PREFIX) --root "$(DESTDIR)"

uninstall:
	scripts/install-files --uninstall $(PREFIX) --root "$(DESTDIR)"

format:
	$(SWIFT) format -i -r Package.swift Sources Tests Simulation Fuzz

lint:
	$(SWIFT) format lint -s -r Package.swift Sources Tests Simulation Fuzz
	scripts/check-imports
	scripts/check-rules
	scripts/check-dependencies
	@! command -v shellcheck >/dev/null || shellcheck -x ci/shell/promote-ci

bench: release
	Benchmarks/run

# Random bytes into the YAML reader, the editor and the renderer: make fuzz RUNS=10000000
RUNS ?= 100000
fuzz: dependencies
	scripts/fuzz --runs $(RUNS)

# Schedules of failing machines and networks. A million: make simulate SCHEDULES=1000000 BUILD="-c release"
SCHEDULES ?= 1000
BUILD ?=
simulate: dependencies
	$(SWIFT) build $(BUILD) --product simulate
	@TMPDIR=$$(test -w /dev/shm && echo /dev/shm || echo /tmp) \
		$$($(SWIFT) build $(BUILD) --show-bin-path)/simulate --schedules $(SCHEDULES)

goldens:
	scripts/fetch-oracles
	scripts/regenerate-goldens

dependencies:
	@scripts/install-dependencies

clean:
	rm -rf .build
