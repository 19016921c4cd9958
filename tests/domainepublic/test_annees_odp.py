"""Titles of more than a year: a line each calendar year, caught up when missed; suspensions given back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domainepublic import facturation, tarifs
from domainepublic.courriers import valeurs
from domainepublic.models import DossierODP
from domainepublic.nuit import nuit
from domainepublic.renouvellement import renouveler
from domainepublic.services import modifier_faits
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import (
    a_signer,
    accorde,
    acteur,
    dossier,
    emprise,
    faire,
    photographie,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import payeur
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
PALIS = {"ancrage": False}


def grilles(*annees: int, **regles) -> None:
    """A fence costs 10 € a week and square metre in 2026, 1 € more each year; a hoarding 100 € a year."""
    for annee in annees:
        g = tarifs.creer_grille(
            insee=INSEE, libelle=f"Tarifs {annee}", deliberation=str(annee), regles=regles,
            deliberation_le=date(annee - 1, 12, 1), du=date(annee, 1, 1), au=date(annee, 12, 31),
        )  # fmt: skip
        prix = annee - 2016
        for code, periode, montant in (("PALIS", "semaine", prix), ("TERR_F", "an", 10 * prix)):
            tarif = {"type": code, "unite": "m2", "periode": periode, "prix": str(montant)}
            if periode == "an":
                tarif |= {"prorata": "mois_commence", "franchise_jours": 31}
            tarifs.enregistrer_tarif(g, code, tarif)


def lignes(d: DossierODP) -> list[tuple[str, str, str, str]]:
    return [
        (x.nature, f"{x.debut:%d/%m/%Y}", f"{x.fin:%d/%m/%Y}", str(x.montant))
        for x in d.lignes.order_by("debut", "pk")
    ]


def palissade(fin: date = date(2028, 3, 31), **champs) -> DossierODP:
    """One square metre from 1 June 2026."""
    return dossier(emprise("PALIS", rect(0, largeur=1, hauteur=1), fin=fin), faits={**PALIS, **champs})


def veranda(fin: date | None = date(2028, 3, 31), **faits) -> DossierODP:
    attribution = {"exception": "L2122-1-3_1"}
    return dossier(
        emprise("TERR_F", rect(0, largeur=1, hauteur=1), fin=fin), faits={"attribution": attribution, **faits}
    )


@pytest.mark.parametrize(
    ("fin", "en_une_fois", "attendu"),
    [
        (date(2027, 5, 31), False, date(2027, 5, 31)),  # one year: at once
        (date(2027, 6, 1), False, date(2026, 12, 31)),  # a day more: each year
        (date(2027, 6, 1), True, date(2027, 6, 1)),
        (date(2031, 5, 31), True, date(2031, 5, 31)),  # five years
        (date(2031, 6, 1), True, date(2026, 12, 31)),
        (None, True, date(2026, 12, 31)),
    ],
)
def test_jusqu_ou_la_signature_facture(fin, en_une_fois, attendu):
    d = dossier(emprise("TERR_F", fin=fin), faits={"en_une_fois": en_une_fois})
    assert tarifs.fin_facturee(d, d.emprises.get()) == attendu


def test_chaque_annee_au_tarif_de_l_annee_frais_et_franchise_une_fois(aller):
    grilles(2026, 2027, 2028, frais_dossier="5.00")
    d = accorde(veranda())
    # June is free: July to December, 6/12 of 100 €, and the costs.
    assert lignes(d) == [("redevance", "01/06/2026", "31/12/2026", "55.00")]
    aller(date(2027, 1, 1))
    assert [nuit.func()["annees_facturees"] for _ in range(2)] == [1, 0]
    aller(date(2028, 1, 1))
    assert nuit.func()["annees_facturees"] == 1
    assert lignes(d)[1:] == [
        ("redevance", "01/01/2027", "31/12/2027", "110.00"),
        ("redevance", "01/01/2028", "31/03/2028", "30.00"),
    ]


def test_les_parts_d_un_tarif_a_la_semaine_font_le_prix_du_tout(aller):
    grilles(2026, 2027, 2028)
    entier = tarifs.simuler(d := palissade(), d.emprises.get(), date(2026, 6, 1), date(2028, 3, 31)).montant
    accorde(d)
    for jour in (date(2027, 1, 1), date(2028, 1, 1)):
        aller(jour)
        assert nuit.func()["annees_facturees"] == 1
    assert [x.nature for x in d.lignes.order_by("debut")] == ["redevance", "solde", "solde"]
    assert sum(x.montant for x in d.lignes.all()) == entier
    derniere = d.lignes.latest("debut")
    assert [e["etape"] for e in derniere.detail][-2:] == ["deja_facture", "solde"]
    assert Decimal(derniere.detail[-1]["montant"]) == derniere.montant


def test_un_premier_janvier_manque_se_rattrape_meme_apres_la_fin(aller):
    grilles(2026, 2028)
    d = accorde(veranda())
    aller(date(2028, 5, 2))
    # No tariff was voted for 2027: neither it nor what follows is billed, and nothing else fails.
    assert nuit.func()["annees_facturees"] == 0
    grilles(2027)
    assert nuit.func()["annees_facturees"] == 2
    assert [x[1:3] for x in lignes(d)[1:]] == [("01/01/2027", "31/12/2027"), ("01/01/2028", "31/03/2028")]


def test_un_titre_signe_en_retard_doit_les_annees_commencees(aller):
    grilles(2026, 2027)
    d = a_signer(veranda())
    aller(date(2027, 2, 1))
    faire(d, "signer", "signataire")
    assert [x[1] for x in lignes(d)] == ["01/06/2026", "01/01/2027"]


def test_en_une_fois_jusqu_a_cinq_ans_et_pas_au_dela():
    grilles(*range(2026, 2032))
    assert [x[2] for x in lignes(accorde(veranda(en_une_fois=True)))] == ["31/03/2028"]
    long = veranda(fin=date(2031, 6, 1), en_une_fois=True)
    faire(long, "instruire")
    with pytest.raises(Refus, match="cinq ans au plus"):
        faire(long, "preparer_acte")
    assert facturation.refus_prix(modifier_faits(long, {"en_une_fois": False})) is None


def test_l_acte_et_la_page_disent_que_la_redevance_revient_chaque_annee(aller):
    grilles(2026, 2027, 2028)
    d = a_signer(veranda())
    assert (valeurs.redevance_annuelle(d), valeurs.redevance_jusqu_au(d)) == ("oui", date(2026, 12, 31))
    page = texte(client_de("lecture").get(d.get_absolute_url()))
    assert "du 01/06/2026 au 31/12/2026 ; puis chaque année" in page
    accorde_ = accorde(dossier(emprise("PALIS", rect(30), fin=date(2026, 7, 1)), faits=PALIS))
    assert valeurs.redevance_annuelle(accorde_) == ""


def test_une_prolongation_d_un_titre_annuel_ne_facture_que_l_annee_commencee(aller):
    grilles(2026, 2027, 2028)
    d = accorde(veranda(fin=date(2027, 6, 30)))
    aller(date(2027, 1, 1))
    nuit.func()
    aller(date(2027, 5, 1))
    faire(d, "demander_prolongation", donnees={"fin": "2028-02-29"})
    faire(d, "accepter_prolongation", "signataire")
    assert lignes(d)[1:] == [
        ("redevance", "01/01/2027", "30/06/2027", "55.00"),
        ("solde", "01/07/2027", "31/12/2027", "55.00"),
    ]
    aller(date(2028, 1, 2))
    assert nuit.func()["annees_facturees"] == 1
    assert lignes(d)[-1] == ("redevance", "01/01/2028", "29/02/2028", "20.00")


def test_un_retrait_dans_la_troisieme_annee_rend_le_prorata_de_l_annee(aller):
    grilles(2026, 2027, 2028)
    d = accorde(veranda(fin=date(2028, 12, 31)))
    aller(date(2028, 1, 1))
    assert nuit.func()["annees_facturees"] == 2
    donnees = {"motif": "interet_general", "le": "2028-07-01", "contradictoire_le": "2028-01-01"}
    faire(d, "retirer", "signataire", donnees=donnees)
    avoir = d.lignes.get(nature="avoir")
    # 184 days left of 366.
    assert (avoir.montant, avoir.origine.exercice) == (Decimal("-60.33"), 2028)


def test_un_titre_sans_fin_quitte_avant_sa_deuxieme_facture_doit_les_jours_pris(aller):
    grilles(2026)
    d = accorde(veranda(fin=None))
    aller(date(2027, 2, 5))
    faire(d, "arreter_avant_terme", donnees={"le": "2027-02-10"})
    grilles(2027)
    assert [nuit.func()["annees_facturees"] for _ in range(2)] == [1, 0]
    # Two months begun of 110 € a year.
    assert lignes(d)[1:] == [("redevance", "01/01/2027", "09/02/2027", "18.33")]


# --- suspension ---------------------------------------------------------------------------------


def suspendu(aller, d: DossierODP) -> DossierODP:
    """Suspended from 5 to 9 June 2026; to be resumed on the 10th."""
    aller(date(2026, 6, 5))
    faire(d, "suspendre", "signataire", donnees={"motif": "Fête"})
    aller(date(2026, 6, 10))
    return d


def benne(**regles) -> DossierODP:
    g = tarifs.creer_grille(
        insee=INSEE, libelle="B", deliberation="1", deliberation_le=date(2025, 12, 1), du=date(2026, 1, 1),
        au=None, regles=regles,
    )  # fmt: skip
    tarifs.enregistrer_tarif(g, "B", {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": "1"})
    return accorde(dossier(demandeur=payeur()))


@pytest.mark.parametrize(
    ("donnees", "message"),
    [
        ({}, "un avoir, ou une fin repoussée"),
        ({"compensation": "fin_repoussee"}, "Donnez la nouvelle fin"),
        ({"compensation": "avoir", "fin": "2026-07-05"}, "pas les deux"),
    ],
)
def test_la_reprise_dit_ce_que_deviennent_les_jours_suspendus(aller, donnees, message):
    d = suspendu(aller, benne())
    with pytest.raises(Refus, match=message):
        faire(d, "reprendre_occupation", "signataire", donnees=donnees)


@pytest.mark.parametrize(("choix", "rendu"), [("avoir", "-40.00"), ("aucune", None)])
def test_un_avoir_au_prorata_des_jours_suspendus_hors_frais(aller, choix, rendu):
    d = suspendu(aller, benne(frais_dossier="10.00"))
    faire(d, "reprendre_occupation", "signataire", donnees={"compensation": choix})
    avoirs = list(d.lignes.filter(nature="avoir"))
    assert [str(x.montant) for x in avoirs] == ([rendu] if rendu else [])
    if avoirs:
        # 240 € for 30 days, five of them: said on the page as in the export.
        assert "5 jours sur 30" in avoirs[0].detail[0]["libelle"]
        faire(d, "arreter_avant_terme", donnees={"le": "2026-06-16"})
        assert sum(x.montant for x in d.lignes.all()) == Decimal("90.00")  # 15 days, less 5, and the costs


def test_un_titre_fini_ou_retire_pendant_la_suspension_rend_ces_jours(aller):
    d = suspendu(aller, benne())
    aller(date(2026, 7, 2))
    faire(d, "constater_liberation", donnees={"le": "2026-07-01"})
    assert [str(x.montant) for x in d.lignes.filter(nature="avoir")] == ["-208.00"]  # 5 to 30 June
    aller(date(2026, 6, 4))
    autre = accorde(dossier(emprise(geom=rect(30)), demandeur=payeur(siret="98765432100011")))
    suspendu(aller, autre)
    faire(autre, "retirer", "signataire", donnees={"motif": "inexecution", "le": "2026-06-11",
                                                  "contradictoire_le": "2026-06-09"})  # fmt: skip
    assert [str(x.montant) for x in autre.lignes.filter(nature="avoir")] == ["-48.00"]  # 5 to 10 June


@pytest.mark.parametrize("votee_tard", [None, "nuit", "prolongation", "suspension"])
def test_une_suspension_rend_aussi_les_jours_d_une_annee_pas_encore_facturee(aller, votee_tard):
    grilles(*((2026,) if votee_tard else (2026, 2027)))
    d = accorde(veranda())
    aller(date(2026, 12, 20))
    faire(d, "suspendre", "signataire", donnees={"motif": "Fête"})
    aller(date(2027, 1, 11))
    faire(d, "reprendre_occupation", "signataire", donnees={"compensation": "avoir"})
    if votee_tard:
        grilles(2027)
        # Whoever bills the year that waited for its grid gives its days back, once.
        if votee_tard == "prolongation":
            faire(d, "demander_prolongation", donnees={"fin": "2028-05-31"})
            faire(d, "accepter_prolongation", "signataire")
        elif votee_tard == "suspension":
            faire(d, "suspendre", "signataire", donnees={"motif": "Fête"})
            aller(date(2027, 1, 12))
            faire(d, "reprendre_occupation", "signataire", donnees={"compensation": "avoir"})
        assert [nuit.func()["annees_facturees"] for _ in range(2)] == [int(votee_tard == "nuit"), 0]
    # 12 days of 214 of 50 €, then 10 of 365 of 110 €; one more where it was suspended again.
    avoirs = d.lignes.filter(nature="avoir").order_by("debut", "pk")
    encore = ["-0.30"] if votee_tard == "suspension" else []
    assert [str(x.montant) for x in avoirs] == ["-2.80", "-3.01", *encore]


def test_les_jours_pris_apres_un_titre_suspendu_ne_sont_pas_rendus(aller):
    d = photographie(suspendu(aller, benne(majoration_sans_titre="50")))
    aller(date(2026, 7, 4))
    faire(d, "constater_depassement", donnees={"constat": "Toujours là"})
    aller(date(2026, 7, 6))
    faire(d, "liberer", donnees={"le": "2026-07-06"})
    assert [str(x.montant) for x in d.lignes.filter(nature="avoir")] == ["-208.00"]  # 5 to 30 June
    assert [str(x.montant) for x in d.lignes.filter(motif="depassement")] == ["48.00", "12.00"]


def test_une_fin_repoussee_d_un_titre_annuel_rend_les_jours_perdus_et_facture_ceux_ajoutes(aller):
    grilles(2026, 2027, 2028)
    d = suspendu(aller, accorde(veranda(fin=date(2027, 12, 26))))
    faire(d, "reprendre_occupation", "signataire",
          donnees={"fin": "2027-12-31", "compensation": "fin_repoussee"})  # fmt: skip
    avoir = d.lignes.get(nature="avoir")
    assert (avoir.motif, str(avoir.montant)) == ("suspension", "-1.17")  # 50 € × 5 / 214
    assert d.fin == date(2027, 12, 31)


@pytest.mark.parametrize("en_role", [False, True])
def test_un_titre_caduc_ne_doit_plus_rien(aller, en_role):
    grilles(2026, 2027, 2028)
    d = veranda()
    d.demandeur = payeur()
    d.save(update_fields=["demandeur"])
    accorde(d)
    aller(date(2027, 6, 2))
    nuit.func()
    if en_role:
        facturation.preparer_role(INSEE, acteur("finances"))
    faire(d, "constater_caducite", donnees={"motif": "Jamais commencé"})
    if en_role:
        rendus = d.lignes.filter(nature="avoir", motif="caducite")
        assert sorted(str(x.montant) for x in rendus) == ["-110.00", "-50.00"]
    else:
        assert set(d.lignes.values_list("etat", flat=True)) == {"annulee"}
    aller(date(2028, 1, 1))
    assert nuit.func()["annees_facturees"] == 0


def test_renouveler_sans_rien_a_renouveler_ne_fait_rien():
    assert renouveler.func(None, 2027, [], acteur("responsable").pk)["crees"] == 0
