"""Declarations of intended sales from a CSV file: one line a sale, refused lines named with their reason."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date

from django import forms
from django.db import transaction

from assainissement import ventes
from assainissement.models import DeclarationVente
from assainissement.saisies import lire_adresse, lire_idus, personne
from assainissement.ventes import NouvelleVente
from mairie.models import Utilisateur
from mairie.workflow import Refus

TAILLE_MAX = 2 * 1024**2
LIGNES_MAX = 2_000
REFERENCE_MAX, NOM_MAX, ADRESSE_MAX = 60, 150, 200
COLONNES = {
    "reference": "numéro de la DIA, qui évite les doublons (obligatoire)",
    "recue_le": "jour de réception, 31/12/2026 ou 2026-12-31 (obligatoire)",
    "commune": "code INSEE, s'il n'y a pas de parcelle",
    "parcelles": "identifiants de 14 caractères, séparés par des espaces",
    "adresse": "s'il n'y a pas de parcelle : 12 rue de l'Essai",
    "notaire": "nom de l'étude",
    "notaire_adresse": "1 place du Plan, 25999 Valbrune ; sans elle, aucune lettre ne part",
    "vendeur": "nom du vendeur",
    "vendeur_adresse": "de même",
    "date_acte": "jour de l'acte, s'il est signé",
}
LONGUEURS = {
    "reference": REFERENCE_MAX,
    "notaire": NOM_MAX,
    "notaire_adresse": ADRESSE_MAX,
    "vendeur": NOM_MAX,
    "vendeur_adresse": ADRESSE_MAX,
}
OBLIGATOIRES = ("reference", "recue_le")
_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


class FichierRefuse(ValueError):
    """The file is not read at all; the message says why."""


@dataclass
class Bilan:
    """What became of the lines."""

    creees: list[DeclarationVente] = field(default_factory=list)
    connues: int = 0
    refus: list[tuple[int, str]] = field(default_factory=list)


def importer(octets: bytes, *, par: Utilisateur, communes: set[str]) -> Bilan:
    """Each line in its own transaction; ``FichierRefuse`` for a file that cannot be read."""
    lignes = _lire(octets)
    bilan = Bilan()
    for rang, ligne in lignes:
        try:
            with transaction.atomic():
                v, neuve = _une(ligne, par, communes)
        except (Refus, forms.ValidationError, ValueError) as e:
            raisons = e.messages if isinstance(e, forms.ValidationError) else [str(e)]
            bilan.refus.append((rang, " ".join(raisons)))
            continue
        if neuve:
            bilan.creees.append(v)
        else:
            bilan.connues += 1
    return bilan


def _lire(octets: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(octets) > TAILLE_MAX:
        raise FichierRefuse(f"Le fichier dépasse {TAILLE_MAX // 1024**2} Mo : envoyez-le en plusieurs fois.")
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252", errors="replace")
    if "\0" in texte:
        raise FichierRefuse("Ce fichier n'est pas un CSV : enregistrez votre tableau au format CSV.")
    premiere = texte.partition("\n")[0]
    separateur = max(";,\t", key=premiere.count)
    lecteur = csv.DictReader(io.StringIO(texte), delimiter=separateur)
    try:
        entetes = [str(c or "").strip().lower() for c in lecteur.fieldnames or []]
    except csv.Error as e:
        raise FichierRefuse("Ce fichier n'est pas un CSV lisible : enregistrez-le de nouveau.") from e
    if manquent := [c for c in OBLIGATOIRES if c not in entetes]:
        raise FichierRefuse(f"Il manque la colonne « {manquent[0]} » : la première ligne porte les noms.")
    lecteur.fieldnames = entetes
    lignes: list[tuple[int, dict[str, str]]] = []
    try:
        for rang, brute in enumerate(lecteur, start=2):
            lue = {c: str(v or "").strip() for c, v in brute.items() if c in COLONNES}
            if any(lue.values()):
                lignes.append((rang, lue))
            if len(lignes) > LIGNES_MAX:
                raise FichierRefuse(f"Plus de {LIGNES_MAX} lignes : envoyez le fichier en plusieurs fois.")
    except csv.Error as e:
        raise FichierRefuse("Ce fichier n'est pas un CSV lisible : enregistrez-le de nouveau.") from e
    return lignes


def _jour(texte: str, quoi: str) -> date:
    lu = _DATE.match(texte)
    try:
        return date(int(lu[3]), int(lu[2]), int(lu[1])) if lu else date.fromisoformat(texte)
    except ValueError:
        raise Refus(f"{quoi} : « {texte} » n'est pas une date, écrivez 31/12/2026.") from None


def _une(ligne: dict[str, str], par: Utilisateur, communes: set[str]) -> tuple[DeclarationVente, bool]:
    for code in OBLIGATOIRES:
        if not ligne.get(code):
            raise Refus(f"La colonne « {code} » est vide.")
    # Cut short, two references or two names could become one.
    for code, maximum in LONGUEURS.items():
        if len(ligne.get(code, "")) > maximum:
            raise Refus(f"La colonne « {code} » dépasse {maximum} caractères.")
    for qui in ("notaire", "vendeur"):
        if ligne.get(f"{qui}_adresse") and not ligne.get(qui):
            raise Refus(f"La colonne « {qui} » est vide : de qui est cette adresse ?")
    parcelles = lire_idus(ligne.get("parcelles", ""))
    insee = ligne.get("commune") or (parcelles[0][:5] if parcelles else "")
    if insee not in communes:
        raise Refus(f"La commune « {insee} » n'est pas des vôtres." if insee else "Dites la commune.")
    if any(p[:5] != insee for p in parcelles):
        raise Refus("Les parcelles d'une vente sont d'une seule commune.")
    adresse = lire_adresse(insee, ligne["adresse"]) if ligne.get("adresse") and not parcelles else None
    acte = _jour(ligne["date_acte"], "Date de l'acte") if ligne.get("date_acte") else None
    existait = DeclarationVente.objects.filter(
        insee=insee, source="dia", reference=ligne["reference"]
    ).first()
    v = existait or ventes.declarer(
        NouvelleVente(
            insee=insee,
            recue_le=_jour(ligne["recue_le"], "Date de réception"),
            source=DeclarationVente.Source.DIA,
            reference=ligne["reference"],
            parcelles=parcelles,
            adresse=adresse,
            notaire=personne(ligne.get("notaire", ""), insee, par, ligne.get("notaire_adresse", "")),
            vendeur=personne(ligne.get("vendeur", ""), insee, par, ligne.get("vendeur_adresse", "")),
        ),
        par=par,
    )
    if acte is not None and v.date_acte is None and v.etat not in ("acte_signe", "sans_suite"):
        ventes.agir(v, "signer_acte", par=par, version=v.version, donnees={"le": acte})
    return v, existait is None
