"""Reads the national address base (``adresses-XX.csv``, plain or gzip) into the communes that we hold."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from mairie import journal
from mairie.adresses.declaration import BAN_IMPORTEE
from mairie.adresses.rapprochement import BaseEnMemoire, Bilan
from mairie.adresses.service import verrouiller
from mairie.models import Adresse, BaseAdresses, Collectivite
from mairie.models.adresses import Origine
from mairie.regles.adresses import NUMERO_MAX, Numero, code_voie, motif_suffixe
from mairie.roles import systeme

# Columns of the file, in its order; those marked are needed.
COLONNES = (
    "id", "id_fantoir", "numero", "rep", "nom_voie", "code_postal", "code_insee", "nom_commune",
    "code_insee_ancienne_commune", "nom_ancienne_commune", "x", "y", "lon", "lat", "type_position", "alias",
    "nom_ld", "libelle_acheminement", "nom_afnor", "source_position", "source_nom_voie",
    "certification_commune", "cad_parcelles",
)  # fmt: skip
OBLIGATOIRES = ("id", "numero", "nom_voie", "code_insee", "lon", "lat")
_POSITIONS = {str(p): p for p in Adresse.Position.values} | {"cage d'escalier": str(Adresse.Position.CAGE)}
_MAGIE_GZIP = b"\x1f\x8b"


class FichierBanIllisible(Exception):
    """The file is not the national base's CSV; the French message says what was expected."""


@dataclass(frozen=True)
class LigneBan:
    """One address of the file, checked."""

    ligne: int
    insee: str
    voie: str
    numero: Numero
    position: Point
    code: str = ""
    deleguee: tuple[str, str] = ("", "")
    type_position: str = ""
    complement: str = ""
    cle: str = ""
    code_postal: str = ""
    certifiee: bool = False
    parcelles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rejet:
    """A line that was not taken: its number in the file, why, and itself."""

    ligne: int
    motif: str
    brut: dict[str, Any]


@dataclass
class BilanBan:
    """Lines read = imported + ``hors_territoire`` + rejected, by construction of ``importer``."""

    lues: int = 0
    hors_territoire: int = 0
    rejets: list[Rejet] = field(default_factory=list)
    communes: dict[str, Bilan] = field(default_factory=dict)


def ouvrir(chemin: Path) -> io.TextIOBase:
    """The file as text, unpacked if need be; ``FichierBanIllisible`` when it is not there."""
    try:
        brut = chemin.open("rb")
    except OSError as e:
        raise FichierBanIllisible(f"Fichier introuvable ou illisible : {chemin} ({e.strerror}).") from e
    debut = brut.read(2)
    brut.seek(0)
    octets = gzip.GzipFile(fileobj=brut) if debut == _MAGIE_GZIP else brut
    return io.TextIOWrapper(octets, encoding="utf-8-sig", newline="")


def lire(flux: Iterable[str], codes: frozenset[str]) -> Iterator[LigneBan | Rejet | None]:
    """Each line: checked, refused with its reason, or null when it is of a commune that we do not hold."""
    lignes = csv.DictReader(flux, delimiter=";")
    try:
        manquantes = [c for c in OBLIGATOIRES if c not in (lignes.fieldnames or ())]
        if manquantes:
            raise FichierBanIllisible(
                "Ce fichier n'est pas le CSV de la Base Adresse Nationale (adresses-XX.csv) :"
                f" colonnes absentes : {', '.join(manquantes)}."
            )
        for rang, brut in enumerate(lignes, start=2):
            # A quoted value may span lines: the reader counts those of the file.
            numero_ligne = lignes.line_num or rang
            insee = (brut.get("code_insee") or "").strip().upper()
            yield None if insee not in codes else _verifier(numero_ligne, insee, brut)
    except (UnicodeDecodeError, csv.Error, EOFError, OSError) as e:
        raise FichierBanIllisible(
            f"Le fichier est abîmé ou n'est pas en UTF-8, après la ligne {lignes.line_num} : {e}."
        ) from e


