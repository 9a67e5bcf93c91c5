# Guanxi CRM. `make` lists what there is; every line can be run by hand as well.

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
WITH_POSTGRES := tests/scripts/with-postgres.sh
BROWSER := tests/browser
REFERENCE := $(TARGET_DIR)/reference
JOURNEYS = GUANXI_BIN=$(abspath $(TARGET_DIR))/debug/guanxi npm run --silent --prefix $(BROWSER) journeys

# cargo-deny is built once and kept here, unless there is one on the PATH.
CARGO_DENY := $(or $(shell command -v cargo-deny),$(TARGET_DIR)/tools/bin/cargo-deny)

# The app is linted for the target that it is built for, where the installed compiler has it.
WASM = $(if $(wildcard $(shell rustc --print target-libdir --target wasm32-unknown-unknown)),--target wasm32-unknown-unknown)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile

## Use it

.PHONY: run
run: frontend ## build app and server, serve both on http://127.0.0.1:8080, data in data/
	cargo run --release --bin guanxi -- serve

.PHONY: demo
demo: frontend ## the same with a company to look at
	-cargo run --release --bin guanxi -- seed
	cargo run --release --bin guanxi -- serve

.PHONY: frontend
frontend: build-tools ## build the web app into dist/
	cargo xtask app

## Test it

.PHONY: test
test: check test-contract test-rust test-reference test-browser ## every check and every test, on both databases and in a browser

.PHONY: check
check: fmt-check lint deny ## the checks that run nothing: formatting, lints, dependencies

.PHONY: fmt-check
fmt-check: test-tools
	cargo fmt --all --check

.PHONY: lint
lint: test-tools wasm-target
	cargo clippy --locked --all-targets -- --deny warnings
	cargo clippy --locked --all-targets --package guanxi-frontend $(WASM) -- --deny warnings

.PHONY: deny
deny: $(CARGO_DENY)
	$(CARGO_DENY) check bans licenses sources

.PHONY: test-rust
test-rust: test-tools ## tests in Rust, on SQLite and on PostgreSQL
	$(WITH_POSTGRES) cargo test
	cargo test --package guanxi-frontend

.PHONY: test-contract
test-contract: test-tools $(BROWSER)/node_modules/.package-lock.json ## lint openapi/openapi.json, compile a client from it
	npm run --silent --prefix $(BROWSER) contract

.PHONY: test-reference
test-reference: test-tools $(REFERENCE)/installed ## the segmentation against pandas, scikit-learn, mlxtend and SciPy
	cargo run --quiet --package guanxi-domain --example segmentation reference > $(REFERENCE)/results.json
	$(REFERENCE)/bin/python tests/reference/compare.py $(REFERENCE)/results.json

.PHONY: test-browser
test-browser: test-tools frontend $(BROWSER)/node_modules/.package-lock.json ## journeys in headless Chromium
	cargo build --bin guanxi
	$(JOURNEYS)

.PHONY: bench
bench: test-tools ## speed on both databases, each against its floor of the same run
	$(WITH_POSTGRES) --durable cargo run --release --package guanxi-tests --bin guanxi-bench

.PHONY: bench-segmentation
bench-segmentation: test-tools ## a million customers scored and segmented, against one read of their figures
	$(WITH_POSTGRES) cargo run --release --package guanxi-tests --bin guanxi-bench segmentation

.PHONY: bench-analyses
bench-analyses: test-tools ## clusters, product rules, pivots and composition of a million customers, likewise
	$(WITH_POSTGRES) cargo run --release --package guanxi-tests --bin guanxi-bench analyses

## Work on it

.PHONY: fmt
fmt: ## format the sources
	cargo fmt --all

.PHONY: openapi
openapi: ## write openapi/openapi.json anew from the code
	cargo run --quiet --bin guanxi -- openapi > $(TARGET_DIR)/openapi.json
	mv $(TARGET_DIR)/openapi.json openapi/openapi.json

## What is missing is installed, or named with the command that does

.PHONY: build-tools
build-tools:
	@tests/scripts/tools.sh build

.PHONY: test-tools
test-tools:
	@tests/scripts/tools.sh test

.PHONY: wasm-target
wasm-target: build-tools
	cargo xtask wasm-target

%/node_modules/.package-lock.json: %/package-lock.json
	npm ci --prefix $* --no-audit --no-fund
	touch $@

$(REFERENCE)/installed: tests/reference/requirements.txt
	python3 -m venv $(REFERENCE)
	$(REFERENCE)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

$(TARGET_DIR)/tools/bin/cargo-deny:
	cargo install --locked --debug --root $(TARGET_DIR)/tools cargo-deny@0.20.2
