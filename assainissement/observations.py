"""Entry of a control: questions asked, answers kept as they come, what the rules already say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from assainissement.models import Controle, Observation, PointControle
from assainissement.regles import observations as regles
from assainissement.regles.lecture_lignes import classer_et_expliquer
from assainissement.regles.observations import Reponse
from assainissement.regles.tables.points import GROUPES, NOMBRES, REPONSES
from mairie.lecture_json import ErreurSaisie
from mairie.workflow import Refus


@dataclass(frozen=True)
class Ecran:
    """One screen of the form: its group, its questions in order, its figures, how many are answered."""

    code: str
    titre: str
    points: tuple[PointControle, ...]
    nombres: tuple[Any, ...]
    repondus: int

    @property
    def complet(self) -> bool:
        """Every question has its answer."""
        return self.repondus == len(self.points)


def points_de(controle: Controle, jour: date | None = None) -> list[PointControle]:
    """Questions that a control of this nature asks on its day."""
    le = jour or controle.date_visite or timezone.localdate()
    return [p for p in PointControle.objects.valides(le) if p.concerne(controle.nature)]


def reponses_de(controle: Controle) -> dict[str, Observation]:
    """Answers by code of question."""
    return {o.point.code: o for o in controle.observations.select_related("point")}


def ecrans(controle: Controle) -> list[Ecran]:
    """Screens of the form of this control."""
    reponses = reponses_de(controle)
    par_groupe: dict[str, list[PointControle]] = {}
    for p in points_de(controle):
        par_groupe.setdefault(p.groupe, []).append(p)
    return [
        Ecran(
            code,
            titre,
            tuple(par_groupe[code]),
            tuple(n for n in NOMBRES.values() if n.groupe == code) if controle.existant else (),
            sum(p.code in reponses for p in par_groupe[code]),
        )
        for code, titre in GROUPES.items()
        if code in par_groupe
    ]


def _cas(controle: Controle) -> dict[str, Any]:
    reponses = [
        Reponse(o.point.fait, o.point.reponse, o.reponse)
        for o in controle.observations.select_related("point")
    ]
    return regles.cas(
        controle.nature, reponses, controle.nombres, vente=controle.vente or controle.nature == "vente"
    )


def manque(controle: Controle) -> str:
    """What must still be said before a visit is recorded; empty when nothing."""
    if controle.existant:
        return regles.manque(_cas(controle))
    if not controle.conclusion_travaux:
        return "Dites si le projet ou les travaux sont conformes."
    return ""


def conclure(controle: Controle) -> tuple[dict[str, Any], str]:
    """(conclusion with its rows, "") as the answers stand now, or ({}, what is missing or wrong)."""
    if faute := manque(controle):
        return {}, faute
    if not controle.existant:
        conforme = controle.conclusion_travaux == "conforme"
        phrase = (
            "Le contrôleur a conclu à la conformité."
            if conforme
            else "Le contrôleur a conclu à la non-conformité."
        )
        return {
            "conclusion": controle.conclusion_travaux,
            "regle": None,
            "cas": None,
            "explication": [phrase + " (arrêté du 27/04/2012, art. 3)"],
            "points_non_verifies": [],
            "lignes": [],
            "causes": [],
            "remarques": [],
        }, ""
    try:
        return classer_et_expliquer(_cas(controle)), ""
    except ErreurSaisie as e:
        champ = NOMBRES.get(e.champ)
        return {}, f"{champ.libelle} : {e.message}" if champ else e.message


def constat(controle: Controle) -> dict[str, Any]:
    """What is frozen with the conclusion: exact input of the rules, and each answer in words."""
    return {
        "cas": _cas(controle) if controle.existant else {"nature": controle.nature},
        "reponses": [
            {
                "point": o.point.code,
                "libelle": o.point.libelle,
                "reponse": o.reponse,
                "commentaire": o.commentaire,
                "article": o.point.article,
            }
            for o in controle.observations.select_related("point")
        ],
    }


def enregistrer(
    controle: Controle,
    reponses: Mapping[str, tuple[str, str]],
    nombres: Mapping[str, Any] | None = None,
    champs: Mapping[str, Any] | None = None,
) -> Controle:
    """Keep answers (code → answer, comment) and figures; an empty answer takes one back.

    ``Refus`` once the report is written: observations are locked.
    """
    with transaction.atomic():
        verrou: Controle = Controle.objects.select_for_update(of=("self",)).get(pk=controle.pk)
        if not verrou.saisissable:
            raise Refus(
                f"Le contrôle est « {verrou.libelle_etat} » : ses observations ne changent plus."
                " Le responsable peut renvoyer le rapport au technicien."
            )
        _ecrire(verrou, reponses, nombres, champs)
    return verrou


def rectifier(
    verrou: Controle,
    reponses: Mapping[str, tuple[str, str]],
    nombres: Mapping[str, Any] | None = None,
    champs: Mapping[str, Any] | None = None,
) -> None:
    """The same on a report already concluded: ``controles.rectifier`` alone calls it, under its lock."""
    _ecrire(verrou, reponses, nombres, champs)


def _ecrire(
    verrou: Controle,
    reponses: Mapping[str, tuple[str, str]],
    nombres: Mapping[str, Any] | None,
    champs: Mapping[str, Any] | None,
) -> None:
    points = {p.code: p for p in points_de(verrou)}
    vides = [points[c].pk for c, (valeur, _) in reponses.items() if c in points and not valeur]
    if vides:
        verrou.observations.filter(point__in=vides).delete()
    lignes = [
        Observation(controle=verrou, point=points[c], reponse=valeur, commentaire=mot[:500])
        for c, (valeur, mot) in reponses.items()
        if c in points and valeur in REPONSES
    ]
    Observation.objects.bulk_create(
        lignes,
        update_conflicts=True,
        unique_fields=["controle", "point"],
        update_fields=["reponse", "commentaire"],
    )
    modifies = []
    if nombres is not None:
        gardes = {k: v for k, v in {**verrou.nombres, **nombres}.items() if v not in (None, "")}
        verrou.nombres = gardes
        modifies.append("nombres")
    for champ, valeur in (champs or {}).items():
        setattr(verrou, champ, valeur)
        modifies.append(champ)
    verrou.ecritures += 1
    verrou.save(update_fields=[*modifies, "ecritures"])
