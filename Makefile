# The two commands of the README are `make demo` and `make test`; each makes all it needs.
# Needs Python 3.11 or later and make. Everything else goes into .venv and the state folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find src -type f -not -name '*.pyc' 2>/dev/null)
PORT ?= 8000

.PHONY: demo test setup dev browser format lint types contracts migrations suite bench bench-grouping crash race faults-time ledger-long fuzz-api calendars lock clean

demo: setup
	$(BIN)/cairn demo --port $(PORT)

setup: $(VENV)/.installed

$(VENV)/.made:
	@echo "· virtual environment"
	@$(PYTHON) -c 'import sys; sys.exit("Cairn needs Python 3.11 or later." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.tools: requirements/tools.txt $(VENV)/.made
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/tools.txt
	@touch $@

$(VENV)/.run: requirements/run.txt $(VENV)/.tools
	@echo "· dependencies"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "· dependencies of the tests"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.installed: $(SOURCES) pyproject.toml $(VENV)/.run
	@echo "· cairn"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --reinstall-package cairn .
	@touch $@

# An editable install for those who change Cairn: `make test` puts the real one back.
dev: $(VENV)/.test
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed

test: $(VENV)/.test setup browser format lint types contracts migrations suite

browser:
	@sh tests/browser/install.sh

format: $(VENV)/.test
	$(BIN)/ruff format --check src tests bench

lint: $(VENV)/.test
	$(BIN)/ruff check src tests bench

types: $(VENV)/.test
	$(BIN)/mypy src/cairn

contracts: $(VENV)/.test setup
	$(BIN)/lint-imports --no-logo

migrations: $(VENV)/.test setup
	$(BIN)/python -m tests.migrations

suite: $(VENV)/.test setup browser
	$(BIN)/pytest -q -n 2 --dist load --maxschedchunk 1

# What takes minutes instead of seconds: each prints its figures; docs/measurements.md holds the latest.
bench: $(VENV)/.test setup
	$(BIN)/python -m bench

bench-grouping: $(VENV)/.test setup
	$(BIN)/python -m bench.grouping

crash: $(VENV)/.test setup
	$(BIN)/python -m tests.faults.crash

race: $(VENV)/.test setup
	$(BIN)/python -m tests.delivery.race

faults-time: $(VENV)/.test setup
	$(BIN)/python -m tests.faults.time_load
	$(BIN)/python -m tests.faults.time_mail

ledger-long: $(VENV)/.test setup
	CAIRN_LONG=1 $(BIN)/pytest -q -n0 tests/ledger/test_machine.py

fuzz-api: $(VENV)/.test setup
	CAIRN_LONG=100 $(BIN)/pytest -q -n0 tests/api/test_contract.py

# What Cairn writes, read by ical.js in a browser; that library is fetched by npm into a temporary folder.
calendars: $(VENV)/.test setup browser
	$(BIN)/pytest -q -n0 tests/delivery/calendars_js.py

# The locks: exact versions with hashes, for every platform and Python from 3.11 on; where they come from is not said.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

lock: $(VENV)/.tools
	$(LOCK) --extra build -o requirements/run.txt pyproject.toml
	$(LOCK) --extra build --extra test -c requirements/run.txt -o requirements/test.txt pyproject.toml
	echo uv | $(LOCK) -o requirements/tools.txt -

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
