"""What a letter does to its dossier, and what must be read before it is finalised, sent or dated.

Called by the engine of letters in the transaction of each act: the event and the letter are written together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from mairie import workflow
from mairie.calendrier import jma
from mairie.courriers import services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.models import Courrier, Evenement, ModeCourrier, SuiviCourrier
from mairie.roles import Acteur, systeme
from urba.courriers.catalogue import LETTRES, Lettre, lettre_de
from urba.courriers.situation import Situation
from urba.models import DossierInstruction
from urba.regles.retrait import article_retrait, limite_retrait, refus_contradictoire
from urba.regles.types import Nature

Fait, Etat = SuiviCourrier.Fait, Courrier.Etat
DECISIONS = tuple(x.code for x in LETTRES if x.decision)
VIVANTS = (
    *(Etat.FINALISE, Etat.SIGNE, Etat.EN_ENVOI, Etat.ENVOYE, Etat.PRESENTE, Etat.DISTRIBUE, Etat.CONSULTE),
    Etat.RETOURNE,
)
# Post takes some days: a letter sent so close to the end may be presented after it.
MARGE_POSTALE = timedelta(days=4)
A_COMPLETER = "…"
_PAR_DATE = {
    ModeCourrier.RECOMMANDE: Fait.PRESENTATION,
    ModeCourrier.REMISE: Fait.DISTRIBUTION,
    ModeCourrier.ELECTRONIQUE: Fait.CONSULTATION,
}


def lettre_du_courrier(courrier: Courrier) -> Lettre | None:
    """The shipped letter behind a letter; null for a free one or the town hall's own template."""
    return lettre_de(services.code_modele(courrier))


def dossier_de(courrier: Courrier) -> DossierInstruction:
    """The request that a letter is about."""
    d = courrier.dossier
    assert isinstance(d, DossierInstruction)  # noqa: S101 - the subject declares this class only
    return d


def code_decision(s: Situation) -> str:
    """Code of the act that writes the decision of this request; empty before it is written."""
    if not s.sens:
        return ""
    if s.est_cu:
        return "certificat_urbanisme"
    if s.est_dp and s.dossier.nature == "INITIAL" and s.sens != "sursis":
        return "opposition" if s.sens == "refus" else "non_opposition"
    return {
        "accord": "arrete_accord",
        "accord_prescriptions": "arrete_prescriptions",
        "refus": "arrete_refus",
        "sursis": "arrete_sursis",
    }[s.sens]


def actes_de(dossier: DossierInstruction) -> list[Courrier]:
    """Acts of decision of a request, finalised or further, newest first."""
    return list(
        Courrier.objects.du_dossier(dossier)
        .filter(etat__in=VIVANTS, modele__modele__code__in=DECISIONS, modele__modele__metier="urba")
        .select_related("modele__modele", "delegation__delegataire")
    )


def acte_a_signer(dossier: DossierInstruction) -> Courrier | None:
    """The act of decision that waits for its signature."""
    return next((c for c in actes_de(dossier) if c.etat == Etat.FINALISE), None)


# --- to be read first ---------------------------------------------------------------------------


def avertir(courrier: Courrier, acte: str) -> Sequence[str]:
    """What the person must have read before « finaliser », « signer », « envoyer » or a date."""
    lettre = lettre_du_courrier(courrier)
    dits: list[str] = []
    if acte == "finaliser" and A_COMPLETER in courrier.corps:
        dits.append("Le texte contient encore « … » : complétez ces passages avant de finaliser.")
    if lettre is None:
        return dits
    d = dossier_de(courrier)
    jour = _jour_de(courrier, acte)
    if lettre.code in ("incompletude", "majoration"):
        dits += _fenetre(d, jour, lettre, acte)
    if lettre.prolonge and d.date_limite is not None and jour > d.date_limite:
        dits.append(
            f"Le délai s'est achevé le {jma(d.date_limite)} : cette prolongation ne le changera pas"
            " (article R. 423-44)."
        )
    if lettre.decision:
        dits += _apres_silence(d, jour)
    dits += _apres_achevement(d, lettre, jour)
    if lettre.code in ("retrait", "contradictoire"):
        dits += _retrait(d, lettre, jour)
    return dits


