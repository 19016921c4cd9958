"""Public simulators: the same answers as the commands, shareable addresses, faults said in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.urba.outils_urba import VECTEURS, traiter
from tests.urba.test_vecteurs_urba import EXEMPLES

CODES = {
    "calculer_delai": "delai",
    "calculer_echeances": "echeances",
    "simuler_taxe": "taxe-amenagement",
    "lire_numero": "numero",
}
OUI_NON = {"fondee", "exigible", "accord"}


def requete(cas: dict[str, Any]) -> str:
    """A case as the form would send it."""
    paires: list[tuple[str, str]] = []

    def ecrire(nom: str, cle: str, valeur: Any) -> None:
        if isinstance(valeur, bool):
            if cle in OUI_NON:
                paires.append((nom, "oui" if valeur else "non"))
            elif valeur:
                paires.append((nom, "on"))
        elif valeur is not None:
            # A list of the form holds the types in capitals.
            paires.append((nom, str(valeur).upper() if nom == "type" else str(valeur)))

    for cle, valeur in cas.items():
        if isinstance(valeur, dict):
            for sous, v in valeur.items():
                ecrire(f"{cle}-{sous}", sous, v)
        elif isinstance(valeur, list) and valeur and isinstance(valeur[0], dict):
            for i, objet in enumerate(valeur):
                for sous, v in objet.items():
                    ecrire(f"{cle}-{i}-{sous}", sous, v)
        elif isinstance(valeur, list):
            paires += [(cle, str(v)) for v in valeur]
        else:
            ecrire(cle, cle, valeur)
    return urlencode(paires)


def reponse(client: Client, code: str, cas: dict[str, Any]) -> Any:
    return client.get(f"/simulateurs/{code}/?{requete(cas)}&format=json")


@pytest.mark.parametrize(("commande", "cas", "_attendu"), EXEMPLES)
def test_la_page_repond_comme_la_commande(db, client, commande, cas, _attendu):
    obtenue = reponse(client, CODES[commande], cas)
    assert obtenue.status_code == 200
    assert obtenue.json() == traiter(commande, cas)


def test_les_vecteurs_passent_par_la_page(db, client):
    """Each shared vector that a form can write; rows of an empty object it cannot."""
    passes = 0
    for vecteur in VECTEURS:
        commande, cas = vecteur["commande"], vecteur["entree"]
        if commande not in CODES or "erreur" in vecteur["attendu"] or not _exprimable(cas):
            continue
        obtenue = reponse(client, CODES[commande], cas)
        assert obtenue.status_code == 200, (cas, obtenue.json())
        assert obtenue.json() == traiter(commande, cas), cas
        passes += 1
    assert passes > 40


def _exprimable(cas: Any) -> bool:
    if not isinstance(cas, dict):
        return False
    objets = [o for v in cas.values() if isinstance(v, list) for o in v if isinstance(o, dict)]
    objets += [v for v in cas.values() if isinstance(v, dict)]
    return all(o and any(v not in (None, False) or k in OUI_NON for k, v in o.items()) for o in objets)


@pytest.mark.parametrize("code", CODES.values())
def test_la_page_vide_et_son_exemple(db, client, code):
    page = client.get(f"/simulateurs/{code}/")
    assert page.status_code == 200
    assert "sans valeur juridique" in page.content.decode()
    assert 'id="resultat"' not in page.content.decode()
    from mairie import simulateurs

    un = simulateurs.simulateur(code)
    page = client.get(f"/simulateurs/{code}/?{un.exemple}").content.decode()
    assert 'id="resultat"' in page
    assert "http://testserver/simulateurs/" in page


def test_un_delai_explique(db, client):
    page = client.get(
        "/simulateurs/delai/?type=PCMI&depot=2026-02-15&majorations-0-code=ABF_ABORDS_SPR"
        "&majorations-0-notifiee_le=2026-03-05"
    ).content.decode()
    assert "La mairie doit avoir répondu au plus tard le vendredi 15 mai 2026." in page
    assert "permis tacite le lendemain" in page
    assert "R.423-24 c" in page
    assert "15/02/2026 + 3 mois = 15/05/2026." in page


def test_une_taxe_ligne_par_ligne(db, client):
    page = client.get("/simulateurs/taxe-amenagement/?annee=2026&zone=HORS_IDF&taux-communal=5"
                      "&taux-departemental=2,5&locaux-0-categorie=RESIDENCE_PRINCIPALE&locaux-0-surface_m2=120"
                      ).content.decode()  # fmt: skip
    assert "Résidence principale, 100 premiers m²" in page
    # (100 × 446 + 20 × 892) × 7,5 % = 4 683,00
    assert "4\u202f683,00 €" in page


@pytest.mark.parametrize(
    ("adresse", "message"),
    [
        ("delai/?type=PC&depot=2025-02-30", "« 2025-02-30 » n&#x27;est pas une date du calendrier"),
        ("delai/?type=PC", "Ce champ est obligatoire."),
        ("delai/?type=XX&depot=2026-01-01", "« XX » n&#x27;est pas un choix de cette liste."),
        ("delai/?type=PC&depot=2016-01-01", "à partir du 01/04/2017"),
        ("delai/?type=CUA&depot=2026-01-01&nature=MODIFICATIF", "Pas de demande de nature MODIFICATIF"),
        (
            "delai/?type=PC&depot=2026-01-10&majorations-0-code=CDPENAF&majorations-0-notifiee_le=2026-01-02",
            "Cette date précède le dépôt.",
        ),
        (
            "delai/?type=PC&depot=2026-01-10&majorations-0-notifiee_le=2026-01-12",
            "Ce champ est obligatoire.",
        ),
        (
            "echeances/?type=PC&decision-sens=accord&decision-signee_le=2026-01-05&travaux_interrompus_depuis=2026-05-01",
            "remplissez « Chantier déclaré ouvert le »",
        ),
        ("echeances/?type=PC&decision-signee_le=2026-01-05", "Ce champ est obligatoire."),
        (
            "taxe-amenagement/?annee=2026&zone=HORS_IDF&taux-communal=cinq",
            "« cinq » n&#x27;est pas un nombre que l&#x27;on sait lire",
        ),
        ("taxe-amenagement/?annee=2026&zone=HORS_IDF&taux-communal=12", "Taux communal attendu"),
        (
            "taxe-amenagement/?annee=2026&zone=HORS_IDF&taux-communal=5&locaux-0-categorie=BUREAU"
            "&locaux-0-surface_m2=10&locaux-0-logements=0",
            "Nombre entier attendu, de 1",
        ),
        ("numero/?numero=PC+999", "numéro"),
    ],
)
def test_une_saisie_fautive_est_dite_en_mots(db, client, adresse, message):
    page = client.get(f"/simulateurs/{adresse}")
    assert page.status_code == 200
    texte = page.content.decode()
    assert message in texte
    assert "à corriger" in texte
    assert 'id="resultat"' not in texte
    assert "JSON" not in texte
    assert client.get(f"/simulateurs/{adresse}&format=json").status_code == 422


def test_une_ligne_de_plus_suit_celles_remplies(db, client):
    page = client.get(
        "/simulateurs/taxe-amenagement/?annee=2026&zone=HORS_IDF&taux-communal=5"
        "&locaux-0-categorie=BUREAU&locaux-0-surface_m2=10&locaux-1-categorie=COMMERCE&locaux-1-surface_m2=5"
    ).content.decode()
    assert 'name="locaux-2-categorie"' in page
    assert 'name="locaux-3-categorie"' not in page


def test_l_index_et_l_accueil_y_menent(db, client):
    page = client.get("/simulateurs/").content.decode()
    for code in CODES.values():
        assert f'href="/simulateurs/{code}/"' in page
    assert 'href="/simulateurs/"' in client.get("/").content.decode()
    assert client.get("/simulateurs/rien/").status_code == 404
