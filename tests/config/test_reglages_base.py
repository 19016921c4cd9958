"""Which database the settings choose, from any folder and any shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import grappe
from tests import bases

RACINE = Path(__file__).resolve().parent.parent.parent


def base(cwd: Path = RACINE, **env: str) -> dict[str, object]:
    """DATABASES["default"] as a fresh process sees it."""
    propre = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    programme = (
        "import json; from config.settings.test import DATABASES; print(json.dumps(DATABASES['default']))"
    )
    r = subprocess.run(
        [sys.executable, "-c", programme],
        cwd=cwd,
        env={**propre, "PYTHONPATH": str(RACINE), **env},
        capture_output=True,
        text=True,
        check=True,
    )
    lu: dict[str, object] = json.loads(r.stdout)
    return lu


def test_sans_rien_la_base_privee_sert_depuis_n_importe_quel_dossier(tmp_path):
    for reglage in (base(), base(tmp_path), base(tmp_path, TMPDIR=str(tmp_path))):
        assert reglage["HOST"] == str(grappe.dossier_socket(RACINE))
        assert (reglage["NAME"], reglage["USER"]) == ("urbanisme", "urbanisme")
        assert reglage["ENGINE"] == "django.contrib.gis.db.backends.postgis"


@pytest.mark.parametrize(
    ("url", "hote", "nom"),
    [
        ("postgis://u:m@serveur.invalid:5433/b", "serveur.invalid", "b"),
        ("postgres://u@%2Fvar%2Frun%2Fpostgresql/b", "/var/run/postgresql", "b"),
        ("postgis://urbanisme@%2Fsrv%2Fl%27%C3%A9t%C3%A9/b", "/srv/l'été", "b"),
    ],
)
def test_database_url_remplace_la_base_privee(url, hote, nom):
    reglage = base(DATABASE_URL=url)
    assert (reglage["HOST"], reglage["NAME"]) == (hote, nom)
    assert reglage["ENGINE"] == "django.contrib.gis.db.backends.postgis"


def test_l_adresse_imprimee_est_celle_des_reglages():
    """`python3 -m outils.base_privee url` handed to DATABASE_URL gives the same database."""
    reglage = base(DATABASE_URL=grappe.url_base_par_defaut(RACINE))
    prive = base()
    assert {k: reglage[k] for k in ("HOST", "NAME", "USER")} == {
        k: prive[k] for k in ("HOST", "NAME", "USER")
    }
    assert str(reglage["PORT"]) == str(prive["PORT"])


def commande(adresse: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=RACINE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": adresse},
        capture_output=True,
        text=True,
        check=False,
    )


def test_une_base_injoignable_se_dit_sans_pile(tmp_path):
    """Port 1 of the machine: nobody listens there."""
    fin = commande("postgis://x@127.0.0.1:1/x", "comparer_millesimes", "--commune", "25999",
                   "--avant", "2019-01-01", "--apres", "2020-01-01")  # fmt: skip
    assert fin.returncode == 1
    assert "La base de données ne répond pas" in fin.stderr and "make db" in fin.stderr
    assert "Traceback" not in fin.stderr
    pile = commande("postgis://x@127.0.0.1:1/x", "showmigrations", "--traceback")
    assert "Traceback" in pile.stderr


def test_des_tables_absentes_se_disent_sans_pile(base_modele, django_db_blocker):
    nom = f"{base_modele}_nue"
    with django_db_blocker.unblock():
        bases.creer_base(nom)
        fin = commande(bases.url(nom), "comparer_millesimes", "--commune", "25999",
                       "--avant", "2019-01-01", "--apres", "2020-01-01")  # fmt: skip
        bases.supprimer_base(nom)
    assert fin.returncode == 1
    assert "La base n'est pas prête" in fin.stderr and "migrate" in fin.stderr
    assert "Traceback" not in fin.stderr
