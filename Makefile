# Every target does its own set-up: a virtual environment in .venv, dependencies by name.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-long fuzz lint format bench schema locale man build pyz clean

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# mirrorcfg alone, which takes seconds where all that its tests need takes minutes.
.venv/usable: pyproject.toml
	test .venv/ready -nt pyproject.toml || { $(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .; }
	touch $@

demo: .venv/usable ## the whole story on this machine alone: a switch, an outage, the way back
	$(BIN)/python -m mirrorcfg demo

LOAD := tests/conformance/test_load.py
WORKERS ?= 4
test: .venv/ready ## every test that can run here: what takes the whole machine alone, the rest in WORKERS workers
	$(BIN)/python -m pytest -q $(LOAD)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore $(LOAD)

HOURS := --timeout 7200 -o faulthandler_timeout=7500
test-long: .venv/ready ## 100,000 examples of the formats' promises, every outage, 100,000 random worlds
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -q $(HOURS) tests/formats
	$(BIN)/python -m pytest -q $(HOURS) -m long
	$(BIN)/python -m tests.failover.simulate

FUZZ_SECONDS ?= 300
fuzz: .venv/ready ## each parser of what servers send and others wrote, for FUZZ_SECONDS
	set -e; for target in html json repodata token head x509 packed http1 http2 \
	    pipconf uvtoml condarc daemon certificates profile difference; do \
	    $(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_SECONDS); done

lint: .venv/ready ## style, types, layers
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready ## side-by-side timings
	$(BIN)/python benchmarks/switch.py
	$(BIN)/python benchmarks/scale.py

schema: .venv/ready ## write profiles/*.schema.json anew from what is checked
	for name in profile config; do \
		$(BIN)/python -c "from mirrorcfg.ops.schema import text; print(text('$$name'), end='')" > profiles/$$name.schema.json.new && \
		mv profiles/$$name.schema.json.new profiles/$$name.schema.json || exit 1; \
	done

locale: .venv/ready ## bring the catalog of translations up to date, compile it, and have docs/verifier*.md say the same
	$(BIN)/python -m tests.sentences
	$(BIN)/python -m tests.verdicts

man: .venv/ready ## the manual's pages in man/, in both languages, made of the texts of --help
	$(BIN)/python -m tests.manual

build: .venv/ready ## a wheel and a source distribution in dist/
	$(BIN)/python -m build

pyz: .venv/usable ## dist/mirrorcfg.pyz: all of it in one file, for any Python from 3.11 on
	$(BIN)/python pyz/build.py

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
