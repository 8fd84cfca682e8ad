# make demo   a complaint office on this machine, one case played from first mail to closing; then yours to write to
# make test   every test, against real servers (Dovecot, an SMTP server, PostgreSQL, Chromium)
# Each installs what it needs (Debian 12 or 13, as root or with sudo) the first time. One cargo profile for everything.

CARGO ?= cargo
FLAGS := --release --locked
TESTS := --lib --test it
DEMO_ARGS ?=

SEEDS ?= 1000
FROM ?= 1
KILLS ?= 1000
MAILS ?= 5000
STORE ?= sqlite

.PHONY: all build demo demo-mail clean-demo test simulate kills bench fmt lint deny rust setup-build setup-demo setup-test
all: build

rust:
	@command -v $(CARGO) >/dev/null || { echo "redress: Rust 1.95 or later is needed: https://rustup.rs" >&2; exit 1; }

setup-build setup-demo setup-test: setup-%: rust
	@scripts/setup $*

build: setup-build
	$(CARGO) build $(FLAGS)

demo: setup-demo
	$(CARGO) build $(FLAGS)
	@target/release/redress demo $(DEMO_ARGS)

# make demo-mail FROM=hua@mail.example SUBJECT=… BODY=…   a mail into the running demo
demo-mail:
	@target/release/redress demo --write --from "$(FROM)" --subject "$(SUBJECT)" --body "$(BODY)"

clean-demo:
	rm -rf demo/state demo/out

test: setup-test
	@$(CARGO) test $(FLAGS) $(TESTS) --no-run
	@$(CARGO) test $(FLAGS) $(TESTS) --quiet --no-fail-fast

# Simulated lives: `make simulate SEEDS=20000` plays many on all cores, `make simulate SEED=17` one alone, and tells of it.
simulate: rust
	@$(CARGO) test $(FLAGS) --test it --no-run
ifdef SEED
	@FIRST=$(SEED) STEP=1 LAST=$(SEED) $(CARGO) test $(FLAGS) --test it -- --exact simulate::share --ignored --nocapture
else
	@SEEDS=$(SEEDS) FROM=$(FROM) $(CARGO) test $(FLAGS) --test it -- --exact simulate::many_lives --ignored --nocapture
endif

# The real service under SIGKILL while mails come in: `make kills KILLS=1000 MAILS=5000`, on PostgreSQL with STORE=postgres.
kills: setup-test
	@KILLS=$(KILLS) MAILS=$(MAILS) STORE=$(STORE) $(CARGO) test $(FLAGS) --test it -- --exact kills::thousands_of_mails_come_in_under_many_kills --ignored --nocapture

# How fast and how small: a backlog through a private Dovecot, the real program and a sink. Prints a table, judges nothing.
bench: setup-test
	@$(CARGO) bench --locked --bench whole_way

# make fuzz MINUTES=10   mutated mails into every part of the reader, so long for each; what it finds is kept in fuzz-found/
MINUTES ?= 10
fuzz: setup-build
	@REDRESS_BENCH_ONLY=fuzz REDRESS_FUZZ_MINUTES=$(MINUTES) $(CARGO) bench --locked --bench whole_way

fmt: rust
	$(CARGO) fmt

lint: rust
	$(CARGO) fmt --check
	$(CARGO) clippy $(FLAGS) --all-targets -- --deny warnings

# Known vulnerabilities, licences, bans and sources of all crates (deny.toml). The list of vulnerabilities comes from the network;
# licences, bans and sources are checked by `make test` as well, without one.
deny: rust
	@command -v cargo-deny >/dev/null || { echo "redress: cargo-deny is needed: cargo install --locked cargo-deny" >&2; exit 1; }
	$(CARGO) deny --locked check
