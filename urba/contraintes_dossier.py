"""Constraints kept with a request: checked again, set aside or added with a reason, never lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import shapely
from django.db import transaction
from django.utils import timezone

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.resultat import Resultat
from mairie import journal
from mairie.models import Utilisateur
from urba.models import ContrainteDossier, ControleCouches, DossierInstruction

CONTROLEES, ECARTEE, AJOUTEE = (
    "urba.contraintes_controlees",
    "urba.contrainte_ecartee",
    "urba.contrainte_ajoutee",
)
RETABLIE = "urba.contrainte_retablie"
NATURES = (
    ("plu", "document d'urbanisme"),
    ("servitude", "servitude d'utilité publique"),
    ("risque", "risque"),
    ("patrimoine", "patrimoine"),
    ("autre", "autre"),
)
MOTIF_MAX = 500
Etat = ContrainteDossier.Etat


class ContrainteRefusee(ValueError):
    """What is missing, in French."""


@dataclass(frozen=True)
class Gardees:
    """What a request keeps: its last check, and its constraints."""

    controle: ControleCouches | None
    lignes: list[ContrainteDossier]
    perime: bool

    @property
    def retenues(self) -> list[ContrainteDossier]:
        """Those that hold."""
        return [x for x in self.lignes if x.etat != Etat.ECARTEE]

    @property
    def ecartees(self) -> list[ContrainteDossier]:
        """Those set aside."""
        return [x for x in self.lignes if x.etat == Etat.ECARTEE]


def declarer() -> None:
    """Acts known to the log."""
    journal.declarer(
        journal.Action(CONTROLEES, "Contraintes du terrain contrôlées"),
        journal.Action(ECARTEE, "Contrainte écartée"),
        journal.Action(RETABLIE, "Contrainte rétablie"),
        journal.Action(AJOUTEE, "Contrainte ajoutée"),
    )


def gardees(d: DossierInstruction) -> Gardees:
    """Two queries."""
    controle = d.controles_couches.select_related("par").first()
    lignes = list(d.contraintes.select_related("auteur"))
    terrain = getattr(d, "terrain", None)
    emprise = terrain.emprise if terrain is not None else None
    perime = controle is not None and emprise is not None and not controle.emprise.equals_exact(emprise, 0.01)
    return Gardees(controle, lignes, perime)


def controler(d: DossierInstruction, *, par: Utilisateur | None, jour: date) -> ControleCouches:
    """Ask every layer about the ground and keep what they say, with the version of each."""
    terrain = getattr(d, "terrain", None)
    if terrain is None or terrain.emprise is None:
        raise ContrainteRefusee("Ce dossier n'a pas d'emprise : reliez-le à une parcelle, ou dessinez-la.")
    resultat = contraintes(shapely.from_wkb(bytes(terrain.emprise.wkb)), jour, par)
    with transaction.atomic():
        DossierInstruction.objects.select_for_update(of=("self",)).get(pk=d.pk)
        controle = ControleCouches.objects.create(
            dossier=d, par=par, couches=_couches(resultat), emprise=terrain.emprise
        )
        trouvees = {(x["couche"], x["cle"]): x for x in _trouvees(resultat)}
        for ligne in d.contraintes.exclude(etat=Etat.AJOUTEE):
            valeurs = trouvees.pop((ligne.couche, ligne.cle), None)
            if valeurs is None and ligne.etat == Etat.AUTO:
                ligne.delete()
                continue
            ligne.presente = valeurs is not None
            for champ, valeur in (valeurs or {}).items():
                setattr(ligne, champ, valeur)
            ligne.save()
        ContrainteDossier.objects.bulk_create(ContrainteDossier(dossier=d, **v) for v in trouvees.values())
        if par is not None:
            journal.noter(par, CONTROLEES, d, insee=d.insee, donnees={"trouvees": len(_trouvees(resultat))})
    return controle


def _couches(resultat: Resultat) -> list[dict[str, Any]]:
    return [
        {
            "nom": c.nom,
            "libelle": c.libelle,
            "etat": c.etat.value,
            "versions": [s.identifiant for s in c.sources],
        }
        for c in (resultat.zonage.consultee, *resultat.consultees)
    ]


def _trouvees(resultat: Resultat) -> list[dict[str, Any]]:
    zones: list[dict[str, Any]] = [
        {
            "couche": "plu_zones", "cle": f"{z.typezone}:{z.libelle}"[:200],
            "libelle": f"Zone {z.libelle or z.typezone}"[:400], "nature": "plu", "genre": "surface",
            "mesure": z.mesure, "pct": z.pct, "document": z.source.libelle[:200],
        }
        for z in resultat.zonage.zones
    ]  # fmt: skip
    objets: list[dict[str, Any]] = [
        {
            "couche": o.couche, "cle": o.cle[:200], "libelle": o.libelle[:400], "nature": o.nature[:20],
            "genre": o.genre, "mesure": o.mesure, "pct": o.pct, "document": o.source.libelle[:200],
        }
        for o in resultat.objets
    ]  # fmt: skip
    return list({(x["couche"], x["cle"]): x for x in (*zones, *objets)}.values())


def ecarter(d: DossierInstruction, pk: int, motif: str, *, par: Utilisateur) -> ContrainteDossier:
    """Set a constraint aside, with its written reason."""
    motif = _motif(motif, "Dites pourquoi vous écartez cette contrainte.")
    with transaction.atomic():
        ligne = _ligne(d, pk)
        if ligne.etat != Etat.AUTO:
            raise ContrainteRefusee("Seule une contrainte trouvée sur la carte s'écarte.")
        return _ecrire(ligne, Etat.ECARTEE, motif, ECARTEE, par)


def retablir(d: DossierInstruction, pk: int, *, par: Utilisateur) -> None:
    """Take back an override: what the map says holds again, what was added goes."""
    with transaction.atomic():
        ligne = _ligne(d, pk)
        if ligne.etat == Etat.AJOUTEE or not ligne.presente:
            journal.noter(par, RETABLIE, d, insee=d.insee, resume=f"retirée : {ligne.libelle}")
            ligne.delete()
        elif ligne.etat == Etat.ECARTEE:
            _ecrire(ligne, Etat.AUTO, "", RETABLIE, par)


def ajouter(
    d: DossierInstruction, libelle: str, nature: str, motif: str, *, par: Utilisateur
) -> ContrainteDossier:
    """Add what no layer says, with its reason."""
    libelle = " ".join(libelle.split())[:400]
    if not libelle or nature not in dict(NATURES):
        raise ContrainteRefusee("Nommez la contrainte et choisissez sa nature.")
    motif = _motif(motif, "Dites d'où vient cette contrainte.")
    with transaction.atomic():
        ligne = ContrainteDossier(dossier=d, cle=f"main-{uuid4().hex}", libelle=libelle, nature=nature)
        return _ecrire(ligne, Etat.AJOUTEE, motif, AJOUTEE, par)


def _motif(motif: str, sinon: str) -> str:
    propre = " ".join(motif.split())[:MOTIF_MAX]
    if not propre:
        raise ContrainteRefusee(sinon)
    return propre


def _ligne(d: DossierInstruction, pk: int) -> ContrainteDossier:
    ligne: ContrainteDossier | None = d.contraintes.select_for_update(of=("self",)).filter(pk=pk).first()
    if ligne is None:
        raise ContrainteRefusee("Cette contrainte n'est plus dans le dossier : rechargez la page.")
    return ligne


def _ecrire(
    ligne: ContrainteDossier, etat: str, motif: str, action: str, par: Utilisateur
) -> ContrainteDossier:
    ligne.etat, ligne.motif, ligne.auteur, ligne.modifiee_le = etat, motif, par, timezone.now()
    ligne.save()
    d = ligne.dossier
    journal.noter(par, action, d, insee=d.insee, resume=ligne.libelle, donnees={"motif": motif})
    return ligne


def ecartees_en_lettres(d: DossierInstruction) -> list[str]:
    """Lines of the merge field: what was set aside, and why."""
    return [f"{x.libelle} ({x.motif})" for x in d.contraintes.filter(etat=Etat.ECARTEE)]


def contraintes_en_tableau(d: DossierInstruction) -> list[dict[str, str]]:
    """Rows of the merge block: each constraint, its share, what was made of it."""
    suites = {Etat.AUTO: "retenue", Etat.AJOUTEE: "ajoutée : ", Etat.ECARTEE: "écartée : "}
    return [
        {
            "libelle": x.libelle,
            "part": "" if x.pct is None else f"{x.pct:.0f} %",
            "suite": f"{suites[Etat(x.etat)]}{x.motif}",
        }
        for x in d.contraintes.all()
    ]
