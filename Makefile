# A fresh machine needs python3 (3.11 or newer) and make. Every target sets up what it needs.
SHELL := /bin/bash
.DELETE_ON_ERROR:
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Packages of tests/engines, apart from the others; inside .venv, which git and every search already leave out.
ENGINES := $(VENV)/engines
BROWSER := $(VENV)/.browser
DOCS := $(VENV)/.docs

# Tests that are cases of their own, and no leak, sample or further case of another.
QUICK := not slow and not simulation and not attack

.PHONY: help setup evaluate test test-long test-deep test-attack test-simulations test-faults test-records test-seeds test-engines test-plain test-lab test-docs docs bench bench-scale calibrate-pooling monitor-rounds calibrate-rollouts calibrate-lot calibrate-harm lab hooks check notebooks records site clean lock environment rooms papers

help:
	@echo "make evaluate   set up, evaluate every study, make the pages, print the answers"
	@echo "make test       set up and run the tests: of what holds over many plans, places and examples some"
	@echo "make test-long  the tests that take more than two seconds each (about 10 minutes)"
	@echo "make test-deep  every plan, place and example of them, and what is slow elsewhere (many minutes)"
	@echo "make test-simulations  size, coverage and power of what pages rest on, over many samples (some minutes)"
	@echo "make test-attack  plant leaks in a real run, take each rule away, attack every study of the full run (about 3 minutes)"
	@echo "make test-faults  inject every fault that a batch must survive (some minutes)"
	@echo "make test-records  a full run; its records beside the committed ones, every sentence of its pages (10 minutes)"
	@echo "make test-seeds whole studies on twelve other synthetic nations: do intervals hold what is planted? (some minutes)"
	@echo "make test-engines  the same counts on DuckDB, PostgreSQL and Spark (installs both; some minutes)"
	@echo "make test-plain  a batch, its pages and JupyterLab without fork and links, as other systems than Linux have them (some minutes)"
	@echo "make test-lab   JupyterLab in a real browser: explore, pick, copy, restart; a private session cut off (some minutes)"
	@echo "make docs       the documentation as pages in reports/docs, without a network once it is installed"
	@echo "make test-docs  the pages of the documentation, and every command that README and docs show (many minutes)"
	@echo "make calibrate-lot  how often errors reject a true nil when the lot is drawn anew (about 15 minutes)"
	@echo "make bench-scale  counts on 1, 10 and 100 million rows beside bare SQL; writes docs/scale.md (about 15 minutes)"
	@echo "make calibrate-rollouts  what reads likely where courts start because they are bad; writes docs/rollouts.md (about 20 minutes)"
	@echo "make bench      measure the real load, beside papermill and the earlier commit; writes docs/performance.md (20 minutes)"
	@echo "make calibrate-pooling  what intervals of pooled places hold; writes docs/pooling.md (goes on where it was stopped)"
	@echo "make calibrate-harm  how often harm watch is wrong; writes docs/harm_watch.md (goes on where it was stopped; 2 hours)"
	@echo "make monitor-rounds  what several rounds of a monitor do; writes the tables of docs/monitors.md (about 3 minutes)"
	@echo "make lab        open JupyterLab on your copy of explore.ipynb"
	@echo "make hooks      in this clone: look at what is committed, compare notebooks cell by cell (nbdime)"
	@echo "make site       make the pages again from what has been run"
	@echo "make notebooks  run the committed notebooks again and keep their outputs"
	@echo "make records    copy the cleared records of a full run to tests/guards/records"
	@echo "make check      style, types, then tests (what continuous integration runs)"
	@echo "make rooms      print the measures of the code: rooms, arrows, lines"
	@echo "make papers     render what comes from the code: data dictionary, list of decisions, rooms"
	@echo "make clean      remove what was made: reports, figures, synthetic data, the environment"

setup: $(READY)

# uv installs in a fifth of pip's time; where it is not to be had, pip does the same from the same lock.
$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^uv==/ {p=1} p {print} p && !/\\$$/ {exit}' requirements.lock > $(VENV)/uv.txt
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt 2>/dev/null; then \
	  echo "Installing with uv ..." && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  echo "Installing with pip ..." && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@$(BIN)/python -m compileall -q analysis
	@touch $(READY)

evaluate: setup
	@$(BIN)/workbook run

