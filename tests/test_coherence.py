"""Tests on the code base itself: layout, layers, driver, migrations, access marks, what may be committed."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

RACINE = Path(__file__).resolve().parent.parent
APPS = ["gis_data", "mairie", "cadastre", "urba", "domainepublic", "assainissement", "erp"]
METIERS = APPS[3:]
LIGNES_MAX = 600
# A style sheet is a flat list of rules, read by searching.
LIGNES_MAX_CSS = 1000
TERRITOIRES = ["2154", "5490", "2972", "2975", "4471", "4467"]
# Locks and licence are long by nature; migrations are written by Django.
SANS_LIMITE = re.compile(
    r"(^|/)migrations/|^requirements.*\.txt$|^package-lock\.json$|^LICENSE$|\.(json|svg|po|csv)$"
)


@cache
def fichiers_suivis() -> tuple[str, ...]:
    """Files git follows or would follow, whoever owns the folder."""
    r = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=RACINE,
        capture_output=True,
        text=True,
        check=False,
    )
    if r.returncode:
        pytest.skip("ce dossier n'est pas un dépôt git : les fichiers suivis ne sont pas connus")
    return tuple(f for f in r.stdout.splitlines() if (RACINE / f).is_file())


@cache
def textes() -> dict[str, str]:
    """Content of the followed text files."""
    contenus = {}
    for nom in fichiers_suivis():
        octets = (RACINE / nom).read_bytes()
        if b"\0" not in octets:
            contenus[nom] = octets.decode()
    return contenus


def sources_python() -> list[str]:
    return [nom for nom in fichiers_suivis() if nom.endswith(".py")]


def lancer(*commande: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run this environment's Python at the root of the project."""
    return subprocess.run(
        [sys.executable, *commande],
        cwd=RACINE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", **env},
        capture_output=True,
        text=True,
        check=False,
    )


# --- layout and layers --------------------------------------------------------------------------


def test_les_imports_vont_dans_un_seul_sens():
    r = lancer("-c", "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert r.returncode == 0, r.stdout + r.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", r.stdout), r.stdout


def test_toutes_les_applications_existent():
    installees = {a.name for a in apps.get_app_configs()}
    assert set(APPS) <= installees
    for nom in (*APPS, "config", "templates", "static", "tests", "docs"):
        assert (RACINE / nom).is_dir(), nom


def test_aucun_metier_n_en_importe_un_autre():
    """import-linter says the same; this one also reads the imports made inside functions and migrations."""
    fautes = []
    for nom in sources_python():
        paquet = nom.split("/")[0]
        if paquet in METIERS:
            fautes += [
                f"{nom} : {m}" for m in modules_importes(nom) if m.split(".")[0] in set(METIERS) - {paquet}
            ]
    assert fautes == []


def modules_importes(nom: str) -> set[str]:
    """Absolute names of all modules a source file imports, wherever in the file."""
    noms: set[str] = set()
    for noeud in ast.walk(ast.parse(textes()[nom])):
        if isinstance(noeud, ast.Import):
            noms |= {a.name for a in noeud.names}
        elif isinstance(noeud, ast.ImportFrom) and noeud.module and not noeud.level:
            noms.add(noeud.module)
    return noms


def test_les_regles_sont_du_python_pur():
    """`regles/` holds the law: no Django, no database, no clock of its own."""
    fautes = []
    for nom in sources_python():
        if re.match(r"[a-z_]+/regles/", nom):
            fautes += [
                f"{nom} importe {m}"
                for m in modules_importes(nom)
                if m.split(".")[0] in {"django", "psycopg2"}
            ]
            fautes += [
                f"{nom} lit la date du jour ({trouve})"
                for trouve in re.findall(
                    r"\b(?:date\.today|datetime\.now|timezone\.now|localdate)\(", textes()[nom]
                )
            ]
    assert fautes == []


def test_aucun_fichier_trop_long():
    longueurs = {}
    for nom, contenu in textes().items():
        limite = LIGNES_MAX_CSS if nom.endswith(".css") else LIGNES_MAX
        if contenu.count("\n") > limite and not SANS_LIMITE.search(nom):
            longueurs[nom] = contenu.count("\n")
    assert longueurs == {}, "à couper par sujet"


# --- what may be committed ----------------------------------------------------------------------


def test_aucun_chemin_de_machine_ni_hote_de_registre():
    interdits = {
        "/" + "work/",
        "/" + "tmp/w/",
        "/" + "root/",
        "/" + "home/",
        "/" + "opt/wheels",
        "pypi" + ".org",
        "python" + "hosted.org",
        "registry." + "npmjs",
        "deb." + "debian.org",
    }
    fautes = [f"{nom} : {mot}" for nom, contenu in textes().items() for mot in interdits if mot in contenu]
    assert fautes == []


