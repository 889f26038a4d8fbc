# `make demo` and `make test` set up everything by themselves: a local virtual environment with
# pinned versions, on any Python from 3.11 on.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run
DEV_READY := $(VENV)/.dev
EDITABLE := $(VENV)/.editable
FUZZ ?= 20000
SITUATIONS ?= 1000000
SEED ?= 0
FROM ?= 0

PEERS := .venv-peers

.PHONY: help demo test lint unit docs bench peers fuzz differential spark format law clean

help:
	@echo "make demo    runs the casebook, then decides and explains Jean's year of care"
	@echo "make test    runs every check of the project"
	@echo "make docs    builds the documentation in docs/_build"
	@echo "make bench   measures"
	@echo "make peers   measures beside other engines, in an environment of their own"
	@echo "make fuzz    FUZZ=20000 examples per property"
	@echo "make spark   tests the kernel on Spark, in .venv-spark (needs Java 17)"
	@echo "make differential  SITUATIONS=1000000 random ones, on every back end"
	@echo "make format  formats Python and law"
	@echo "make clean   removes what was built"

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lexald needs Python 3.11 or later: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): $(VENV)/pyvenv.cfg requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/run.txt
	@touch $@

$(DEV_READY): $(RUN_READY) requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

$(EDITABLE): $(RUN_READY) pyproject.toml .ci/hatch_build.py $(wildcard engine/front/*)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation -e .
	@touch $@

demo: $(EDITABLE)
	$(BIN)/lexald test
	$(BIN)/lexald explain casebook/exemples/jean.yaml -d total_remboursé

# What keeps one core busy goes side by side; the rest takes all of them.
test: $(DEV_READY) $(EDITABLE)
	$(MAKE) -j2 lint law
	$(MAKE) unit
	$(MAKE) docs

lint: $(DEV_READY) $(EDITABLE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(DEV_READY) $(EDITABLE)
	$(BIN)/python -m pytest -q -n auto --dist worksteal

law: $(DEV_READY) $(EDITABLE)
	$(BIN)/lexald check
	$(BIN)/lexald fmt --check
	$(BIN)/lexald test --backend all

docs: $(DEV_READY) $(EDITABLE)
	$(BIN)/sphinx-build -j auto -q -W --keep-going -n -b html docs docs/_build/html

bench: $(DEV_READY) $(EDITABLE)
	$(BIN)/python -m pytest -q tests/benchmarks -o addopts=--import-mode=importlib \
	  --benchmark-only --benchmark-columns=min,median,ops --benchmark-sort=name

# Not in the environment of the tests: what other engines need is theirs.
$(PEERS)/.ready: requirements/peers.txt requirements/run.txt pyproject.toml $(EDITABLE)
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/peers.txt
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation -e .
	@touch $@

peers: $(PEERS)/.ready
	$(PEERS)/bin/lexald bench --peers
	$(PEERS)/bin/lexald bench --peers --population 100000
	$(PEERS)/bin/lexald bench --population 100000 --missing 0.05

fuzz: $(DEV_READY) $(EDITABLE)
	LEXALD_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q tests -k "fuzz or monotone or order or layout or kept or formatter or values or ceilings"

# pyspark is large and asks for another pandas: an environment of its own.
SPARK_READY := .venv-spark/.ready

$(SPARK_READY): requirements/spark.txt requirements/run.txt
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/spark.txt
	@touch $@

spark: $(SPARK_READY) $(EDITABLE)
	PYTHONPATH=$(CURDIR)/build/editable .venv-spark/bin/python -m pytest -q \
	  tests/engine/columnar/test_spark.py

# FROM is the batch to go on from, as an interrupted campaign says it.
differential: $(DEV_READY) $(EDITABLE)
	$(BIN)/python -m tests.differential --situations $(SITUATIONS) --seed $(SEED) --from $(FROM)

format: $(DEV_READY) $(EDITABLE)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/lexald fmt

# build/editable is what the environment imports: it goes with it.
clean:
	rm -rf $(VENV) $(PEERS) .venv-spark build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis
