# Körpü. `make run` and `make test` need Python 3.11 and make, nothing else.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
# What is imported is compiled when it is: a third of the time went into compiling what never is.
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes

# What was compiled is kept, beside the packages: each of the many processes would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/bytecode

FULL_FORMS := $(addprefix tests/,cases/test_offer.py cases/test_answer_referral.py cases/test_requirements.py \
  cases/api/test_schema.py cases/web/test_accessible.py intake/uploads/test_cleaning.py intake/web/test_old_phones.py \
  intake/web/test_in_the_browser.py intake/web/test_page_in_the_browser.py intake/web/test_states_in_the_browser.py)

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults tour fresh messages compilemessages lock

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

$(VENV)/.made:
	@echo "Körpü: making the Python environment in $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit("Körpü needs Python 3.11 or newer; set PYTHON=…") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) && touch $@

$(VENV)/.run: requirements.txt $(VENV)/.made
	@echo "Körpü: installing what it needs to run (once, about a minute) …"
	@$(PIP) -r requirements.txt && touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Körpü: installing what the tests need (once) …"
	@$(PIP) -r requirements-dev.txt && touch $@

run: $(VENV)/.run ## set everything up and serve it with demo data on http://127.0.0.1:$(PORT)
	@PORT=$(PORT) KORPU_DEMO=1 $(PY) -m seeds.run

test: $(VENV)/.dev compilemessages ## the whole suite (SQLite; with DATABASE_URL and REDIS_URL on PostgreSQL and Redis)
	@$(PY) -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/.dev compilemessages ## style, types, layers, templates, migrations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache
	KORPU_TESTING=1 KORPU_VAR=var/check $(VENV)/bin/mypy intake cases workers seeds
	$(VENV)/bin/djlint --lint --quiet intake/templates cases/templates
	KORPU_TESTING=1 KORPU_VAR=var/check $(PY) manage.py makemigrations --check --dry-run
	KORPU_TESTING=1 KORPU_VAR=var/check $(PY) manage.py spectacular --validate --fail-on-warn --file var/check/openapi.yaml

bench: $(VENV)/.dev ## the figures, measured side by side with a floor (needs PostgreSQL: BENCH_DATABASE_URL)
	@$(PY) -m tests.bench $(ARGS)

faults: $(VENV)/.dev compilemessages ## the long forms of the fault tests (≤ 30 minutes)
	@KORPU_FAULTS=full $(PY) -m pytest tests/faults $(FULL_FORMS) $(ARGS)

tour: $(VENV)/.dev compilemessages ## plays the journey with pauses and makes the README's screenshots (needs Chromium)
	@$(PY) -m tests.journeys.tour $(ARGS)

fresh: ## throws the demo's data and keys away; the next `make run` starts anew
	@$(PYTHON) -c 'import pathlib, sys; sys.exit("Körpü is still running: stop it first (Ctrl-C).") if pathlib.Path("var/serve.pid").exists() and __import__("subprocess").run(["kill", "-0", pathlib.Path("var/serve.pid").read_text().strip()], stderr=-3).returncode == 0 else None'
	@rm -rf var && echo "var/ is gone: the next make run starts anew"

messages: $(VENV)/.dev ## collects translatable words into the .po files (needs gettext)
	cd intake && KORPU_TESTING=1 ../$(PY) ../manage.py makemessages -l az -l ru --no-location --no-wrap
	cd cases && KORPU_TESTING=1 ../$(PY) ../manage.py makemessages -l az -l ru --no-location --no-wrap

compilemessages: $(VENV)/.run
	@$(PY) -m seeds.catalogues

lock: $(VENV)/.dev
	$(VENV)/bin/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 -q pyproject.toml -o requirements.txt
	$(VENV)/bin/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 -q --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
