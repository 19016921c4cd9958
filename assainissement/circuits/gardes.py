"""Conditions of the events of a control (spec §7): each says what is missing and what to do."""

from __future__ import annotations

from datetime import date

from assainissement.regles.tables import anc
from assainissement.regles.tables.parametres import entier
from mairie.calendrier import jma
from mairie.roles import detient_un
from mairie.workflow.modele import Demande, Garde


def _installation(demande: Demande) -> str | None:
    i = demande.dossier.installation
    if i.etat == "desactivee":
        return (
            f"L'installation {i} est désactivée : aucun contrôle ne s'y ouvre."
            " Le responsable peut la réactiver, avec un motif."
        )
    return None


INSTALLATION = Garde("installation", "Installation en service", _installation)


def _reprise(demande: Demande) -> str | None:
    visite, recu = demande.donnees.get("visite"), demande.donnees.get("notification")
    if visite and visite > demande.aujourdhui.isoformat():
        return "La visite d'un contrôle repris ne peut être dans l'avenir."
    if recu and visite and recu < visite:
        return "Le rapport n'a pas pu être reçu avant la visite."
    return None


REPRISE = Garde("reprise", "Dates du contrôle repris", _reprise, sur_saisie=True)


def _confie(demande: Demande) -> str | None:
    from assainissement.perms import est_confie

    acteur, c = demande.acteur, demande.dossier
    if acteur.utilisateur is None or detient_un(acteur, "assainissement", ("technicien", "responsable"), c):
        return None
    return None if est_confie(acteur.utilisateur, c) else "Ce contrôle ne vous est pas confié."


CONFIE = Garde("confie", "Contrôle confié", _confie)


def _rdv_a_venir(demande: Demande) -> str | None:
    le = demande.donnees.get("le")
    if le and le < demande.date_effet.isoformat():
        return "Le rendez-vous se fixe pour un jour à venir."
    return None


RDV_A_VENIR = Garde("rdv_a_venir", "Un jour à venir", _rdv_a_venir, sur_saisie=True)


def _creneau(demande: Demande) -> str | None:
    c, le, creneau = demande.dossier, demande.donnees.get("le"), demande.donnees.get("creneau")
    if not c.controleur or not le or not creneau:
        return None
    qui = {"agent": c.agent_id} if c.agent_id else {"prestataire": c.prestataire_id}
    from assainissement.creneaux import se_genent

    pris = type(c)._base_manager.filter(**qui, date_rdv=le, etat="rdv_fixe").exclude(pk=c.pk).order_by("pk")
    autre = next((x for x in pris if se_genent(str(creneau), x.creneau)), None)
    if autre is not None:
        return (
            f"{c.controleur} a déjà un rendez-vous ce jour-là à « {autre.creneau} » ({autre}) :"
            " choisissez un autre créneau."
        )
    return None


def _disponible(demande: Demande) -> str | None:
    from assainissement.tournees import absence

    c, le = demande.dossier, demande.donnees.get("le")
    if not c.controleur or not le:
        return None
    trouvee = absence(date.fromisoformat(str(le)), agent=c.agent_id, prestataire=c.prestataire_id)
    if trouvee is None:
        return None
    return f"{c.controleur} est absent du {jma(trouvee.du)} au {jma(trouvee.au)} : choisissez un autre jour."


DISPONIBLE = Garde("disponible", "Contrôleur présent", _disponible, sur_saisie=True)
CRENEAU_LIBRE = Garde("creneau_libre", "Créneau libre", _creneau, sur_saisie=True)


def _rdv_passe(demande: Demande) -> str | None:
    rdv = demande.situation.dates.get("date_rdv")
    if rdv is not None and demande.date_effet < rdv:
        return f"Le rendez-vous est le {jma(rdv)} : il ne peut être manqué avant."
    return None


RDV_PASSE = Garde("rdv_passe", "Rendez-vous passé", _rdv_passe, sur_saisie=True)


def _sans_suites(demande: Demande) -> str | None:
    from mairie.models import Evenement

    c = demande.dossier
    if c.etat != "rapport_valide":
        return None
    leve = Evenement.objects.filter(workflow=c.WORKFLOW, type="lever", donnees__controle=str(c)).exists()
    if leve or not c.existant:
        return (
            "La conclusion de ce rapport a déjà ses suites : notifiez-le, puis rectifiez-le, plutôt que de"
            " l'annuler."
        )
    return None


SANS_SUITES = Garde("sans_suites", "Rapport sans suites", _sans_suites)


def _relances_parties(demande: Demande) -> str | None:
    """A reminder that the house wrote counts once its letter has left; one that an agent tells, at once."""
    from assainissement.circuits.recalcul import relances_voulues
    from mairie.models import Courrier, Evenement

    c = demande.dossier
    faites = [f.id for f in demande.faits if f.type == "relancer"]
    maison = Evenement.objects.filter(pk__in=faites, auteur__isnull=True).count()
    if not maison:
        return None
    parties = Courrier.objects.filter(
        dossier_type__app_label="assainissement", dossier_type__model="controle", dossier_id=c.pk,
        modele__modele__code="relance", cree_par__isnull=True, envoye_le__lte=demande.date_effet,
    ).count()  # fmt: skip
    if len(faites) - maison + min(maison, parties) >= relances_voulues(demande.faits):
        return None
    return (
        "La lettre de relance est écrite mais n'est pas partie : envoyez-la depuis les courriers du contrôle"
        " avant de majorer."
    )


