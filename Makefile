# The two commands that matter: `make demo` and `make test`. Both install what is missing (Debian packages).

.PHONY: demo test build release format lint check bench goldens clean dependencies

SWIFT := swift
SHELL := bash
.SHELLFLAGS := -o pipefail -c

demo: build
	@scripts/demo

test: dependencies
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

build: dependencies
	@$(SWIFT) build --product promote 2>&1 | scripts/quiet-build

# The program as it is shipped: optimized, with the Swift runtime inside.
release: dependencies
	$(SWIFT) build -c release --product promote --static-swift-stdlib
	@echo "built $$($(SWIFT) build -c release --show-bin-path)/promote"

format:
	$(SWIFT) format -i -r Package.swift Sources Tests

lint:
	$(SWIFT) format lint -s -r Package.swift Sources Tests
	scripts/check-imports

bench: release
	Benchmarks/run

goldens:
	scripts/regenerate-goldens

dependencies:
	@scripts/install-dependencies

clean:
	rm -rf .build
