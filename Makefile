# Maison de l'urbanisme : « make » ou « make help » dit ce qu'on peut faire.
# Everything runs from this folder and writes only here (.venv, .var, node_modules, static/vendor, staticfiles).

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory --no-builtin-rules
export PYTHONUNBUFFERED := 1

# Debian's Python, so that the virtual environment does not hang on a shell's own version manager.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11) python3)

VENV := .venv/bin

# Targets wait for one another: two apt or two first starts at once would only collide.
.NOTPARALLEL:
.DEFAULT_GOAL := help

.PHONY: help
help: ## Cette aide
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## Installe ce qui manque : paquets Debian, .venv, paquets du navigateur (moins d'une seconde ensuite)
	@sh outils/paquets.sh python base postgis
	@$(PYTHON) -m outils.environnement

.PHONY: db
db: ## Démarre la base PostGIS privée de ce dossier (.var/), ou ne fait rien si elle tourne
	@sh outils/paquets.sh python postgis
	@$(PYTHON) -m outils.base_privee demarrer

.PHONY: demo
demo: setup db ## Commune fictive servie sur http://127.0.0.1:8000 (PORT= pour un autre port), Ctrl-C pour finir
	@$(VENV)/python -m outils.demo $(DEMO_ARGS)

.PHONY: install
install: setup ## Production : réglages, base, systemd, nginx, sauvegarde (NOMS=, DATABASE_URL=, COLLECTIVITE=, ADMINISTRATEUR=)
	@$(VENV)/python -m outils.installation

.PHONY: stop
stop: ## Arrête tout ce que ce dossier a démarré, base comprise
	@$(PYTHON) -m outils.arret

.PHONY: test
test: setup db ## Tous les tests, navigateur compris (PYTEST_ARGS= pour en choisir)
	@sh outils/paquets.sh tests
	@$(VENV)/python -m pytest -n 2 $(PYTEST_ARGS)

.PHONY: check
check: setup db ## Style, types, gabarits, sens des imports, migrations, réglages de production
	@$(VENV)/python -m outils.controle

.PHONY: bench
bench: setup db ## Mesures : lecture, import et tuiles, comparés à GDAL, ogr2ogr et au plancher (rapports)
	@sh outils/paquets.sh tests
	@$(VENV)/python -m bench $(BENCH_ARGS)

.PHONY: bench-bureau
bench-bureau: setup db ## Mesures du bureau des permis (cent mille dossiers, un million d'événements)
	@$(VENV)/python -m bench bureau $(BENCH_ARGS)

.PHONY: bench-odp
bench-odp: setup db ## Mesures du domaine public (conflits sur 50 000 emprises, renouvellement de 500 terrasses)
	@$(VENV)/python -m bench odp $(BENCH_ARGS)

.PHONY: bench-reseau
bench-reseau: setup db ## Mesures du réseau d'assainissement (import RAEPA et suivi de l'eau, cent mille canalisations)
	@$(VENV)/python -m bench reseau $(BENCH_ARGS)

.PHONY: bench-departement
bench-departement: setup db ## Mesures à l'échelle d'un département (un million de parcelles)
	@sh outils/paquets.sh tests
	@$(VENV)/python -m bench departement $(BENCH_ARGS)

.PHONY: bench-carte
bench-carte: setup db ## Mesures de la carte : cache des tuiles, contraintes, export, déplacement (100 000 parcelles)
	@sh outils/paquets.sh tests
	@$(VENV)/python -m bench carte $(BENCH_ARGS)

.PHONY: captures
captures: setup db ## Refait les images de la documentation (docs/images/) d'après la commune fictive
	@sh outils/paquets.sh tests
	@$(VENV)/python -m outils.captures $(CAPTURES_ARGS)

.PHONY: verrou
verrou: setup ## Recalcule les versions verrouillées après un changement de requirements*.in ou de package.json
	@$(VENV)/python -m outils.verrou

.PHONY: clean
clean: stop ## Arrête tout et efface ce qui se refait, la base et ses données comprises
	rm -rf .venv .var node_modules static/vendor static/.vendor-en-cours staticfiles
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
