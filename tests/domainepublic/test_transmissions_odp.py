"""A business sold or inherited, an infraction made regular (end of spec §4; CG3P L2124-33 and L2124-34)."""

from __future__ import annotations

from datetime import date

import pytest

from domainepublic import tarifs, transmissions
from domainepublic.apercu_renouvellement import candidats
from domainepublic.models import DossierODP
from mairie.models import Echeance
from mairie.workflow import Refus, rafraichir
from tests.domainepublic.fabrique_odp import (
    a_signer,
    accorde,
    acteur,
    dossier,
    emprise,
    faire,
    personne,
    photographie,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import payeur
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
ADRESSE = "/domaine-public/deposer/reprendre/"
FAITS = {"attribution": {"exception": "L2122-1-3_1"}}


@pytest.fixture
def titre(aller) -> DossierODP:
    """A terrace of 8 m², 1 € a day, from March to December 2026."""
    g = tarifs.creer_grille(
        insee=INSEE, libelle="T", deliberation="1", deliberation_le=date(2025, 12, 1),
        du=date(2026, 1, 1), au=None,
    )  # fmt: skip
    tarifs.enregistrer_tarif(g, "T", {"type": "TERR_O", "unite": "m2", "periode": "jour", "prix": "1"})
    return accorde(
        dossier(
            emprise("TERR_O", debut=date(2026, 3, 2), fin=date(2026, 12, 31)), demandeur=payeur(), faits=FAITS
        )
    )


def saisie(d: DossierODP, genre: str, **champs) -> dict[str, str]:
    return {
        "genre": genre, "titre": d.numero or "", "debut": "2026-05-01", "beneficiaire": "entreprise",
        "nom": "Repreneur fictif", **champs,
    }  # fmt: skip


def test_l_acheteur_demande_avant_l_achat_et_le_titre_attend_la_vente(titre, aller):
    client = client_de("instructeur")
    assert "Reprise du fonds ou succession" in texte(client.get(titre.get_absolute_url()))
    reponse = client.post(ADRESSE, saisie(titre, "reprise_fonds"))
    assert reponse.status_code == 302, texte(reponse)
    d = DossierODP.objects.get(transmission="reprise_fonds")
    assert (d.dossier_origine, d.debut, d.fin, d.etat) == (
        titre, date(2026, 5, 1), date(2026, 12, 31), "depose"
    )  # fmt: skip
    assert not d.riverains.exclude(idu__in=titre.riverains.values("idu")).exists()
    # The title that it takes over is no conflict.
    a_signer(d)
    faire(d, "signer", "signataire")
    assert not d.lignes.exists(), "rien n'est dû avant la vente"
    aller(date(2026, 5, 20))
    rafraichir(d)
    assert d.etat == "accorde"
    with pytest.raises(Refus, match="dans l'avenir"):
        faire(d, "justifier_vente", donnees={"le": "2026-05-21"})
    with pytest.raises(Refus, match="réservé à"):
        faire(d, "justifier_vente", "lecture", donnees={"le": "2026-05-10"})
    faire(d, "justifier_vente", donnees={"le": "2026-05-10"})
    assert (d.etat, d.emprises.get().debut) == ("actif", date(2026, 5, 10))
    assert str(d.lignes.get().montant) == "1888.00"  # 8 m² × 236 days


def test_une_vente_deja_faite_ne_retient_pas_le_titre(titre):
    d = transmissions.reprendre(
        titre, "reprise_fonds", personne(), par=acteur("instructeur"), debut=date(2026, 5, 1)
    )
    faire(d, "justifier_vente", donnees={"le": "2026-03-01"})
    with pytest.raises(Refus, match="déjà justifiée"):
        faire(d, "justifier_vente", donnees={"le": "2026-03-01"})
    a_signer(d)
    faire(d, "signer", "signataire")
    assert d.lignes.get().debut == date(2026, 5, 1)
    with pytest.raises(Refus, match="n'est pas une reprise"):
        faire(dossier(emprise(geom=rect(50))), "justifier_vente", donnees={"le": "2026-03-01"})


def test_les_ayants_droit_gardent_le_titre_trois_mois_et_ont_six_mois(titre, aller):
    aller(date(2026, 4, 10))
    client = client_de("instructeur")
    sans = client.post(ADRESSE, saisie(titre, "succession", debut="2026-04-15"))
    assert sans.status_code == 422 and "Donnez la date du décès" in texte(sans)
    client.post(ADRESSE, saisie(titre, "succession", debut="2026-04-15", deces_le="2026-04-02"))
    d = DossierODP.objects.get(transmission="succession")
    assert (d.debut, d.fin, d.successeur_avant) == (date(2026, 4, 15), date(2026, 7, 14), date(2026, 10, 2))
    a_signer(d)
    faire(d, "signer", "signataire")
    assert not d.lignes.exists(), "le défunt a payé ces jours"
    assert Echeance.objects.filter(code="domainepublic.successeur", date=date(2026, 10, 2)).exists()
    assert "successeur à présenter avant le 02/10/2026" in texte(client.get(d.get_absolute_url()))


def test_les_ayants_droit_paient_les_jours_que_le_defunt_n_a_pas_payes(titre, aller):
    aller(date(2026, 10, 10))
    d = transmissions.reprendre(
        titre, "succession", personne(), par=acteur("instructeur"), debut=date(2026, 11, 15),
        deces_le=date(2026, 10, 2),
    )  # fmt: skip
    faire(a_signer(d), "signer", "signataire")
    assert [(x.debut, x.fin) for x in d.lignes.all()] == [(date(2027, 1, 1), date(2027, 2, 14))]


def test_les_ayants_droit_gardent_ce_qui_servait_le_fonds_ce_jour_la(titre, aller):
    """CG3P L2124-34: the same title for three months; what was over, or serves no business, is not."""
    depart = date(2026, 3, 2)
    emprises = [
        emprise("TERR_O", rect(x), debut=debut, fin=fin)
        for x, debut, fin in (
            (20, depart, date(2026, 12, 31)),
            # Over in the three months: kept all along, as the title of the heirs is of three months.
            (26, depart, date(2026, 5, 31)),
            (32, depart, date(2026, 4, 1)),
            (38, date(2026, 5, 1), date(2026, 9, 30)),
            (44, date(2026, 5, 1), date(2026, 5, 31)),
            (50, date(2026, 8, 1), date(2026, 9, 30)),
        )
    ]
    chantier = emprise("BENNE", rect(56), debut=depart, fin=date(2026, 12, 31))
    tarifs.enregistrer_tarif(
        tarifs.grilles_de(INSEE, depart, depart)[0], "B",
        {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": "1"},
    )  # fmt: skip
    origine = accorde(dossier(*emprises, chantier, demandeur=payeur(siret="98765432100011"), faits=FAITS))
    aller(date(2026, 4, 10))
    d = transmissions.reprendre(
        origine, "succession", personne(), par=acteur("instructeur"), debut=date(2026, 4, 15),
        deces_le=date(2026, 4, 2),
    )  # fmt: skip
    fin = date(2026, 7, 14)
    assert [(e.debut, e.fin) for e in d.emprises.order_by("rang")] == [
        (date(2026, 4, 15), fin), (date(2026, 4, 15), fin), (date(2026, 5, 1), fin),
        (date(2026, 5, 1), date(2026, 5, 31)),
    ]  # fmt: skip
    with pytest.raises(Refus, match="ne servait un fonds de commerce"):
        transmissions.reprendre(
            accorde(dossier(emprise(geom=rect(80)), demandeur=payeur(siret="11111111100019"))),
            "succession", personne(), par=acteur("instructeur"), debut=date(2026, 6, 1),
            deces_le=date(2026, 4, 2),
        )  # fmt: skip


def test_l_acheteur_ne_reprend_que_ce_qui_dure_encore_et_le_titre_repris_est_dit(titre, aller):
    depart = date(2026, 3, 2)
    emprises = [
        emprise("TERR_O", rect(x), debut=depart, fin=fin)
        for x, fin in ((20, date(2026, 12, 31)), (40, date(2026, 5, 31)), (60, date(2026, 4, 10)))
    ]
    origine = accorde(dossier(*emprises, demandeur=payeur(siret="98765432100011"), faits=FAITS))
    d = transmissions.reprendre(
        origine, "reprise_fonds", personne(), par=acteur("instructeur"), debut=date(2026, 5, 1)
    )
    # The one over before is not revived, the one of the season keeps its end.
    assert [e.fin for e in d.emprises.order_by("rang")] == [date(2026, 12, 31), date(2026, 5, 31)]
    faire(a_signer(d), "signer", "signataire")
    aller(date(2026, 6, 5))
    assert origine in candidats(INSEE, 2027)
    faire(d, "justifier_vente", donnees={"le": "2026-06-02"})
    # Over before the sale: never the buyer's.
    assert [(x.emprise.rang, x.debut) for x in d.lignes.all()] == [(1, date(2026, 6, 2))]
    assert "Ce titre est repris par" in texte(client_de("lecture").get(origine.get_absolute_url()))
    assert origine not in candidats(INSEE, 2027) and d in candidats(INSEE, 2027)


@pytest.mark.parametrize(
    ("genre", "debut", "deces", "message"),
    [
        ("succession", date(2026, 9, 3), date(2026, 3, 2), "six mois"),
        ("succession", date(2026, 4, 1), date(2026, 3, 3), "dans l'avenir"),
        ("reprise_fonds", date(2027, 1, 1), None, "finit le 31/12/2026"),
        ("regularisation", date(2026, 4, 1), None, "pas une infraction"),
    ],
)
def test_ce_qui_ne_se_reprend_pas(titre, genre, debut, deces, message):
    with pytest.raises(Refus, match=message):
        transmissions.reprendre(
            titre, genre, personne(), par=acteur("instructeur"), debut=debut, deces_le=deces
        )
    assert DossierODP.objects.count() == 1


def test_une_demande_en_cours_ne_se_reprend_pas_ni_le_titre_d_une_autre_commune(titre):
    attente = dossier(emprise(geom=rect(50)))
    client = client_de("instructeur")
    assert "pas un titre en vigueur" in texte(client.post(ADRESSE, saisie(attente, "reprise_fonds")))
    ailleurs = client_de("instructeur", insee=AUTRE_INSEE).post(ADRESSE, saisie(titre, "reprise_fonds"))
    assert "Aucun dossier que vous instruisez" in texte(ailleurs)
    assert client_de("lecture").get(ADRESSE).status_code == 403
    assert not DossierODP.objects.exclude(transmission="").exists()


def test_une_infraction_se_regularise_par_son_dossier_rempli(titre, aller):
    aller(date(2027, 1, 4))
    photographie(titre)
    faire(titre, "constater_depassement", donnees={"constat": "Toujours là"})
    client = client_de("instructeur")
    assert "Régulariser par un nouveau dossier" in texte(client.get(titre.get_absolute_url()))
    envoi = saisie(titre, "regularisation", debut="2027-01-04")
    assert "Donnez le dernier jour" in texte(client.post(ADRESSE, envoi))
    client.post(ADRESSE, {**envoi, "fin": "2027-02-28"})
    titre.refresh_from_db()
    nouveau = DossierODP.objects.get(dossier_origine=titre)
    assert (titre.etat, nouveau.etat, nouveau.transmission) == ("regularise", "depose", "")
    assert nouveau.emprises.get().type.code == "TERR_O"