def test_aucun_fichier_tiers():
    tiers = re.compile(
        r"(^|/)(node_modules|vendor|third_party|site-packages)/|\.(woff2?|ttf|otf|eot|map|whl|tgz)$"
        r"|\.min\.(js|css|mjs)$|(^|/)(leaflet|bootstrap|htmx|maplibre|jquery)[-.\d]*\.(js|css|mjs)$"
    )
    assert [nom for nom in fichiers_suivis() if tiers.search(nom)] == []


def test_aucune_donnee_du_cadastre_n_est_versee():
    """Real sheets lie beside the project, never in it."""
    edigeo = re.compile(r"\.(vec|qal|thf|geo|scd|dic|gen)$|edigeo-.*\.(tar|bz2|zip|tgz)", re.IGNORECASE)
    assert [nom for nom in fichiers_suivis() if edigeo.search(nom)] == []


def test_aucun_reste_a_faire():
    reste = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|X" + "XX|HA" + r"CK)\b")
    fautes = [nom for nom in sources_python() if reste.search(textes()[nom])]
    fautes += [
        nom
        for nom, c in textes().items()
        if nom.endswith((".js", ".mjs", ".css", ".html")) and reste.search(c)
    ]
    assert fautes == []


def test_les_identifiants_sont_sans_accent():
    fautes = []
    for nom in sources_python():
        with tokenize.open(RACINE / nom) as f:
            fautes += [
                f"{nom}:{j.start[0]} {j.string}"
                for j in tokenize.generate_tokens(f.readline)
                if j.type == tokenize.NAME and not j.string.isascii()
            ]
    assert fautes == []


# --- locks --------------------------------------------------------------------------------------


def versions(verrou: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9.-]+)==(\S+) \\$", textes()[verrou]))


def test_les_verrous_python_ont_empreintes_et_aucun_hote():
    for verrou in ("requirements.txt", "requirements-dev.txt"):
        texte = textes()[verrou]
        assert len(versions(verrou)) > 10
        blocs = re.split(r"(?m)^(?=[a-z])", texte)[1:]
        assert [b.split("\n")[0] for b in blocs if "--hash=sha256:" not in b] == []
        assert not re.search(r"://|--index-url|--find-links|--extra-index|--trusted-host", texte)


def test_les_deux_verrous_python_disent_les_memes_versions():
    execution, developpement = versions("requirements.txt"), versions("requirements-dev.txt")
    assert {n: v for n, v in execution.items() if developpement.get(n) != v} == {}


def test_ce_qui_est_demande_est_verrouille():
    for nom in ("requirements", "requirements-dev"):
        demandes = re.findall(r"(?m)^([A-Za-z][A-Za-z0-9._-]*)", textes()[f"{nom}.in"])
        verrouilles = set(versions(f"{nom}.txt"))
        assert {d for d in demandes if re.sub(r"[-_.]+", "-", d).lower() not in verrouilles} == set()


def test_le_verrou_npm_a_ses_empreintes_et_aucun_registre():
    verrou = json.loads(textes()["package-lock.json"])
    paquets = {nom: p for nom, p in verrou["packages"].items() if nom}
    assert [nom for nom, p in paquets.items() if "integrity" not in p or "resolved" in p] == []
    demandes = json.loads(textes()["package.json"])
    for genre in ("dependencies", "devDependencies"):
        assert verrou["packages"][""].get(genre) == demandes.get(genre)
        for nom, version in demandes.get(genre, {}).items():
            assert paquets[f"node_modules/{nom}"]["version"] == version


def test_les_fichiers_statiques_nommes_par_les_gabarits_existent():
    servis = {f"vendor/{cible}" for cible in json.loads(textes()["static/vendor.json"])}
    fournis = ("leaflet/", "ninja/", "admin/")
    fautes = []
    for nom, contenu in textes().items():
        if "/templates/" in f"/{nom}":
            for chemin in re.findall(r"""{%\s*static\s+['"]([^'"]+)['"]""", contenu):
                if not (
                    (RACINE / "static" / chemin).is_file() or chemin in servis or chemin.startswith(fournis)
                ):
                    dans_une_app = any((RACINE / a / "static" / chemin).is_file() for a in APPS)
                    fautes += [] if dans_une_app else [f"{nom} : {chemin}"]
    assert fautes == []


