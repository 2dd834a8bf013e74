# Everything a developer calls. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Scripts that run under test need the distribution's python3, the one that has `requests`, whatever else comes first on PATH
# (pyenv, a virtual environment). Swift is looked up before, so that its place does not change.
SWIFT := $(shell command -v swift)
DISTRIBUTION_FIRST := PATH="/usr/bin:$$PATH"

# How long the soaks and the kill test go on when they are asked for by name.
RUNS ?= 20000
SOAK_COMMITS ?= 10000
QUEUE_EVENTS ?= 2000
KILLS ?= 200
CHAOS_KILLS ?= 200
FLOOD_MEGABYTES ?= 500

# Nothing may hang for ever. INT lets SwiftPM end its children; --foreground keeps Ctrl-C working.
BUILD_LIMIT := timeout --foreground --signal=INT --kill-after=30s 25m
TEST_LIMIT := timeout --foreground --signal=INT --kill-after=30s 18m
LONG_LIMIT := timeout --foreground --signal=INT --kill-after=30s 3h

FUZZ_INPUTS ?= 1000000

# Swift Testing starts all tests at once; on a small machine their time limits would then run out while they wait for a core.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= $(shell expr 2 \* $$(nproc))

.PHONY: help bootstrap build release demo test bench-run bench-git bench-accept soak-run soak-queue soak-flood soak-git kill-git chaos hostile fuzz sanitize lint format clean

# Python leaves no compiled files beside the scripts.
export PYTHONDONTWRITEBYTECODE := 1

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

bootstrap: ## install what is missing from the distribution
	@Scripts/bootstrap.sh

build: bootstrap ## build everything (debug)
	$(BUILD_LIMIT) '$(SWIFT)' build

demo: bootstrap ## build the service and watch it answer an event, in a directory of its own
	$(BUILD_LIMIT) '$(SWIFT)' build --product generic-executor-service
	$(DISTRIBUTION_FIRST) Scripts/demo.py "$$('$(SWIFT)' build --show-bin-path)/generic-executor-service"

test: bootstrap ## build and run all tests; some of them: make test ARGS="--filter GitTests"
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) $(TEST_LIMIT) '$(SWIFT)' test --skip-build $(ARGS)

release: bootstrap ## build the service as the image has it, optimised
	$(BUILD_LIMIT) '$(SWIFT)' build --configuration release --product generic-executor-service

bench-run: release ## measure runs of a script: Executor alone and the whole service, beside a loop in C and webhook; ARGS=--strict for marks
	@Scripts/bootstrap.sh webhook
	cd Benchmarks && $(BUILD_LIMIT) '$(SWIFT)' build --configuration release --product bench-run
	$(DISTRIBUTION_FIRST) Benchmarks/.build/release/bench-run $(ARGS) \
		--program "$$('$(SWIFT)' build --configuration release --show-bin-path)/generic-executor-service"

bench-git: bootstrap ## measure the repository cache against git and a bare request; with marks that count: make bench-git ARGS=--strict
	cd Benchmarks && $(BUILD_LIMIT) '$(SWIFT)' build --configuration release --product bench-git
	$(DISTRIBUTION_FIRST) Benchmarks/.build/release/bench-git $(ARGS)

bench-accept: release ## measure accepting events beside plain appends to this disk, without waiting for it, and with 1,000,000 runs; ARGS=--strict for marks
	cd Benchmarks && $(BUILD_LIMIT) '$(SWIFT)' build --configuration release --product bench-accept
	$(DISTRIBUTION_FIRST) Benchmarks/.build/release/bench-accept $(ARGS) \
		--program "$$('$(SWIFT)' build --configuration release --show-bin-path)/generic-executor-service"

# Memory is judged on the program as operators have it.
RELEASED = PROGRAM="$$('$(SWIFT)' build --configuration release --show-bin-path)/generic-executor-service"

soak-run: release ## run RUNS scripts (20,000) through the service; memory must stay flat, and nothing may be left of a run
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) $(RELEASED) SOAK_RUNS=$(RUNS) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter RunSoakTests

soak-flood: release ## let a script print FLOOD_MEGABYTES (500); memory must stay flat
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) $(RELEASED) FLOOD_MEGABYTES=$(FLOOD_MEGABYTES) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter FloodTests

soak-queue: release ## let QUEUE_EVENTS events (2,000) come at once; children, threads and memory must stay bounded
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) $(RELEASED) QUEUE_EVENTS=$(QUEUE_EVENTS) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter QueueSoakTests

soak-git: bootstrap ## push and refresh SOAK_COMMITS commits (10,000) one by one; disk, descriptors and memory must stay bounded
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) SOAK_COMMITS=$(SOAK_COMMITS) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter IntegrationTests.SoakTests

kill-git: bootstrap ## kill the service KILLS times (200) at the steps of a refresh; the next start must find all in order
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) KILLS=$(KILLS) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter KillTests

chaos: bootstrap ## kill the service CHAOS_KILLS times (200) while events come and answers go; nothing accepted may be lost or run twice
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) CHAOS_KILLS=$(CHAOS_KILLS) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter ChaosTests

hostile: bootstrap ## let bombs of processes and hundreds of daemons loose in scripts; nothing may be left of them
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) HOSTILE=1 $(TEST_LIMIT) '$(SWIFT)' test --skip-build --no-parallel --filter 'EscapeTests'

fuzz: bootstrap ## parse and fill FUZZ_INPUTS .http files (1,000,000) made of pieces of the grammar, with hostile values
	$(BUILD_LIMIT) '$(SWIFT)' build --build-tests
	$(DISTRIBUTION_FIRST) FUZZ_INPUTS=$(FUZZ_INPUTS) $(LONG_LIMIT) '$(SWIFT)' test --skip-build --filter HTTPFuzzTests

# Each sanitizer has a build of its own, kept for the next time. A report must fail the run: it ends the test program.
SANITIZED = env SWIFT_BACKTRACE=enable=no nice '$(SWIFT)'

sanitize: bootstrap ## run the unit tests, all but IntegrationTests, under the address and the thread sanitizer; ARGS as for test
	$(LONG_LIMIT) $(SANITIZED) build --build-tests --sanitize=address --scratch-path .build-asan
	$(DISTRIBUTION_FIRST) $(LONG_LIMIT) $(SANITIZED) test --skip-build --skip IntegrationTests \
		--sanitize=address --scratch-path .build-asan $(ARGS)
	$(LONG_LIMIT) $(SANITIZED) build --build-tests --sanitize=thread --scratch-path .build-tsan
	$(DISTRIBUTION_FIRST) TSAN_OPTIONS=halt_on_error=1 $(LONG_LIMIT) $(SANITIZED) test --skip-build --skip IntegrationTests \
		--sanitize=thread --scratch-path .build-tsan $(ARGS)

lint: bootstrap ## check the format of the Swift code, and scripts, Dockerfile and manifests
	'$(SWIFT)' format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources
	Scripts/lint.sh

format: bootstrap ## format the Swift code in place
	'$(SWIFT)' format format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

clean: ## remove what was built, and the linters
	rm -rf .build .build-asan .build-tsan Benchmarks/.build .venv
