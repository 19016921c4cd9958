"""Withdrawal: time, adversarial procedure, and what a later request withdrawn gives back."""

from __future__ import annotations

from datetime import date

import pytest

from mairie.models import LienSecret
from mairie.workflow import Refus
from mairie.workflow.controle import controler
from tests.urba.fabrique_urba import acteur, agir, nouveau
from tests.urba.test_ecrans_urba import aller  # noqa: F401
from tests.urba.test_liens_lots_suites import decider, permis, titulaires, transfert  # noqa: F401
from urba import lots
from urba import titulaires as service
from urba.models import DonneesTechniques
from urba.regles.numeros import NatureDossier
from urba.regles.retrait import article_retrait, limite_retrait, refus_contradictoire
from urba.regles.types import Nature, TypeDelai
from urba.services import demander
from urba.suivi import USAGE

PC, DP, CUB = TypeDelai.PC, TypeDelai.DP, TypeDelai.CUB
LE = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("type_", "nature", "limite", "article"),
    [
        (PC, Nature.INITIAL, date(2027, 2, 28), "L.424-5"),
        (PC, Nature.MODIFICATIF, date(2027, 2, 28), "L.424-5"),
        (DP, Nature.INITIAL, date(2027, 2, 28), "L.424-5"),
        (PC, Nature.TRANSFERT, date(2027, 3, 30), "CRPA L.242-1"),
        (PC, Nature.PROROGATION, date(2027, 3, 30), "CRPA L.242-1"),
        (CUB, Nature.INITIAL, date(2027, 3, 30), "CRPA L.242-1"),
    ],
)
def test_le_delai_du_retrait_selon_l_acte(type_, nature, limite, article):
    assert limite_retrait(type_, nature, LE) == limite
    assert article_retrait(type_, nature) == article


@pytest.mark.parametrize(
    ("lettre", "retrait", "raison"),
    [
        (None, date(2026, 12, 20), "datez la lettre"),
        (date(2026, 11, 29), date(2026, 12, 20), "ne peut précéder la décision"),
        (date(2026, 12, 21), date(2026, 12, 20), "ne peut suivre le retrait"),
        (date(2026, 12, 1), date(2026, 12, 16), "observations jusqu'au 16/12/2026"),
        (date(2026, 12, 1), date(2026, 12, 17), ""),
        (LE, date(2026, 12, 17), ""),
    ],
)
def test_la_lettre_contradictoire_et_ses_quinze_jours(lettre, retrait, raison):
    refus = refus_contradictoire(lettre, LE, retrait)
    assert (raison in refus) if raison else refus == ""


LETTRE = {"contradictoire_le": "2026-06-05"}


def transfere(permis, aller, **options):  # noqa: F811
    """A transfer asked on 4 May, granted on 1 June, notified on the 3rd."""
    aller(date(2026, 5, 4))
    return decider(aller, transfert(permis, **options), date(2026, 6, 1), date(2026, 6, 3))


@pytest.mark.django_db
def test_un_transfert_retire_rend_le_permis_a_son_titulaire(permis, aller):  # noqa: F811
    ancien = titulaires(permis)[0][0]
    t = transfere(permis, aller)
    aller(date(2026, 6, 12))
    with pytest.raises(Refus, match="observations jusqu'au 20/06/2026"):
        agir(t, "retrait", "signataire", donnees=LETTRE)
    aller(date(2026, 6, 25))
    agir(t, "retrait", "signataire", donnees=LETTRE)
    lignes = titulaires(permis)
    assert [(n, fin) for n, _, fin in lignes] == [
        (ancien, date(2026, 6, 1)), ("Repreneuse", date(2026, 6, 25)), (ancien, None),
    ]  # fmt: skip
    permis.da.refresh_from_db()
    assert permis.da.etat == "valide", "the permit itself lives on"
    assert not LienSecret.objects.filter(objet_id=permis.da_id, usage=USAGE, revoque_le__isnull=True).exists()
    # Played again, nothing moves.
    t.refresh_from_db()
    service.suivre(t)
    assert titulaires(permis) == lignes
    assert controler("urba.instruction").ecarts == []


