"""A finalised letter: signed, sent, presented, received; its PDF read back with its seal."""

from __future__ import annotations

import hashlib
from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from mairie import courriels, journal
from mairie.courriers import actions
from mairie.courriers.erreurs import CourrierRefuse, SansDroit
from mairie.courriers.services import (
    Etat,
    Par,
    code_modele,
    confirmer_avant,
    exiger_envoi,
    noter_fait,
    suivre,
    sujet_du_courrier,
    tenir,
)
from mairie.delegations import signataires, signature_de
from mairie.models import CourrielSortant, Courrier, Delegation, ModeCourrier, SuiviCourrier
from mairie.roles import Acteur, acteur_de, systeme

Fait = SuiviCourrier.Fait
# Under this name mails ask for the PDF of a letter, and tell that they left.
SOURCE = "mairie.courrier"
PDF_SIGNE_MAX = 25 * 1024**2
PARTIS = (Etat.ENVOYE, Etat.PRESENTE, Etat.DISTRIBUE, Etat.CONSULTE, Etat.RETOURNE)
# Fact → column of its date.
COLONNES = {
    Fait.PRESENTATION: "premiere_presentation",
    Fait.DISTRIBUTION: "distribue_le",
    Fait.CONSULTATION: "consulte_le",
    Fait.RETOUR: "retourne_le",
}
_PAR_MODE = {
    ModeCourrier.SIMPLE: (Fait.RETOUR,),
    ModeCourrier.RECOMMANDE: (Fait.PRESENTATION, Fait.DISTRIBUTION, Fait.RETOUR),
    ModeCourrier.REMISE: (Fait.DISTRIBUTION,),
    ModeCourrier.ELECTRONIQUE: (Fait.CONSULTATION,),
}


class PdfAltere(Exception):
    """The file in the storage is not the one that was archived."""


def faits_possibles(courrier: Courrier) -> tuple[Fait, ...]:
    """What may be recorded of a letter that left, by the way it left."""
    return _PAR_MODE[ModeCourrier(courrier.mode)] if courrier.etat in PARTIS else ()


def lire_pdf(courrier: Courrier) -> bytes:
    """The letter as it left (signed, when the signed file was given), checked against its hash."""
    fichier, attendu = courrier.pdf, courrier.sha256
    if courrier.pdf_signe:
        fichier, attendu = courrier.pdf_signe, courrier.sha256_signe
    with fichier.open("rb") as ouvert:
        octets: bytes = ouvert.read()
    if hashlib.sha256(octets).hexdigest() != attendu:
        raise PdfAltere(f"Le PDF du courrier {courrier.pk} ne correspond plus à son empreinte.")
    return octets


def nom_pdf(courrier: Courrier) -> str:
    """Name under which it is downloaded: nature and number, nobody's name."""
    brut = f"{courrier.libelle} {courrier.numero}".strip()
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in brut)[:100] + ".pdf"


def signer(
    courrier: Courrier,
    *,
    par: Par,
    le: date,
    signataire: str = "",
    delegation: Delegation | None = None,
    fichier: bytes | None = None,
    confirmer: bool = False,
) -> Courrier:
    """Record the signature: its day, who signed, the signed PDF if there is one (sealed apart).

    For a kind of act that is delegated, ``delegation`` must hold that day (by default, that of ``par``).
    ``CourrierRefuse`` for a day ahead, or before the letter was final, or a file that is no PDF.
    """
    acteur, sujet = acteur_de(par), sujet_du_courrier(courrier)
    if acteur.utilisateur is not None and not sujet.peut_signer(acteur.utilisateur, courrier.dossier):
        raise SansDroit("Vous ne pouvez pas signer les courriers de ce dossier.")
    if fichier is not None:
        _verifier_pdf(fichier)
    with transaction.atomic():
        tenu = tenir(courrier, (Etat.FINALISE,))
        _verifier_jour(le, _jour_finalise(tenu), "La lettre a été finalisée le")
        titre = _titre(tenu, acteur, delegation, le)
        confirmer_avant(sujet, tenu, "signer", confirmer)
        tenu.etat, tenu.signe_le, tenu.signe_par = Etat.SIGNE, le, acteur.utilisateur
        tenu.delegation = titre
        tenu.signataire = (signataire.strip() or (str(titre) if titre else _signataire(tenu)))[:300]
        if fichier is not None:
            tenu.pdf_signe.save("signe.pdf", ContentFile(fichier), save=False)
            tenu.sha256_signe = hashlib.sha256(fichier).hexdigest()
        tenu.version += 1
        tenu.save()
        noter_fait(tenu, Fait.SIGNATURE, le, acteur, tenu.signataire)
        journal.noter(acteur, actions.LETTRE_SIGNEE, tenu, insee=tenu.insee, resume=str(tenu))
        suivre(sujet, tenu, "signature", acteur)
    return tenu


