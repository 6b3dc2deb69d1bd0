# Thin names for plain commands. Nothing here is needed to build sluice:
# `go build ./cmd/sluice` and `go test ./...` work as they stand.

GO ?= go

# rure, Rust's regex engine, is used where its library is there: `make rure`
# builds it with cargo. Without it the standard library's engine serves.
RURE := build/rure/target/release/librure.a
ifneq ($(wildcard $(RURE)),)
  TAGS += rure
  export CGO_ENABLED = 1
  export CGO_LDFLAGS = -L$(CURDIR)/build/rure/target/release -ldl -lm -lpthread
endif

# Keys in an HSM are built where their tests can run: beside SoftHSM and a C
# compiler. `make PKCS11=1 build` has them without SoftHSM, `make PKCS11= build` not at all.
PKCS11 ?= $(if $(wildcard /usr/lib*/softhsm/libsofthsm2.so /usr/local/lib/softhsm/libsofthsm2.so /opt/homebrew/lib/softhsm/libsofthsm2.so),$(if $(shell command -v $(CC)),1))
ifneq ($(PKCS11),)
  TAGS += pkcs11
  export CGO_ENABLED = 1
endif

comma := ,
GOTAGS = $(if $(strip $(TAGS)),-tags $(subst $() ,$(comma),$(strip $(TAGS))))

# moto stands in for the APIs of AWS in tests. Where it is not installed, the
# tests get one of their own, which takes Python 3.
ifeq ($(shell command -v moto_server),)
  MOTO := build/moto/bin/moto_server
  export PATH := $(CURDIR)/build/moto/bin:$(PATH)
endif

# The sets written by others that `make quality` asks.
SETS ?= ../shared/eval

.PHONY: build demo test terraform lint race purego arm64 exact rure bench bench-engine bench-seal bench-sweep quality generate soak fuzz clean

build: ## bin/sluice
	$(GO) build $(GOTAGS) -o bin/sluice ./cmd/sluice

demo: ## sweep a local S3 full of synthetic data before one's eyes
	$(GO) build $(GOTAGS) -o bin/sluice ./cmd/sluice
	cd bench/lab && $(GO) run $(GOTAGS) ./cmd/demo $(DEMO)

# The test cache does not see the program that the tests of bench/lab build.
test: $(MOTO) ## all tests
	$(GO) test $(GOTAGS) ./...
	cd bench/lab && $(GO) test -count=1 $(GOTAGS) ./...

build/moto/bin/moto_server:
	python3 -m venv build/moto && build/moto/bin/pip install -q 'moto[server]==5.2.1' || { rm -rf build/moto; exit 1; }

terraform: $(MOTO) ## the module of docs/terraform, applied to moto
	cd bench/lab && $(GO) test -count=1 -tags terraform ./terraform

lint: ## formatting, vet, staticcheck
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) vet ./... && $(GO) tool staticcheck ./...
	$(if $(PKCS11),$(GO) vet -tags pkcs11 ./quarantine/keys/pkcs11 && $(GO) tool staticcheck -tags pkcs11 ./quarantine/keys/pkcs11)
	cd bench/lab && $(GO) vet -tags terraform ./... && $(GO) tool -modfile=../../go.mod staticcheck -tags terraform ./...
	cd bench/literal && $(GO) vet ./... && $(GO) tool -modfile=../../go.mod staticcheck ./...

race: $(MOTO) ## all tests under the race detector, on little text
	SLUICE_EXACT_BYTES=4096 CGO_ENABLED=1 $(GO) test $(GOTAGS) -race -timeout 30m ./...
	cd bench/lab && CGO_ENABLED=1 $(GO) test $(GOTAGS) -race .

purego: ## all tests without assembly and cgo
	CGO_ENABLED=0 CGO_LDFLAGS= $(GO) test -tags purego ./...

arm64: ## the engine's tests on arm64, under qemu-aarch64, on little text
	GOARCH=arm64 CGO_ENABLED=0 CGO_LDFLAGS= $(GO) vet ./...
	SLUICE_EXACT_BYTES=8192 GOARCH=arm64 CGO_ENABLED=0 CGO_LDFLAGS= $(GO) test -timeout 30m -exec qemu-aarch64 ./detectors/...

exact: ## each kernel against the loop that defines the answer, on megabytes of each corpus: minutes
	SLUICE_EXACT_BYTES=4194304 $(GO) test -count=1 -timeout 60m -v -run 'Exact|FiltersLoseNothing' ./detectors

rure: ## build librure with cargo
	cargo build --release --manifest-path build/rure/Cargo.toml

bench: bench-engine bench-seal bench-sweep ## speed and memory, as JSON lines and tables in bench/

bench-sweep: build ## sweeps of a local S3 against their floors, and their memory
	cd bench/lab && $(GO) run ./cmd/sweep $(SWEEP) > ../results/sweep.jsonl
	cd bench/lab && $(GO) run ./cmd/sweep -memory $(SWEEP) > ../results/memory.jsonl

bench-seal: ## speed and memory of sealing, beside its floors
	$(GO) run ./bench/seal > bench/results/seal.jsonl
	$(GO) run ./bench/seal -table < bench/results/seal.jsonl > bench/seal.md

# Peers that build/bench-peers has not installed are left out, which it says.
bench-engine: ## speed of the engine, beside others that are installed
	$(GO) run $(GOTAGS) ./bench/engine > bench/results/engine.jsonl
	$(GO) run ./bench/engine -table < bench/results/engine.jsonl

quality: ## precision and recall on sets of others and on the corpus, false findings in texts without any
	texts=$$(./build/negatives) && $(GO) run $(GOTAGS) ./bench/quality -sets $(SETS) -negatives "$$texts" \
		-scores bench/quality/scores.tsv > bench/quality.md
	$(GO) generate ./cmd/sluice

generate: ## docs that are made from the code
	$(GO) generate ./...

soak: ## moves and restores under random faults; SLUICE_SOAK=10m make soak
	SLUICE_SOAK=$${SLUICE_SOAK:-10m} $(GO) test $(GOTAGS) -count=1 -timeout 24h -v -run Soak ./pipeline

fuzz: ## a minute for each fuzz target
	./build/fuzz 60s

clean:
	rm -rf bin build/rure/target build/moto
