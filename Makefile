# make demo    the sample story, asked and answered (needs only the runtime requirements)
# make test    everything that is checked: lint, types, imports, tests
# make lint    the same without the tests
# make bench   the benchmark at a hundredth of the full size: equal answers and memory; minutes
# make bench-full    the same at the full size: hours, and some 60 GB of disk
# make sample-data   writes sample_data/ and tests/sample_truth.json anew, byte for byte the same
# make lock    resolves pyproject.toml into requirements*.txt anew (needs uv)

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
COMPILE := $(UV) pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-emit-index-url --annotation-style line --custom-compile-command "make lock" --group build

.DELETE_ON_ERROR:
.PHONY: help demo test lint bench bench-full sample-data lock bytecode

help:
	@sed -n 's/^# make/make/p' Makefile

demo: bytecode
	$(BIN)/python -m lineage demo

test: lint bytecode
	bash .ci/system-packages postgresql
	bash .ci/system-packages chromium
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every start of the program reads it; an environment may forbid Python to write it on the way.
bytecode: $(VENV)/.runtime
	$(BIN)/python -m compileall -q lineage ui

bench: $(VENV)/.dev bytecode
	bash .ci/system-packages postgresql
	$(BIN)/python -m benchmarks --size small --rounds 1

bench-full: $(VENV)/.dev bytecode
	bash .ci/system-packages postgresql
	$(BIN)/python -m benchmarks --size full --rounds 5 --profile

sample-data:
	$(PYTHON) -B -m sample_data.make

lock:
	$(COMPILE) --extra dev --output-file requirements-dev.txt
	$(COMPILE) --constraint requirements-dev.txt --output-file requirements.txt

# Set up once: a stamp is newer than what it was made from, or the step runs again.
$(VENV)/.made:
	PYTHON="$(PYTHON)" bash .ci/system-packages venv
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.made
	$(PIP) install --quiet --require-hashes -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	touch $@
