"""Parcels renumbered by the cadastre: links that follow, links to choose."""

from __future__ import annotations

from datetime import date

import pytest

from assainissement import rattachements
from assainissement.models import Installation, InstallationParcelle
from cadastre.models import Filiation, Parcelle
from gis_data.models import ImportTravail
from mairie import evenements
from tests.assainissement.fabrique_anc import IDU, installation
from tests.assainissement.messages import livrer
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
HERITIERE = "25999000AB0002"


@pytest.fixture
def renumerotee(aller):
    """The first parcel has become the second one."""
    ancienne, nouvelle = (Parcelle.objects.get(idu=i) for i in (IDU, HERITIERE))
    Parcelle.objects.filter(pk=ancienne.pk).update(valide_au=date(2026, 3, 1))
    Filiation.objects.create(
        parent=ancienne, enfant=nouvelle, aire_commune=900, part_parent=1, part_enfant=1,
        import_travail=ImportTravail.objects.create(genre="edigeo", etat="termine"),
    )  # fmt: skip


def references(i: Installation) -> list[tuple[str, str]]:
    return list(i.parcelles.values_list("reference", "ancienne"))


def test_sans_doute_le_lien_suit_et_garde_l_ancienne_reference(renumerotee):
    i = installation(champs={"geom": None})
    evenements.emettre("cadastre.parcelles_renumerotees", {"insee": INSEE, "import_id": 1}, insee=INSEE)
    livrer()
    assert references(i) == [(HERITIERE, IDU)]
    assert not rattachements.perdus(Installation.objects.all()).exists()


def test_un_point_ailleurs_laisse_choisir(renumerotee):
    i = installation()
    assert rattachements.suivre(INSEE) == (0, 1)
    client = client_de("technicien")
    assert "Parcelles à rattacher" in texte(client.get("/assainissement/"))
    page = client.get("/assainissement/a-rattacher/")
    assert IDU in texte(page)
    lien = InstallationParcelle.objects.get(installation=i)
    adresse = f"/assainissement/a-rattacher/{lien.pk}/"
    assert adresse in page.content.decode()
    client.post(adresse, {"parcelle": "25999000ZZ0001"})
    assert references(i) == [(IDU, "")], "une parcelle inconnue ne prend rien"
    assert (
        client_de("technicien", insee=AUTRE_INSEE).post(adresse, {"parcelle": HERITIERE}).status_code == 404
    )
    client.post(adresse, {"parcelle": HERITIERE})
    assert references(i) == [(HERITIERE, IDU)]
    assert "Toutes les installations" in texte(client.get("/assainissement/a-rattacher/"))


def test_deux_parcelles_reunies_ne_font_qu_un_lien(renumerotee):
    i = installation(champs={"geom": None}, parcelles=(IDU, HERITIERE))
    rattachements.suivre(INSEE)
    assert references(i) == [(HERITIERE, "")]
    assert i.parcelles.get().principale