# The longest notebook first, so that neither of the two workers waits for it at the end; cells of a notebook stay together.
test: setup
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "$(QUICK) and not long" tests
	@WORKBOOK_STATE=$(CURDIR)/reports/.without-decisions JUPYTER_DEFAULT_PROVISIONER_NAME=workbook-instant \
	  $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --nbval --nbval-cell-timeout=300 \
	  notebooks/validation $(filter-out notebooks/validation,$(wildcard notebooks/*))

# What takes over two seconds each (tests/long_tests.txt): as much processor time as all of `make test`.
# Only files that hold such tests are collected, here and below: collecting all of them takes each worker long.
test-long: setup
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "$(QUICK) and long" $(shell cut -d: -f1 tests/long_tests.txt | sort -u)

# Every case of which `make test` takes some (tests/chosen.py), and slow tests that no target below runs.
test-deep: setup
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal --hypothesis-profile=deep \
	  -m "(slow or hypothesis) and not simulation and not attack" \
	  $(filter-out tests/test_containers.py tests/test_many_seeds.py,$(wildcard tests/test_*.py))

# Size, coverage and power of what pages rest on, over many samples.
test-simulations: setup
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "simulation and not slow" \
	  $(shell grep -rl "mark\.simulation" tests --include="test_*.py" | sort)

# Leaks planted in a real run, every rule taken away; then every study of the full run is attacked, at x1 and at x0.3.
test-attack: evaluate
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m attack tests/attacks

# A full run of the draft round (what is up to date is not run again), its records and the sentences of its pages.
test-records: evaluate
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/guards tests/wording/test_pages.py

test-seeds: setup
	@$(BIN)/python -m pytest -q -n 2 tests/test_many_seeds.py tests/wording/test_planted_headings.py

test-faults: setup
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/faults tests/test_containers.py

# PostgreSQL and Java come from Debian where they are missing; pyspark and psycopg from requirements-extra.lock.
test-engines: $(ENGINES)/.ready
	@command -v java > /dev/null || (apt-get update -qq && apt-get install -qq -y default-jre-headless)
	@ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || (apt-get update -qq && apt-get install -qq -y postgresql)
	@$(ENGINES)/bin/python -m pytest -q tests/engines

$(ENGINES)/.ready: requirements-extra.lock $(READY)
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(ENGINES)
	@$(BIN)/uv pip install --quiet --python $(ENGINES)/bin/python --require-hashes -r requirements.lock -r requirements-extra.lock
	@touch $@

# The plain way, which other systems take by themselves.
test-plain: setup
	@$(BIN)/python -m pytest -q tests/plain tests/test_portable.py

# Chromium comes from Debian where it is missing; playwright from requirements-browser.lock.
test-lab: $(BROWSER)
	@command -v chromium > /dev/null || (apt-get update -qq && apt-get install -qq -y chromium)
	@$(BIN)/python -m pytest -q tests/lab

$(BROWSER): requirements-browser.lock $(READY)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-browser.lock
	@touch $@

# The documentation as pages: from the Markdown of the repository, and from the code.
docs: $(DOCS)
	@$(BIN)/sphinx-build -q -E -W --keep-going -b html -c docs . reports/docs
	@echo "Documentation: reports/docs/docs/index.html"

# The pages once more, in a folder of the test's own; each command of README and docs is run, or the test that runs it named.
test-docs: $(DOCS)
	@$(BIN)/python -m pytest -q tests/documented

$(DOCS): requirements-docs.lock $(READY)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-docs.lock
	@touch $@

# Measures copies in a temporary folder; BENCH="--only pieces" prints one part, --full adds what takes long.
bench: setup
	@PYTHONPATH=tests $(BIN)/python -P -m bench.speed $(BENCH)

calibrate-lot: setup
	@$(BIN)/python tests/calibration/star_lot.py
	@$(BIN)/python tests/calibration/trial_sites.py 2000 199

bench-scale: setup
	@$(BIN)/python tests/bench/scale.py $(SCALE)

calibrate-pooling: setup
	@nice -n 15 $(BIN)/python tests/bench/calibrate_pooling.py --write $(CALIBRATE)
calibrate-rollouts: setup
	@$(BIN)/python tests/bench/rollouts.py $(ROLLOUTS)

calibrate-harm: setup
	@OMP_NUM_THREADS=1 nice -n 19 $(BIN)/python tests/bench/calibrate_harm.py --write $(CALIBRATE)

monitor-rounds: setup
	@$(BIN)/python tests/simulations/several_rounds.py

lab: setup
	@$(BIN)/workbook lab

# Once in a clone: commits are looked at, and notebooks are compared cell by cell, by the programs of
# this environment whether or not it is active (`nbdime config-git` names them without their place).
hooks: setup
	@git config core.hooksPath .ci/hooks
	@bin="$$(cd $(BIN) && pwd)" && \
	  git config diff.jupyternotebook.command "\"$$bin/git-nbdiffdriver\" diff" && \
	  git config merge.jupyternotebook.driver "\"$$bin/git-nbmergedriver\" merge %O %A %B %L %P" && \
	  git config merge.jupyternotebook.name "notebooks, cell by cell"

check: setup
	@$(BIN)/ruff check analysis tests docs/conf.py docs/from_code
	@$(BIN)/ruff format --check analysis tests docs/conf.py docs/from_code
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

notebooks: setup
	@$(BIN)/python -m analysis.runs.committed

records: setup
	@$(BIN)/workbook run
	@$(BIN)/python -m analysis.runs.committed --records

site: setup
	@$(BIN)/workbook site

lock: setup
	@$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --extra validation --extra cluster --extra dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --extra engines --constraints requirements.lock pyproject.toml -o requirements-extra.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --extra browser --constraints requirements.lock pyproject.toml -o requirements-browser.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --extra docs --constraints requirements.lock pyproject.toml -o requirements-docs.lock

rooms: setup
	@PYTHONPATH=tests $(BIN)/python tests/measures.py

papers: setup
	@PYTHONPATH=tests $(BIN)/python tests/papers.py

environment: setup
	@$(BIN)/python -m analysis.environment > environment.yml

clean:
	@rm -rf $(VENV) reports data/synthetic figures/synthetic* figures/star figures/extracts* *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
