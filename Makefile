# Everything stands in .venv: what the lock names, and Casework itself. It is set up again when the lock changes.
.DEFAULT_GOAL := help
.PHONY: help setup setup-browser run test format lint types contracts tests browser test-deep rehearse words pictures bench bench-peers bench-commits bench-verdict bench-queue bench-wave bench-growth bench-http bench-claims bench-reads bench-pages bench-builds bench-start chaos schema lock clean
.DELETE_ON_ERROR:
# Images of Python like to set it; without bytecode each process of the tests compiles all that it imports, for seconds.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
UV = $$(command -v uv || echo $(BIN)/uv)
# uv doesn't read pip's settings: an index that only pip was told of is passed on.
INDEX = $${UV_DEFAULT_INDEX:-$${UV_INDEX_URL:-$${PIP_INDEX_URL:-$$($(PYTHON) -m pip config get global.index-url 2>/dev/null)}}}
INSTALL = index="$(INDEX)"; env $${index:+UV_DEFAULT_INDEX="$$index"} $(UV) pip install --quiet --python $(BIN)/python

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Set up .venv with everything in it; leaves .venv/bin/casework

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null || \
		{ echo "Casework needs Python 3.11 to 3.14, and '$(PYTHON)' is none: name one, as in make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv || \
		{ echo "'$(PYTHON) -m venv' failed: the system's package for it may be missing (such as python3-venv)." >&2; exit 1; }
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Setting up .venv …"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@touch $@

setup-browser: .venv/browser ## Add what the console's tests need: Playwright, and a Chromium where none is found

.venv/browser: $(READY) requirements-browser.lock tests/browser/chromium.py
	@$(INSTALL) --require-hashes -r requirements-browser.lock
	@$(BIN)/python tests/browser/chromium.py
	@touch $@

run: $(READY) ## Run Casework with embedded servers and a demo cast; Ctrl-C stops it; YEAR=1 fills it with a year
	@exec $(BIN)/casework up $(if $(YEAR),--demo-year)

test: format lint types contracts tests browser ## Check everything: format, lint, types, import contracts, tests

# A stage says what it took against its budget: seconds on two quiet cores.
define stage
@echo "$(2)"; began=$$(date +%s); $(2); code=$$?; echo "$@: $$(($$(date +%s) - began)) s of $(1) s"; exit $$code
endef

format: $(READY) ## Check the format
	$(call stage,5,$(BIN)/ruff format --check .)

lint: $(READY) ## Check the style
	$(call stage,5,$(BIN)/ruff check .)

types: $(READY) ## Check the types
	$(call stage,60,$(BIN)/mypy)

contracts: $(READY) ## Check who may import whom
	$(call stage,10,$(BIN)/lint-imports)

tests: $(READY) ## Run the tests, on real servers, four at a time
	$(call stage,600,$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/browser)

browser: $(READY) ## Run the console's tests in a browser, where `make setup-browser` has been
	$(call stage,75,$(BIN)/pytest tests/browser)

test-deep: $(READY) ## Run the property tests ten times as long
	$(call stage,1800,DEPTH=10 $(BIN)/pytest -n 3 --dist loadfile --timeout 1200 tests/properties)

rehearse: $(READY) ## Play all scenarios
	@exec $(BIN)/casework rehearse scenarios/*.yaml

bench: $(READY) ## Measure lives a second beside the same job by the book, and a bare Temporal workflow; INTO=page
	@exec $(BIN)/python -m bench.lives $(if $(INTO),--into $(INTO))

bench-peers: $(READY) .venv-peers/ready ## Measure lives a second beside the same job on DBOS Transact; INTO=page
	@exec $(BIN)/python -m bench.peers $(if $(INTO),--into $(INTO))

.venv-peers/ready: bench/peers/requirements.txt
	@$(PYTHON) -m venv --clear .venv-peers
	@index="$(INDEX)"; env $${index:+UV_DEFAULT_INDEX="$$index"} $(UV) pip install --quiet --python .venv-peers/bin/python -r $<
	@touch $@

bench-commits: $(READY) ## Measure a life's moves without Temporal: CPU and statements of each move's try and commit
	@exec $(BIN)/python -m bench.commits

bench-verdict: $(READY) ## Measure a verdict's commit on scores of up to ten thousand violations
	@exec $(BIN)/python -m bench.verdict

bench-queue: $(READY) ## Measure a page of the queue, of a million open cases; OTHER=folder compares with a second checkout, INTO=page
	@exec $(BIN)/python -m bench.queue $(if $(OTHER),--other $(OTHER)) $(if $(INTO),--into $(INTO))

bench-http: $(READY) ## Measure a move over HTTP beside the same one through the door
	@exec $(BIN)/python -m bench.http

bench-reads: $(READY) ## Measure a case's read, the parts of its page one by one, and its overview
	@exec $(BIN)/python -m bench.reads

bench-pages: $(READY) ## Measure what pages of the console cost: CPU, bytes, consoles at rest, "decide and next"
	@exec $(BIN)/python -m bench.pages

bench-wave: $(READY) ## Measure a version's wave over ten thousand: verdicts beside it, a halt, twenty kills; INTO=page
	@exec $(BIN)/python -m bench.wave $(if $(INTO),--into $(INTO))

bench-growth: $(READY) ## Measure what grows with the cases: in the store up to a million, with workflows ten thousand; INTO=page
	@exec $(BIN)/python -m bench.growth $(if $(INTO),--into $(INTO))

bench-claims: $(READY) ## Measure forty claims of one case, in turn at the door beside all at once
	@exec $(BIN)/python -m bench.claims

bench-builds: $(READY) ## Try builds side by side on a Temporal server: an old one, a new one, one that breaks what runs, and the way back
	@exec $(BIN)/python -m bench.builds

bench-start: $(READY) ## Measure starts and commands as whole processes; OTHER=folder compares with a second checkout
	@exec $(BIN)/python -m bench.start $(OTHER)

chaos: $(READY) ## Let lives go on while everything fails, and judge what is left; SEED=7, LIVES=1000, FAULTS=40, INTO=page
	@exec $(BIN)/python -m bench.chaos $(if $(SEED),--seed $(SEED)) $(if $(LIVES),--lives $(LIVES)) $(if $(FAULTS),--faults $(FAULTS)) $(if $(INTO),--into $(INTO))

schema: $(READY) ## Ask the API for ten minutes what its OpenAPI allows and forbids; into docs/schemathesis.md
	@exec $(BIN)/python tests/desk/api/schema_run.py --minutes 10

words: $(READY) ## Compile the catalogues of messages
	@for folder in desk/words/locale desk/console/locale; do for language in en vi zh; do \
		$(BIN)/pybabel -q compile --locale $$language --input-file $$folder/$$language.po --output-file $$folder/$$language.mo; \
		done; done

pictures: $(READY) .venv/browser ## Draw the diagrams in README and docs again, and take its pictures of a played year
	@for page in README.md docs/lives.md; do for kind in report appeal; do \
		$(BIN)/casework states $$kind --into $$page; done; done
	@$(BIN)/casework states version --into docs/lives.md
	@$(BIN)/python tests/browser/pictures.py docs/pictures

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --custom-compile-command "make lock"

lock: ## Resolve the dependencies again
	$(COMPILE) pyproject.toml --group dev -o requirements.lock
	$(COMPILE) --group browser -c requirements.lock -o requirements-browser.lock

clean: ## Remove what was set up and cached; the data in .casework stays
	rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