def envoyer(
    courrier: Courrier,
    *,
    par: Par,
    le: date | None = None,
    mode: str = "",
    numero_recommande: str = "",
    courriel: str = "",
    confirmer: bool = False,
) -> Courrier:
    """Record that a letter was posted or handed over, or queue it as a mail.

    A mail is « en cours d'envoi » until the server took it; its day is then that of the proof.
    """
    acteur, sujet = acteur_de(par), sujet_du_courrier(courrier)
    exiger_envoi(acteur, sujet, courrier.dossier, code_modele(courrier))
    with transaction.atomic():
        tenu = tenir(courrier, (Etat.FINALISE, Etat.SIGNE))
        if tenu.a_signer and tenu.etat != Etat.SIGNE:
            raise CourrierRefuse("Cette lettre doit être signée avant de partir.")
        tenu.mode = ModeCourrier(mode) if mode in ModeCourrier.values else tenu.mode
        jour = le or timezone.localdate()
        _verifier_jour(jour, tenu.signe_le or _jour_finalise(tenu), "La lettre est prête depuis le")
        confirmer_avant(sujet, tenu, "envoyer", confirmer)
        tenu.numero_recommande = numero_recommande.strip()[:40]
        tenu.envoye_par = acteur.utilisateur
        if tenu.mode == ModeCourrier.ELECTRONIQUE:
            tenu.destinataire_courriel = courriel.strip() or tenu.destinataire_courriel
            _mettre_en_file(tenu, acteur)
            tenu.etat = Etat.EN_ENVOI
        else:
            tenu.etat, tenu.envoye_le = Etat.ENVOYE, jour
            noter_fait(tenu, Fait.ENVOI, jour, acteur, tenu.get_mode_display())
        tenu.version += 1
        tenu.save()
        journal.noter(acteur, actions.LETTRE_ENVOYEE, tenu, insee=tenu.insee, resume=str(tenu))
        if tenu.etat == Etat.ENVOYE:
            suivre(sujet, tenu, "envoi", acteur)
    return tenu


def enregistrer(
    courrier: Courrier, *, par: Par, fait: str, le: date, motif: str = "", confirmer: bool = False
) -> Courrier:
    """Record the first presentation, the delivery, the reading on line or the return of a letter.

    A date already known is corrected with a ``motif``; the line that it replaces stays. ``CourrierRefuse``
    for a day ahead, before the sending, or out of order.
    """
    acteur, sujet = acteur_de(par), sujet_du_courrier(courrier)
    exiger_envoi(acteur, sujet, courrier.dossier, code_modele(courrier))
    with transaction.atomic():
        tenu = tenir(courrier, PARTIS)
        if fait not in faits_possibles(tenu):
            raise CourrierRefuse(f"Pour l'envoi « {tenu.get_mode_display()} », ce fait ne s'enregistre pas.")
        colonne = COLONNES[Fait(fait)]
        connu = getattr(tenu, colonne)
        if connu == le:
            return tenu
        if connu is not None and not motif.strip():
            raise CourrierRefuse(
                f"Cette date est déjà connue ({connu:%d/%m/%Y}) : dites pourquoi elle est corrigée."
            )
        _verifier_jour(le, tenu.envoye_le, "La lettre est partie le")
        setattr(tenu, colonne, le)
        _verifier_ordre(tenu)
        confirmer_avant(sujet, tenu, fait, confirmer)
        tenu.etat = _etat_suivi(tenu)
        tenu.version += 1
        tenu.save(update_fields=[colonne, "etat", "version"])
        noter_fait(tenu, fait, le, acteur, motif.strip(), corrige=connu is not None)
        resume = f"{tenu} : {Fait(fait).label}"
        journal.noter(acteur, actions.LETTRE_SUIVIE, tenu, insee=tenu.insee, resume=resume)
        suivre(sujet, tenu, fait, acteur)
    return tenu


# --- mail ----------------------------------------------------------------------------------------


def piece_jointe(numero: int) -> courriels.PieceJointe:
    """The PDF of a letter, for the mail that carries it."""
    courrier = Courrier.objects.get(pk=numero)
    return courriels.PieceJointe(nom_pdf(courrier), "application/pdf", lire_pdf(courrier))