@pytest.mark.django_db
def test_une_urgence_ecrite_passe_outre_les_observations(permis, aller):  # noqa: F811
    t = transfere(permis, aller)
    aller(date(2026, 6, 12))
    agir(t, "retrait", "signataire", donnees=LETTRE, forcer="Péril : CRPA L.121-2.")
    assert t.etat == "retire"


@pytest.mark.django_db
def test_un_transfert_se_retire_quatre_mois_le_permis_trois(permis, aller):  # noqa: F811
    t = transfere(permis, aller)
    aller(date(2026, 10, 2))
    with pytest.raises(Refus, match=r"01/10/2026 \(CRPA L\.242-1\)"):
        agir(t, "retrait", "signataire", donnees=LETTRE)
    agir(t, "retrait", "signataire", date(2026, 10, 1), LETTRE)
    assert t.etat == "retire"
    with pytest.raises(Refus, match=r"20/07/2026 \(L\.424-5\)"):
        agir(permis, "retrait", "signataire", date(2026, 7, 21), LETTRE)


@pytest.mark.django_db
def test_un_transfert_partiel_retire_rend_ses_lots(permis, aller):  # noqa: F811
    a, _ = (lots.ajouter(permis, n, 400, None, par=acteur("instructeur")) for n in ("1", "2"))
    t = transfere(permis, aller, lots=[a])
    assert [x.jusqu_a for x in a.titulaires.all()] == [None]
    aller(date(2026, 6, 25))
    agir(t, "retrait", "signataire", donnees=LETTRE)
    assert [x.jusqu_a for x in a.titulaires.all()] == [date(2026, 6, 25)]


@pytest.mark.django_db
def test_un_modificatif_retire_rend_les_donnees_d_avant(permis, aller):  # noqa: F811
    siennes = DonneesTechniques.objects.get(dossier=permis)
    siennes.donnees = {"stationnement": {"places": 2}, "terrain": {"lotissement": True}}
    siennes.save()
    aller(date(2026, 5, 4))
    demande = nouveau(
        "PA", le=date(2026, 5, 4), demandeurs=[],
        donnees={"stationnement": {"places": 5}, "piscine": {"surface": 30}},
    )  # fmt: skip
    m = demander(permis.da, NatureDossier.MODIFICATIF, demande, par=acteur("guichet"))
    decider(aller, m, date(2026, 6, 1), date(2026, 6, 3))
    siennes.refresh_from_db()
    assert siennes.donnees["stationnement"] == {"places": 5} and "piscine" in siennes.donnees
    # What was written since by somebody else stays.
    siennes.donnees["piscine"] = {"surface": 32}
    siennes.save()
    aller(date(2026, 6, 25))
    agir(m, "retrait", "signataire", donnees=LETTRE)
    siennes.refresh_from_db()
    assert siennes.donnees == {
        "stationnement": {"places": 2}, "terrain": {"lotissement": True}, "piscine": {"surface": 32},
    }  # fmt: skip


@pytest.mark.django_db
def test_une_prorogation_retiree_rend_son_terme_au_permis(permis, aller):  # noqa: F811
    fin = permis.validite_fin
    aller(date(2026, 5, 4))
    p = demander(
        permis.da, NatureDossier.PROROGATION, nouveau("PA", le=date(2026, 5, 4), demandeurs=[]),
        par=acteur("guichet"),
    )  # fmt: skip
    decider(aller, p, date(2026, 6, 1), date(2026, 6, 3))
    permis.refresh_from_db()
    assert permis.validite_fin == fin.replace(year=fin.year + 1)
    assert permis.calculs["prorogations_restantes"] == 1
    aller(date(2026, 6, 25))
    agir(p, "retrait", "signataire", donnees=LETTRE)
    permis.refresh_from_db()
    assert permis.validite_fin == fin and permis.calculs["prorogations_restantes"] == 2
    assert controler("urba.instruction").ecarts == []


@pytest.mark.django_db
def test_un_recours_hierarchique_suit_le_regime_du_gracieux(permis, aller):  # noqa: F811
    aller(date(2026, 5, 15))
    agir(permis, "recours_depose", "chef", donnees={"genre": "hierarchique"})
    assert permis.dates["recours_gracieux_rejet_implicite_le"] == "2026-07-15"
    assert any("gracieux ou hiérarchique" in e["resultat"] for e in permis.explication)
