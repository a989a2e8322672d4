# Two commands are enough: `make run` and `make test`. Both work on a fresh machine with Rust, a C compiler and Node.

.DEFAULT_GOAL := help
.PHONY: help run build web test test-long test-rust test-web test-browser test-clients lint faults schema bench bench-quick bench-cases chat-eval audit clean chromium

NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
WEB_SOURCES := $(shell find web/src web/*.html web/*.ts web/package.json web/package-lock.json graphql/schema.graphql -type f -not -path 'web/src/gql/*' 2>/dev/null)

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build ## Build everything, start with demo data on http://127.0.0.1:8080, print the addresses and log-ins
	./target/release/skranke serve --demo

build: web/dist/.built ## Build the front end and the release binary
	cargo build --release --locked --bin skranke

web/node_modules/.installed: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/.built: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

test: lint test-rust test-web test-clients test-browser ## Test everything, the real browser included
	@echo "make test: everything passed"

lint: web/dist/.built ## Formatting, clippy, the committed schema
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run --locked --quiet -- schema | diff -u graphql/schema.graphql - \
		|| { echo "graphql/schema.graphql is stale: run 'make schema'"; exit 1; }

test-rust: web/dist/.built ## Unit, property and integration tests
ifeq ($(NEXTEST),yes)
	cargo nextest run --workspace --locked
else
	cargo test --workspace --locked
endif
	cargo test --workspace --locked --doc --quiet

test-web: web/dist/.built ## Type check, unit tests and bundle size of the front end
	cd web && npm run check && npm test && npm run size

test-browser: web/dist/.built chromium ## Chromium through every page, with axe; screenshots in tests/browser/artefacts
	cargo build --locked --bin skranke
	cd tests/browser && npm ci --no-audit --no-fund && npm test

test-clients: web/dist/.built ## KurrentDB's own clients, GraphQL audits, log-in through a provider, fuzz run (SKRANKE_TEST_FUZZ=50 for long)
	cargo build --locked --bin skranke
	tests/clients/run.sh

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
		echo "installing Chromium"; \
		$$(test "$$(id -u)" = 0 || echo sudo) apt-get update -qq && \
		$$(test "$$(id -u)" = 0 || echo sudo) apt-get install -y -qq --no-install-recommends chromium; }

faults: ## The log's fault tests for long: more than 100,000 injected faults, 1,000 killed processes
	SKRANKE_TEST_FAULTS=60 SKRANKE_TEST_KILLS=1000 cargo test -p skranke-store --locked --test faults --test crash -- --nocapture \
		| tee target/faults.txt
	@awk '/^faults injected/ { sum += $$3 } END { print "faults injected in all: " sum; exit sum < 100000 }' target/faults.txt

test-long: test faults ## Everything, and its long forms: faults, random histories, the fuzz run (an hour or two)
	SKRANKE_TEST_LONG=50 cargo test -p skranke-store --locked --test model --test desk
	SKRANKE_TEST_FUZZ=50 tests/clients/run.sh

schema: ## Write graphql/schema.graphql from the code
	cargo run --quiet -- schema > graphql/schema.graphql.new && mv graphql/schema.graphql.new graphql/schema.graphql

bench: ## Measure Skranke beside others and write docs/PERFORMANCE.md (a quarter of an hour; ROUNDS=5 for more)
	cargo run --profile dist --locked --package skranke-bench -- all --page docs/PERFORMANCE.md

bench-quick: ## Measure Skranke alone, once and briefly, and print the page
	cargo run --profile dist --locked --package skranke-bench -- all --no-peers --rounds 1 --seconds 2 --events 200000

bench-cases: web/dist/.built ## Measure views, API and growth with 10,000 and 1,000,000 cases and write docs/PERFORMANCE-CASES.md (an hour, 28 GB of disk)
	cargo build --profile dist --locked --bin skranke
	cargo run --profile dist --locked --package skranke-bench -- cases --page docs/PERFORMANCE-CASES.md

chat-eval: web/dist/.built ## Measure the chat on strangers' questions, others beside it, and write docs/CHAT_QUALITY.md (two minutes)
	cargo build --release --locked --bin skranke
	cargo run --release --locked --package skranke-bench -- chat --page docs/CHAT_QUALITY.md

audit: ## Licences, advisories, duplicates (needs cargo-deny)
	cargo deny check

clean: ## Remove what was built
	cargo clean
	rm -rf web/dist web/node_modules web/src/gql tests/browser/node_modules tests/browser/artefacts tests/clients/node_modules \
		tests/clients/.venv tests/clients/fuzz/.venv bench/peers/node/node_modules bench/peers/chat/node_modules \
		bench/peers/postgraphile/node_modules
