"""Templates as shipped, beside those in service: what an upgrade changed, and how it is taken.

A version in service never changes by itself: an upgrade only writes what it ships, and a person takes it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.html import strip_tags

from mairie.courriers import droits, modeles
from mairie.courriers.erreurs import CourrierRefuse
from mairie.models import ModeleCourrier, ModeleLivre, Utilisateur, VersionModele
from mairie.roles import metiers

TEXTE = ("objet", "corps", "forme", "mode", "a_signer", "public")
LIBELLES = {
    "objet": "objet",
    "corps": "texte",
    "forme": "forme",
    "mode": "mode d'envoi",
    "a_signer": "signature",
    "public": "acte public",
}
REPRISE = "Reprise du modèle livré"
_FINS = re.compile(r"(?<=</p>)|(?<=</h1>)|(?<=</h2>)|(?<=</h3>)|(?<=</li>)|(?<=</tr>)")
_CELLULES = re.compile(r"</t[hd]>\s*<t[hd][^>]*>")


@dataclass(frozen=True)
class Passage:
    """A paragraph of the comparison. ``sorte``: « garde », « ajoute » (shipped), « retire » (in service)."""

    sorte: str
    texte: str


@dataclass(frozen=True)
class Ecart:
    """A template whose text in service is not the one shipped."""

    modele: ModeleCourrier
    livre: ModeleLivre
    version: VersionModele
    champs: tuple[str, ...]
    passages: tuple[Passage, ...]
    brouillon: bool
    modifiable: bool
    intact: bool

    @property
    def metier(self) -> str:
        """Name of its trade."""
        return metiers().get(self.modele.metier, self.modele.metier)

    @property
    def change_ici(self) -> bool:
        """Somebody of the town hall wrote the text in service."""
        return not self.intact


def garder(modele: ModeleCourrier, champs: Mapping[str, Any]) -> None:
    """Write what this release ships for a template; its day only moves when the text does."""
    livre = ModeleLivre.objects.filter(modele=modele).first()
    if livre is None:
        ModeleLivre.objects.create(modele=modele, **champs)
    elif any(getattr(livre, c) != champs[c] for c in TEXTE):
        for c in TEXTE:
            setattr(livre, c, champs[c])
        livre.livre_le = timezone.now()
        livre.save()


def ecarts(utilisateur: Utilisateur, jour: date) -> list[Ecart]:
    """Templates that this person reads and whose version in service differs from what is shipped.

    A copy for a collectivité is compared with the text shipped for the common template of its code.
    """
    livres = {
        (x.modele.metier, x.modele.code): x for x in ModeleLivre.objects.select_related("modele").iterator()
    }
    trouves = []
    visibles = ModeleCourrier.objects.visibles_par(utilisateur).select_related("collectivite")
    for modele in visibles.prefetch_related("versions").order_by("metier", "libelle", "id"):
        livre = livres.get((modele.metier, modele.code))
        if livre is None:
            continue
        versions = list(modele.versions.all())
        version = _en_service(versions, jour)
        if version is None:
            continue
        champs = tuple(LIBELLES[c] for c in TEXTE if getattr(version, c) != getattr(livre, c))
        if champs:
            trouves.append(
                Ecart(
                    modele,
                    livre,
                    version,
                    champs,
                    comparer(version.corps, livre.corps),
                    any(v.publiee_le is None for v in versions),
                    droits.peut_modifier(utilisateur, modele),
                    intact(versions),
                )
            )
    return trouves


def _en_service(versions: list[VersionModele], jour: date) -> VersionModele | None:
    for v in versions:
        if v.publiee_le and v.valide_du and v.valide_du <= jour and (not v.valide_au or v.valide_au > jour):
            return v
    return None


def intact(versions: list[VersionModele]) -> bool:
    """Nobody of the town hall ever wrote in it: all its versions are texts that were shipped."""
    return all(v.cree_par_id is None or v.note == REPRISE for v in versions)


def paragraphes(corps: str) -> list[str]:
    """A text as the lines that a person compares: one a paragraph, an item or a row, without marks."""
    morceaux = (_CELLULES.sub(" | ", m) for m in _FINS.split(corps))
    return [t for m in morceaux if (t := " ".join(strip_tags(m).split()))]


def comparer(en_service: str, livre: str) -> tuple[Passage, ...]:
    """Paragraphs kept, taken away and added; long runs that did not change are cut short."""
    a, b = paragraphes(en_service), paragraphes(livre)
    sortie: list[Passage] = []
    for sorte, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if sorte == "equal":
            lignes = a[a1:a2]
            if len(lignes) > 3:
                lignes = [lignes[0], "…", lignes[-1]]
            sortie += [Passage("garde", x) for x in lignes]
            continue
        sortie += [Passage("retire", x) for x in a[a1:a2]]
        sortie += [Passage("ajoute", x) for x in b[b1:b2]]
    if a == b and en_service != livre:
        return (Passage("garde", "Les mots sont les mêmes ; la mise en forme change."),)
    return tuple(sortie)


def livre_de(modele: ModeleCourrier) -> ModeleLivre:
    """The text shipped for this template, or for the common one that it copies; ``CourrierRefuse``."""
    livre = ModeleLivre.objects.filter(
        modele__metier=modele.metier, modele__code=modele.code, modele__collectivite=None
    ).first()
    if livre is None:
        raise CourrierRefuse("Ce modèle n'est pas de ceux qui sont livrés.")
    return livre


def reprendre(modele: ModeleCourrier, *, par: Utilisateur, remplacer: bool = False) -> VersionModele:
    """Bring the shipped text into the draft; the versions before stay.

    ``CourrierRefuse`` where a draft is under way, unless ``remplacer``.
    """
    with transaction.atomic():
        ModeleCourrier.objects.select_for_update(of=("self",)).get(pk=modele.pk)
        livre = livre_de(modele)
        brouillon = modele.versions.filter(publiee_le__isnull=True).first()
        if brouillon is not None and not remplacer and brouillon.note != REPRISE:
            raise CourrierRefuse(
                f"Un brouillon de « {modele} » est en cours : mettez-le en service, ou cochez que le"
                " texte livré le remplace."
            )
        version = modeles.brouillon(modele, par)
        for champ in TEXTE:
            setattr(version, champ, getattr(livre, champ))
        version.note, version.cree_par = REPRISE, par
        version.jeton += 1
        version.modifie_le = timezone.now()
        version.save()
    return version


def servir(modele: ModeleCourrier, *, par: Utilisateur, remplacer: bool = False) -> VersionModele:
    """The shipped text put in service today; the version before it ends, and may be taken again."""
    with transaction.atomic():
        reprendre(modele, par=par, remplacer=remplacer)
        return modeles.mettre_en_service(modele, par=par, le=timezone.localdate())


def servir_intacts(*, par: Utilisateur) -> list[ModeleCourrier]:
    """All templates that nobody changed here, without a draft, brought to the text shipped."""
    pris = []
    for ecart in ecarts(par, timezone.localdate()):
        if ecart.intact and ecart.modifiable and not ecart.brouillon:
            servir(ecart.modele, par=par)
            pris.append(ecart.modele)
    return pris
