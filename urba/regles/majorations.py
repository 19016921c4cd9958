"""Majorations of the first month (R.423-24 to R.423-33, R.423-42, R.423-43)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mairie.calendrier import jma
from urba.regles.alertes import Alerte
from urba.regles.lettres import SANS_LETTRE, DateLettre, Lettre, date_lettre, fin_fenetre
from urba.regles.tables_delais import Effet, LigneDelai, Regles
from urba.regles.types import Etape, Nature, TypeDelai


@dataclass(frozen=True)
class MajorationDeclaree:
    """A majoration declared on a dossier, with its letter; ``fondee``: the law really gives it."""

    code: str
    lettre: Lettre = SANS_LETTRE
    fondee: bool = True


@dataclass(frozen=True)
class MajorationExaminee:
    """Outcome of a declared majoration; ``annoncee``: the letter told it; ``effective``: the law keeps it."""

    code: str
    ligne: LigneDelai | None
    date: DateLettre
    annoncee: bool
    effective: bool
    alertes: tuple[Alerte, ...]
    etape: Etape


def lignes_visant(
    lignes: Iterable[LigneDelai], code: str, type_: TypeDelai, nature: Nature
) -> list[LigneDelai]:
    """Rows of a code that exist for this type and nature."""
    return [ligne for ligne in lignes if ligne.code == code and ligne.vise(type_, nature)]


def effet_texte(ligne: LigneDelai) -> str:
    """What a row does, in words: « + 1 mois », « délai porté à 5 mois »."""
    if ligne.effet is Effet.AJOUT:
        return f"+ {ligne.mois} mois"
    if ligne.effet is Effet.PORTE:
        return f"délai porté à {ligne.mois} mois"
    return f"{ligne.mois} mois à compter du rapport du commissaire enquêteur"


def examiner_majoration(
    declaree: MajorationDeclaree, type_: TypeDelai, nature: Nature, depot: date, regles: Regles
) -> MajorationExaminee:
    """The first reason that fits makes a majoration inoperative; else it is announced, maybe effective."""
    le = date_lettre(declaree.lettre, regles.fiction_electronique_jours)
    lignes = lignes_visant(regles.majorations, declaree.code, type_, nature)
    actives = [ligne for ligne in lignes if ligne.actif]
    en_vigueur = [ligne for ligne in actives if ligne.en_vigueur(depot)]
    ligne = next(iter(en_vigueur or actives or lignes), None)
    article = ligne.article if ligne else "R.423-24 à R.423-33"
    libelle = ligne.libelle if ligne else declaree.code

    def sans_effet(alerte: Alerte, raison: str) -> MajorationExaminee:
        etape = Etape("MAJORATION", article, f"{libelle} : {raison}, sans effet.")
        return MajorationExaminee(declaree.code, ligne, le, False, False, (alerte,), etape)

    if ligne is None:
        return sans_effet(Alerte.MAJORATION_INAPPLICABLE, f"pas de majoration pour {type_} {nature.lower()}")
    if not actives:
        return sans_effet(Alerte.MAJORATION_INACTIVE, "ligne livrée éteinte, à confirmer")
    if not en_vigueur:
        return sans_effet(
            Alerte.MAJORATION_HORS_VIGUEUR, f"ne vise que les dépôts à partir du {jma(ligne.du)}"
        )
    if le.le is None:
        return sans_effet(Alerte.MAJORATION_NON_NOTIFIEE, "aucune lettre notifiée")

    fenetre = fin_fenetre(depot)
    alertes: list[Alerte] = []
    raisons: list[str] = []
    if not declaree.fondee:
        alertes.append(Alerte.MAJORATION_NON_FONDEE)
        raisons.append("non fondée (CE 24 octobre 2023 n° 462511)")
    if le.le > fenetre:
        alertes.append(Alerte.MAJORATION_TARDIVE)
        raisons.append(f"après le {jma(fenetre)} (R.423-43)")
    detail = f"{libelle} : {effet_texte(ligne)}, lettre {le.texte}"
    detail += f", {', '.join(raisons)} : sans effet." if raisons else f", au plus tard le {jma(fenetre)}."
    etape = Etape("MAJORATION", article, detail)
    return MajorationExaminee(declaree.code, ligne, le, True, not alertes, tuple(alertes), etape)


def delai_majore(base_mois: int, lignes: Iterable[LigneDelai]) -> tuple[int, bool]:
    """Months of the delay and whether an inquiry rules it: only the longest counts, they never add up."""
    lignes = list(lignes)
    for ligne in lignes:
        if ligne.effet is Effet.ENQUETE:
            return ligne.mois, True
    ajout = max((x.mois for x in lignes if x.effet is Effet.AJOUT), default=0)
    porte = max((x.mois for x in lignes if x.effet is Effet.PORTE), default=0)
    return max(base_mois + ajout, porte), False
