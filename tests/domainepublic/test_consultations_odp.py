"""Opinions on an occupation by secret link: asked, given, born of silence; the file goes on by itself."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from domainepublic.consultations import charger_services
from mairie import consultations as partagees
from mairie.models import Consultation, CourrielSortant, ServiceConsulte
from tests.domainepublic.fabrique_odp import DEPOT, delegue, dossier, faire
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE

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
