# Thin on purpose: each target is a command one could type. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
JOBS ?= 2
SIGN = $(shell cat $(1) 2>/dev/null | cksum | tr -s ' \t' '--')

# A stamp carries the checksum of its lock files: a changed lock means a new stamp, hence a new installation.
STAMP := .venv/setup-$(call SIGN,requirements.txt)
STAMP_DEV := .venv/setup-dev-$(call SIGN,requirements.txt requirements-dev.txt)
STAMP_NPM := node_modules/.setup-$(call SIGN,package-lock.json)
MESSAGES := $(patsubst %.po,%.mo,$(wildcard ticketing/translations/*/LC_MESSAGES/messages.po))
CHROMIUM := $(firstword $(foreach name,chromium-headless-shell chromium chromium-browser google-chrome,$(shell command -v $(name))))

export TICKETING_VAR ?= var

.PHONY: help setup setup-dev run test lint format bench drill defects lock messages clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) $(MESSAGES) ## Make .venv with the pinned dependencies, compile the translations

setup-dev: setup $(STAMP_DEV) $(STAMP_NPM) ## The same, with the tools for tests and checks

run: export DEMO_MODE ?= 1
run: setup ## Serve the site and the worker in the foreground (PORT=8000, data in TICKETING_VAR=var)
	@exec $(PY) -m ticketing.serve

# Compiled once for the two processes of pytest and the servers and workers the tests start.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup-dev ## Run all tests on SQLite and PostgreSQL and in a browser; ARGS="-k word" narrows them
	$(PY) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: setup-dev ## Check style, layers, types, templates and translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet --allow-empty-input
	$(PY) -m tests.kit.catalogue

format: setup-dev ## Put the code into shape
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: setup-dev ## Measure; a table on screen, JSON under TICKETING_VAR/bench/
	$(PY) -m tests.bench $(ARGS)

drill: setup-dev ## Kill processes at every labelled point and at random, count what is left (ARGS="--rounds 20 --kills 200 --seed 1")
	$(PY) -m tests.drill $(ARGS)

defects: setup-dev ## Sow mistakes one by one into a copy of the tree: each must be caught by a test (ARGS=word)
	$(PY) -m tests.defects $(ARGS)

lock: setup-dev ## Remake the lock files from requirements*.in and package.json
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes $(UPGRADE) requirements.in -o requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes $(UPGRADE) requirements-node.in -o requirements-node.txt
	@npm=$$(command -v npm || echo .venv/node/bin/npm); PATH="$$PATH:$(CURDIR)/.venv/node/bin" $$npm install --package-lock-only

messages: setup-dev ## Bring the English catalogue up to date with templates and code
	$(PY) -m tests.kit.catalogue --update

clean: ## Remove what was built; the data in var/ stays
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find ticketing tests migrations -name __pycache__ -prune -exec rm -rf {} +
	rm -f $(MESSAGES)

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python has no venv module. On Debian: sudo apt-get install -y python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

$(STAMP): $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@rm -f .venv/setup-[0-9]*; touch $@

$(STAMP_DEV): $(STAMP)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@rm -f .venv/setup-dev-*; touch $@

# Browser and accessibility rules for the tests. A machine with a Chromium of its own needs only the rules.
$(STAMP_NPM): $(PY)
	@command -v npm >/dev/null || test -x .venv/node/bin/npm || { $(PYTHON) -m venv .venv/node && \
	  .venv/node/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt; }
	PATH="$$PATH:$(CURDIR)/.venv/node/bin" npm ci --silent $(if $(CHROMIUM),--omit=dev)
	@touch $@

%.mo: %.po $(STAMP)
	$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@ --locale=en
