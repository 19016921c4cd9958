"""Zoning: what a control is told of its zones, entry with checks, what disagrees."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.gis.geos import GEOSGeometry

from assainissement import zonage
from assainissement.models import Installation, ZonageAssainissement
from mairie.models import Adresse
from tests.assainissement.fabrique_anc import JOUR, acteur, controle, installation, zone, zone_enjeu
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import INSEE
from tests.plan_factice import point, rectangle

pytestmark = pytest.mark.usefixtures("aller")


def carre(x: float, largeur: float = 30) -> str:
    sol: GEOSGeometry = rectangle(x, 0, largeur, 30)[0]
    return sol.transform(4326, clone=True).geojson


def test_les_zones_proposent_les_reponses_avec_leur_source():
    i = installation()
    assert zonage.propositions(i, JOUR) == {}, "sans zone enregistrée, rien n'est dit"
    zone_enjeu()
    dites = zonage.propositions(i, JOUR)
    assert list(dites) == ["zone_sanitaire"], "aucune zone environnementale n'est enregistrée"
    assert dites["zone_sanitaire"].reponse == "oui"
    assert dites["zone_sanitaire"].pourquoi == "Zone à enjeu : Profil de baignade."
    zone_enjeu("environnemental", x=90)
    assert zonage.propositions(i, JOUR)["zone_environnementale"].reponse == "non"
    assert zonage.propositions(i, date(2019, 1, 1)) == {}, "pas encore en vigueur"
    assert zonage.propositions(installation(champs={"geom": None}), JOUR) == {}
    page = client_de("technicien").get(f"{controle(i).get_absolute_url()}saisie/zones/")
    assert "Zone à enjeu : Profil de baignade." in texte(page)
    proposees = re.findall(r'name="r_(\w+)"\s+value="(\w+)"\s+checked', page.content.decode())
    assert proposees == [("zone_sanitaire", "oui"), ("zone_environnementale", "non")]


def test_une_installation_en_zone_collective_et_une_adresse_sans_zone_se_listent():
    from tests.mairie.adresses.fabrique import voie

    i = installation()
    installation(champs={"geom": point(100, 5)})
    rue = voie("Rue de l'Essai", INSEE)
    for numero, x in ((1, 5), (2, 100)):
        Adresse.objects.create(insee=INSEE, voie=rue, numero=numero, position=point(x, 5))
    agent = acteur("lecture")
    visibles, adresses = Installation.objects.visibles_par(agent), Adresse.objects.visibles_par(agent)
    assert not zonage.adresses_sans_zone(adresses, JOUR).exists(), "sans zonage, rien n'est comparé"
    zone("AC")
    assert list(zonage.anc_en_zone_collective(visibles, JOUR)) == [i]
    assert [a.numero for a in zonage.adresses_sans_zone(adresses, JOUR)] == [2]
    page = texte(client_de("lecture").get("/assainissement/zonage/"))
    for mot in ("Délibération 2020-12", str(i), "2 Rue de l'Essai"):
        assert mot in page, mot


def test_une_zone_se_saisit_avec_son_acte_sans_en_recouvrir_une_autre():
    client = client_de("responsable")
    adresse = "/assainissement/zonage/ajouter/zonage/"
    valeurs = {
        "insee": INSEE,
        "type": "AC",
        "acte": "Délibération 2024-3",
        "du": "2024-01-01",
        "geom": carre(0),
    }
    assert client.post(adresse, valeurs).status_code == 302
    for champs, phrase in (
        ({"type": "ANC", "geom": carre(20)}, "recouvre 300 m²"),
        ({"acte": "", "geom": carre(40)}, "obligatoire"),
        ({"au": "2023-12-31", "geom": carre(40)}, "précède le début"),
    ):
        refus = client.post(adresse, {**valeurs, **champs})
        assert (refus.status_code, phrase in texte(refus)) == (422, True), phrase
    assert client.post(adresse, {**valeurs, "type": "ANC", "geom": carre(30)}).status_code == 302
    assert client.post(adresse, {**valeurs, "type": "EP", "geom": carre(0)}).status_code == 302
    assert ZonageAssainissement.objects.count() == 3
    assert client_de("technicien").get(adresse).status_code == 403
    assert client.get("/assainissement/zonage/ajouter/autre/").status_code == 404


def test_une_zone_prend_fin_sur_sa_page_et_montre_ses_documents_aux_habitants(settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from mairie.models import Piece
    from tests.personnes import AUTRE_INSEE, commune
    from tests.plan_factice import lonlat

    settings.MEDIA_ROOT = tmp_path
    z, soeur = zone("AC"), zone("ANC", x=60)
    client = client_de("responsable")
    page = z.get_absolute_url()
    assert page in client.get("/assainissement/zonage/").content.decode()
    pdf = SimpleUploadedFile("deliberation.pdf", _pdf(), content_type="application/pdf")
    client.post(
        f"/pieces/assainissement.zonageassainissement/{z.pk}/deposer/",
        {"fichiers": pdf, "code": "deliberation"},
    )
    piece = Piece.objects.get()
    lon, lat = lonlat(70, 10)
    adresse = f"/assainissement/mon-adresse/?lon={lon}&lat={lat}"
    assert str(piece.uuid) not in Client().get(adresse).content.decode(), "pas encore publié"
    client.post(f"/pieces/{piece.uuid}/publier/", {"visible": "1"})
    vue = Client().get(adresse).content.decode()
    assert str(piece.uuid) in vue, "la délibération vaut pour toutes ses zones"
    assert soeur.acte == z.acte
    # Its end.
    assert client.post(page, {"au": "2019-12-31"}).status_code == 422
    assert client.post(page, {"au": "2026-01-31", "annexe_plu": "on"}).status_code == 302
    z.refresh_from_db()
    assert (z.au, z.annexe_plu) == (date(2026, 1, 31), True)
    assert not ZonageAssainissement.objects.en_vigueur(JOUR).filter(pk=z.pk).exists()
    # Another has followed: it does not come back over it.
    suite = ZonageAssainissement.objects.create(
        insee=INSEE, type="ANC", acte="Suivante", du=date(2026, 2, 1), geom=z.geom
    )
    refus = client.post(page, {"au": ""})
    assert (refus.status_code, "recouvrirait" in texte(refus)) == (422, True)
    suite.delete()
    # A page opened before another agent's entry wipes nothing.
    vu = "2026-01-31;oui"
    assert f'value="{vu}"' in client.get(page).content.decode()
    ZonageAssainissement.objects.filter(pk=z.pk).update(annexe_plu=False)
    conflit = client.post(page, {"au": "", "annexe_plu": "on", "vu": vu})
    assert (conflit.status_code, "a changé depuis" in texte(conflit)) == (422, True)
    assert 'value="2026-01-31;non"' in conflit.content.decode()
    z.refresh_from_db()
    assert (z.au, z.annexe_plu) == (date(2026, 1, 31), False)
    assert client.post(page, {"au": "", "vu": "2026-01-31;non"}).status_code == 302
    z.refresh_from_db()
    assert z.au is None
    # Who reads changes nothing; who is elsewhere sees nothing.
    assert client_de("lecture").get(page).status_code == 200
    assert client_de("lecture").post(page, {"au": ""}).status_code == 403
    commune(AUTRE_INSEE, "Ailleurs")
    assert client_de("responsable", insee=AUTRE_INSEE).get(page).status_code == 404
    assert client.get("/assainissement/zonage/zones/autre/1/").status_code == 404


def _pdf() -> bytes:
    import io

    from pypdf import PdfWriter

    tampon, ecrit = io.BytesIO(), PdfWriter()
    ecrit.add_blank_page(200, 200)
    ecrit.write(tampon)
    return tampon.getvalue()


def test_le_public_voit_les_zones_et_leur_source_seulement():
    from assainissement import couches
    from assainissement.couches_ac import BRANCHEMENTS
    from gis_data.couches import couche

    miennes = (
        couches.INSTALLATIONS,
        couches.ZONAGE,
        couches.ZONES_ENJEU,
        couches.ZONES_ENJEU_AGENTS,
        BRANCHEMENTS,
    )
    assert {c.nom for c in miennes if c.publique} == {"ass_zonage", "ass_zones_enjeu"}
    assert {a.nom for a in couche("ass_zonage").attributs} == {"type", "approuve_le", "acte"}
    assert couche("ass_zonage").publique
    assert couche("ass_zones_enjeu").publique
    agents = {a.nom for a in couche("ass_zones_enjeu_agents").attributs}
    assert agents == {"enjeu", "source", "du", "au", "preuve_impact", "pk"}
    assert {a.nom for a in couche("ass_zones_enjeu").attributs} == {"enjeu", "source", "du", "au"}