def _retrait(d: DossierInstruction, lettre: Lettre, jour: date) -> list[str]:
    """Time that the law gives, and observations of the holder that must be awaited."""
    if d.date_decision is None:
        return []
    type_, nature = Situation(d).type, Nature(d.contexte_regles.nature)
    limite, dits = limite_retrait(type_, nature, d.date_decision), []
    if jour > limite:
        dits.append(
            f"Le retrait n'était possible que jusqu'au {jma(limite)}"
            f" (article {article_retrait(type_, nature)}), sauf à la demande du titulaire."
        )
    if lettre.code == "retrait" and (raison := refus_contradictoire(contradictoire_le(d), None, jour)):
        dits.append(raison)
    return dits


def _jour_de(courrier: Courrier, acte: str) -> date:
    """Day that the act bears: of a fact just entered, its date; otherwise today."""
    saisie = {
        Fait.PRESENTATION: courrier.premiere_presentation,
        Fait.DISTRIBUTION: courrier.distribue_le,
        Fait.CONSULTATION: courrier.consulte_le,
    }.get(acte)  # type: ignore[call-overload]
    return saisie or timezone.localdate()


def _fenetre(d: DossierInstruction, jour: date, lettre: Lettre, acte: str) -> list[str]:
    fin = d.fin_fenetre_un_mois
    if fin is None:
        return ["Cette lettre est sans effet sur ce type de demande : le délai n'en sera pas changé."]
    if jour > fin:
        article = "R. 423-41" if lettre.code == "incompletude" else "R. 423-43"
        return [
            f"La fenêtre d'un mois s'est fermée le {jma(fin)} : cette lettre ne changera pas le délai"
            f" (article {article})."
        ]
    if acte in ("finaliser", "envoyer") and jour + MARGE_POSTALE > fin:
        return [
            f"La fenêtre d'un mois se ferme le {jma(fin)} : une lettre postée ce jour risque d'être présentée"
            " trop tard. Préférez une remise en main propre contre décharge."
        ]
    return []


def _apres_achevement(d: DossierInstruction, lettre: Lettre, jour: date) -> list[str]:
    """A notice that comes too late, an attestation that comes too early (R.462-6, R.462-10)."""
    if lettre.code not in ("mise_en_demeure", "attestation_conformite"):
        return []
    s = Situation(d)
    limite, acquise = s.date("contestation_conformite_limite"), s.date("conformite_acquise_le")
    if lettre.code == "mise_en_demeure":
        if limite is None:
            return ["Aucun achèvement total n'est déclaré : le délai de contestation ne court pas."]
        if jour > limite:
            return [f"La conformité n'était contestable que jusqu'au {jma(limite)} (article R. 462-6)."]
        return []
    if acquise is None:
        return ["Aucun achèvement total n'est déclaré : la conformité n'est pas acquise."]
    if jour < acquise:
        return [f"La conformité ne sera acquise que le {jma(acquise)} (article R. 462-6)."]
    return []


def _apres_silence(d: DossierInstruction, jour: date) -> list[str]:
    nee = d.date_decision_implicite
    if nee is None or jour < nee:
        return []
    return [
        f"Une décision implicite est née le {jma(nee)} : notifié ce jour, cet acte ne la remplace pas ;"
        " seul un retrait le peut."
    ]


# --- what follows -------------------------------------------------------------------------------


def figer(courrier: Courrier) -> dict[str, Any]:
    """What the letter tells, as codes: the event that it will post is written from them."""
    lettre = lettre_du_courrier(courrier)
    if lettre is None:
        return {}
    s = Situation(dossier_de(courrier))
    gele: dict[str, Any] = {"lettre": lettre.code}
    if lettre.code == "majoration":
        gele["majorations"] = [{"code": x.code, "fondee": True} for x in s.a_annoncer]
    if lettre.code == "incompletude":
        gele["pieces"] = [p.code for p, _ in s.pieces_demandees]
    if lettre.prolonge:
        gele["prolongation"] = lettre.prolonge
    if lettre.decision:
        gele["sens"] = s.sens
    return gele


