"""The life of a letter: prepared, written, finalised, given up. What follows is in ``envois``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import timezone

from mairie import journal
from mairie.courriers import actions, numeros
from mairie.courriers.contenu import Compose, composer_projet, projet_de
from mairie.courriers.erreurs import AConfirmer, ConflitEdition, CourrierRefuse, SansDroit
from mairie.courriers.modeles import verifier_texte, version_en_service
from mairie.courriers.rendu import Rendu, RenduRefuse
from mairie.courriers.sujets import Destinataire, Sujet, sujet_de, sujet_du_type
from mairie.courriers.texte import nettoyer
from mairie.delegations import signataires
from mairie.models import (
    Collectivite,
    Courrier,
    Delegation,
    FormeCourrier,
    ModeCourrier,
    ModeleCourrier,
    SuiviCourrier,
    Utilisateur,
)
from mairie.roles import Acteur, acteur_de

Etat = Courrier.Etat
Par = Utilisateur | Acteur
# Columns that an agent writes while it is a draft.
SAISIS = (
    "objet",
    "corps",
    "mode",
    "destinataire",
    "destinataire_adresse",
    "destinataire_courriel",
    "copies",
)


@dataclass(frozen=True)
class Libre:
    """A letter without template: what a template would say."""

    libelle: str = "Courrier"
    objet: str = ""
    corps: str = ""


def sujet_du_courrier(courrier: Courrier) -> Sujet:
    """Kind of its dossier; ``LookupError`` when no trade declares it any more."""
    sujet = sujet_du_type(courrier.dossier_type)
    if sujet is None:
        raise LookupError(f"Aucun métier ne déclare plus le dossier du courrier {courrier.pk}.")
    return sujet


def peut_rediger(par: Par, courrier: Courrier) -> bool:
    """Whether this person may write this letter and send it."""
    acteur = acteur_de(par)
    return acteur.utilisateur is None or sujet_du_courrier(courrier).peut_rediger(
        acteur.utilisateur, courrier.dossier, code_modele(courrier)
    )


def code_modele(courrier: Courrier) -> str:
    """Code of the template behind a letter; empty for a letter without template."""
    return courrier.modele.modele.code if courrier.modele is not None else ""


def exiger_redaction(acteur: Acteur, sujet: Sujet, dossier: Any, code: str = "") -> None:
    """``SansDroit`` for who may not write this letter on this dossier; tasks of the house may."""
    if acteur.utilisateur is not None and not sujet.peut_rediger(acteur.utilisateur, dossier, code):
        raise SansDroit("Vous ne pouvez pas écrire de courrier sur ce dossier.")


def exiger_envoi(acteur: Acteur, sujet: Sujet, dossier: Any, code: str = "") -> None:
    """``SansDroit`` for who may neither send the letters of this dossier, nor write this one."""
    personne = acteur.utilisateur
    if personne is None or sujet.peut_expedier(personne, dossier):
        return
    exiger_redaction(acteur, sujet, dossier, code)


def preparer(
    dossier: models.Model,
    modele: ModeleCourrier | Libre,
    *,
    par: Par,
    destinataire: Destinataire | None = None,
    emetteur: Collectivite | None = None,
    jour: date | None = None,
) -> Courrier:
    """A draft on a dossier, from the version in service of a template; fields stay fields until it is final.

    ``CourrierRefuse`` without a version in service, or where the collectivité of the dossier is not known.
    """
    acteur, sujet = acteur_de(par), sujet_de(dossier)
    exiger_redaction(acteur, sujet, dossier, modele.code if isinstance(modele, ModeleCourrier) else "")
    insee = sujet.insee(dossier)
    signe = emetteur or Collectivite.objects.filter(code=insee).first()
    if signe is None:
        raise CourrierRefuse(f"La collectivité {insee} n'est pas enregistrée : aucun en-tête possible.")
    champs: dict[str, Any] = {}
    if isinstance(modele, Libre):
        champs = {"libelle": modele.libelle, "objet": modele.objet, "corps": nettoyer(modele.corps)}
        champs["serie"] = numeros.COURRIER.code
    else:
        version = version_en_service(modele, jour or timezone.localdate())
        if modele.metier != sujet.metier or version is None:
            raise CourrierRefuse(f"Le modèle « {modele} » n'est pas en service pour ce dossier.")
        repris = ("objet", "corps", "mode", "forme", "a_signer", "public")
        champs = {c: getattr(version, c) for c in repris}
        champs |= {c: getattr(modele, c) for c in ("libelle", "serie", "type_acte")}
        champs["modele"] = version
        if modele.type_acte:
            # Whose name the signature block bears, until the draft says another.
            titres = signataires(signe, modele.type_acte, jour or timezone.localdate())
            champs["delegation"] = titres[0] if titres else None
    if destinataire is not None:
        champs |= {
            "destinataire": destinataire.nom,
            "destinataire_adresse": destinataire.adresse,
            "destinataire_courriel": destinataire.courriel,
            "tiers": destinataire.tiers,
        }
    with transaction.atomic():
        courrier: Courrier = Courrier.objects.create(
            dossier=dossier,
            metier=sujet.metier,
            insee=insee,
            emetteur=signe,
            cree_par=acteur.utilisateur,
            modifie_par=acteur.utilisateur,
            **champs,
        )
        journal.noter(acteur, actions.LETTRE_PREPAREE, courrier, insee=insee, resume=courrier.libelle)
    return courrier


def modifier(
    courrier: Courrier,
    *,
    par: Par,
    version: int,
    champs: Mapping[str, str],
    delegation: Delegation | None = None,
) -> Courrier:
    """Save a draft. ``version``: that which the person opened; ``champs``: among ``SAISIS``.

    ``delegation``: who is to sign an act that is delegated. ``TexteRefuse`` (faults with their place),
    ``ConflitEdition``, ``CourrierRefuse`` once it is final.
    """
    acteur = acteur_de(par)
    with transaction.atomic():
        tenu = _tenir(courrier, acteur, version)
        for nom, valeur in champs.items():
            if nom not in SAISIS:
                raise ValueError(f"Le champ « {nom} » d'un courrier ne se saisit pas.")
            setattr(tenu, nom, valeur.replace("\r\n", "\n").strip())
        tenu.corps = verifier_texte(tenu.metier, tenu.objet, tenu.corps)
        if delegation is not None and tenu.type_acte:
            tenu.delegation = delegation
        if tenu.destinataire_courriel:
            try:
                validate_email(tenu.destinataire_courriel)
            except ValidationError:
                raise CourrierRefuse("L'adresse électronique du destinataire est fausse.") from None
        tenu.version += 1
        tenu.modifie_le, tenu.modifie_par = timezone.now(), acteur.utilisateur
        tenu.save(update_fields=[*champs, "corps", "delegation", "version", "modifie_le", "modifie_par"])
    return tenu


def composer(courrier: Courrier, jour: date | None = None) -> Compose:
    """The page of a draft as it would be today."""
    return composer_projet(projet_de(courrier, sujet_du_courrier(courrier)), jour or timezone.localdate())


def apercu(courrier: Courrier) -> Rendu:
    """PDF of a draft, marked as a project; ``RenduRefuse``."""
    return composer(courrier).rendre()


def manques(courrier: Courrier, compose: Compose) -> list[str]:
    """What keeps a draft from being finalised, as labels."""
    liste = list(compose.manquants)
    lettre = courrier.forme == FormeCourrier.LETTRE
    postal = courrier.mode in (ModeCourrier.SIMPLE, ModeCourrier.RECOMMANDE)
    verifies = (
        ("L'objet", compose.objet),
        ("Le texte", nettoyer(courrier.corps)),
        ("Le nom du destinataire", courrier.destinataire or not lettre),
        ("L'adresse du destinataire", courrier.destinataire_adresse or not (lettre and postal)),
        (
            "L'adresse électronique du destinataire",
            courrier.destinataire_courriel or courrier.mode != ModeCourrier.ELECTRONIQUE,
        ),
    )
    return liste + [libelle for libelle, present in verifies if not present]


def finaliser(
    courrier: Courrier,
    *,
    par: Par,
    version: int,
    confirmer: bool = False,
    jour: date | None = None,
    numero: str = "",
) -> Courrier:
    """Number, PDF, hash; from then on nothing of it changes. The number goes back when anything fails.

    ``numero``: that which the trade took from the same series when it decided. ``CourrierRefuse`` with what
    is missing, ``AConfirmer`` with what the trade wants read first.
    """
    acteur, quand = acteur_de(par), jour or timezone.localdate()
    ecrit = ""
    try:
        with transaction.atomic():
            tenu = _tenir(courrier, acteur, version)
            sujet = sujet_du_courrier(tenu)
            tenu.corps = verifier_texte(tenu.metier, tenu.objet, tenu.corps)
            confirmer_avant(sujet, tenu, "finaliser", confirmer)
            numero = numero or numeros.prendre(tenu.serie, tenu.emetteur.code, quand)
            compose = composer_projet(projet_de(tenu, sujet, numero), quand)
            if manquent := manques(tenu, compose):
                raise CourrierRefuse(f"Il manque : {' ; '.join(manquent)}.")
            rendu = _rendre(compose)
            tenu.pdf.save("lettre.pdf", ContentFile(rendu.pdf), save=False)
            ecrit = tenu.pdf.name or ""
            tenu.numero, tenu.sha256, tenu.pages = numero, rendu.sha256, rendu.pages
            tenu.objet, tenu.html, tenu.valeurs = compose.objet, compose.html, compose.valeurs
            if sujet.figer is not None:
                tenu.valeurs = {**tenu.valeurs, "metier": sujet.figer(tenu)}
            tenu.etat, tenu.finalise_le, tenu.finalise_par = Etat.FINALISE, timezone.now(), acteur.utilisateur
            tenu.version += 1
            tenu.save()
            resume = f"{tenu.libelle} {numero}"
            journal.noter(acteur, actions.LETTRE_FINALISEE, tenu, insee=tenu.insee, resume=resume)
            suivre(sujet, tenu, "finalisation", acteur)
    except BaseException:
        if ecrit:
            Courrier._meta.get_field("pdf").storage.delete(ecrit)
        raise
    return tenu


def abandonner(courrier: Courrier, *, par: Par, version: int, motif: str) -> Courrier:
    """Give up a letter that has not left; a numbered one keeps its number and its PDF."""
    acteur = acteur_de(par)
    if not motif.strip():
        raise CourrierRefuse("Dites pourquoi cette lettre est abandonnée.")
    with transaction.atomic():
        tenu = _tenir(courrier, acteur, version, (Etat.BROUILLON, Etat.FINALISE, Etat.SIGNE))
        tenu.etat, tenu.abandon_motif = Etat.ABANDONNE, motif.strip()[:300]
        tenu.version += 1
        tenu.save(update_fields=["etat", "abandon_motif", "version"])
        noter_fait(tenu, SuiviCourrier.Fait.ABANDON, timezone.localdate(), acteur, tenu.abandon_motif)
        journal.noter(acteur, actions.LETTRE_ABANDONNEE, tenu, insee=tenu.insee, resume=str(tenu))
        suivre(sujet_du_courrier(tenu), tenu, "abandon", acteur)
    return tenu


def reprendre(courrier: Courrier, *, par: Par) -> Courrier:
    """A new draft with the text of a letter given up, which it names."""
    acteur = acteur_de(par)
    if courrier.etat != Etat.ABANDONNE:
        raise CourrierRefuse("Seule une lettre abandonnée se reprend en brouillon.")
    exiger_redaction(acteur, sujet_du_courrier(courrier), courrier.dossier, code_modele(courrier))
    repris = (
        *("dossier", "metier", "insee", "emetteur", "modele", "libelle", "serie", "forme", "a_signer"),
        *("delegation", "public", "type_acte", "tiers", *SAISIS),
    )
    with transaction.atomic():
        nouveau: Courrier = Courrier.objects.create(
            **{c: getattr(courrier, c) for c in repris},
            remplace=courrier,
            cree_par=acteur.utilisateur,
            modifie_par=acteur.utilisateur,
        )
        journal.noter(acteur, actions.LETTRE_PREPAREE, nouveau, insee=nouveau.insee, resume=nouveau.libelle)
    return nouveau


# --- shared with ``envois`` ----------------------------------------------------------------------


def noter_fait(
    courrier: Courrier, fait: str, le: date, acteur: Acteur, dit: str = "", corrige: bool = False
) -> None:
    """Write one line of what happened to a letter."""
    SuiviCourrier.objects.create(
        courrier=courrier,
        fait=fait,
        date=le,
        observation=dit[:600],
        corrige=corrige,
        auteur=acteur.utilisateur,
        au_nom_de="" if acteur.utilisateur else acteur.nom,
    )


def suivre(sujet: Sujet, courrier: Courrier, fait: str, acteur: Acteur) -> None:
    """Tell the trade, in the transaction."""
    if sujet.suivre is not None:
        sujet.suivre(courrier, fait, acteur)


def tenir(courrier: Courrier, etats: tuple[str, ...]) -> Courrier:
    """The letter, locked, in one of these states; ``CourrierRefuse`` otherwise."""
    tenu: Courrier = Courrier.objects.select_for_update(of=("self",)).get(pk=courrier.pk)
    if tenu.etat not in etats:
        raise CourrierRefuse(_deja(tenu))
    return tenu


def confirmer_avant(sujet: Sujet, courrier: Courrier, acte: str, confirmer: bool) -> None:
    """``AConfirmer`` when the trade has something to be read first."""
    dits = list(sujet.avertir(courrier, acte)) if sujet.avertir and not confirmer else []
    if dits:
        raise AConfirmer(*dits)


def _tenir(
    courrier: Courrier, acteur: Acteur, version: int, etats: tuple[str, ...] = (Etat.BROUILLON,)
) -> Courrier:
    tenu = tenir(courrier, etats)
    exiger_redaction(acteur, sujet_du_courrier(tenu), tenu.dossier, code_modele(tenu))
    if tenu.version != version:
        qui = f" par {tenu.modifie_par}" if tenu.modifie_par else ""
        raise ConflitEdition(
            "Cette lettre a changé depuis que vous l'avez ouverte : enregistrée"
            f"{qui} le {timezone.localtime(tenu.modifie_le):%d/%m/%Y à %H:%M}."
        )
    return tenu


def _deja(courrier: Courrier) -> str:
    if courrier.etat == Etat.BROUILLON:
        return "Cette lettre est encore un brouillon : finalisez-la d'abord."
    qui = f", par {courrier.finalise_par}" if courrier.finalise_par else ""
    quand = f" le {timezone.localtime(courrier.finalise_le):%d/%m/%Y à %H:%M}" if courrier.finalise_le else ""
    if courrier.etat == Etat.FINALISE:
        return f"Cette lettre est déjà finalisée sous le numéro {courrier.numero}{qui}{quand}."
    return f"Cette lettre est {courrier.get_etat_display()} : cette action n'y est plus possible."


def _rendre(compose: Compose) -> Rendu:
    try:
        return compose.rendre()
    except RenduRefuse as e:
        raise CourrierRefuse(str(e)) from e
