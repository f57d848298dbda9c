# Everything that is done here has a name: `make` lists them. The first one that needs packages builds .venv
# from requirements.lock, with uv where it is installed and with plain pip otherwise.
#
#     make PYTHON=/path/to/python3.12 lab     with a Python of your own choice
#     make lab LAB="--no-browser --port 8899" with any option of JupyterLab
#     make bench BENCH="--folder /somewhere"   with the stores that are measured on elsewhere than in /tmp

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab demo test torture spark lint notebooks bench bench-long lock clean

NOTEBOOK := notebooks/01_first_look.ipynb
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python)
LAB :=
BENCH :=

help:  ## list these names
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

lab: .venv/.stamp  ## open JupyterLab on the first notebook, on sample data: no network, no key
	.venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir="$(CURDIR)" $(LAB) $(NOTEBOOK)

# The page is written so that a browser asks no other machine for anything; the widgets' state would be a megabyte each.
demo: .venv/.stamp  ## the same without a browser: totals here, the notebook as a page in build/
	@.venv/bin/jupyter nbconvert --log-level WARN --to html --output-dir build \
	  --HTMLExporter.require_js_url= --HTMLExporter.mathjax_url= \
	  --execute --ExecutePreprocessor.store_widget_state=False \
	  --ExecutePreprocessor.extra_arguments=--IPKernelApp.log_level=ERROR $(NOTEBOOK)
	@echo "Totals of the sample data:"
	@.venv/bin/python -c "import polars as pl, usage_toolkit as ut; \
	  pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=140, tbl_hide_dataframe_shape=True, \
	    tbl_hide_column_data_types=True, thousands_separator=True, trim_decimal_zeros=True); \
	  rows = ut.sample(); print(ut.totals(rows, measure='quantity')); \
	  print(ut.totals(rows, by='provider', measure='amount'))"
	@echo "The notebook with its charts, as one page: build/$(notdir $(NOTEBOOK:.ipynb=.html))"

test: .venv/.stamp  ## every test: units, contracts, properties, examples, notebooks, browser
	@echo "1 of 3: units, contracts, properties, and the examples of the documentation"
	.venv/bin/python -m pytest -m "not browser and not torture"
	@echo "2 of 3: the notebooks, each output compared with the one that is stored"
	.venv/bin/python -m pytest --nbval --nbval-current-env notebooks
	@echo "3 of 3: JupyterLab in Chromium"
	.venv/bin/python -m pytest -m browser tests/browser

torture: .venv/.stamp  ## a store killed, filled and damaged at every point: minutes
	.venv/bin/python -m pytest -m torture tests

spark: .venv/.spark  ## the cube on Spark, on two threads of this machine: needs Java 17, and 0.4 GB the first time
	.venv/bin/python -m pytest tests/test_spark.py

lint: .venv/.stamp  ## style, types, and what notebooks hold
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python tests/hygiene.py notebooks/*.ipynb

notebooks: .venv/.stamp  ## run all notebooks again and keep what they show, and nothing else
	.venv/bin/jupyter nbconvert --log-level WARN --to notebook --inplace --execute \
	  --ExecutePreprocessor.store_widget_state=False --ExecutePreprocessor.record_timing=False \
	  --ExecutePreprocessor.extra_arguments=--IPKernelApp.log_level=ERROR notebooks/*.ipynb
	.venv/bin/python tests/hygiene.py --clean notebooks/*.ipynb

bench: .venv/.stamp  ## measure time and memory, and write benchmarks/RESULTS.md: minutes, 1 GB of disk
	.venv/bin/python -m benchmarks $(BENCH)

bench-long: .venv/.stamp  ## the same, and on 100,000,000 rows too: an hour, 12 GB of disk
	.venv/bin/python -m benchmarks --long $(BENCH)

COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command "make lock"

lock:  ## pin the newest packages that pyproject.toml allows, with hashes (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv; install it and call make lock again." >&2; exit 1; }
	$(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	sed -n '/^spark = /,/^]/s/^ *"\([^"]*\)".*/\1/p' pyproject.toml \
	  | $(COMPILE) --constraints requirements.lock --output-file spark.lock -

clean:  ## remove all that make has made
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "Making .venv with $$("$$python" --version)"; \
	  if command -v uv >/dev/null; then exec uv venv --quiet --clear --python "$$python" .venv; fi; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null && exec "$$python" -m venv --clear .venv; \
	  echo "$$python has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv) or install uv," \
	    "and call make again." >&2; \
	  exit 1; \
	done; \
	echo "Python 3.11 or newer is needed and none of these is one: $(PYTHONS). Install it, or name it:" \
	  "make PYTHON=/path/to/python3.12" >&2; \
	exit 1

.venv/.spark: spark.lock .venv/.stamp
	@if command -v uv >/dev/null; then \
	  uv pip install --quiet --python .venv/bin/python --require-hashes --requirement spark.lock; \
	else \
	  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement spark.lock; \
	fi
	@touch $@

# JupyterLab's news and update questions are off, as nothing here asks the network on its own.
.venv/.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing requirements.lock into .venv: a few minutes and 1 GB the first time"
	@if command -v uv >/dev/null; then \
	  uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock && \
	  uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .; \
	else \
	  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock && \
	  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@mkdir -p .venv/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
	  > .venv/share/jupyter/lab/settings/overrides.json
	@touch $@
