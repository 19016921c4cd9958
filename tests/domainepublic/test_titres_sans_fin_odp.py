"""Titles without end (permissions de voirie): billed year by year, once, ended when the holder leaves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domainepublic import tarifs
from domainepublic.models import DossierODP
from domainepublic.nuit import nuit
from tests.domainepublic.fabrique_odp import accorde, dossier, emprise, faire, ligne, point, type_
from tests.domainepublic.test_ecrans_odp import client_de, saisie, texte
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
FAITS = {"attribution": {"exception": "L2122-1-3_1"}}
PRIX = (
    ("M", {"type": "MOBIL", "unite": "unite", "periode": "an", "prorata": "mois_commence"}),
    ("B", {"type": "BATEAU", "unite": "ml", "periode": "operation"}),
)


@pytest.fixture
def tarifs_votes(aller):
    for annee, prix in ((2026, "120.00"), (2027, "144.00")):
        g = tarifs.creer_grille(
            insee=INSEE, libelle=f"Tarifs {annee}", deliberation=str(annee),
            deliberation_le=date(annee - 1, 12, 1), du=date(annee, 1, 1), au=date(annee, 12, 31),
        )  # fmt: skip
        for code, champs in PRIX:
            tarifs.enregistrer_tarif(g, code, {**champs, "prix": prix})


def borne() -> DossierODP:
    return accorde(
        dossier(emprise("MOBIL", geom=point(), rayon=Decimal(1), fin=None), faits=FAITS)
    )  # fmt: skip


def test_l_annee_du_debut_a_la_signature_puis_chaque_annee_une_fois(tarifs_votes, aller):
    d = borne()
    un = d.lignes.get()
    assert (un.montant, un.debut, un.fin) == (Decimal("70.00"), date(2026, 6, 1), date(2026, 12, 31))
    assert (d.fin, d.etat) == (None, "accorde")
    for jour, facturees in (
        (date(2026, 12, 31), 0),
        (date(2027, 1, 1), 1),
        (date(2027, 1, 2), 0),
        # No grid was voted: the line waits, and nothing fails.
        (date(2028, 1, 1), 0),
    ):
        aller(jour)
        assert nuit.func()["annees_facturees"] == facturees, jour
    deux = d.lignes.latest("debut")
    assert (deux.montant, deux.exercice, deux.debut) == (Decimal("144.00"), 2027, date(2027, 1, 1))


def test_qui_part_recoit_l_avoir_de_la_seule_annee_en_cours(tarifs_votes, aller):
    d = borne()
    aller(date(2027, 1, 1))
    nuit.func()
    aller(date(2027, 6, 15))
    faire(d, "arreter_avant_terme", donnees={"le": "2027-07-01"})
    avoir = d.lignes.get(nature="avoir")
    assert (avoir.montant, avoir.origine.exercice) == (Decimal("-72.00"), 2027)
    assert d.emprises.get().fin == date(2027, 6, 30)
    aller(date(2028, 1, 1))
    assert nuit.func()["annees_facturees"] == 0


def test_un_depart_dit_en_retard_rend_entiere_l_annee_deja_facturee(tarifs_votes, aller):
    d = borne()
    aller(date(2027, 1, 1))
    nuit.func()
    aller(date(2027, 1, 20))
    faire(d, "arreter_avant_terme", donnees={"le": "2026-11-01"})
    rendus = {a.origine.exercice: a.montant for a in d.lignes.filter(nature="avoir")}
    # June to October 2026 are due, 2027 never was.
    assert rendus == {2026: Decimal("-20.00"), 2027: Decimal("-144.00")}
    assert d.emprises.get().fin == date(2026, 10, 31)
    assert sum(x.montant for x in d.lignes.all()) == Decimal("50.00")


def test_une_operation_ne_se_paie_qu_une_fois(tarifs_votes, aller):
    d = accorde(dossier(emprise("BATEAU", geom=ligne(20), largeur=Decimal(1), fin=None), faits=FAITS))
    assert d.lignes.get().montant == Decimal("1200.00")
    aller(date(2027, 1, 1))
    assert nuit.func()["annees_facturees"] == 0


def test_la_saisie_laisse_sans_fin_ce_qui_tient_au_sol_seulement():
    client = client_de("instructeur")
    refusee = client.post("/domaine-public/deposer/", saisie(fin=""))
    assert refusee.status_code == 422 and "finit un jour : donnez le dernier" in texte(refusee)
    admise = client.post("/domaine-public/deposer/", saisie(fin="", type=type_("TERR_F").pk))
    assert admise.status_code == 302, texte(admise)
    assert DossierODP.objects.get().fin is None
