"""Payments read in the file of the finance software, for every trade: one verdict a line, rejects kept."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone

from mairie.exports import cellule
from mairie.workflow import Refus

COLONNES = ("reference", "numero_titre", "date_paiement", "montant")
TAILLE_MAX, LIGNES_MAX = 2 * 1024**2, 20_000
_ESPACES = re.compile(r"[\s\u00a0\u202f€]+")


class FichierRefuse(ValueError):
    """The file is no list of payments; the message says why and what to do."""


@dataclass(frozen=True)
class LigneLue:
    """One line of the file and what became of it: ``enregistre``, ``deja``, ``rejet`` (``motif``: why)."""

    rang: int
    valeurs: tuple[str, ...]
    etat: str
    motif: str = ""
    montant: Decimal = Decimal(0)

    @property
    def reference(self) -> str:
        """Claim that the line names."""
        return self.valeurs[0]


@dataclass(frozen=True)
class Rapport:
    """All lines of a file, in its order."""

    lignes: tuple[LigneLue, ...]

    def de(self, etat: str) -> list[LigneLue]:
        """Lines of one fate."""
        return [x for x in self.lignes if x.etat == etat]

    @property
    def total(self) -> Decimal:
        """Sum recorded by this file. Euros."""
        return sum((x.montant for x in self.de("enregistre")), Decimal(0))

    def rejets_csv(self) -> str:
        """The lines rejected, with their reason: corrected, the file is imported as it is."""
        tampon = io.StringIO()
        ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
        ecrivain.writerow((*COLONNES, "motif"))
        for x in self.de("rejet"):
            ecrivain.writerow([cellule(v) for v in (*x.valeurs, x.motif)])
        return tampon.getvalue()


# Reference, number in the finance software, day, sum → whether it is new; ``Refus`` says what is wrong.
Enregistrer = Callable[[str, str, date, Decimal], bool]


def importer(
    octets: bytes, enregistrer: Enregistrer, *, taille_max: int = TAILLE_MAX, lignes_max: int = LIGNES_MAX
) -> Rapport:
    """Record each payment of the file on its own; a line already recorded is told and left.

    ``FichierRefuse`` for what is no such file. A bad line stops no other.
    """
    # Read whole before anything is written: what is no list of payments leaves nothing behind.
    try:
        lues = list(_lire(octets, taille_max, lignes_max))
    except csv.Error:
        raise FichierRefuse(
            "Le fichier ne se lit pas comme un CSV (cellule sans fin, ou fins de ligne d'un autre système) :"
            " enregistrez le tableau de nouveau au format CSV."
        ) from None
    lignes = []
    for rang, valeurs in lues:
        reference, numero, jour, somme = valeurs
        try:
            with transaction.atomic():
                montant, le = lire_montant(somme), lire_jour(jour)
                fait = enregistrer(reference, numero, le, montant)
        except Refus as e:
            lignes.append(LigneLue(rang, valeurs, "rejet", str(e)))
        else:
            lignes.append(LigneLue(rang, valeurs, "enregistre" if fait else "deja", montant=montant))
    return Rapport(tuple(lignes))


def _lire(octets: bytes, taille_max: int, lignes_max: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line number, the four values) of each line that is not empty."""
    if len(octets) > taille_max:
        raise FichierRefuse(f"Le fichier dépasse {taille_max // 1024**2} Mo : coupez-le.")
    if b"\0" in octets:
        raise FichierRefuse("Ce n'est pas un fichier CSV : enregistrez le tableau au format CSV.")
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252", errors="replace")
    lecteur = csv.reader(io.StringIO(texte), delimiter=";")
    titres = [t.strip().lower() for t in next(lecteur, [])]
    manquent = [c for c in COLONNES if c not in titres and c != "numero_titre"]
    if manquent:
        raise FichierRefuse(
            f"Il manque la colonne {', '.join(manquent)}. Le fichier attendu a pour première ligne :"
            f" {';'.join(COLONNES)}."
        )
    places = [titres.index(c) if c in titres else -1 for c in COLONNES]
    for compte, cellules in enumerate(lecteur, start=1):
        if compte > lignes_max:
            raise FichierRefuse(f"Le fichier a plus de {lignes_max} lignes : coupez-le.")
        if any(c.strip() for c in cellules):
            yield (
                lecteur.line_num,
                tuple(cellules[p].strip()[:60] if 0 <= p < len(cellules) else "" for p in places),
            )


def lire_montant(texte: str) -> Decimal:
    """A sum as finance writes it; ``Refus``."""
    try:
        montant = Decimal(_ESPACES.sub("", texte).replace(",", "."))
    except InvalidOperation:
        raise Refus(f"Le montant « {texte} » n'est pas un nombre.") from None
    if not montant.is_finite() or abs(montant) >= Decimal(10) ** 10:
        raise Refus(f"Le montant « {texte} » n'est pas un nombre.")
    return montant


def lire_jour(texte: str) -> date:
    """A day that is past; ``Refus``."""
    for forme in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            le = datetime.strptime(texte, forme).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if le > timezone.localdate():
            raise Refus(f"Le paiement du {texte} est dans l'avenir.")
        return le
    raise Refus(f"La date « {texte} » ne se lit pas : écrivez JJ/MM/AAAA.")