def courriel_parti(courriel: CourrielSortant) -> None:
    """The mail of a letter left, failed or was given up: the letter follows."""
    tenu = Courrier.objects.select_for_update(of=("self",)).filter(pk=courriel.lie_id or 0).first()
    if tenu is None or tenu.etat != Etat.EN_ENVOI:
        return
    facteur = systeme("messagerie")
    if courriel.etat == CourrielSortant.Etat.ENVOYE:
        tenu.etat, tenu.envoye_le = Etat.ENVOYE, timezone.localdate(courriel.envoye_le)
        noter_fait(tenu, Fait.ENVOI, tenu.envoye_le, facteur, f"{courriel.message_id} {courriel.reponse}")
    elif courriel.etat == CourrielSortant.Etat.ANNULE:
        # It never left: back to where it may be sent otherwise.
        tenu.etat = Etat.SIGNE if tenu.signe_le else Etat.FINALISE
    else:
        return
    tenu.version += 1
    tenu.save(update_fields=["etat", "envoye_le", "version"])
    if tenu.etat == Etat.ENVOYE:
        suivre(sujet_du_courrier(tenu), tenu, "envoi", facteur)


def courriels_de(courrier: Courrier) -> list[CourrielSortant]:
    """Mails that carried or carry a letter, newest first."""
    return list(CourrielSortant.objects.filter(suite=SOURCE, lie_id=courrier.pk).order_by("-id"))


def _mettre_en_file(courrier: Courrier, acteur: Acteur) -> None:
    rang = len(courriels_de(courrier)) + 1
    try:
        courriels.mettre_en_file(
            f"{SOURCE}:{courrier.pk}:{rang}",
            courrier.destinataire_courriel,
            f"{courrier.emetteur} – {courrier.objet}",
            render_to_string("courriels/courrier.txt", {"courrier": courrier}),
            insee=courrier.insee,
            lie=courrier,
            pieces=[(SOURCE, courrier.pk)],
            suite=SOURCE,
            par=acteur.utilisateur,
        )
    except courriels.CourrielRefuse as e:
        raise CourrierRefuse(str(e)) from e


# --- checks --------------------------------------------------------------------------------------


def _titre(courrier: Courrier, acteur: Acteur, delegation: Delegation | None, le: date) -> Delegation | None:
    """The title under which it is signed; ``CourrierRefuse`` where the act wants one and none holds."""
    if not courrier.type_acte:
        return None
    prevue = courrier.delegation if courrier.valeurs.get("entete", {}).get("signataire_titre") else None
    if delegation is None and acteur.utilisateur is None:
        delegation = prevue
    if delegation is None and acteur.utilisateur is not None:
        delegation = signature_de(acteur.utilisateur, courrier.emetteur, courrier.type_acte, le)
    if delegation is None or delegation not in signataires(courrier.emetteur, courrier.type_acte, le):
        raise CourrierRefuse(
            f"Aucune délégation de signature ne couvre cet acte le {le:%d/%m/%Y} : choisissez un signataire"
            " qui la détient ce jour-là."
        )
    if prevue is not None and delegation.delegataire_id != prevue.delegataire_id:
        raise CourrierRefuse(
            f"L'acte porte le nom de {prevue.delegataire} : {delegation.delegataire} ne peut pas le signer."
            " Abandonnez-le et reprenez son texte pour changer de signataire."
        )
    return delegation


def _jour_finalise(courrier: Courrier) -> date:
    return timezone.localdate(courrier.finalise_le) if courrier.finalise_le else date.min


def _verifier_jour(le: date, depuis: date | None, dit: str) -> None:
    if le > timezone.localdate():
        raise CourrierRefuse(f"La date ({le:%d/%m/%Y}) est dans l'avenir.")
    if depuis is not None and le < depuis:
        raise CourrierRefuse(f"{dit} {depuis:%d/%m/%Y} : la date ({le:%d/%m/%Y}) ne peut pas la précéder.")


def _verifier_ordre(courrier: Courrier) -> None:
    presentee, distribuee = courrier.premiere_presentation, courrier.distribue_le
    if presentee and distribuee and distribuee < presentee:
        raise CourrierRefuse(
            f"La distribution ({distribuee:%d/%m/%Y}) précède la première présentation"
            f" ({presentee:%d/%m/%Y})."
        )


def _etat_suivi(courrier: Courrier) -> str:
    if courrier.distribue_le:
        return Etat.DISTRIBUE
    if courrier.retourne_le:
        return Etat.RETOURNE
    if courrier.consulte_le:
        return Etat.CONSULTE
    return Etat.PRESENTE if courrier.premiere_presentation else Etat.ENVOYE


def _signataire(courrier: Courrier) -> str:
    entete = courrier.valeurs.get("entete", {})
    return ", ".join(v for c in ("signataire_nom", "signataire_qualite") if (v := entete.get(c)))


def _verifier_pdf(octets: bytes) -> None:
    if len(octets) > PDF_SIGNE_MAX:
        raise CourrierRefuse(f"Le fichier dépasse {PDF_SIGNE_MAX // 1024**2} Mo.")
    if not octets.startswith(b"%PDF-") or b"%%EOF" not in octets[-2048:]:
        raise CourrierRefuse("Le fichier signé n'est pas un PDF entier.")
