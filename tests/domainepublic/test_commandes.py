"""Contract of the commands: list in, list out, exit codes, no database."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.appels import champ_en_erreur, executer, un
from tests.domainepublic.appels import cas_redevance

COMMANDES = ["simuler_redevance", "detecter_conflits", "nature_acte", "echeances_odp", "charge_dialog"]
RACINE = Path(__file__).parents[2]


@pytest.mark.parametrize("commande", COMMANDES)
def test_liste_vide_donne_liste_vide(commande):
    assert executer(commande, []) == []


@pytest.mark.parametrize("commande", COMMANDES)
@pytest.mark.parametrize("cas", [None, 3, "texte", [], True])
def test_un_cas_qui_n_est_pas_un_objet_est_une_erreur_sans_champ(commande, cas):
    assert champ_en_erreur(commande, cas) == ""


def test_un_cas_en_erreur_n_arrete_pas_les_autres_et_l_ordre_est_garde():
    reponses = executer("simuler_redevance", [cas_redevance(), 3, cas_redevance(quantite="2")])
    assert [reponse.get("montant_du") for reponse in reponses] == ["10.00", None, "20.00"]


@pytest.mark.parametrize("commande", COMMANDES)
@pytest.mark.parametrize("contenu", ["{}", "3", '"liste"', "[1", "", "pas du json", "[" * 100_000])
def test_une_entree_qui_n_est_pas_une_liste_sort_en_2(commande, contenu, tmp_path):
    fichier = tmp_path / "cas.json"
    fichier.write_text(contenu)
    sortie = io.StringIO()
    with pytest.raises(CommandError) as erreur:
        call_command(commande, str(fichier), stdout=sortie)
    assert erreur.value.returncode == 2
    assert len(str(erreur.value)) > 20
    assert sortie.getvalue() == ""


def test_un_fichier_absent_sort_en_2(tmp_path):
    with pytest.raises(CommandError, match=r"absent\.json") as erreur:
        call_command("nature_acte", str(tmp_path / "absent.json"))
    assert erreur.value.returncode == 2


def test_un_fichier_qui_n_est_pas_en_utf8_sort_en_2(tmp_path):
    fichier = tmp_path / "latin.json"
    fichier.write_bytes('["é"]'.encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8") as erreur:
        call_command("nature_acte", str(fichier))
    assert erreur.value.returncode == 2


def test_un_fichier_avec_marque_d_ordre_est_lu(tmp_path):
    fichier = tmp_path / "bom.json"
    fichier.write_bytes(b"\xef\xbb\xbf[]")
    sortie = io.StringIO()
    call_command("nature_acte", str(fichier), stdout=sortie)
    assert json.loads(sortie.getvalue()) == []


@pytest.mark.parametrize(("entree", "code"), [("[]", 0), ("{}", 2)])
def test_code_de_sortie_du_processus_sans_base(entree, code):
    """The real process, with a database that does not exist: nothing connects to it."""
    resultat = subprocess.run(
        [sys.executable, "manage.py", "echeances_odp", "-"],
        cwd=RACINE,
        input=entree,
        env={
            "PATH": "/usr/bin",
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": "postgis://personne@nulle-part.invalid/rien",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert resultat.returncode == code, resultat.stderr
    assert resultat.stdout.strip() == ("[]" if code == 0 else "")
    assert bool(resultat.stderr.strip()) == bool(code)


def test_un_nombre_sans_valeur_est_une_faute_de_son_champ():
    cas = cas_redevance(quantite=float("nan"))
    assert champ_en_erreur("simuler_redevance", cas) == "occupation.quantite"


def test_une_cle_inconnue_est_ignoree_et_null_vaut_absent():
    cas = cas_redevance()
    cas["occupation"] |= {"inconnu": 1, "exoneration": None, "zones": None}
    cas["commentaire"] = "?"
    assert un("simuler_redevance", cas)["montant_du"] == "10.00"
