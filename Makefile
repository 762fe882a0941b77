# Everything one does with framestream. Each target sets up what it needs, once; `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PROMPT ?= Tell me about otters
PYTHON ?=
GROUPS := tools connect disconnect message generate worker signatures infra local emulator plots classic dev

BENCHMARKS := cold_start load

BIN := .venv/bin
SET_UP := .venv/.packages
CDK := $(BIN)/python -m local.cdk

.PHONY: help dev test test-fast faults soak bench model js check synth diff deploy chat setup lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Passed on by the environment, where no shell reads what is in it.
export PROMPT STAGE

# Many images set it; then every process would compile all that it imports, each time.
unexport PYTHONDONTWRITEBYTECODE

dev: setup ## Bring the whole system up here, stream one answer, and stay up until Ctrl-C
	@$(BIN)/python -m local up --ask "$$PROMPT"

chat: setup ## Ask the running system: make chat PROMPT="..."
	@$(BIN)/python -m local chat "$$PROMPT"

# Most tests wait, for leases, retries and browsers: on two processors, four processes take them, and a fifth
# what computes.
WORKERS ?= 5
test: setup ## Run all tests
	@$(BIN)/python -m pytest -n $(WORKERS)

test-fast: setup ## Run the tests of a developer's loop: all that needs no AWS, CDK or browser
	@$(BIN)/python -m pytest -n 2 -m 'not slow' tests/unit tests/integration

faults: setup ## Run the fault suite alone
	@$(BIN)/python -m pytest -n 2 tests/faults

SEED ?=
soak: setup ## Run 300 generations under random faults: make soak SEED=42 repeats a run
	@$(BIN)/python -m tests.faults.soak $(if $(SEED),--seed $(SEED))

SIZE ?= short
bench: setup ## Measure all that docs/performance.md claims: make bench SIZE=full takes hours
	@for benchmark in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$benchmark --size $(SIZE) || exit 1; done
	@$(BIN)/python -m benchmarks.plots
	@$(BIN)/python -m benchmarks.tables --write

model: ## Search every state of the protocol's models (needs spin and gcc)
	@docs/model/check

js: setup ## Test the JavaScript client alone, and the demo page in a browser
	@$(BIN)/python -m pytest tests/clients

check: setup ## Check form, types, layers and locks
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.api_docs --check
	@$(BIN)/python -m tools.alarm_docs --check
	@$(BIN)/python -m tools.settings_docs --check
	@$(BIN)/python -m tools.costs --check
	@$(BIN)/python -m benchmarks.simulation --check
	@$(BIN)/python -m benchmarks.simulation.planning --check
	@$(BIN)/python -m benchmarks.tables --check
	@! grep -nE 'https?://|index-url' requirements/*.txt package-lock.json clients/*/package-lock.json .npmrc || \
		{ echo 'These lines name a package index; a lock must work with any.'; exit 1; }
	@! git grep -nE '^(<<<<<<<|>>>>>>>) ' || { echo 'These lines are left from a merge: choose what they are to say.'; exit 1; }

# A file of stages/; without one, the settings of cdk.json alone count.
STAGE ?=
synth: setup ## Write the CloudFormation template for AWS to cdk.out
	@$(CDK) synth --quiet --context "stage=$$STAGE"

diff: setup ## Show what a deployment would change: make diff STAGE=prod
	@$(CDK) diff --context "stage=$$STAGE"

deploy: setup ## Deploy to the AWS account of your environment: make deploy STAGE=prod
	@$(CDK) deploy --context "stage=$$STAGE"

setup: $(SET_UP) ## Install what is needed into .venv and node_modules
	@$(CDK)

lock: setup ## Resolve the dependencies in pyproject.toml again
	@for group in $(GROUPS); do \
		$(BIN)/uv pip compile --quiet --group $$group --universal --generate-hashes \
			--no-header --no-annotate -o requirements/$$group.txt || exit 1; \
	done

clean: ## End what runs here, and remove everything that was made
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local down || true; fi
	rm -rf .venv node_modules .local build cdk.out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf clients/*/node_modules clients/*/dist clients/demo/test-results

$(SET_UP): requirements/tools.txt requirements/dev.txt clients/python/pyproject.toml | .venv/bin/python
	@echo 'Installing packages ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(BIN)/uv pip install --quiet --offline --no-deps --python $(BIN)/python --editable clients/python
	@touch $@

# The first Python that is new enough and can make environments; PYTHON=... names another.
.venv/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			echo "Making .venv with $$($$python --version) ..."; \
			exec $$python -m venv --clear .venv; \
		fi; \
	done; \
	echo 'Python 3.11 or newer (with its venv module) was not found: install it, or run make PYTHON=/path/to/python' >&2; \
	exit 1
