"""Certificat de numérotage: who makes one of which address, what it says, its number, its archive."""

from __future__ import annotations

import html
import io
import re

import pypdf
import pytest
import time_machine
from django.conf import settings as reglages
from django.contrib.gis.geos import Point
from django.test import Client

from mairie.adresses import certificat
from mairie.adresses.presentation import nom_parcelle
from mairie.courriers import envois, services
from mairie.courriers.erreurs import AConfirmer
from mairie.models import BaseAdresses, Courrier, ModeleCourrier
from tests.mairie.adresses.fabrique import adresse, voie
from tests.mairie.courriers.conftest import _fichiers  # noqa: F401 (fixture)
from tests.mairie.courriers.fabrique import redacteur, texte_pdf, ville
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune
from tests.plan_factice import X0, Y0

pytestmark = pytest.mark.django_db


@pytest.fixture
def numero(plan):
    """12 bis rue du Moulin, on the tiny plan, certified."""
    ville()
    certificat.charger()
    BaseAdresses.objects.create(insee=INSEE, code_postal="25990")
    place = Point(X0 + 50, Y0 + 20, srid=reglages.TERRITOIRE_SRID)
    return adresse(
        voie(code="0050"), 12, "bis", position=place, parcelles=[f"{INSEE}000AB0012"], certifiee=True
    )


def connecter(*roles: str, codes=(INSEE,)) -> Client:
    client = Client()
    client.force_login(agent(*roles, codes=codes), backend="django.contrib.auth.backends.ModelBackend")
    return client


def preparer(numero) -> Courrier:
    modele = ModeleCourrier.objects.get(code=certificat.MODELE)
    return services.preparer(numero, modele, par=redacteur())


@time_machine.travel("2026-03-12 10:00", tick=False)
def test_le_certificat_est_numerote_archive_et_dit_l_adresse(numero):
    projet = preparer(numero)
    acte = services.finaliser(projet, par=redacteur(), version=projet.version)
    assert acte.numero == "2026-N0001" and acte.public and acte.forme == "acte" and acte.pages == 1
    octets = envois.lire_pdf(acte)
    dit = " ".join(texte_pdf(octets).split())
    for attendu in (
        "Certificat de numérotage n° 2026-N0001",
        "12 bis rue du Moulin, 25990 Valbrune-les-Essais",
        "Références cadastrales : AB 12",
        f"{INSEE}_0050_00012_bis",
        "L. 2213-28",
        "Échelle 1/",
        "Fait à Valbrune, le",
        "Claude Exemple",
        f"/actes/{acte.code}",
    ):
        assert attendu in dit
    racine = pypdf.PdfReader(io.BytesIO(octets)).trailer["/Root"]
    assert racine["/MarkInfo"]["/Marked"] and racine["/Lang"] == "fr"
    suivant = preparer(numero)
    assert services.finaliser(suivant, par=redacteur(), version=suivant.version).numero == "2026-N0002"


def test_le_code_qr_mene_a_la_page_publique_une_fois_signe(numero):
    projet = preparer(numero)
    acte = services.finaliser(projet, par=redacteur(), version=projet.version)
    envois.signer(acte, par=redacteur(), le=acte.finalise_le.date())
    page = Client().get(f"/actes/{acte.code}/")
    assert page.status_code == 200 and acte.numero in html.unescape(page.content.decode())


def test_une_adresse_non_certifiee_se_confirme(numero):
    autre = adresse(numero.voie, 3)
    projet = preparer(autre)
    with pytest.raises(AConfirmer, match="n'est pas certifiée"):
        services.finaliser(projet, par=redacteur(), version=projet.version)


def test_le_bouton_prepare_le_certificat(numero):
    client = connecter("mairie.administrateur")
    page = html.unescape(client.get(f"/adresses/numeros/{numero.pk}/").content.decode())
    assert "Certificat de numérotage" in page
    action, modele = re.search(
        r'action="(/courriers/dossier/[^"]+)".*?name="modele" value="(\d+)"', page, re.DOTALL
    ).groups()
    reponse = client.post(action, {"modele": modele})
    acte = Courrier.objects.get()
    assert reponse["Location"] == f"/courriers/{acte.pk}/"
    assert acte.dossier == numero and acte.insee == INSEE
    assert "Courriers (1)" in client.get(f"/adresses/numeros/{numero.pk}/").content.decode()
    assert client.get(f"/courriers/{acte.pk}/").status_code == 200


@pytest.mark.parametrize(("active", "placee"), [(False, True), (True, False)], ids=["retirée", "sans place"])
def test_pas_de_bouton_pour_une_adresse_retiree_ou_sans_place(numero, active, placee):
    une = adresse(numero.voie, 5, **({} if placee else {"position": None}))
    type(une).objects.filter(pk=une.pk).update(active=active)
    page = connecter("mairie.administrateur").get(f"/adresses/numeros/{une.pk}/").content.decode()
    assert 'name="modele"' not in page


def test_un_lecteur_voit_les_certificats_sans_en_faire(numero):
    preparer(numero)
    client = connecter("mairie.lecteur")
    page = client.get(f"/adresses/numeros/{numero.pk}/").content.decode()
    assert 'name="modele"' not in page and "Courriers (1)" in page
    saisie = {"modele": ModeleCourrier.objects.get(code=certificat.MODELE).pk}
    bureau = f"/courriers/dossier/adresses.numero/{numero.pk}/"
    assert client.post(f"{bureau}preparer/", saisie).status_code == 403


def test_l_agent_d_une_autre_commune_ne_trouve_rien(numero):
    commune(AUTRE_INSEE)
    acte = preparer(numero)
    client = connecter("mairie.administrateur", codes=(AUTRE_INSEE,))
    bureau = f"/courriers/dossier/adresses.numero/{numero.pk}/"
    assert client.get(bureau).status_code == 404
    assert client.post(f"{bureau}preparer/", {"modele": acte.modele.modele_id}).status_code == 404
    assert client.get(f"/courriers/{acte.pk}/lettre.pdf").status_code == 404


def test_un_lieu_dit_garde_sa_majuscule(numero):
    une = adresse(voie("Les Essarts", nature="lieu_dit"), 4, complement="Ferme du haut")
    dite = certificat.adresse_complete(une)
    assert dite == "4 Les Essarts, Ferme du haut, 25990 Valbrune-les-Essais"


@pytest.mark.parametrize(
    ("idu", "nom"),
    [("25999000AB0012", "AB 12"), ("259990000A0003", "A 3"), ("25999123AB0012", "123 AB 12"), ("", "")],
)
def test_nom_d_une_parcelle(idu, nom):
    assert nom_parcelle(idu) == nom
