# Every target first sets up what it needs: a virtual environment in .venv, into which uv installs pinned packages.
.DEFAULT_GOAL := help
SHELL := /bin/bash
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c '$(SUPPORTED)' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
# On a terminal, uv shows its progress; in a log, only our own lines appear.
QUIET := $(shell test -t 2 || echo --quiet)
UV := $(BIN)/uv pip install $(QUIET) --compile-bytecode --build-constraints requirements/build.txt
PINNED := $(UV) --require-hashes
SOURCE ?=
ASSETS ?=
SCALE ?= 1.0
ROUNDS ?= 1
UPGRADE ?= --upgrade
# Number of test processes: three on two cores, because many tests wait for a server or a browser.
WORKERS ?= 3
# Tests of one file share what they set up, so they go to one worker. Test files start in the order of their paths.
# The short test files, in unit/, start last, so that no worker waits long for another.
SHARED := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
export DAGSTER_HOME := $(CURDIR)
# Tests start hundreds of processes, so Python saves compiled bytecode even if the shell's environment forbids it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(BIN)/.runtime ## Run everything once on a generated sample, or with SOURCE=<folder> on IMDb's dumps
	@$(BIN)/imdb demo $(if $(SOURCE),--source "$(SOURCE)")

.PHONY: ui
ui: $(BIN)/.runtime ## Start Dagster's UI, which shows the demo's run and lineage
	@$(BIN)/imdb ui

.PHONY: materialize
materialize: $(BIN)/.runtime ## Re-materialize single assets: ASSETS=silver/movies
	@test -n "$(ASSETS)" || { echo 'Say which: make materialize ASSETS=silver/movies'; exit 2; }
	@$(BIN)/imdb materialize "$(ASSETS)"

.PHONY: spark
spark: $(BIN)/.runtime ## Install Spark with its own Java, for IMDB_ENGINE=spark
	@$(PINNED) -r requirements/spark.txt

.PHONY: clickhouse
clickhouse: $(BIN)/.runtime ## Install ClickHouse within Python (500 MB), for make bench
	@$(PINNED) -r requirements/clickhouse.txt

.PHONY: aws
aws: $(BIN)/.runtime ## Install AWS's SDKs, for IMDB_PROFILE=aws
	@$(PINNED) -r requirements/aws.txt

.PHONY: test
test: $(BIN)/.dev .venv-aws/.ready ## Run the fast tests, and one test of each real component, such as Spark
	@$(BIN)/pytest $(SHARED) -m "not slow"

.PHONY: test-all
test-all: $(BIN)/.dev .venv-aws/.ready .venv-checkov/.ready .venv-sagemaker/.ready ## Run all tests, including the long tests
	@$(BIN)/pytest $(SHARED) -rs

.PHONY: check
check: $(BIN)/.dev ## Format the code; check it with the linter, the type checker and the import rules
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

.PHONY: docs
docs: $(BIN)/.runtime ## Write the generated files again: data dictionary, DDL for Redshift, alarms of CloudWatch
	@$(BIN)/python -m imdb_assets.contracts.dictionary > docs/data-dictionary.md
	@$(BIN)/python -m imdb_assets.aws.redshift > docs/redshift.sql
	@$(BIN)/python -m imdb_assets.aws.cloudwatch > imdb_assets/aws/deploy/templates/alarms.yaml

.PHONY: model-card
model-card: $(BIN)/.runtime ## Write docs/model-card.md from the model in service (after make demo)
	@$(BIN)/python -m imdb_assets.cli.card > docs/model-card.md

.PHONY: screenshots
screenshots: $(BIN)/.dev ## Take the documents' screenshots again, from a run on a generated sample
	@$(BIN)/python -m imdb_assets_tests.browser.screenshots

.PHONY: bench
bench: $(BIN)/.dev clickhouse ## Compare the speed of this platform, DuckDB, PySpark and ClickHouse at full size (half an hour); SCALE=0.05 for a quick look; SOURCE=<folder> only ingests the dumps of a folder and prints the tables' sizes
	@$(BIN)/python -m benchmarks $(if $(SOURCE),--source "$(SOURCE)",--scale "$(SCALE)" --rounds "$(ROUNDS)")

.PHONY: stop
stop: ## End the local model server
	@test ! -x $(BIN)/imdb || $(BIN)/imdb stop

.PHONY: clean
clean: stop ## Remove the lake, all history and the virtual environment
	@rm -rf .data .venv .venv-aws .venv-checkov .venv-sagemaker build *.egg-info

.PHONY: requirements
requirements: $(BIN)/.uv ## Pin the packages of pyproject.toml at their newest versions, with hashes; with UPGRADE= (empty), keep the present versions
	@set -e; all=$$(mktemp); $(if $(UPGRADE),,cat requirements/{runtime,spark,clickhouse,aws,image,dev}.txt > $$all;) \
	pin() { $(BIN)/uv pip compile --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet $(UPGRADE) "$$@"; }; \
	universal() { pin --universal --python-version 3.11 "$$@"; }; \
	image() { pin requirements/$$1.in --generate-hashes -c $$all --python-version $$2 --no-emit-package numpy \
	  --python-platform x86_64-manylinux_2_28 -o requirements/$$1.txt; }; \
	universal pyproject.toml --all-extras -o $$all; \
	universal pyproject.toml --generate-hashes -c $$all -o requirements/runtime.txt; \
	for extra in spark clickhouse aws image dev; do \
	  universal pyproject.toml --generate-hashes --extra $$extra -c $$all -o requirements/$$extra.txt; done; \
	for name in build uv emulators checkov serving-stack; do \
	  universal requirements/$$name.in --generate-hashes -o requirements/$$name.txt; done; \
	image glue 3.11; image sagemaker 3.12; rm -f $$all

$(BIN)/.uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found; install one, or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version). Once: 370 MB of packages to download, one to three minutes on a fast line."
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(BIN)/.runtime: $(BIN)/.uv requirements/runtime.txt pyproject.toml
	@echo "Installing packages"
	@$(PINNED) -r requirements/runtime.txt
	@$(UV) --no-deps -e .
	@touch $@

$(BIN)/.dev: $(BIN)/.runtime requirements/spark.txt requirements/aws.txt requirements/image.txt requirements/dev.txt
	@echo "Installing what the tests need"
	@$(PINNED) -r requirements/spark.txt -r requirements/aws.txt -r requirements/image.txt -r requirements/dev.txt
	@touch $@

# The emulators of AWS, checkov, and the serving stack of SageMaker's image each have a virtual environment of their
# own, because their pinned packages differ from ours.
.venv-aws/.ready: $(BIN)/.uv requirements/emulators.txt
	@echo "Installing the emulators of AWS that the tests start"
	@$(PYTHON) -m venv .venv-aws
	@$(PINNED) --python .venv-aws/bin/python -r requirements/emulators.txt
	@touch $@

.venv-checkov/.ready: $(BIN)/.uv requirements/checkov.txt
	@echo "Installing checkov, which looks through the CloudFormation templates"
	@$(PYTHON) -m venv .venv-checkov
	@$(PINNED) --python .venv-checkov/bin/python -r requirements/checkov.txt
	@touch $@

.venv-sagemaker/.ready: $(BIN)/.uv requirements/serving-stack.txt
	@echo "Installing the serving stack of SageMaker's XGBoost image"
	@$(PYTHON) -m venv .venv-sagemaker
	@$(PINNED) --python .venv-sagemaker/bin/python -r requirements/serving-stack.txt
	@$(UV) --python .venv-sagemaker/bin/python --no-build-isolation sagemaker-containers==2.8.6.post2
	@touch $@