def _verifier(ligne: int, insee: str, brut: dict[str, Any]) -> LigneBan | Rejet:
    def texte(colonne: str) -> str:
        return str(brut.get(colonne) or "").strip()

    if None in brut or None in brut.values():
        return Rejet(ligne, "nombre de colonnes différent de l'en-tête", brut)
    if not texte("numero").isdecimal() or int(texte("numero")) > NUMERO_MAX:
        return Rejet(ligne, f"numéro « {texte('numero')} » : un nombre de 0 à {NUMERO_MAX} est attendu", brut)
    suffixe = texte("rep").lower().replace(" ", "")
    if motif_suffixe(suffixe):
        return Rejet(ligne, f"indice de répétition « {texte('rep')} » illisible", brut)
    voie = texte("nom_voie")
    if not any(c.isalnum() for c in voie) or len(voie) > 200:
        return Rejet(ligne, "nom de voie absent ou trop long", brut)
    position = _point(texte("lon"), texte("lat"))
    if position is None:
        return Rejet(ligne, f"coordonnées « {texte('lon')} ; {texte('lat')} » illisibles", brut)
    ancienne = texte("code_insee_ancienne_commune").upper()
    return LigneBan(
        ligne,
        insee,
        voie,
        Numero(int(texte("numero")), suffixe),
        position,
        code=code_voie(texte("id_fantoir")),
        deleguee=(ancienne, texte("nom_ancienne_commune")[:120]) if len(ancienne) == 5 != insee else ("", ""),
        type_position=_POSITIONS.get(texte("type_position").lower(), ""),
        complement=texte("nom_ld")[:120],
        cle=texte("id")[:60],
        code_postal=texte("code_postal"),
        certifiee=texte("certification_commune") == "1",
        parcelles=tuple(p for p in texte("cad_parcelles").split("|") if len(p) == 14 and p.isalnum()),
    )


def _point(lon: str, lat: str) -> Point | None:
    try:
        x, y = float(lon.replace(",", ".")), float(lat.replace(",", "."))
    except ValueError:
        return None
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        return None
    point = Point(x, y, srid=4326)
    point.transform(settings.TERRITOIRE_SRID)
    # Outside its domain the projection gives infinite or senseless metres.
    return point if abs(point.x) < 1e8 and abs(point.y) < 1e8 else None


def importer(flux: Iterable[str], *, insee: str = "", complet: bool = False) -> BilanBan:
    """Set the file against the base of each active commune (of ``insee`` alone when given).

    ``complet``: the file holds all addresses of each commune; those that it no longer has are retired.
    One transaction a commune; ``FichierBanIllisible`` before anything is written.
    """
    codes = Collectivite.objects.filter(nature=Collectivite.Nature.COMMUNE, active=True)
    connus = frozenset(codes.values_list("code", flat=True))
    bilan = BilanBan()
    par_commune: dict[str, list[LigneBan]] = defaultdict(list)
    for lue in lire(flux, connus & {insee} if insee else connus):
        bilan.lues += 1
        if lue is None:
            bilan.hors_territoire += 1
        elif isinstance(lue, Rejet):
            bilan.rejets.append(lue)
        else:
            par_commune[lue.insee].append(lue)
    for code, lignes in sorted(par_commune.items()):
        bilan.communes[code] = _commune(code, lignes, complet=complet)
    return bilan


def _commune(insee: str, lignes: list[LigneBan], *, complet: bool) -> Bilan:
    with transaction.atomic():
        verrouiller(insee)
        base = BaseEnMemoire(insee, Origine.BAN)
        for n in lignes:
            voie = base.recevoir_voie(n.voie, code=n.code, deleguee=n.deleguee)
            base.recevoir_numero(
                voie,
                n.numero,
                position=n.position,
                parcelles=n.parcelles,
                type_position=n.type_position,
                complement=n.complement,
                cle_ban=n.cle,
                certifiee=n.certifiee,
            )
        if complet:
            base.retirer_absentes()
        fait = base.ecrire()
        reglages, _ = BaseAdresses.objects.get_or_create(insee=insee)
        postaux = Counter(
            n.code_postal for n in lignes if n.code_postal.isdecimal() and len(n.code_postal) == 5
        )
        if postaux and not reglages.code_postal:
            reglages.code_postal = postaux.most_common(1)[0][0]
        reglages.ban_recue_le = timezone.now()
        reglages.save()
        journal.noter(
            systeme("Base Adresse Nationale"), BAN_IMPORTEE, insee=insee, donnees={"lignes": len(lignes)}
        )
    return fait
