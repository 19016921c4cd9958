"""Technical data by form: fields of each kind, warnings, the tax that they feed, two agents at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.urba.fabrique_urba import dossier
from tests.urba.test_ecrans_urba import aller, client_de, texte  # noqa: F401
from urba import technique
from urba.models import DonneesTechniques
from urba.regles.donnees_techniques import cas_taxe, incoherences, surface_apres

MAISON = {
    "nature_travaux": "nouvelle",
    "utilisation": "principale",
    "surfaces": [{"destination": "habitation", "creee": "120"}],
    "logements": {"individuels": 1},
    "stationnement": {"exterieures": 2},
    "installations": {"piscine_m2": "32"},
    "taux": {"communal": "5", "departemental": "2.5"},
}


def ligne(destination: str = "habitation", **colonnes: str) -> dict[str, str]:
    return {"destination": destination, **colonnes}


@pytest.mark.parametrize(
    ("donnees", "codes"),
    [
        (MAISON, []),
        ({"nature_travaux": "existante", "surfaces": [ligne(creee="10")]}, ["S01"]),
        ({"nature_travaux": "existante", "surfaces": [ligne(creee="10", existante="1")]}, []),
        ({"surfaces": [ligne(existante="10", demolie="11")]}, ["S02"]),
        ({"surfaces": [ligne(existante="10", demolie="10")]}, []),
        ({"surfaces": [ligne(demolie="1")]}, ["S02", "S03"]),
        ({"surfaces": [ligne(existante="10", supprimee_transfo="5")]}, ["S04"]),
        (
            {"surfaces": [ligne(existante="10", supprimee_transfo="5"), ligne("bureaux", issue_transfo="5")]},
            [],
        ),
        ({"surfaces": [ligne(issue_transfo="5", supprimee_transfo="5")]}, ["S05"]),
        ({"logements": {"demolis": 1}}, ["S06"]),
        ({"logements": {"demolis": 1}, "surfaces": [ligne(existante="5", demolie="5")]}, []),
        ({"logements": {"collectifs": 2}, "surfaces": [ligne("bureaux", creee="5")]}, ["S07"]),
    ],
)
def test_les_incoherences_sont_dites(donnees, codes):
    assert [i.code for i in incoherences(donnees)] == codes


def test_la_surface_apres_travaux():
    x = ligne(
        existante="100", creee="20", issue_transfo="5", supprimee_transfo="4", demolie="3", transformee="2"
    )
    assert surface_apres(x) == Decimal(116)


def test_le_cas_de_la_taxe_suit_les_destinations():
    donnees = {
        **MAISON,
        "surfaces": [
            ligne(creee="50", existante="80"),
            ligne("commerce", creee="10"),
            ligne("agriculture", existante="9"),
        ],
    }
    assert cas_taxe(donnees, 2026, "25999") == {
        "annee": 2026,
        "zone": "HORS_IDF",
        "taux": {"communal": "5", "departemental": "2.5"},
        "locaux": [
            {
                "categorie": "RESIDENCE_PRINCIPALE",
                "surface_m2": "50",
                "logements": 1,
                "surface_existante_m2": "80",
            },
            {"categorie": "COMMERCE", "surface_m2": "10"},
        ],
        "installations": {"piscine_m2": "32", "stationnements": 2},
    }
    assert cas_taxe(donnees, 2026, "78001")["zone"] == "IDF"
    assert cas_taxe({**donnees, "utilisation": "secondaire"}, 2026, "25999")["locaux"][0] == {
        "categorie": "RESIDENCE_SECONDAIRE",
        "surface_m2": "50",
    }
    assert cas_taxe({**donnees, "taux": {}}, 2026, "25999") is None
    assert cas_taxe({"taux": {"communal": "5"}}, 2026, "25999") is None


def test_ce_qui_est_garde_se_relit_tel_quel():
    lu = technique.Saisie(technique._cadre("PCMI"), technique.en_requete(MAISON))
    assert lu.valide()
    assert lu.cas() == MAISON


# --- on a dossier -------------------------------------------------------------------------------


def champs(donnees: dict) -> dict:
    return dict(technique.en_requete(donnees).lists())


@pytest.mark.django_db
def test_saisir_puis_voir_la_taxe(aller):  # noqa: F811
    d = dossier("PCMI")
    client = client_de("guichet")
    adresse = f"/urba/dossiers/{d.pk}/technique/"
    page = client.get(adresse)
    assert "Surfaces de plancher par destination" in texte(page)
    vue = page.context["vue"]
    assert client.post(adresse, {**champs(MAISON), "vue": vue}).status_code == 302
    assert DonneesTechniques.objects.get(dossier=d).donnees == MAISON
    assert DonneesTechniques.objects.get(dossier=d).cerfa == "13406"
    page = client.get(f"/urba/dossiers/{d.pk}/")
    # The worked example of the specification (§13.3).
    assert "environ 5 724,60 €" in texte(page)
    assert "/simulateurs/taxe-amenagement/?annee=2026" in page.content.decode()
    assert 'value="120"' in client.get(adresse).content.decode()


@pytest.mark.django_db
def test_deux_agents_a_la_fois_le_second_est_prevenu(aller):  # noqa: F811
    d = dossier("PCMI")
    un, deux = client_de("guichet"), client_de("instructeur")
    adresse = f"/urba/dossiers/{d.pk}/technique/"
    vue = un.get(adresse).context["vue"]
    un.post(adresse, {**champs(MAISON), "vue": vue})
    autre = {**MAISON, "surfaces": [ligne(creee="99")]}
    reponse = deux.post(adresse, {**champs(autre), "vue": vue})
    assert reponse.status_code == 422
    assert "Un autre agent vient d'enregistrer" in texte(reponse)
    assert 'value="99"' in reponse.content.decode()
    assert DonneesTechniques.objects.get(dossier=d).donnees == MAISON
    deux.post(adresse, {**champs(autre), "vue": reponse.context["vue"]})
    assert DonneesTechniques.objects.get(dossier=d).donnees == autre


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("faute", "message"),
    [
        ({"surfaces-0-creee": "cent"}, "« cent » n'est pas un nombre que l'on sait lire"),
        ({"surfaces-0-destination": ""}, "Ce champ est obligatoire."),
        ({"logements-individuels": "-1"}, "supérieure ou égale à 0"),
    ],
)
def test_une_saisie_fautive_garde_tout(aller, faute, message):  # noqa: F811
    d = dossier("PCMI")
    client = client_de("guichet")
    adresse = f"/urba/dossiers/{d.pk}/technique/"
    vue = client.get(adresse).context["vue"]
    reponse = client.post(adresse, {**champs(MAISON), "vue": vue, **faute})
    assert reponse.status_code == 422
    assert message in texte(reponse)
    assert 'value="32"' in reponse.content.decode()
    assert DonneesTechniques.objects.get(dossier=d).donnees == {}


@pytest.mark.django_db
def test_les_blocs_sont_ceux_du_type(aller):  # noqa: F811
    assert "Lots" in texte(client_de("guichet").get(f"/urba/dossiers/{dossier('PA').pk}/technique/"))
    lotir = texte(client_de("guichet").get(f"/urba/dossiers/{dossier('DPLT').pk}/technique/"))
    assert "Lots" in lotir and "Logements" not in lotir
    assert client_de("guichet").get(f"/urba/dossiers/{dossier('CUA').pk}/technique/").status_code == 404


@pytest.mark.django_db
def test_qui_lit_seulement_ne_saisit_pas(aller):  # noqa: F811
    d = dossier("PCMI")
    assert client_de("lecture").get(f"/urba/dossiers/{d.pk}/technique/").status_code == 403
    assert "Saisir les données techniques" not in texte(client_de("lecture").get(f"/urba/dossiers/{d.pk}/"))
