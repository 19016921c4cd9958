"""Past ground taken again in a new request or beside another: same ground, same days of a year to come."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from domainepublic.copies import jours_repris
from domainepublic.models import DossierODP, Emprise
from tests.domainepublic.fabrique_odp import accorde, dossier, emprise, personne, rect
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE

pytestmark = pytest.mark.usefixtures("aller")


def test_la_terrasse_de_l_an_passe_se_reprend_dans_une_nouvelle_demande(aller):
    cafe = personne("Café fictif")
    vieille = accorde(dossier(
        emprise("TERR_O", geom=rect(5), unite="m2", repere="devant le 12", quantite_saisie=8),
        demandeur=cafe, adresse="12 rue du Lavoir", objet="Terrasse",
        faits={"attribution": {"exception": "L2122-1-3_1"}},
    ))  # fmt: skip
    aller(date(2027, 2, 1))
    client = client_de("instructeur")
    e = vieille.emprises.get()
    lien = f"/domaine-public/deposer/?copie={e.pk}"
    assert lien in client.get(vieille.get_absolute_url()).content.decode()
    page = client.get(lien)
    assert f"Demande reprise de {vieille}" in texte(page)
    depart = page.context["emprise"].initial
    assert (depart["debut"], depart["fin"], depart["repere"]) == (
        date(2027, 6, 1), date(2027, 6, 30), "devant le 12",
    )  # fmt: skip
    assert depart["geom"].equals(e.geom) and depart["quantite_saisie"] == 8
    assert page.context["demande"].initial["demandeur"] == cafe
    assert page.context["faits"].initial["exception"] == "L2122-1-3_1"
    # Beside another emprise of the same holder, it is offered; of nobody else's.
    neuf = dossier(emprise(geom=rect(30)), demandeur=cafe, le=date(2027, 2, 1))
    offerte = texte(client.get(f"{neuf.get_absolute_url()}emprises/ajouter/"))
    assert "Reprendre une emprise passée" in offerte and str(vieille) in offerte
    prise = client.get(f"{neuf.get_absolute_url()}emprises/ajouter/?copie={e.pk}")
    assert prise.context["emprise"].initial["debut"] == date(2027, 6, 1)
    etranger = dossier(emprise(geom=rect(50)), le=date(2027, 2, 1))
    assert str(vieille) not in texte(client.get(f"{etranger.get_absolute_url()}emprises/ajouter/"))


@pytest.mark.parametrize("cle", ["", "x", "-1", "9" * 30, "999999"])
def test_une_emprise_inconnue_ouvre_une_demande_vide(cle):
    page = client_de("instructeur").get("/domaine-public/deposer/", {"copie": cle})
    assert page.status_code == 200 and "Demande reprise" not in texte(page)


def test_l_emprise_d_une_autre_commune_ne_se_reprend_pas():
    e = dossier().emprises.get()
    page = client_de("instructeur", insee=AUTRE_INSEE).get(f"/domaine-public/deposer/?copie={e.pk}")
    assert "Demande reprise" not in texte(page)
    assert Client().get(f"/domaine-public/deposer/?copie={e.pk}").status_code == 302


@pytest.mark.parametrize(
    ("debut", "fin", "jour", "attendu"),
    [
        ((2025, 6, 1), (2025, 6, 30), (2026, 6, 1), ((2026, 6, 1), (2026, 6, 30))),
        ((2025, 6, 1), (2025, 6, 30), (2026, 6, 2), ((2027, 6, 1), (2027, 6, 30))),
        ((2024, 2, 29), None, (2024, 3, 1), ((2025, 2, 28), None)),
        ((2026, 12, 20), (2027, 1, 5), (2026, 3, 2), ((2026, 12, 20), (2027, 1, 5))),
    ],
)
def test_les_jours_repris_sont_ceux_d_une_annee_a_venir(debut, fin, jour, attendu):
    e = Emprise(dossier=DossierODP(), debut=date(*debut), fin=date(*fin) if fin else None)
    assert jours_repris(e, date(*jour)) == (date(*attendu[0]), date(*attendu[1]) if attendu[1] else None)
