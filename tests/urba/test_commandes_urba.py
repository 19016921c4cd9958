"""The batch commands: files, standard input, exit codes, no database."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

COMMANDES = ["calculer_delai", "calculer_echeances", "simuler_taxe", "lire_numero"]
RACINE = Path(__file__).resolve().parent.parent.parent


def lancer(commande: str, fichier: Path | str) -> str:
    sortie, erreurs = io.StringIO(), io.StringIO()
    call_command(commande, str(fichier), stdout=sortie, stderr=erreurs)
    assert erreurs.getvalue() == ""
    return sortie.getvalue()


def ecrire(dossier: Path, contenu: bytes) -> Path:
    fichier = dossier / "lot.json"
    fichier.write_bytes(contenu)
    return fichier


@pytest.mark.parametrize("commande", COMMANDES)
def test_liste_vide(commande: str, tmp_path: Path) -> None:
    assert json.loads(lancer(commande, ecrire(tmp_path, b"[]"))) == []


@pytest.mark.parametrize("commande", COMMANDES)
@pytest.mark.parametrize(
    ("contenu", "dit"),
    [
        (b"{}", "liste JSON"),
        (b"", "JSON lisible"),
        (b'[{"type": "PC"', "ligne 1"),
        (b"[\xe9]", "UTF-8"),
        (b"[Infinity]", "Infinity"),
    ],
)
def test_fichier_illisible(commande: str, contenu: bytes, dit: str, tmp_path: Path) -> None:
    sortie = io.StringIO()
    with pytest.raises(CommandError, match=dit) as e:
        call_command(commande, str(ecrire(tmp_path, contenu)), stdout=sortie)
    assert e.value.returncode == 2 and sortie.getvalue() == ""
    assert "lot.json" in str(e.value)


@pytest.mark.parametrize("commande", COMMANDES)
def test_fichier_absent_ou_dossier(commande: str, tmp_path: Path) -> None:
    for chemin in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(CommandError, match="introuvable ou illisible") as e:
            lancer(commande, chemin)
        assert e.value.returncode == 2


def test_un_cas_fautif_ne_touche_pas_les_autres(tmp_path: Path) -> None:
    lot = [{"type": "PC", "depot": "2025-02-30"}, {"type": "DP", "depot": "2025-03-12"}, 7, {"é": 1}]
    contenu = b"\xef\xbb\xbf" + json.dumps(lot, ensure_ascii=False).encode()
    resultats = json.loads(lancer("calculer_delai", ecrire(tmp_path, contenu)))
    assert resultats[0] == {"erreur": {"champ": "depot", "message": "Cette date n'existe pas."}}
    assert resultats[1]["date_limite"] == "2025-04-12"
    assert [r["erreur"]["champ"] for r in resultats[2:]] == ["cas", "é"]


def test_nombre_demesure_n_est_la_faute_que_de_son_cas(tmp_path: Path) -> None:
    contenu = b'[{"annee": ' + b"9" * 6000 + b'}, {"annee": 1e99999999999999999999}, {"annee": 2025}]'
    resultats = json.loads(lancer("simuler_taxe", ecrire(tmp_path, contenu)))
    assert [r["erreur"]["champ"] for r in resultats] == ["annee", "annee", "zone"]


def test_demi_caractere_dans_un_champ(tmp_path: Path) -> None:
    sortie = lancer("lire_numero", ecrire(tmp_path, b'[{"\\ud800": 1}]'))
    assert json.loads(sortie)[0]["erreur"]["champ"] == "\ud800"


def test_entree_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    lot = json.dumps([{"numero": "PC 013 055 24 00012"}])
    for flux in (io.StringIO(lot), io.TextIOWrapper(io.BytesIO(lot.encode()))):
        monkeypatch.setattr(sys, "stdin", flux)
        assert json.loads(lancer("lire_numero", "-"))[0]["insee"] == "13055"


def processus(
    *arguments: str, entree: bytes = b"", **environnement: str
) -> subprocess.CompletedProcess[bytes]:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": "postgis://personne@127.0.0.1:9/rien",
        **environnement,
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=RACINE, input=entree, env=env, capture_output=True, check=False
    )


def test_par_le_processus_sans_base_de_donnees() -> None:
    cas: list[Any] = [{"annee": 2026, "zone": "IDF", "taux": {"communal": 5}, "archeologie": "oui"}]
    cas.append({"annee": 2026, "zone": "IDF", "taux": {"communal": 5}})
    fait = processus(
        "manage.py", "simuler_taxe", "-", entree=json.dumps(cas).encode(), PYTHONIOENCODING="ascii"
    )
    assert fait.returncode == 0, fait.stderr
    faute, bon = json.loads(fait.stdout)
    assert faute["erreur"]["champ"] == "archeologie"
    assert bon["avertissement"].startswith("Simulation sans valeur juridique") and bon["total"] == "0.00"

    refus = processus("manage.py", "simuler_taxe", "-", entree=b"{}")
    assert refus.returncode == 2 and refus.stdout == b""
    assert "liste JSON" in refus.stderr.decode()


def test_les_regles_n_importent_pas_django() -> None:
    modules = sorted(
        ".".join(p.relative_to(RACINE).with_suffix("").parts)
        for dossier in ("urba/regles", "urba/contrats")
        for p in (RACINE / dossier).glob("*.py")
        if p.stem != "__init__"
    )
    assert len(modules) > 15
    code = f"import sys, {', '.join(modules)}; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    fait = processus("-c", code)
    assert (fait.returncode, fait.stdout.strip()) == (0, b"[]"), fait.stderr