def suivre(courrier: Courrier, fait: str, acteur: Acteur) -> None:
    """The act's consequence on the dossier; ``CourrierRefuse`` when the circuit refuses it."""
    lettre = lettre_du_courrier(courrier)
    if lettre is None:
        return
    if fait == "finalisation":
        _finalisee(courrier, lettre)
    elif fait == "signature":
        _signee(courrier, lettre, acteur)
    elif lettre.notifie and fait == Fait.DISTRIBUTION and courrier.mode == ModeCourrier.RECOMMANDE:
        if courrier.premiere_presentation is None:
            raise CourrierRefuse(
                "Datez d'abord la première présentation : c'est elle qui compte (article R. 423-47)."
            )
    elif lettre.notifie and fait == _PAR_DATE.get(ModeCourrier(courrier.mode)):
        _notifiee(courrier, lettre, acteur)


def _finalisee(courrier: Courrier, lettre: Lettre) -> None:
    if not lettre.decision:
        return
    d = dossier_de(courrier)
    s = Situation(d)
    if d.etat != "en_signature" or not s.sens:
        raise CourrierRefuse(
            f"Le dossier est {d.libelle_etat} : enregistrez d'abord « Décision rédigée », qui donne le sens,"
            " les motifs et les prescriptions."
        )
    if (attendu := lettre_de(code_decision(s))) is not None and attendu.code != lettre.code:
        raise CourrierRefuse(
            f"La décision rédigée appelle le modèle « {attendu.libelle} », non « {lettre.libelle} »."
        )
    if autres := [c for c in actes_de(d) if c.pk != courrier.pk]:
        raise CourrierRefuse(f"« {autres[0]} » porte déjà cette décision : abandonnez-le d'abord.")


def _signee(courrier: Courrier, lettre: Lettre, acteur: Acteur) -> None:
    personne, titre = acteur.utilisateur, courrier.delegation
    if personne is not None and titre is not None and titre.delegataire_id != personne.pk:
        raise CourrierRefuse(f"Seul le signataire, {titre.delegataire}, peut signer cet acte.")
    if not lettre.signe or courrier.signe_le is None:
        return
    donnees: dict[str, Any] = {}
    if lettre.signe == "retrait":
        ouverte = contradictoire_le(dossier_de(courrier))
        donnees = {"contradictoire_le": ouverte.isoformat() if ouverte else None, "motif": str(courrier)}
    _poster(courrier, lettre.signe, courrier.signe_le, donnees, acteur)


def contradictoire_le(dossier: DossierInstruction) -> date | None:
    """Day of the letter that opened the adversarial procedure."""
    lettres = Courrier.objects.du_dossier(dossier).filter(
        modele__modele__code="contradictoire", envoye_le__isnull=False
    )
    c = lettres.order_by("-envoye_le").first()
    return (c.premiere_presentation or c.distribue_le or c.envoye_le) if c else None


def _notifiee(courrier: Courrier, lettre: Lettre, acteur: Acteur) -> None:
    gele = courrier.valeurs.get("metier", {})
    donnees: dict[str, Any] = {}
    if lettre.code == "majoration":
        donnees["majorations"] = gele.get("majorations", [])
    if lettre.prolonge:
        donnees["code"] = gele.get("prolongation", lettre.prolonge)
    if courrier.mode == ModeCourrier.ELECTRONIQUE:
        envoi, lu = courrier.envoye_le, courrier.consulte_le
        donnees |= {"mode": "electronique", "envoyee_le": envoi.isoformat() if envoi else None}
        donnees["consultee_le"] = lu.isoformat() if lu else None
        jour = lu or envoi
    else:
        donnees["mode"] = "postal"
        jour = courrier.premiere_presentation or courrier.distribue_le
    if jour is not None:
        _poster(courrier, lettre.notifie, jour, donnees, acteur)


