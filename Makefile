# Two commands do everything on a bare machine with Python and pip:
#   make demo    sets up and annotates a text with the embedded model
#   make test    sets up and passes the tests
PYTHON ?= python3
# Installed first and pinned: without a pin pip may choose a build with gigabytes of CUDA packages.
TORCH ?= torch==2.13.0
BIN := .venv/bin

.PHONY: demo test lint clean

demo: .venv/installed
	$(BIN)/python -m spacy gliner annotate examples/expedition.txt --labels "person,ship,place,date,organization"

test: .venv/installed-test
	$(BIN)/python -m pytest

lint: .venv/installed-lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

clean:
	rm -rf .venv build dist *.egg-info

.venv/installed: setup.cfg
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/installed-%: .venv/installed
	$(BIN)/pip install --quiet --editable ".[$*]"
	touch $@
