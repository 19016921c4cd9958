"""An entry received: once, by the person who made it, or told apart from what changed meanwhile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from mairie.hors_ligne.registre import Conflit, Fait, SaisieRefusee, SaisieTerrain
from mairie.models import SaisieRecue

# Said by the page and sent back with each entry: on a shared device nobody sends another's.
_SEL = "mairie.hors_ligne.personne"
# A device that has not met the network for longer sends an entry that no answer awaits: it is read as new,
# and the version that it bears makes a conflict of it rather than a second writing.
GARDE = timedelta(days=180)
PROPRES_A_L_ENVOI = frozenset({"csrfmiddlewaretoken", "client_uuid", "version", "personne"})


@dataclass(frozen=True)
class Reponse:
    """Status and contents of the answer; ``formulaire``: bound, to show again without script."""

    statut: int
    contenu: dict[str, Any]
    formulaire: forms.Form | None = None


def cle_personne(utilisateur: Any) -> str:
    """Opaque key of a person, the same on every device; empty for nobody."""
    if not utilisateur.is_authenticated:
        return ""
    return salted_hmac(_SEL, str(utilisateur.pk), algorithm="sha256").hexdigest()[:32]


def recevoir(declaree: SaisieTerrain, personne: Any, cle: str, donnees: Any, fichiers: Any) -> Reponse:
    """Write an entry unless it was already; 200, 409 (conflict or other account), 422 (to put right)."""
    if donnees.get("personne") != cle_personne(personne):
        return Reponse(
            409, {"erreur": "Cette saisie a été faite par un autre compte : elle n'est pas envoyée."}
        )
    try:
        uuid, version = UUID(donnees.get("client_uuid", "")), int(donnees.get("version", ""))
    except ValueError:
        return Reponse(422, {"erreur": "La saisie n'a pas de clé ou de version : rouvrez la fiche."})
    formulaire = declaree.classe(personne, cle)(donnees, fichiers)
    empreinte = _empreinte(donnees, fichiers)
    with transaction.atomic():
        # Two sendings of one entry at once: the second waits for the answer of the first.
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"saisie {uuid}"])
        if (deja := SaisieRecue.objects.filter(pk=uuid).first()) is not None:
            return _deja(deja, declaree, personne, cle, empreinte, formulaire)
        if not formulaire.is_valid():
            return Reponse(422, _erreurs(formulaire), formulaire)
        try:
            # Apart, so that a refusal leaves nothing half written.
            with transaction.atomic():
                fait = declaree.enregistrer(personne, cle, formulaire.cleaned_data, version, uuid)
        except Conflit as conflit:
            return Reponse(409, _cote_a_cote(formulaire, conflit), formulaire)
        except SaisieRefusee as refus:
            formulaire.add_error(None, str(refus))
            return Reponse(422, _erreurs(formulaire), formulaire)
        contenu = _contenu(fait, declaree, personne, cle)
        SaisieRecue.objects.create(
            client_uuid=uuid,
            personne=personne,
            code=declaree.code,
            cle=cle,
            empreinte=empreinte,
            reponse=contenu,
        )
    return Reponse(200, contenu, formulaire)


def _contenu(fait: Fait, declaree: SaisieTerrain, personne: Any, cle: str) -> dict[str, Any]:
    fiche = declaree.lire(personne, cle)
    return {
        "message": fait.message,
        "adresse": fait.adresse,
        "version": fiche.version if fiche else 0,
    }


def _deja(
    deja: SaisieRecue,
    declaree: SaisieTerrain,
    personne: Any,
    cle: str,
    empreinte: str,
    formulaire: forms.Form,
) -> Reponse:
    if deja.personne_id != personne.pk or (deja.code, deja.cle) != (declaree.code, cle):
        return Reponse(409, {"erreur": "Cette clé de saisie a déjà servi ailleurs : rouvrez la fiche."})
    if deja.empreinte == empreinte:
        return Reponse(200, {**deja.reponse, "deja": True}, formulaire)
    # Changed on the device after it had been received: shown against what is stored, never lost.
    fiche = declaree.lire(personne, cle)
    if fiche is None or not formulaire.is_valid():
        return Reponse(422, _erreurs(formulaire), formulaire)
    return Reponse(409, _cote_a_cote(formulaire, Conflit(fiche.valeurs, fiche.version)), formulaire)


def _empreinte(donnees: Any, fichiers: Any) -> str:
    """Of what was written, whatever the order of the fields."""
    contenu = {nom: donnees.getlist(nom) for nom in donnees if nom not in PROPRES_A_L_ENVOI}
    for nom in fichiers:
        contenu[f"fichier {nom}"] = [_sha256(f) for f in fichiers.getlist(nom)]
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


def _sha256(fichier: UploadedFile) -> str:
    somme = hashlib.sha256()
    for bloc in fichier.chunks():
        somme.update(bloc)
    fichier.seek(0)
    return somme.hexdigest()


def _erreurs(formulaire: forms.Form) -> dict[str, Any]:
    generales = [str(e) for e in formulaire.non_field_errors()]
    champs = {nom: [str(e) for e in fautes] for nom, fautes in formulaire.errors.items() if nom != "__all__"}
    return {
        "erreur": " ".join(generales) or "Des champs sont à corriger.",
        "champs": champs,
    }


def _cote_a_cote(formulaire: forms.Form, conflit: Conflit) -> dict[str, Any]:
    """Fields that differ, each as typed and as stored now."""
    lignes = []
    for nom, champ in formulaire.fields.items():
        if isinstance(champ, forms.FileField) or nom not in conflit.valeurs:
            continue
        actuelle, saisie = conflit.valeurs[nom], formulaire.cleaned_data.get(nom)
        if actuelle == saisie or (actuelle in champ.empty_values and saisie in champ.empty_values):
            continue
        lignes.append(
            {
                "champ": nom,
                "libelle": str(champ.label or nom),
                "saisi": en_mots(champ, saisie),
                "actuel": en_mots(champ, actuelle),
                "actuel_brut": _brut(champ, actuelle),
            }
        )
    return {
        "conflit": lignes,
        "version": conflit.version,
        "par": conflit.par,
        "erreur": "Cette fiche a changé depuis que vous l'avez ouverte.",
    }


def en_mots(champ: forms.Field, valeur: Any) -> str:
    """A value as a reader expects it."""
    if valeur in champ.empty_values:
        return "(vide)"
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    if isinstance(champ, forms.ChoiceField):
        choix = cast("Iterable[tuple[Any, Any]]", champ.choices)
        libelles = {str(code): str(libelle) for code, libelle in choix if not isinstance(libelle, list)}
        valeurs = valeur if isinstance(valeur, list | tuple) else [valeur]
        return ", ".join(libelles.get(str(v), str(v)) for v in valeurs)
    return str(valeur)


def _brut(champ: forms.Field, valeur: Any) -> list[str]:
    """As the form would send it."""
    if isinstance(champ, forms.BooleanField):
        return ["on"] if valeur else []
    ecrit = champ.widget.format_value(champ.prepare_value(valeur))
    if ecrit is None:
        return []
    return [str(v) for v in ecrit] if isinstance(ecrit, list | tuple) else [str(ecrit)]


def purger(maintenant: datetime) -> int:
    """Erase the answers given more than ``GARDE`` ago; how many."""
    return int(SaisieRecue.objects.filter(recue_le__lt=maintenant - GARDE).delete()[0])
