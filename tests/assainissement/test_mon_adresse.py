"""« Mon adresse »: four places of the plan, sentences, prices; an installation is never told."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from assainissement.models import DeliberationTarif, LigneTarif, ReglementService
from mairie.models import Piece
from mairie.pieces.service import deposer
from tests.assainissement.fabrique_anc import IDU, acteur, installation, zone, zone_enjeu
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE
from tests.plan_factice import lonlat

pytestmark = pytest.mark.usefixtures("aller")
PAGE = "/assainissement/mon-adresse/"


@pytest.fixture
def zones(aller):
    """Public sewer in the west, none in the east, at 60 m; bathing in the first 60 m; one tariff."""
    zone("AC")
    zone("ANC", x=60, acte="Délibération 2020-13")
    zone("EP", x=60, acte="Délibération 2020-14")
    zone_enjeu()
    d = DeliberationTarif.objects.create(
        insee=INSEE, objet="redevance_anc", reference="Délibération 2025-4", date_effet=date(2025, 1, 1)
    )
    LigneTarif.objects.create(deliberation=d, nature="periodique", montant_ht=100, taux_tva=Decimal("10"))
    DeliberationTarif.objects.create(
        insee=INSEE, objet="redevance_ac", reference="Pas encore", date_effet=date(2030, 1, 1)
    )


def ici(x: float, y: float = 15) -> str:
    lon, lat = lonlat(x, y)
    reponse = Client().get(PAGE, {"lon": lon, "lat": lat})
    assert reponse.status_code == 200
    return texte(reponse)


def lu_ici(x: float) -> str:
    lon, lat = lonlat(x, 15)
    return Client().get(PAGE, {"lon": lon, "lat": lat}).content.decode()


def test_un_point_en_zone_collective(zones):
    installation()
    page = ici(10)
    for mot in (
        "Assainissement collectif",
        "zonage approuvé le 1er janvier 2020, Délibération 2020-12",
        "Zone à enjeu sanitaire",
        "Profil de baignade",
        "se raccorde au réseau public",
        "Contrôle périodique",
        "110,00 €",
        "Délibération 2025-4",
    ):
        assert mot in page, mot
    for secret in ("ANC-25999", "Personne fictive", "non collectif zonage", "Pas encore"):
        assert secret not in page, secret


def test_un_point_en_zone_non_collective(zones):
    page = ici(90)
    assert "Assainissement non collectif" in page
    assert "Eaux pluviales" in page
    assert "attestation est une pièce du dossier" in page
    assert "À confirmer" not in page
    assert "enjeu" not in page


@pytest.mark.parametrize(("x", "attendu"), [(58.5, True), (61.5, True), (57, False), (63, False)])
def test_a_moins_de_deux_metres_d_une_limite_les_deux_zones_sont_dites(zones, x, attendu):
    page = ici(x)
    assert ("À confirmer par le service" in page) is attendu
    assert ("Délibération 2020-12" in page and "Délibération 2020-13" in page) is attendu


def test_un_point_hors_du_territoire_le_dit(zones):
    reponse = Client().get(PAGE, {"lon": 2.35, "lat": 48.85})
    assert "hors du territoire" in texte(reponse)


def test_un_lieu_sans_zonage_le_dit(aller):
    assert "Aucune zone d'assainissement n'est enregistrée ici" in ici(10)


def test_une_parcelle_un_clic_une_recherche_et_les_fautes(zones):
    page = texte(Client().get(PAGE, {"parcelle": IDU}))
    assert "Assainissement collectif" in page
    assert "À confirmer" not in page
    lon, lat = lonlat(90, 15)
    geom = json.dumps({"type": "Point", "coordinates": [lon, lat]})
    assert "le point montré sur la carte" in texte(Client().get(PAGE, {"geom": geom})).lower()
    assert f"parcelle={IDU}" in Client().get(PAGE, {"q": "AB 1"}).content.decode()
    for demande, statut, mot in (
        ({"q": "zzzz"}, 200, "Aucune adresse ni parcelle"),
        ({"parcelle": "25999000ZZ9999"}, 404, "n'est pas au plan"),
        ({"lon": "x", "lat": "1"}, 404, "pas lisibles"),
        ({"lon": "nan", "lat": "1"}, 404, "pas lisibles"),
        ({"geom": "{}"}, 200, "carte"),
    ):
        reponse = Client().get(PAGE, demande)
        assert (reponse.status_code, mot in texte(reponse)) == (statut, True), demande


def test_la_parcelle_et_l_accueil_menent_a_la_page(zones):
    installation()
    page = Client().get(f"/parcelles/{IDU}/").content.decode()
    assert f"{PAGE}?parcelle={IDU}" in page
    assert "ANC-25999" not in page
    assert PAGE in Client().get("/").content.decode()


def test_les_documents_publies_et_eux_seuls_les_delais_votes_et_la_participation(zones):
    r = ReglementService.objects.create(
        insee=INSEE, date_effet=date(2024, 1, 1), reference="D1", frequence_periodique_annees=8,
        controle_ac_vente_obligatoire=True,
    )  # fmt: skip
    pfac = DeliberationTarif.objects.create(
        insee=INSEE, objet="pfac", reference="Délibération 2025-9", date_effet=date(2025, 1, 1),
        regles={"mode": "surface", "tarif_m2": "18", "forfait": "1234"},
    )  # fmt: skip
    client, pdf = client_de("responsable"), b"%PDF-1.4 formulaire\n%%EOF"
    page = texte(client.get("/assainissement/documents/"))
    assert "Rien n'est publié" in page and "Fichiers à déposer" in page
    for nom in ("Demande.pdf", "Brouillon.pdf"):
        piece = deposer(
            r, ContentFile(pdf + nom.encode(), name=nom), par=acteur("responsable"), code="formulaire"
        )
        if nom == "Demande.pdf":
            assert client.post(f"/pieces/{piece.uuid}/publier/", {"visible": "1"}).status_code == 302
    # The deliberation has its own PDF, on its page; who sets the service deposits and publishes it.
    depot = f"/pieces/assainissement.deliberationtarif/{pfac.pk}/deposer/"
    envoi = {"fichiers": ContentFile(pdf, name="vote.pdf"), "code": "deliberation"}
    for role, insee, statut in (
        ("technicien", INSEE, 403), ("responsable", AUTRE_INSEE, 404), ("responsable", INSEE, 302),
    ):  # fmt: skip
        envoi["fichiers"].seek(0)
        assert client_de(role, insee=insee).post(depot, envoi).status_code == statut, (role, insee)
    vote = Piece.objects.du_dossier(pfac).get()
    assert "vote.pdf" in texte(client.get(pfac.get_absolute_url()))
    assert "Documents de cette version" in texte(client.get(f"/assainissement/reglement/{r.pk}/"))
    publique = f"/pieces/{vote.uuid}/publique"
    assert Client().get(publique).status_code == 404 and publique not in lu_ici(10)
    client.post(f"/pieces/{vote.uuid}/publier/", {"visible": "1"})
    assert Client().get(publique).status_code == 200 and f'href="{publique}"' in lu_ici(10)
    assert publique not in lu_ici(90), "aucune participation hors du réseau"
    # A new version of the règlement takes nothing away.
    ReglementService.objects.create(
        insee=INSEE,
        date_effet=date(2025, 1, 1),
        reference="D2",
        frequence_periodique_annees=8,
        controle_ac_vente_obligatoire=True,
    )
    en_ac, en_anc = ici(10), ici(90)
    assert "Demande.pdf" in en_ac and "Brouillon" not in en_ac
    adresse = re.search(
        r"/pieces/[0-9a-f-]+/publique", Client().get(PAGE, {"parcelle": IDU}).content.decode()
    )[0]
    assert Client().get(adresse)["Content-Type"] == "application/pdf"
    assert "La commune demande que le raccordement" in en_ac and "tous les 8 ans" in en_anc
    assert "18,00 €" in en_ac and "par m² créé" in en_ac and "par m²" not in en_anc
    assert "par logement" not in en_ac, "un prix que le mode de calcul écarte"
    DeliberationTarif.objects.update(regles={"mode": "forfait", "tarif_m2": "18", "forfait": "1234"})
    assert "par logement" in (en_ac := ici(10)) and "par m² créé" not in en_ac
    ReglementService.objects.update(frequence_periodique_annees=1)
    assert "au moins une fois par an et" in ici(90)
    assert client_de("lecture").post(f"/pieces/{piece.uuid}/publier/", {"visible": "1"}).status_code in (
        403,
        404,
    )
    assert client_de("responsable", insee=AUTRE_INSEE).get(f"/pieces/{piece.uuid}/fichier").status_code == 404