def a_reputer(dossier: DossierInstruction, jour: date) -> list[tuple[Courrier, date]]:
    """Letters sent by electronic way that nobody opened in time, with the day from which they count."""
    jours = timedelta(days=dossier.contexte_regles.regles.fiction_electronique_jours)
    envoyees = (
        Courrier.objects.du_dossier(dossier)
        .filter(mode=ModeCourrier.ELECTRONIQUE, envoye_le__lte=jour - jours, consulte_le__isnull=True)
        .exclude(etat=Etat.ABANDONNE)
        .select_related("modele__modele")
        .order_by("envoye_le", "pk")
    )
    sortie = []
    for c in envoyees:
        lettre = lettre_du_courrier(c)
        if lettre is not None and lettre.notifie and c.envoye_le and evenement_de(c, lettre.notifie) is None:
            sortie.append((c, c.envoye_le + jours))
    return sortie


def reputee_le(dossier: DossierInstruction, jour: date) -> date | None:
    """Day of the oldest letter that is deemed received and that no agent has confirmed yet."""
    return min((le for _, le in a_reputer(dossier, jour)), default=None)


def reputee_recue(courrier: Courrier, acteur: Acteur) -> None:
    """A letter sent by electronic way that nobody read: it counts fifteen days after (R.423-48)."""
    lettre = lettre_du_courrier(courrier)
    if lettre is None or not lettre.notifie or courrier.mode != ModeCourrier.ELECTRONIQUE:
        raise CourrierRefuse("Cette lettre n'est pas de celles qu'un envoi électronique notifie.")
    if courrier.envoye_le is None or courrier.consulte_le is not None:
        raise CourrierRefuse("Cette lettre n'est pas partie, ou elle a déjà été lue.")
    jours = dossier_de(courrier).contexte_regles.regles.fiction_electronique_jours
    reputee = courrier.envoye_le + timedelta(days=jours)
    if timezone.localdate() < reputee:
        raise CourrierRefuse(f"Elle ne sera réputée reçue que le {jma(reputee)} (article R. 423-48).")
    _notifiee(courrier, lettre, acteur)


def cle_evenement(courrier: Courrier, evenement: str) -> UUID:
    """The same letter posts an event once."""
    return uuid5(NAMESPACE_URL, f"urba.courrier.{courrier.pk}.{evenement}")


def evenement_de(courrier: Courrier, evenement: str) -> Evenement | None:
    """The live event that a letter posted, the line that corrected it included."""
    ligne = Evenement.objects.filter(cle=cle_evenement(courrier, evenement)).first()
    while ligne is not None and ligne.annule_par_id is not None:
        ligne = ligne.annule_par
    return ligne


def _poster(courrier: Courrier, evenement: str, jour: date, donnees: dict[str, Any], acteur: Acteur) -> None:
    d: DossierInstruction = DossierInstruction.objects.get(pk=courrier.dossier_id)
    deja = evenement_de(courrier, evenement)
    if deja is None and any(f.type == evenement and f.date_effet == jour for f in Situation(d).faits):
        return  # entered by hand, on the same day
    try:
        if deja is None:
            workflow.appliquer(
                d, evenement, par=acteur, version=d.version, date_effet=jour, donnees=donnees,
                cle=cle_evenement(courrier, evenement),
            )  # fmt: skip
        elif deja.date_effet != jour:
            dernier = courrier.suivi.order_by("-id").first()
            motif = dernier.observation if dernier and dernier.observation else "Date de la lettre corrigée"
            workflow.corriger(
                d, deja, par=acteur, version=d.version, motif=motif, date_effet=jour,
                donnees={**deja.donnees, **donnees},
            )  # fmt: skip
    except workflow.Refus as e:
        raise CourrierRefuse(*e.raisons) from e
    except workflow.ConflitEdition as e:
        raise CourrierRefuse(str(e)) from e


def renvoyee(dossier: DossierInstruction, evenement: Evenement) -> None:
    """Sent back, or written again: the act that waited is given up; its text may be taken again."""
    acte = acte_a_signer(dossier)
    if acte is not None:
        motif = str(evenement.donnees.get("motif") or "Décision reprise")
        services.abandonner(
            acte, par=systeme("renvoi en rédaction"), version=acte.version, motif=f"Renvoi : {motif}"
        )
