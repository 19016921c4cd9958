"""Free titles and reductions: what an agent says of a file, its fee, its act, what the commune gives up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domainepublic import exonerations, statistiques, tarifs
from domainepublic.courriers import valeurs
from domainepublic.formulaires import FormulaireFaits
from tests.domainepublic.fabrique_odp import accorde, dossier, emprise, faire, photographie, rect
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import INSEE

FAITS = {"domaine": "voie_communale", "occupant": "ordinaire", "en_agglomeration": "on"}
DELIBERATION = {"exo_motif": "deliberation", "exo_taux": "50", "exo_reference": "2026-14 du 3 mars 2026"}


def formulaire(**champs) -> FormulaireFaits:
    return FormulaireFaits({**FAITS, **champs})


@pytest.mark.parametrize(
    ("champs", "fautif"),
    [
        ({"exo_motif": "deliberation"}, "exo_reference"),
        ({**DELIBERATION, "exo_taux": "0"}, "exo_taux"),
        ({**DELIBERATION, "exo_taux": "100.01"}, "exo_taux"),
        ({"exo_motif": "marche_public", "exo_taux": "50"}, "exo_taux"),
        ({"exo_motif": "marche_public", "exo_reference": "2026-14"}, "exo_reference"),
        ({"exo_taux": "50"}, "exo_taux"),
        ({"exo_hors_frais": "on"}, "exo_hors_frais"),
        ({"exo_motif": "amitie"}, "exo_motif"),
    ],
)
def test_une_exoneration_mal_dite_est_refusee_sous_son_champ(champs, fautif):
    assert list(formulaire(**champs).errors) == [fautif]


@pytest.mark.parametrize(
    ("champs", "garde", "mots"),
    [
        ({}, {}, ""),
        (
            {"exo_motif": "marche_public", "exo_hors_frais": "on"},
            {"motif": "marche_public", "hors_frais": True},
            "exécution d'un marché public (CG3P L2125-1-1), hors frais de dossier",
        ),
        (
            DELIBERATION,
            {
                "motif": "deliberation",
                "taux": "50",
                "reference": "2026-14 du 3 mars 2026",
                "hors_frais": False,
            },
            "délibération de la collectivité (2026-14 du 3 mars 2026), 50 %",
        ),
        (
            {**DELIBERATION, "exo_taux": ""},
            {
                "motif": "deliberation",
                "taux": "100",
                "reference": "2026-14 du 3 mars 2026",
                "hors_frais": False,
            },
            "délibération de la collectivité (2026-14 du 3 mars 2026)",
        ),
    ],
)
def test_ce_que_le_dossier_garde_et_comment_il_se_lit(champs, garde, mots):
    f = formulaire(**champs)
    assert f.is_valid(), f.errors
    assert f.faits()["exoneration"] == garde
    assert exonerations.en_mots(garde) == mots


@pytest.mark.parametrize(
    ("motif", "beneficiaire", "types", "convient"),
    [
        ("association_interet_general", "association", ("BENNE",), True),
        ("association_interet_general", "entreprise", ("BENNE",), False),
        ("vegetalisation", "particulier", ("VEGET", "BENNE"), True),
        ("vegetalisation", "particulier", ("BENNE",), False),
        ("marche_public", "entreprise", ("BENNE",), True),
    ],
)
def test_un_motif_convient_au_titulaire_et_au_sol(motif, beneficiaire, types, convient):
    f = formulaire(exo_motif=motif)
    assert f.is_valid() and f.convient(beneficiaire, types) is convient
    assert ("exo_motif" in f.errors) is not convient


@pytest.mark.usefixtures("aller")
def test_un_titre_exonere_ne_demande_rien_et_se_compte_aux_recettes_abandonnees(aller):
    grille(frais_dossier="10.00", majoration_sans_titre="50")
    d = dossier(demandeur=payeur(), beneficiaire="association")
    client = client_de("instructeur")
    envoi = {**FAITS, "exo_motif": "association_interet_general", "version": d.version}
    assert client.post(f"{d.get_absolute_url()}faits/", envoi).status_code == 302
    d.refresh_from_db()
    assert tarifs.previsions(d)[0].montant == 0
    page = texte(client.get(d.get_absolute_url()))
    assert "Exonération : association d'intérêt général" in page.replace("&#x27;", "'")
    accorde(d)
    ligne = d.lignes.get()
    assert (ligne.montant, ligne.montant_theorique) == (0, Decimal("250.00"))
    (rangee,) = statistiques.abandons(INSEE, 2026).lignes
    assert rangee[1:] == (1, Decimal("250.00"))
    assert "association" in valeurs.exoneration(d)
    # Days taken after its end have no title: they are due, raised.
    aller(date(2026, 7, 4))
    faire(photographie(d), "constater_depassement", "assermente", donnees={"constat": "Encore là."})
    assert d.lignes.filter(montant__gt=0).exists()


@pytest.mark.usefixtures("aller")
def test_une_reduction_se_fige_et_un_motif_de_type_ne_vaut_que_pour_ses_emprises():
    g = grille()
    exo = exonerations.composer("deliberation", Decimal("25"), "2026-14", hors_frais=False)
    d = accorde(dossier(demandeur=payeur(), faits={"exoneration": exo}))
    assert d.lignes.get().montant == Decimal("180.00")
    tarifs.enregistrer_tarif(g, "V", {"type": "VEGET", "unite": "m2", "periode": "jour", "prix": "1"})
    vegetal = exonerations.composer("vegetalisation", None, "", hors_frais=False)
    mixte = dossier(
        emprise(geom=rect(20)), emprise("VEGET", rect(40), unite="m2"), faits={"exoneration": vegetal}
    )
    assert [p.montant for p in tarifs.previsions(mixte)] == [Decimal("240.00"), Decimal(0)]


@pytest.mark.usefixtures("aller")
def test_une_exoneration_qui_ne_convient_pas_est_dite_et_rien_ne_change():
    d = dossier()
    envoi = {**FAITS, "exo_motif": "association_interet_general", "version": d.version}
    reponse = client_de("instructeur").post(f"{d.get_absolute_url()}faits/", envoi)
    assert "réservé à une association" in texte(reponse)
    d.refresh_from_db()
    assert d.exoneration == {}
