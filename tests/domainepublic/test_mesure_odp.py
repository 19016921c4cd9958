"""Measuring a drawing for the public price: quantity, unit and zones; the same amount as the command."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon
from django.test import Client

from domainepublic import tarifs
from domainepublic.models import DossierODP, Emprise, ZoneTarifaire
from domainepublic.regles.redevance import simuler_redevance
from gis_data.dessin.lecture import en_geojson
from mairie.models import Brouillon
from tests.domainepublic.fabrique_odp import dossier, emprise, ligne, point, rect, type_
from tests.domainepublic.test_ecrans_odp import texte
from tests.domainepublic.test_entre_numeros import poser_rue
from tests.domainepublic.test_redevances_odp import grille
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("types")
ICI = "/domaine-public/mesurer/"
SIMULATEUR = "/simulateurs/redevance/"
JUIN = {"occupation-debut": "2026-06-01", "occupation-fin": "2026-06-30"}


@pytest.fixture
def types(aller) -> None:
    type_("BENNE")


def dessin(geom) -> str:
    return json.dumps(en_geojson(shapely.from_wkb(bytes(geom.wkb))))


def mesurer(type_code: str, geom=None, *, script: bool = True, **champs):
    corps = {"type": type_code, "debut": "2026-06-01", "geom": dessin(geom) if geom else "", **champs}
    return Client().post(ICI, corps, headers={"accept": "application/json"} if script else {})


def tarifer(g, type_code: str, unite: str, prix: str = "2.00", zone: str | None = None) -> None:
    type_(type_code)
    code = f"{type_code}{zone or ''}"
    champs = {"type": type_code, "unite": unite, "periode": "jour", "prix": prix}
    tarifs.enregistrer_tarif(g, code, {**champs, "zone": zone} if zone else champs)


def zoner(g, *codes: str) -> None:
    """Zones 10 m wide side by side along the street, from the west."""
    for i, code in enumerate(codes):
        geom = MultiPolygon(rect(10 * i, 30, 10, 10), srid=2154)
        ZoneTarifaire.objects.create(grille=g, code=code, libelle=f"Zone {code}", geom=geom)


@pytest.mark.parametrize(
    ("code", "unite", "geom", "champs", "quantite"),
    [
        ("BENNE", "m2", rect(), {}, "8.00"),
        ("BENNE", "m2", point(), {"rayon": "1"}, "3.14"),
        ("BENNE", "unite", point(), {}, "1.00"),
        ("DEMEN", "ml", ligne(longueur=12), {}, "12.00"),
        ("ECHAF", "m2", ligne(longueur=9), {"largeur": "1,2"}, "10.80"),
        ("ECHAF", "ml", rect(largeur=9, hauteur=1.2), {}, "9.00"),
    ],
)
def test_le_dessin_donne_la_quantite_dans_l_unite_votee(code, unite, geom, champs, quantite):
    g = grille()
    g.tarifs.all().delete()
    tarifer(g, code, unite)
    lu = mesurer(code, geom, **champs)
    assert lu.status_code == 200, lu.json()
    assert lu.json()["champs"] == {
        "occupation-unite": unite, "occupation-quantite": quantite, "occupation-zone": "",
    }  # fmt: skip
    assert lu["Cache-Control"] == "no-store"


def test_entre_deux_numeros_se_mesure_sans_dessiner():
    g = grille()
    tarifer(g, "DEMEN", "ml")
    voie = poser_rue()
    lu = mesurer("DEMEN", voie=voie.pk, numero_du="12", numero_au="18", longueur="12").json()
    assert lu["champs"]["occupation-quantite"] == "12.00"
    assert lu["phrase"] == "Mesuré : 12 m linéaires."


def test_le_prix_mesure_est_celui_de_la_commande_et_du_dossier():
    """Ground over two zones: the page, the engine of the command and the file give one amount."""
    g = grille()
    g.tarifs.all().delete()
    for zone, prix in (("A", "3.00"), ("B", "1.00")):
        tarifer(g, "BENNE", "m2", prix, zone)
    zoner(g, "A", "B")
    sol = rect(7, 31, 4, 2)  # 6 m² in A, 2 m² in B
    lu = mesurer("BENNE", sol).json()
    assert lu["champs"] == {
        "occupation-unite": "m2",
        "zones-0-zone": "A", "zones-0-quantite": "6.00", "zones-1-zone": "B", "zones-1-quantite": "2.00",
    }  # fmt: skip
    assert lu["phrase"] == "Mesuré : 8 m², soit 6 m² en zone A et 2 m² en zone B."
    page = {"occupation-type": "BENNE", **JUIN, "occupation-beneficiaire": "entreprise", **lu["champs"]}
    public = Client().get(SIMULATEUR, {**page, "format": "json"}).json()
    commande = simuler_redevance(
        {
            "grille": tarifs.en_grille([g]),
            "occupation": {
                "type": "BENNE", "debut": "2026-06-01", "fin": "2026-06-30", "beneficiaire": "entreprise",
                "unite": "m2",
                "zones": [{"zone": "A", "quantite": "6.00"}, {"zone": "B", "quantite": "2.00"}],
            },
        }
    )  # fmt: skip
    assert public == commande
    (p,) = tarifs.previsions(dossier(emprise(geom=sol)))
    assert p.montant == Decimal(public["montant_du"]) == Decimal("600.00")
    # Several shares and a total at once would be counted twice.
    double = Client().get(SIMULATEUR, {**page, "occupation-quantite": "8"})
    assert "Laissez ce champ vide" in texte(double)


def test_la_zone_du_milieu_compte_seule_ou_la_grille_le_veut():
    g = grille(zone_mode="zone_centroide")
    g.tarifs.all().delete()
    for zone, prix in (("A", "3.00"), ("B", "1.00")):
        tarifer(g, "BENNE", "m2", prix, zone)
    zoner(g, "A", "B")
    champs = mesurer("BENNE", rect(7, 31, 4, 2)).json()["champs"]
    assert (champs["occupation-zone"], champs["occupation-quantite"]) == ("A", "8.00")
    page = {"occupation-type": "BENNE", **JUIN, **champs}
    lu = Client().get(SIMULATEUR, {**page, "format": "json"}).json()
    assert lu["montant_du"] == "720.00"
    sans = Client().get(SIMULATEUR, {**page, "occupation-zone": ""})
    assert "Dites la zone, ou montrez l'endroit sur la carte." in texte(sans)


def test_sans_zone_dite_la_page_envoie_a_la_carte():
    g = grille()
    g.tarifs.all().delete()
    tarifer(g, "BENNE", "m2", "3.00", "A")
    zoner(g, "A")
    page = texte(Client().get(SIMULATEUR, {"occupation-type": "BENNE", **JUIN, "occupation-quantite": "8"}))
    assert "choisissez-la, ou montrez l'endroit sur la carte" in page


def test_sans_script_la_mesure_rend_le_simulateur_rempli():
    grille()
    reponse = mesurer("BENNE", rect(), script=False, **{"occupation-fin": "2026-06-30"})
    assert reponse.status_code == 302
    adresse = urlsplit(reponse["Location"])
    assert adresse.path == SIMULATEUR
    assert dict(parse_qsl(adresse.query, keep_blank_values=True)) == {
        "occupation-type": "BENNE", **JUIN, "occupation-unite": "m2", "occupation-quantite": "8,00",
        "occupation-zone": "",
    }  # fmt: skip
    assert "240,00 €" in texte(Client().get(reponse["Location"]))
    assert not DossierODP.objects.exists() and not Emprise.objects.exists() and not Brouillon.objects.exists()


@pytest.mark.parametrize(
    ("code", "geom", "attendu"),
    [
        ("BENNE", None, "Montrez l'endroit sur la carte"),
        ("DEMEN", rect(), "Ce dessin doit être une ligne"),
        ("BENNE", rect(50_000), "hors de la commune"),
        ("INCONNU", rect(), "Sélectionnez un choix valide"),
    ],
)
def test_un_dessin_qui_ne_se_mesure_pas_le_dit(code, geom, attendu):
    g = grille()
    tarifer(g, "DEMEN", "ml")
    lu = mesurer(code, geom)
    assert lu.status_code == 422 and attendu in lu.json()["erreur"]
    page = mesurer(code, geom, script=False)
    assert page.status_code == 422 and attendu in texte(page)


def test_un_contour_croise_est_repare_et_dit():
    grille()
    a = rect().coords[0]
    croise = type(rect())((a[0], a[2], a[1], a[3], a[0]), srid=2154)
    assert mesurer("BENNE", croise).json()["phrase"].endswith("Le contour se croisait : il est réparé.")


def test_l_unite_se_tait_et_le_simulateur_prend_celle_du_tarif():
    grille(prix="1.20", frais_dossier="10.60")
    page = texte(Client().get(SIMULATEUR, {"occupation-type": "BENNE", **JUIN, "occupation-quantite": "8"}))
    assert "298,60 €" in page
    vide = texte(Client().get(SIMULATEUR, {"occupation-type": "BENNE", **JUIN}))
    assert "Écrivez la quantité, ou mesurez-la sur la carte" in vide


def test_sans_tarif_vote_il_n_y_a_rien_a_mesurer():
    assert 'id="mesure"' not in Client().get(SIMULATEUR).content.decode()
    lu = mesurer("BENNE", rect())
    assert lu.status_code == 422 and "aucune commune dont les tarifs" in lu.json()["erreur"]
    grille()
    assert 'id="mesure"' in Client().get(SIMULATEUR).content.decode()


def test_ou_plusieurs_communes_ont_vote_celle_de_l_endroit_compte():
    from tests.personnes import AUTRE_INSEE

    grille()
    tarifs.creer_grille(
        insee=AUTRE_INSEE, libelle="Tarifs", deliberation="1", deliberation_le="2025-12-10", du="2026-01-01"
    )
    assert mesurer("BENNE", rect()).json()["champs"]["occupation-insee"] == INSEE
    assert mesurer("BENNE", rect(50_000)).status_code == 422
    champs = {"occupation-type": "BENNE", **JUIN, "occupation-quantite": "8"}
    page = Client().get(SIMULATEUR, {**champs, "occupation-insee": INSEE})
    assert "240,00 €" in texte(page)
    assert "Ce champ est obligatoire" in texte(Client().get(SIMULATEUR, champs))
