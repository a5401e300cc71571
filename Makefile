# Everything people type. `make help` lists it. Only Python >= 3.11 and make are assumed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest
OLDEST_PYTHON := 3.11
NOTEBOOKS := $(sort $(wildcard notebooks/[0-9]*.ipynb))
FIRST := $(firstword $(NOTEBOOKS))
PORT ?= 8888

.DEFAULT_GOAL := help
.PHONY: help lab test test-slow test-oldest notebooks lint format bench scoreboard pretrained site slides handout dashboards requirements git-setup clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

lab: $(VENV)/.lab ## install what the course needs and open it in JupyterLab
	$(BIN)/jupyter lab --port=$(PORT) $(LAB_OPTIONS) $(FIRST)

test: $(VENV)/.test ## install what the tests need and run them all (about twenty minutes)
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

test-slow: $(VENV)/.test ## what is too slow for every run: fresh seeds, executing twice, oldest versions
	$(BIN)/python -m pytest -m slow -n 2 tests $(PYTEST_OPTIONS)
	$(MAKE) test-oldest

test-oldest: $(VENV)/.test ## unit tests and lessons with the oldest versions allowed, in .venv-oldest
	$(BIN)/uv venv --quiet --clear --python $(OLDEST_PYTHON) $(OLDEST)
	$(BIN)/uv pip install --quiet --python $(OLDEST) --resolution lowest-direct --only-binary :all: \
	    --editable '.[test,site,dashboards]'
	$(OLDEST)/bin/python -m pytest --ignore=tests/browser --ignore=tests/benchmarks \
	    --nbval-cell-timeout=600 $(PYTEST_OPTIONS)

notebooks: $(VENV)/.test ## execute every lesson in place and normalise its metadata
	$(BIN)/python tests/execute_notebooks.py $(NOTEBOOKS)

lint: $(VENV)/.test ## check style and formatting of code and lessons
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(VENV)/.test ## put code and lessons into the one format
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(VENV)/.test ## measure speed (PyTorch joins in where it is installed)
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only -n 0 -s

scoreboard: $(VENV)/.test ## measure the recorded rows of the scoreboard anew
	$(BIN)/python data/make_scoreboard.py

pretrained: $(VENV)/.test ## train anew what lessons and widgets read ready-made (about an hour)
	$(BIN)/python data/make_pretrained.py
	$(BIN)/python data/make_ring_runs.py
	$(BIN)/python data/make_adversarial.py
	$(BIN)/python data/make_image_gans.py
	$(BIN)/python data/make_diffusion.py

site: $(VENV)/.test ## build the web site into site/
	$(BIN)/python docs/build_site.py
	@echo "Look at it with: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

slides: $(VENV)/.test ## build a deck of slides of each lesson into slides/
	$(BIN)/python docs/build_slides.py
	@echo "Open slides/index.html with a browser."

handout: $(VENV)/.test ## build the lessons without solutions and outputs into handout/
	$(BIN)/python docs/build_handout.py

dashboards: $(VENV)/.test ## serve the live pictures as full-screen pages, to this computer only
	$(BIN)/python docs/serve_dashboards.py $(DASHBOARD_OPTIONS)

requirements: $(VENV)/.test ## pin the dependencies of pyproject.toml anew
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --upgrade --quiet pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --upgrade --quiet --constraint requirements.txt --extra test --extra site --extra dashboards pyproject.toml \
	    -o tests/requirements.txt

git-setup: $(VENV)/.test ## let git show notebooks as text in diffs
	git config diff.notebook.textconv "$(CURDIR)/$(BIN)/jupytext --to py:percent --output -"
	git config diff.notebook.cachetextconv true

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) $(OLDEST) site slides handout .pytest_cache .ruff_cache .hypothesis .benchmarks

# A stamp file says that an installation is complete, so that a second call starts at once.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "The course needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.test: tests/requirements.txt $(VENV)/.lab
	$(BIN)/python -m pip install --quiet --require-hashes -r tests/requirements.txt
	@touch $@
