"""Which letters a request calls for now, by its state and what was already written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from mairie.calendrier import jma
from mairie.consultations import de_dossier
from mairie.courriers.section import Ligne, Proposition, lettres_de, section
from mairie.courriers.services import code_modele
from mairie.models import Courrier
from urba.courriers import suites
from urba.courriers.catalogue import PAR_CODE
from urba.courriers.situation import Situation
from urba.courriers.sujet import SUJET
from urba.instruction.etats import ACCORDES, CLOS, OUVERTS
from urba.models import DossierInstruction
from urba.regles.decision import Autorite

Etat = Courrier.Etat


def proposer(dossier: DossierInstruction, lettres: list[Courrier], jour: date) -> Iterator[Proposition]:
    """Letters that the state calls for and that nobody began."""
    s = Situation(dossier)
    faites = [c for c in lettres if c.etat != Etat.ABANDONNE]
    codes = {code_modele(c) for c in faites}

    def une(code: str, raison: str, presse: str = "", consultation: int | None = None) -> Proposition:
        return Proposition(code, PAR_CODE[code].libelle, raison, presse, consultation)

    if dossier.etat in ("", "enregistre"):
        return
    if dossier.etat in OUVERTS and "recepisse" not in codes:
        yield une("recepisse", "Il dit au demandeur son délai et ce que vaudra le silence.")
    affichage = s.date("affichage_depot_limite")
    if dossier.etat in OUVERTS and affichage is not None and "avis_depot" not in codes:
        yield une("avis_depot", f"À afficher en mairie au plus tard le {jma(affichage)} (R. 423-6).")
    yield from _premier_mois(s, faites, jour, une)
    recues = s.dernier("depot_pieces")
    if dossier.etat in OUVERTS:
        if recues is not None and not _depuis(faites, "recepisse_pieces", recues.saisi_le):
            yield une("recepisse_pieces", f"Des pièces ont été reçues le {jma(recues.date_effet)}.")
        ecrites = {c.destinataire for c in faites if code_modele(c) == "consultation"}
        for c in de_dossier(dossier):
            if c.envoyee_le and not c.avis and not c.close_le and str(c.service) not in ecrites:
                yield une("consultation", f"{c.service} : avis demandé.", consultation=c.pk)
    if dossier.etat == "redaction" and "rapport" not in codes:
        yield une("rapport", "Il présente le dossier et la proposition à qui signera.")
    if dossier.etat == "en_signature" and suites.code_decision(s) not in codes:
        limite = dossier.date_limite
        presse = f"Date limite : {jma(limite)}." if limite else ""
        yield une(
            suites.code_decision(s), "La décision est rédigée : son acte est à écrire, puis à signer.", presse
        )
    yield from _apres_signature(s, codes, une)
    if dossier.etat == "accord_tacite" and not s.est_cu and "certificat_tacite" not in codes:
        yield une("certificat_tacite", "Le bénéficiaire peut le demander (R. 424-13).")
    if dossier.etat == "rejet_tacite" and s.dernier("constat_rejet") and "rejet_tacite" not in codes:
        yield une("rejet_tacite", "Le demandeur est avisé du rejet.")
    if dossier.etat in ACCORDES:
        if s.dernier("affichage_mairie", "affichage_terrain") and "attestation_affichage" not in codes:
            yield une("attestation_affichage", "Un affichage est enregistré.")
        if dossier.calculs.get("retrait_requis"):
            code = "retrait" if "contradictoire" in codes else "contradictoire"
            limite = s.date("retrait_limite")
            if code not in codes:
                yield une(
                    code,
                    "L'acte notifié après la décision tacite demande un retrait.",
                    f"Possible jusqu'au {jma(limite)}." if limite else "",
                )


def _apres_signature(s: Situation, codes: set[str], une: Any) -> Iterator[Proposition]:
    """Transmission, display, and what follows the completion of the works."""
    d = s.dossier
    limite = s.date("transmission_limite")
    signee = s.dernier("signature") is not None and d.etat in ("decide_a_notifier", *CLOS)
    transmise = s.dernier("transmission_cl") is not None or "bordereau_transmission" in codes
    if signee and d.autorite != Autorite.ETAT and not transmise:
        presse = f"À transmettre au plus tard le {jma(limite)}." if limite else ""
        yield une("bordereau_transmission", "L'acte signé est à transmettre au préfet.", presse)
    if d.etat not in ACCORDES:
        return
    if not s.est_cu and s.dernier("affichage_mairie") is None and "extrait_affichage" not in codes:
        limite = s.date("affichage_mairie_limite")
        presse = f"À afficher au plus tard le {jma(limite)}." if limite else ""
        yield une("extrait_affichage", "L'autorisation s'affiche deux mois en mairie (R. 424-15).", presse)
    recole = s.dernier("recolement")
    if recole is not None and "pv_recolement" not in codes:
        yield une("pv_recolement", f"La visite du {jma(recole.date_effet)} est enregistrée.")
    if recole is not None and recole.donnees.get("conforme") is not True and "mise_en_demeure" not in codes:
        limite = s.date("contestation_conformite_limite")
        presse = f"À notifier au plus tard le {jma(limite)}." if limite else ""
        yield une("mise_en_demeure", "Le récolement trouve des travaux non conformes (R. 462-9).", presse)
    if s.dernier("attestation_demandee") is not None and "attestation_conformite" not in codes:
        yield une("attestation_conformite", "Le bénéficiaire la demande : quinze jours (R. 462-10).")


def _premier_mois(s: Situation, faites: list[Courrier], jour: date, une: Any) -> Iterator[Proposition]:
    d = s.dossier
    fin = d.fin_fenetre_un_mois
    presse = ""
    if fin is not None:
        presse = (
            f"Fenêtre fermée le {jma(fin)} : la lettre n'aurait plus d'effet."
            if jour > fin
            else f"À présenter au plus tard le {jma(fin)}."
        )
    demande = s.dernier("demande_pieces", "nouvelle_demande_pieces")
    if (
        d.etat == "incomplet"
        and demande is not None
        and not _depuis(faites, "incompletude", demande.saisi_le)
    ):
        yield une("incompletude", "Des pièces manquent : la demande n'est pas encore écrite.", presse)
    if d.etat in OUVERTS and s.a_annoncer:
        annoncees = {
            x["code"]
            for c in faites
            if code_modele(c) == "majoration"
            for x in c.valeurs.get("metier", {}).get("majorations", [])
        }
        brouillon = any(code_modele(c) == "majoration" and c.etat == Etat.BROUILLON for c in faites)
        if not brouillon and any(x.code not in annoncees for x in s.a_annoncer):
            motifs = ", ".join(x.libelle for x in s.a_annoncer)
            yield une("majoration", f"Majoration retenue, non annoncée : {motifs}.", presse)


def _depuis(faites: list[Courrier], code: str, quand: Any) -> bool:
    return any(code_modele(c) == code and c.cree_le >= quand for c in faites)


def attente(courrier: Courrier, fiction_jours: int) -> str:
    """What is awaited of a letter, in words."""
    lettre = suites.lettre_du_courrier(courrier)
    if courrier.etat == Etat.BROUILLON:
        return "à finaliser"
    if courrier.etat == Etat.FINALISE:
        qui = f" par {courrier.delegation.delegataire}" if courrier.delegation else ""
        return f"à signer{qui}" if courrier.a_signer else "à envoyer"
    if courrier.etat == Etat.SIGNE:
        return "à envoyer"
    if courrier.etat == Etat.ENVOYE and lettre is not None and lettre.effet:
        return {
            "recommande": "première présentation à dater",
            "remise": "remise à dater",
            "electronique": f"lecture attendue ; réputée reçue après {fiction_jours} jours",
        }.get(courrier.mode, "envoi simple : sa réception ne pourra pas être prouvée")
    return ""


def contexte_courriers(utilisateur: Any, dossier: DossierInstruction) -> dict[str, Any]:
    """The section « Courriers » of a request's page."""
    jour = timezone.localdate()
    lettres = lettres_de(dossier)
    fiction = dossier.contexte_regles.regles.fiction_electronique_jours
    expedie = SUJET.peut_expedier(utilisateur, dossier)
    lignes = [
        Ligne(c, attente(c, fiction), reputable=expedie and _reputable(c, jour, fiction)) for c in lettres
    ]
    contexte = section(
        utilisateur,
        dossier,
        SUJET,
        jour,
        lignes,
        lambda: proposer(dossier, lettres, jour),
        "urba_courrier_preparer",
    )
    return {**contexte, "adresse_reputer": "urba_courrier_reputer"}


def _reputable(c: Courrier, jour: date, fiction_jours: int) -> bool:
    """Sent the electronic way, never opened, and the fiction's days are past (R. 423-48)."""
    lettre = suites.lettre_du_courrier(c)
    return (
        lettre is not None
        and bool(lettre.notifie)
        and c.mode == "electronique"
        and c.envoye_le is not None
        and c.consulte_le is None
        and (jour - c.envoye_le).days >= fiction_jours
        and suites.evenement_de(c, lettre.notifie) is None
    )