def _majoration(demande: Demande) -> str | None:
    if demande.situation.calculs.get("majoration_due"):
        return _relances_parties(demande)
    return (
        "La majoration n'est pas due : elle suit un refus ou un report abusif, après les relances que fixe le"
        " règlement de service."
    )


MAJORATION = Garde("majoration", "Majoration due", _majoration)


def _existence(demande: Demande) -> str | None:
    from assainissement.observations import manque

    return manque(demande.dossier) or None


EXISTENCE_DITE = Garde("existence", "Constat commencé", _existence)


def _apres_installation(demande: Demande) -> str | None:
    creation = demande.dossier.installation.date_creation
    if creation and demande.date_effet < creation:
        return (
            f"La visite ({jma(demande.date_effet)}) précède l'installation, posée le {jma(creation)} :"
            " corrigez l'une des deux dates."
        )
    return None


APRES_INSTALLATION = Garde(
    "apres_installation", "Visite postérieure à la pose", _apres_installation, sur_saisie=True
)


def _presence(demande: Demande) -> str | None:
    if (
        demande.donnees.get("presence") in (None, "signee")
        or str(demande.donnees.get("raison") or "").strip()
    ):
        return None
    return "Sans signature de la personne présente, dites pourquoi."


PRESENCE = Garde("presence", "Signature de la présence, ou sa raison", _presence, sur_saisie=True)


def _travaux(demande: Demande) -> str | None:
    regle = (demande.donnees.get("resultat") or {}).get("regle")
    if regle in (*anc.REGLES_DANGER, anc.NON_CONFORME) and not demande.dossier.travaux.exists():
        return f"La conclusion {regle} appelle des travaux : écrivez-en au moins un, par ordre de priorité."
    return None


TRAVAUX = Garde("travaux", "Travaux listés", _travaux, sur_saisie=True)


def _commentaire(demande: Demande) -> str | None:
    resultat = demande.donnees.get("resultat") or {}
    if (
        resultat.get("regle") == "R6"
        and resultat.get("points_non_verifies")
        and not str(demande.donnees.get("commentaire") or "").strip()
    ):
        return "Des points n'ont pas été vérifiés et rien n'est reproché : expliquez-le dans un commentaire."
    return None


COMMENTAIRE = Garde("commentaire", "Points non vérifiés expliqués", _commentaire, sur_saisie=True)


def _apres_rapport(demande: Demande) -> str | None:
    rapport = demande.situation.dates.get("date_rapport")
    if rapport and demande.date_effet < rapport:
        return f"Le rapport, validé le {jma(rapport)}, n'a pas pu être reçu avant."
    return None


APRES_RAPPORT = Garde("apres_rapport", "Réception après le rapport", _apres_rapport, sur_saisie=True)


def _un_acte(demande: Demande) -> str | None:
    acte = demande.situation.dates.get("date_acte")
    return f"Un acte est déjà enregistré, du {jma(acte)}." if acte else None


UN_SEUL_ACTE = Garde("un_acte", "Un seul acte de vente", _un_acte)


def _danger(demande: Demande) -> str | None:
    if demande.situation.calculs.get("regle") in anc.REGLES_DANGER:
        return None
    return f"Le maire ne raccourcit que le délai des conclusions {', '.join(anc.REGLES_DANGER)}."


DANGER = Garde("danger", "Danger ou risque constaté", _danger)


def _delai_maire(demande: Demande) -> str | None:
    mois, maximum = demande.donnees.get("mois"), entier("ANC_MAIRE")
    if mois is not None and not 1 <= int(mois) <= maximum:
        return f"Le délai raccourci est compris entre 1 et {maximum} mois."
    return None


DELAI_MAIRE = Garde("delai_maire", "Délai en mois", _delai_maire, sur_saisie=True)


def _redevance_connue(demande: Demande) -> str | None:
    from assainissement.redevances import inconnue

    return inconnue(demande.dossier, demande.date_effet) or None


REDEVANCE_CONNUE = Garde("redevance_connue", "Redevance connue", _redevance_connue)


def _majoration_votee(demande: Demande) -> str | None:
    from assainissement import tarifs

    insee, jour = demande.dossier.insee, demande.date_effet
    if tarifs.en_vigueur(insee, "redevance_anc", jour) and not tarifs.taux_majoration(insee, jour):
        return "Aucune délibération en vigueur ne fixe la majoration : enregistrez-la dans les tarifs."
    return None


MAJORATION_VOTEE = Garde("majoration_votee", "Majoration votée", _majoration_votee)


def _annoncee(demande: Demande) -> str | None:
    from assainissement.redevances import ligne_de

    ligne = ligne_de(demande.dossier)
    if ligne is None or ligne.etat != "a_annoncer" or str(demande.donnees.get("sans_annonce") or "").strip():
        return None
    return (
        "La redevance n'a pas été annoncée avant la visite : dites pourquoi elle est facturée quand même, ou"
        " annulez sa ligne."
    )


ANNONCEE = Garde("annoncee", "Redevance annoncée avant la visite", _annoncee, sur_saisie=True)
