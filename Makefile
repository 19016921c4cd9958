# Maison de l'urbanisme : « make » ou « make help » dit ce qu'on peut faire.
# Everything runs from this folder and writes only here (.venv, .var, node_modules, static/vendor, staticfiles).

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory --no-builtin-rules
export PYTHONDONTWRITEBYTECODE := 1
export PYTHONUNBUFFERED := 1

# Debian's Python, so that the virtual environment does not hang on a shell's own version manager.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11) python3)

.DEFAULT_GOAL := help

.PHONY: help
help: ## Cette aide
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'

.PHONY: db
db: ## Démarre la base PostGIS privée de ce dossier (.var/), ou ne fait rien si elle tourne
	@sh outils/paquets.sh base postgis
	@$(PYTHON) -m outils.base_privee demarrer

.PHONY: stop
stop: ## Arrête tout ce que ce dossier a démarré, base comprise
	@$(PYTHON) -m outils.arret
