"""Which letters a file calls for now, by its state and what was already written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from domainepublic.courriers import concurrence, suites
from domainepublic.courriers import valeurs as v
from domainepublic.courriers.catalogue import PAR_CODE, TITRES
from domainepublic.courriers.sujet import SUJET
from domainepublic.instruction.etats import EN_ATTENTE
from domainepublic.instruction.etats import TITRES as ETATS_TITRES
from domainepublic.models import DossierODP
from domainepublic.parametres import au_jour
from mairie.consultations import de_dossier
from mairie.courriers.section import Ligne, Proposition, lettres_de, section
from mairie.courriers.services import code_modele
from mairie.models import Courrier

Etat = Courrier.Etat

# Event whose letter is not sealed with it → its letter and why it is due.
_APRES = {
    "declarer_incomplet": (
        "demande_pieces",
        "Des pièces sont demandées : la lettre n'est pas encore écrite.",
    ),
    "ouvrir_constat": ("mise_en_demeure", "Une occupation sans titre est constatée."),
    "constater_depassement": ("mise_en_demeure", "Un dépassement est constaté."),
    "refuser_prolongation": ("refus_prolongation", "La prolongation est refusée : le titulaire l'ignore."),
    "ouvrir_publicite": ("publicite", "L'avis à afficher et à publier n'est pas écrit."),
    "dresser_pv": ("pv", "Le procès-verbal est dressé : son document n'est pas écrit."),
    "classer_sans_suite": ("sans_suite", "Le dossier est classé : le demandeur l'ignore."),
}


def proposer(d: DossierODP, lettres: list[Courrier]) -> Iterator[Proposition]:
    """Letters that the state calls for and that nobody began."""
    faites = [c for c in lettres if c.etat != Etat.ABANDONNE]
    codes = {code_modele(c) for c in faites}

    def une(code: str, raison: str, consultation: int | None = None) -> Proposition:
        return Proposition(code, PAR_CODE[code].libelle, raison, consultation=consultation)

    if d.etat in ("", "brouillon"):
        return
    if d.etat in EN_ATTENTE and "recepisse" not in codes and not d.annee_renouvelee:
        yield une("recepisse", "Il dit le numéro, le prix et ce que vaut le silence.")
    for fait in v.faits(d):
        if fait.type in _APRES:
            code, raison = _APRES[fait.type]
            if not any(code_modele(c) == code and c.cree_le >= fait.saisi_le for c in faites):
                yield une(code, raison)
    if v.dernier(d, "retenir") is not None and (muets := concurrence.sans_reponse(d, lettres)):
        yield une(
            concurrence.CODE, f"{muets[0]} a fait connaître son intérêt : il attend une réponse motivée."
        )
    ecrites = {c.destinataire for c in faites if code_modele(c) == "consultation"}
    for c in de_dossier(d):
        if c.envoyee_le and not c.avis and not c.close_le and str(c.service) not in ecrites:
            yield une("consultation", f"{c.service} : avis demandé.", c.pk)
    titree = d.etat == "a_signer" or d.etat in ETATS_TITRES
    if titree and not codes & set(TITRES) and (code := v.code_du_titre(d)):
        yield une(code, "L'acte de ce titre n'est pas écrit.")
    if d.annee_renouvelee and "renouvellement" not in codes:
        yield une("renouvellement", f"Le titulaire n'est pas prévenu du renouvellement {d.annee_renouvelee}.")
    titre = v.titre_de(d)
    if titre is not None and titre.role.etat == "exporte" and not titre.solde and "facture" not in codes:
        yield une("facture", f"Le titre {titre} n'est pas soldé.")
    if titre is not None and titre.role.etat == "exporte" and not titre.solde:
        echeance = titre.role.echeance
        derniere = max((c.cree_le for c in faites if code_modele(c) == "relance"), default=None)
        recente = derniere is not None and _jours_depuis(derniere) < au_jour(
            "relance_jours", timezone.localdate()
        )
        if echeance is not None and echeance < timezone.localdate() and not recente:
            yield une("relance", f"Le titre {titre} devait être payé avant le {echeance:%d/%m/%Y}.")


def _jours_depuis(instant: datetime) -> int:
    return (timezone.now() - instant).days


def attente(courrier: Courrier) -> str:
    """What is awaited of a letter, in words."""
    if courrier.etat == Etat.BROUILLON:
        lettre = suites.lettre_du_courrier(courrier)
        return "projet d'acte, à relire" if lettre is not None and lettre.titre else "à finaliser"
    if courrier.etat == Etat.FINALISE:
        qui = f" par {courrier.delegation.delegataire}" if courrier.delegation else ""
        return f"à signer{qui}" if courrier.a_signer else "à envoyer"
    if courrier.etat == Etat.SIGNE:
        return "à notifier"
    if (jour := suites.jour_de_notification(courrier)) is not None:
        return f"notifié le {jour:%d/%m/%Y}" if courrier.forme == "acte" else ""
    return ""


def contexte_courriers(utilisateur: Any, d: DossierODP) -> dict[str, Any]:
    """The section « Courriers » of a file's page."""
    lettres = lettres_de(d)
    return section(
        utilisateur,
        d,
        SUJET,
        timezone.localdate(),
        [Ligne(c, attente(c)) for c in lettres],
        lambda: proposer(d, lettres),
        "odp_courrier_preparer",
    )
