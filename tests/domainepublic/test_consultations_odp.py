"""Opinions on an occupation by secret link: asked, given, born of silence; the file goes on by itself."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from domainepublic.consultations import charger_services
from domainepublic.models import DossierODP
from gis_data.contraintes.models import DocumentUrbanisme, SupAssiette
from mairie import consultations as partagees
from mairie.models import Consultation, CourrielSortant, ServiceConsulte
from tests.domainepublic.fabrique_odp import DEPOT, delegue, dossier, emprise, faire, rect
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")


@pytest.fixture
def dossier_consulte(django_capture_on_commit_callbacks):
    """(file, pages of the links) of two services whose opinion is obligatory."""
    charger_services()
    ServiceConsulte.objects.filter(code="odp_transports").update(courriel="bus@exemple.invalid")
    d = dossier(objet="Ravalement")
    delegue()
    faire(d, "instruire")
    services = ServiceConsulte.objects.filter(code__in=("odp_transports", "odp_gestionnaire"))
    with django_capture_on_commit_callbacks(execute=True):
        page = client_de("instructeur").post(
            f"/domaine-public/dossiers/{d.pk}/consulter/",
            {"services": [s.pk for s in services], "obligatoire": "on", "version": d.version}, follow=True,
        )  # fmt: skip
    d.refresh_from_db()
    return d, re.findall(r"/avis/[\w-]+/", page.content.decode())


def test_les_liens_servent_aux_avis_et_le_dossier_reprend_quand_tous_sont_rendus(dossier_consulte):
    d, liens = dossier_consulte
    assert (d.etat, len(liens)) == ("en_avis", 2)
    courriel = CourrielSortant.objects.get()
    assert (courriel.destinataire, courriel.conserver) == ("bus@exemple.invalid", False)
    page = texte(Client().get(liens[0]))
    assert "Ravalement" in page
    assert "Personne fictive" not in page, "le service ne voit aucun nom"
    une, autre = Consultation.objects.order_by("pk")
    partagees.rendre_avis(une, "favorable_prescriptions", motivation="Laisser l'arrêt libre.", par_lien=True)
    d.refresh_from_db()
    assert d.etat == "en_avis", "l'autre avis est encore attendu"
    partagees.rendre_avis(autre, "favorable", par_lien=True)
    d.refresh_from_db()
    assert d.etat == "en_instruction"
    faire(d, "preparer_acte")
    vu = texte(client_de("instructeur").get(d.get_absolute_url()))
    assert "favorable avec prescriptions" in vu


def test_le_silence_du_service_vaut_avis_et_le_dossier_reprend(dossier_consulte, aller):
    d, _ = dossier_consulte
    for c in Consultation.objects.all():
        partagees.recevoir(c, DEPOT)
    aller(DEPOT + timedelta(days=40))
    assert partagees.travailler_de_nuit(date(2026, 4, 11))["silences"] == 2
    d.refresh_from_db()
    assert d.etat == "en_instruction"


def test_on_ne_consulte_ni_sans_service_ni_sans_droit_ni_deux_fois(dossier_consulte):
    d, _ = dossier_consulte
    adresse = f"/domaine-public/dossiers/{d.pk}/consulter/"
    assert "Cochez au moins un service" in texte(client_de("instructeur").post(adresse, follow=True))
    service = ServiceConsulte.objects.first().pk
    deux = client_de("instructeur").post(adresse, {"services": service}, follow=True)
    assert Consultation.objects.count() == 2
    assert "en avis" in texte(deux) or "avis demandés" in texte(deux)
    assert client_de("lecture").post(adresse).status_code == 403
    assert client_de("instructeur", insee=AUTRE_INSEE).post(adresse).status_code == 404


def coches(d) -> dict[str, str]:
    """Services ticked beforehand on the page of a file, each with its reason."""
    page = client_de("instructeur").get(d.get_absolute_url())
    html = re.sub(r"\s+", " ", page.content.decode())
    for p in page.context["services"]:
        assert (f'name="services" value="{p.service.pk}" checked' in html) is p.coche
    return {p.service.code: p.raison for p in page.context["services"] if p.coche}


def test_les_services_sont_proposes_d_apres_la_rue_et_disent_pourquoi():
    """Road of another manager, hydrant, bus, traffic, heritage: each ticks its service, until it is asked."""
    charger_services()
    d = dossier(emprise(geom=rect(60)))
    faire(d, "instruire")
    assert coches(d) == {}
    e = d.emprises.get()
    for motif in ("avis_transport", "proximite_pei"):
        d.conflits.create(emprise=e, niveau="alerte", motif=motif, libelle="x", objet="012")
    # A route départementale in a built-up area: the mayor grants, its manager is heard.
    DossierODP.objects.filter(pk=d.pk).update(domaine="route_departementale", modifie_circulation=True)
    document = DocumentUrbanisme.objects.create(
        identifiant="AC1", famille="sup", type_document="SUP", categorie="AC1", territoire=INSEE,
        communes=[INSEE], valide_du=date(2023, 3, 1), couches={}, source="ac1.zip", empreinte="0" * 64,
        srid_source=2154,
    )  # fmt: skip
    abords = rect(50, 20, 30, 30)
    SupAssiette.objects.create(
        document=document, couche_source="AC1", numero=1, categorie="AC1", geom=abords,
        geom_3857=abords.transform(3857, clone=True),
    )  # fmt: skip
    lus = coches(d)
    assert set(lus) == {
        "odp_gestionnaire", "odp_transports", "odp_secours", "odp_police", "odp_patrimoine",
    }  # fmt: skip
    assert "Monument historique" in lus["odp_patrimoine"] and "bus" in lus["odp_transports"]
    # Asked once, it is not proposed again; out of force, a servitude proposes nothing.
    bus = ServiceConsulte.objects.get(code="odp_transports")
    partagees.preparer(d, bus, metier="domainepublic", insee=INSEE)
    DocumentUrbanisme.objects.update(valide_au=DEPOT)
    assert set(coches(d)) == {"odp_gestionnaire", "odp_secours", "odp_police"}
    assert "(déjà consulté)" in texte(client_de("instructeur").get(d.get_absolute_url()))
