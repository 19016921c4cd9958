"""What each document must contain (spec §11), read in the letter as it is composed; what is offered, when."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest

from assainissement import (
    courriers,
    courriers_obligations,
    courriers_projets,
    courriers_redevances,
    obligations,
    relances,
)
from assainissement.models import Controle, Obligation, ReglementService
from mairie.courriers import envois
from mairie.courriers import services as lettres
from mairie.courriers.ecran import contexte_bureau
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.sujets import sujet_de
from mairie.models import Courrier, Delegation, ModeleCourrier, Tiers
from mairie.workflow import Refus
from tests.assainissement.fabrique_anc import (
    JOUR,
    acteur,
    controle,
    faire,
    faire_obligation,
    installation,
    notifie,
    proprietaire,
    repondre,
    zone_enjeu,
)
from tests.assainissement.fabrique_redevances import deliberation, majoration
from tests.personnes import INSEE, agent, commune

pytestmark = pytest.mark.usefixtures("aller")


@pytest.fixture(autouse=True)
def modeles(aller):
    for module in (courriers, courriers_redevances, courriers_projets, courriers_obligations):
        module.charger()


def lettre(dossier, code: str, par=None) -> Courrier:
    modele = ModeleCourrier.objects.get(metier="assainissement", code=code)
    a = next(iter(sujet_de(dossier).destinataires(dossier)), None)
    return lettres.preparer(dossier, modele, par=par or acteur(), destinataire=a)


def texte(dossier, code: str) -> str:
    html = str(lettres.composer(lettre(dossier, code)).html)
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", " ").replace("\xa0", " ").split()
    )


def offertes(dossier, role: str = "responsable") -> set[str]:
    contexte = contexte_bureau(acteur(role), sujet_de(dossier), dossier)
    return {m.code for _, modeles in contexte["etapes"] for m in modeles}


def test_le_rapport_de_visite_contient_tout_ce_qu_il_doit_dire():
    ReglementService.objects.create(
        insee=INSEE, date_effet=date(2020, 1, 1), frequence_periodique_annees=8, frequence_danger_annees=4
    )
    zone_enjeu()
    c = controle(nature="vente", agent=agent("assainissement.technicien", nom="Camille Martin"))
    repondre(
        c,
        incomplete_fosse_seule="oui",
        couvercle_non_securise="oui",
        zone_sanitaire="oui",
        usure="non_verifie",
        regards_accessibles="non",
        vidange_a_jour="non",
        ventilation="non",
    )
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    qui = acteur()
    qui.nom = "Dominique Exemple"
    qui.save(update_fields=["nom"])
    faire(c, "valider", "responsable", donnees={"commentaire": "Regard enterré."})
    faire(c, "notifier", le=JOUR)
    lu = texte(c, "rapport_visite")
    for mot in (
        # date of the control, who, where
        "visite du 2 mars 2026", "Camille Martin", "ANC-25999-00001-C01", "Personne fictive",
        "fosse toutes eaux",
        # conclusion, conformity with its case and its rule
        "danger pour la santé des personnes (cas a, règle R1)", "non conforme, cas a",
        # dangers and risks
        "Danger pour la santé des personnes oui", "Risque avéré de pollution de l'environnement non",
        "Zone à enjeu sanitaire oui", "Installation incomplète",
        # points checked with their answers, those not verified
        "Un couvercle ou un tampon manque, est cassé ou ne ferme pas oui",
        "Points non vérifiés, comptés absents : usure d'un élément", "Regard enterré.",
        # works in order, delays and their rule
        "Poser un couvercle ou un tampon qui ferme", "Compléter la filière",
        "au plus tard le 02/03/2030", "art. 4 et 5",
        "l'acquéreur fait les travaux au plus tard un an après l'acte",
        # recommendations: access, upkeep, changes
        "Accès : Rendre les regards accessibles", "Entretien : Faire vidanger", "Modifications : Créer ou",
        # frequency applied, next control
        "Fréquence appliquée : tous les 4 ans, règlement de service, installations qui présentent un danger",
        "Prochain contrôle : 02/03/2030",
        # validity for a sale, recourse
        "jusqu'au 02/03/2029 compris", "dans les deux mois de sa réception",
        # who approved it: first name, name, quality, signature
        "approuvé le 2 mars 2026 par Dominique Exemple, responsable du SPANC", "Signature :",
    ):  # fmt: skip
        assert mot in lu, mot
    assert lu.index("Poser un couvercle") < lu.index("Compléter la filière"), "par ordre de priorité"
    assert "couvercle_non" not in lu, "pas de code"


def test_un_rapport_rectifie_dit_sa_version():
    from assainissement import controles

    c = notifie(controle(), usure="oui")
    controles.rectifier(
        c, par=acteur(), version=c.version, motif="Usure notée par erreur", reponses={"usure": ("non", "")}
    )
    c.refresh_from_db()
    lu = texte(c, "rapport_visite")
    assert "Version 2 du rapport, rectifié le 02/03/2026 : Usure notée par erreur." in lu


def test_le_rapport_d_execution_compare_au_projet_et_dit_le_remblai():
    i = installation(projet=True, champs={"date_creation": None}, elements=())
    c = controle(i, "execution_neuf")
    c.conclusion_travaux = "conforme"
    c.save(update_fields=["conclusion_travaux"])
    repondre(c, chantier_non_remblaye="non")
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    faire(c, "valider", "responsable")
    assert {"rapport_execution", "accompagnement"} <= offertes(c)
    assert "rapport_visite" not in offertes(c)
    lu = texte(c, "rapport_execution")
    for mot in ("conformité", "après remblaiement", "Points contrôlés", "Signature :", "deux mois"):
        assert mot in lu, mot


def test_l_avis_de_passage_puis_la_relance_disent_la_redevance_et_les_suites(aller):
    deliberation()
    majoration()
    c = controle()
    assert offertes(c) & {"avis_passage", "confirmation", "relance"} == {"avis_passage"}
    faire(c, "proposer_rdv", donnees={"le": "2026-03-10", "creneau": "9 h"})
    lu = texte(c, "avis_passage")
    for mot in ("10 mars 2026", "132,00 €", "Délibération 2025-12", "bordereaux de vidange", "L1331-8"):
        assert mot in lu, mot
    faire(c, "fixer_rdv", donnees={"le": "2026-03-10", "creneau": "9 h"})
    assert "confirmation" in offertes(c)
    assert "le 10 mars 2026, 9 h" in texte(c, "confirmation")
    aller(date(2026, 3, 10))
    faire(c, "constater_refus")
    assert offertes(c) >= {"avis_manque", "relance"}
    assert not offertes(c) & {"avis_passage", "confirmation", "rapport_visite", "majoration"}
    aller(date(2026, 6, 10))
    faire(c, "relancer")
    lu = texte(c, "relance")
    for mot in (
        "relance n° 1",
        "L1331-11",
        "majorée de 132,00 €",
        "Délibération 2025-12",
        "10 septembre 2026",
    ):
        assert mot in lu, mot
    faire(c, "majorer", "responsable", donnees={"motif": "Refus répété."})
    lu = texte(c, "majoration")
    for mot in ("nos relances (1)", "L1331-8", "132,00 €", "10 septembre 2026", "deux mois"):
        assert mot in lu, mot


def test_une_mise_en_demeure_dit_faits_obligation_delai_recours_et_son_signataire(aller):
    maire = agent("assainissement.elu", nom="Claude Maire")
    adjoint = agent("assainissement.elu", nom="Alix Adjointe", email="adjointe@exemple.invalid")
    Delegation.objects.create(
        collectivite=commune(), delegataire=adjoint, qualite="adjointe à l'eau", du=date(2020, 1, 1),
        types_actes=["assainissement.mise_en_demeure"], acte_reference="2020-0007",
        acte_date=date(2020, 1, 1),
    )  # fmt: skip
    c = notifie(controle(), contact_eaux_usees="oui")
    o = c.obligations.get()
    assert not {x for x in offertes(o) if x.startswith("mise_en_demeure")}
    with pytest.raises(CourrierRefuse, match="Délai donné"):
        vide = lettre(o, "mise_en_demeure_travaux")
        lettres.finaliser(vide, par=acteur(), version=vide.version)
    aller(date(2030, 3, 3))
    with pytest.raises(Refus, match="entre 1 et 60 mois"):
        faire_obligation(o, "mettre_en_demeure", "elu", delai_mois=0, motif="Rien n'est fait.")
    o.refresh_from_db()
    obligations.agir(
        o, "mettre_en_demeure", par=maire, version=o.version,
        donnees={"delai_mois": 3, "motif": "Le service n'a reçu aucun projet."},
    )  # fmt: skip
    o.refresh_from_db()
    assert {x for x in offertes(o) if x.startswith("mise_en_demeure")} == {"mise_en_demeure_travaux"}
    lu = texte(o, "mise_en_demeure_travaux")
    for mot in (
        "visite du 2 mars 2026", "danger pour la santé", "notifié le 2 mars 2026", "2 mars 2030",
        "aucun projet", "Supprimer tout écoulement", "L1331-1-1",
        "dans un délai de 3 mois à compter du 3 mars 2030, soit au plus tard le 3 juin 2030",
        "L1331-8", "tribunal administratif, dans les deux mois",
        "Alix Adjointe", "par délégation", "adjointe à l'eau", "2020-0007",
    ):  # fmt: skip
        assert mot in lu, mot
    with pytest.raises(Refus, match="jusqu'au 03/06/2030"):
        faire_obligation(o, "penaliser", motif="Rien.")
    aller(date(2030, 6, 4))
    with pytest.raises(Refus, match="n'est pas partie"):
        faire_obligation(o, "penaliser", motif="Rien.")
    Tiers.objects.update(voie="1 rue de l'Essai", code_postal="25999", ville="VALBRUNE")
    mise = lettre(o, "mise_en_demeure_travaux", maire)
    mise = lettres.finaliser(mise, par=maire, version=mise.version, confirmer=True)
    mise = envois.signer(mise, par=adjoint, le=date(2030, 6, 4), confirmer=True)
    envois.envoyer(mise, par=maire, mode="remise", confirmer=True)
    assert faire_obligation(o, "penaliser", motif="Rien.").etat == "penalite"
    assert "soit au plus tard le 3 juin 2030" in texte(o, "mise_en_demeure_travaux")


def test_une_absence_se_met_en_demeure_sans_echeance():
    c = notifie(controle(), elements_probants="non")
    o = Obligation.objects.get(controle=c, nature="absence")
    faire_obligation(o, "mettre_en_demeure", "elu", delai_mois=12, motif="Des eaux coulent au fossé.")
    lu = texte(o, "mise_en_demeure_absence")
    for mot in ("aucun élément prouvant", "L1331-1-1", "12 mois", "2 mars 2027", "eaux coulent au fossé"):
        assert mot in lu, mot


def test_un_rappel_de_travaux_ne_se_propose_plus_quand_ils_sont_leves(aller):
    c = notifie(controle(), contact_eaux_usees="oui")
    assert "rappel_travaux" in offertes(c)
    aller(date(2026, 6, 1))
    notifie(controle(c.installation, "contre_visite"), date(2026, 6, 1))
    c.refresh_from_db()
    assert "rappel_travaux" not in offertes(c)
    lu = texte(Controle.objects.get(nature="contre_visite"), "rapport_visite")
    assert "Aucuns travaux ne sont demandés." in lu


def test_un_pdf_qui_ne_se_fait_pas_laisse_la_visite_a_relancer_et_se_rejoue(aller, monkeypatch):
    """Spec §13: the state does not change, the job can be replayed, and no other letter is stopped."""
    qui = proprietaire()
    qui.voie, qui.code_postal, qui.ville = "1 rue de l'Essai", "25999", "VALBRUNE"
    qui.save()
    deux = [controle(installation(proprietaire=qui)) for _ in range(2)]
    for c in deux:
        faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": c.numero})
        faire(c, "constater_absence")
    aller(date(2026, 6, 2))
    vrai, fautif = lettres._rendre, deux[0].numero

    def rendre(compose):
        if fautif in compose.html:
            raise CourrierRefuse("Le moteur de mise en page est arrêté.")
        return vrai(compose)

    monkeypatch.setattr(lettres, "_rendre", rendre)
    liste = relances.LISTES["relances"]
    ecrites = relances.envoyer(liste, deux, acteur(), uuid4())
    assert [bool(e.lettre) for e in ecrites] == [False, True]
    assert "arrêté" in ecrites[0].raison
    for c in deux:
        c.refresh_from_db()
    assert [(c.etat, c.nb_relances) for c in deux] == [("absent", 0), ("relance", 1)]
    monkeypatch.setattr(lettres, "_rendre", vrai)
    assert relances.envoyer(liste, deux[:1], acteur(), uuid4())[0].lettre is not None
    deux[0].refresh_from_db()
    assert (deux[0].etat, deux[0].nb_relances) == ("relance", 1)
