# `make repro`: from a fresh checkout to an evaluated network. `make test`: the tests. Both set up .venv first.
VENV := .venv
PYTHON ?= python3
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: repro test slow check lock

repro: $(VENV)/installed
	dvc repro

test: $(VENV)/installed
	pytest -n auto --dist loadfile

slow: $(VENV)/installed
	pytest -m slow -n auto --dist loadfile

check: $(VENV)/installed
	ruff check .
	ruff format --check .
	mypy
	lint-imports

# Pins everything that pyproject.toml asks for. A local build of torch (+cpu) is written as the release that it is.
lock: $(VENV)/installed
	pip-compile --extra dev --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-options \
		--quiet --output-file requirements.lock pyproject.toml
	sed -i 's/^\(torch==[0-9.]*\)+.*/\1/' requirements.lock

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	pip install --requirement requirements.lock
	pip install --no-deps --editable .
	touch $@