def test_tous_les_gabarits_se_compilent():
    """A broken tag shows only on the page that uses it, otherwise."""
    fautes = []
    for nom in fichiers_suivis():
        _, trouve, gabarit = f"/{nom}".rpartition("/templates/")
        if trouve and nom.endswith((".html", ".txt", ".svg")):
            try:
                get_template(gabarit)
            except TemplateSyntaxError as e:
                fautes.append(f"{nom} : {e}")
            except TemplateDoesNotExist as e:
                fautes.append(f"{nom} : gabarit absent {e}")
    assert fautes == []


# --- Django -------------------------------------------------------------------------------------


def test_psycopg2_est_le_pilote():
    """Django prefers psycopg 3 as soon as any dependency installs it."""
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    assert not is_psycopg3
    assert "psycopg" not in {n.split("[")[0] for n in versions("requirements-dev.txt")}


@pytest.mark.parametrize("srid", TERRITOIRES)
def test_aucune_migration_ne_manque(srid):
    """The legal projection is a setting: models and migrations must agree under each of them."""
    r = lancer("manage.py", "makemigrations", "--check", "--dry-run", TERRITOIRE_SRID=srid)
    assert r.returncode == 0, r.stdout + r.stderr


@pytest.mark.parametrize("nom", ["base", "demo", "test", "production"])
def test_les_reglages_n_ecrivent_rien(nom):
    r = lancer("-c", f"import config.settings.{nom}", SECRET_KEY="x" * 60, ALLOWED_HOSTS="exemple.invalid")
    assert (r.returncode, r.stdout, r.stderr) == (0, "", "")


def test_la_production_exige_ses_secrets():
    """No default key, no default host: the server refuses to start without them."""
    env = {k: v for k, v in os.environ.items() if k not in ("SECRET_KEY", "ALLOWED_HOSTS")}
    r = subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        cwd=RACINE,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert r.returncode != 0
    assert "SECRET_KEY" in r.stderr


def test_les_reglages_ne_deboguent_jamais():
    for nom in ("base", "demo", "production"):
        r = lancer(
            "-c",
            f"import config.settings.{nom} as s; print(s.DEBUG)",
            SECRET_KEY="x" * 60,
            ALLOWED_HOSTS="exemple.invalid",
        )
        assert r.stdout.strip() == "False", nom


def test_toute_base_vient_des_migrations_et_d_elles_seules():
    """The extensions are created by migrations, so that any empty PostGIS database will do."""
    texte = "".join(c for nom, c in textes().items() if "/migrations/" in nom)
    for operation in ("UnaccentExtension", "TrigramExtension", "BtreeGistExtension"):
        assert operation in texte
    assert settings.DATABASES["default"]["ENGINE"] == "django.contrib.gis.db.backends.postgis"


def test_chaque_commande_make_citee_existe():
    cibles = set(re.findall(r"(?m)^([a-z-]+):", textes()["Makefile"]))
    assert {"setup", "db", "demo", "stop", "test", "bench", "bench-departement", "check", "clean"} <= cibles
    cites = {
        (nom, cible)
        for nom, contenu in textes().items()
        if nom.endswith((".md", ".py", "run"))
        for cible in re.findall(r"(?:`|« )make ([a-z-]+)", contenu)
    }
    assert {c for c in cites if c[1] not in cibles} == set()


def test_chaque_operation_de_l_api_dit_qui_peut_l_appeler():
    """The API's operations bear the same marks as views."""
    from config.api import api

    operations = [
        operation
        for _, routeur in api._routers
        for chemin in routeur.path_operations.values()
        for operation in chemin.operations
    ]
    fautes = [
        f"{operation.methods} {operation.view_func.__qualname__}"
        for operation in operations
        if not getattr(operation.view_func, "acces", None)
    ]
    assert len(operations) >= 10
    assert fautes == []


# Their own dress: a filter's chip, the textarea that a drawing replaces, the small list in the map's corner.
CHAMPS_A_PART = ("mairie/ecrans/filtres/_puce.html", "gis_data/dessin/champ.html", "gis_data/_carte.html")


def test_chaque_champ_ecrit_dans_un_gabarit_porte_l_habit_des_autres():
    """A field written by hand looks like those that forms make."""
    nus = [
        f"{nom} : {' '.join(balise.split())[:80]}"
        for nom, contenu in textes().items()
        if nom.startswith("templates/") and not nom.endswith(CHAMPS_A_PART)
        for balise in re.findall(r"<(?:select|textarea|input)\b[^>]*>", contenu)
        if not re.search(r'type="(?:hidden|checkbox|radio|range|submit|button)"', balise)
        and not re.search(r"form-(?:control|select)", balise)
    ]
    assert nus == []
