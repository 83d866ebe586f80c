# Everything that is done more than once. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
BOOTSTRAP := $(PYTHON) apps/shared/local/bootstrap.py
VENV := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup up down test chaos faults generated test-engine test-ios check fmt lint types imports migrate api lock peers test-peers truth coverage bench demo-load shell

help: ## list of targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## the environment, locked requirements and assets, without starting anything
	@$(BOOTSTRAP) setup

up: ## everything: environment, assets, stores, migrations, demo, processes; Ctrl-C stops it
	@$(BOOTSTRAP) up

down: ## stop what `make up` started, from another terminal
	@$(BOOTSTRAP) down

test: ## every test but the chaos ones, on real stores of their own; PYTEST="-k name" narrows it
	@$(BOOTSTRAP) test -n 2 --dist loadgroup $(PYTEST)

chaos: ## kill -9 of every process under load, then count: takes minutes
	@$(BOOTSTRAP) test -m chaos $(PYTEST)

faults: ## overload, hanging parts, full disks, damage, slow clients, with their figures; FAULTS=long is the whole of it
	@$(BOOTSTRAP) test -m chaos tests/faults $(PYTEST)

generated: ## GENERATED_BODIES=100000 (the default here) generated bodies at every door
	@GENERATED_BODIES=$${GENERATED_BODIES:-100000} $(BOOTSTRAP) test tests/ingestion/test_generated.py -n 2 $(PYTEST)

test-engine: ## the attribution engine alone, needs no store
	@$(BOOTSTRAP) test tests/engine attribution $(PYTEST)

test-ios: ## the iOS SDK with a Swift compiler; without one, makes a root of Debian 13 that has it (root, debootstrap, 2.7 GB)
	@sdks/ios/toolchain.sh install
	@$(BOOTSTRAP) test -n0 tests/sdks -k ios $(PYTEST)

check: ## formatting, lint, templates, types, imports, migrations, policies, OpenAPI, spelling, locks
	@$(BOOTSTRAP) check $(CHECKS)

fmt: ## format Python and templates
	$(VENV)/ruff format . && $(VENV)/ruff check --fix .
	$(VENV)/djlint templates --reformat --quiet

lint: ## ruff and djlint
	@$(BOOTSTRAP) check format lint templates

types: ## mypy
	@$(BOOTSTRAP) check types

imports: ## import-linter
	@$(BOOTSTRAP) check imports

api: ## rewrite docs/openapi.yaml
	@$(VENV)/python -m apps.shared.local.checks --write-openapi

lock: ## lock requirements/*.in again, with hashes
	@$(VENV)/python -m apps.shared.local.checks --write-locks

migrate: ## migrate both databases of the running `make up`
	@$(VENV)/python -m apps.shared.local.manage migrate
	@$(VENV)/python -m apps.shared.local.manage migrate --database=clickhouse

shell: ## a Django shell on the running `make up`
	@$(VENV)/python -m apps.shared.local.manage shell

demo-load: ## send a live stream of demo events to the running `make up`
	@$(VENV)/python -m apps.shared.local.manage send_demo_events $(ARGS)

peers: ## install the engines that ours is compared with; builds C++ code
	@$(VENV)/uv pip install --python $(VENV)/python -r requirements/peers.txt

test-peers: peers ## our exact effects against an engine that others wrote, which it installs; TRIBUTARY_JOURNEYS names the public data
	@$(VENV)/python -m pytest -q tests/engine/test_markov.py -k channel_attribution

truth: ## every method against worlds whose causes are known; ARGS="--seeds 2" is quicker
	@$(VENV)/python -m benchmarks.truth $(ARGS)

coverage: ## how often the 95 % intervals contain the truth; ARGS="--repetitions 50" is quicker
	@$(VENV)/python -m benchmarks.coverage $(ARGS)

bench: ## measure and write docs/benchmarks.md
	@$(VENV)/python -m benchmarks $(ARGS)
