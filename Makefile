# `make` prints this list.  Python 3.11, pip and make are all that it needs.

PYTHON ?= python3
BIN    := .venv/bin
VERIFY ?= --cases 1000 --dtype float64,float32 --out reports/latest
PYTEST ?= -n auto

.DEFAULT_GOAL := help
.PHONY: help verify test train check lint types layers docs bench sizes clean

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

verify: .venv/installed ## judge 1,000 random networks each in float64 and float32: reports/latest
	rm -rf reports/latest
	$(BIN)/python -m oracle verify $(VERIFY)

test: .venv/installed ## run the tests
	$(BIN)/python -m pytest -q $(PYTEST)

train: .venv/installed ## train on handwritten digits, by the reference and by torch, every step judged
	$(BIN)/python -m examples.train

check: lint types layers test ## all that continuous integration runs: lint, types, layers, tests, documents

lint: .venv/installed ## style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/installed ## mypy --strict
	$(BIN)/mypy

layers: .venv/installed ## who may import whom
	$(BIN)/lint-imports

docs: .venv/installed ## links and code in the documents (`test` includes this)
	$(BIN)/python -m pytest -q tests/test_documents.py

bench: .venv/installed ## time of the reference and of torch, of backward and forward pass; a big network
	$(BIN)/python -m bench

sizes: .venv/installed ## files and functions that are longer than they should be
	$(BIN)/python tests/sizes.py

clean: ## remove the environment, caches and the latest report
	rm -rf .venv .*_cache .hypothesis reports/latest build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp makes set-up run once, and again when what is to be installed changes.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@
