# Two commands matter: `make run` starts everything and does the main job, `make test` runs the whole suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Those who have nothing left to do take over from those who have.
PYTEST := $(BIN)/pytest -n 2 --dist worksteal
# What fails beside others is tried once more, alone, and fails if it fails again. What passes then is listed: it was
# unsteady on a busy machine, which is to be mended but says nothing about the change at hand.
AGAIN := $(BIN)/pytest -n 0 --last-failed --last-failed-no-failures none --maxfail 1 -rp
# Thousands of lives in one test take longer than a test of the suite may.
LONG := --timeout 7200

# Compiled here once: where PYTHONDONTWRITEBYTECODE is set, as in many containers, every start would do it again.
COMPILE := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib activities api cli connectors db documents domain migrations \
  rehearsal web workflows settings.py worker.py

.PHONY: run test test-postgres test-traces test-trials test-lives test-upgrades test-slow test-distributed test-log check conform bench openapi release-histories screenshots lock migration clean

run: $(VENV)/.run
	$(BIN)/imac up --demo

test: $(VENV)/.dev
	$(PYTEST) || { [ $$? = 1 ] && $(AGAIN); }

# make test-postgres only=tests/db: a part of it.
test-postgres: $(VENV)/.dev
	IMAC_TEST_DATABASE=postgres $(PYTEST) $(only) || { [ $$? = 1 ] && IMAC_TEST_DATABASE=postgres $(AGAIN) $(only); }

# The suite walks some traces of clocks; this walks 10,000.
test-traces: $(VENV)/.dev
	IMAC_TEST_TRACES=10000 $(BIN)/pytest $(LONG) tests/domain/clocks/test_sla_traces.py

# The suite puts a few move projects on trial; this does it to 500.
test-trials: $(VENV)/.dev
	IMAC_TEST_TRIALS=500 $(PYTEST) $(LONG) tests/rehearsal/test_trials.py

# The suite lives through a few dozen random lives of single orders and incidents; this goes on to 3,000.
test-lives: $(VENV)/.dev
	IMAC_TEST_LIVES=3000 $(PYTEST) $(LONG) tests/rehearsal/test_lives.py

# `make test-slow` upgrades under a dozen live cases; this does it under 500, with twenty changes of the code. cases=100: under so many.
test-upgrades: $(VENV)/.dev
	IMAC_TEST_UPGRADE_CASES=$(or $(cases),500) $(BIN)/pytest $(LONG) -s -m slow tests/upgrades

# What takes minutes: thousands of workplaces, and workers killed one by one under a move project. only=tests/web: a part of it.
test-slow: $(VENV)/.dev
	$(PYTEST) $(LONG) -m slow $(only) || { [ $$? = 1 ] && $(AGAIN) $(LONG) -m slow $(only); }

# A Temporal server is built for it once (seven minutes of CPU), unless IMAC_TEMPORAL_SERVER names one.
test-distributed: $(VENV)/.dev
	$(BIN)/python -m tests.distributed.temporal_build
	$(BIN)/pytest -s -n 0 -m distributed tests/distributed

# make test-log log=FILE: a whole ServiceNow log (.csv, .csv.gz) instead of the sample in the suite.
test-log: $(VENV)/.dev
	IMAC_TEST_LOG=$(log) $(BIN)/pytest $(LONG) tests/domain/incidents/test_logged.py
	$(BIN)/imac incident replay-log $(log)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q --noconftest -n 0 tests/test_rooms.py tests/test_names.py

# Every paper held against PDF/A and PDF/UA by veraPDF; where there is no JDK, no Maven or no network it says so.
conform: $(VENV)/.dev
	$(BIN)/python -m tests.conformance.check

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# At a release: what clients are generated from, and what the next one is held against.
openapi: $(VENV)/.dev
	$(BIN)/python -m tests.api.released

# At a release: histories of cases that may go on under later ones, of the recordings and of every story of the suite.
release-histories: $(VENV)/.dev
	rm -rf build/lives && mkdir -p build/lives
	IMAC_KEEP_HISTORIES=build/lives $(PYTEST) $(LONG) tests/stories
	$(BIN)/python -m tests.histories.release "$(version)" build/lives

# The README's pictures: the example move, played to its middle on a stack of its own, in a browser.
screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.web.screenshots

# Pins are compiled without index addresses: whoever installs brings their own index.
lock: $(VENV)/.uv requirements.in requirements-tracing.in requirements-dev.in
	for f in requirements requirements-tracing requirements-dev; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-annotate --no-header $$f.in -o $$f.txt; \
	done

migration: $(VENV)/.dev
	$(BIN)/python -m migrations.make "$(name)"

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.uv: requirements-uv.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	touch $@

# The run set never removes what `make test` added: the dev set is a superset with the same pins.
$(VENV)/.run: $(VENV)/.uv requirements.txt pyproject.toml
	test -e $(VENV)/.dev || $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	-$(COMPILE)
	touch $@

$(VENV)/.dev: $(VENV)/.uv requirements-dev.txt pyproject.toml
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	-$(COMPILE)
	touch $@
