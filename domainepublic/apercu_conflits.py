"""Conflicts of ground not yet kept: what an agent is drawing, compared with the street as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from domainepublic import conflits, voirie
from domainepublic.emprises import NouvelleEmprise, examiner
from domainepublic.models import Compatibilite, DossierODP, Emprise
from domainepublic.models.emprises import SRID, multipolygone, surface_de
from domainepublic.regles.conflits import detecter_conflits
from domainepublic.regles.tables.types import NIVEAUX
from mairie.models import Voie

# No emprise has that key: the one being drawn.
ICI = "E0"


@dataclass(frozen=True)
class Apercu:
    """One conflict that the drawing would make."""

    niveau: str
    texte: str
    jours: int
    aire: str
    adresse: str = ""


def chercher(
    insee: str, nouvelle: NouvelleEmprise, *, dossier: DossierODP | None = None, voie: Voie | None = None
) -> list[Apercu]:
    """Conflicts of that ground on those days, the worst first; nothing is written.

    ``dossier``: the file it belongs to, whose own emprises do not count.
    """
    examen = examiner(insee, nouvelle)
    geom = examen.reparee or nouvelle.geom
    hote = dossier or DossierODP(insee=insee, voie=voie)
    e = Emprise(
        dossier=hote,
        type=nouvelle.type,
        geom=geom,
        largeur=nouvelle.largeur,
        cote=nouvelle.cote,
        rayon=nouvelle.rayon,
        debut=nouvelle.debut,
        fin=nouvelle.fin,
        creneaux=nouvelle.creneaux,
        largeur_libre=nouvelle.largeur_libre,
        sans_obstacle_lateral=nouvelle.sans_obstacle_lateral,
        operateur=nouvelle.operateur,
    )
    e.surface = multipolygone(surface_de(geom, nouvelle.largeur, nouvelle.cote, nouvelle.rayon))
    autres = {a.code: a for a in conflits.candidates(e, hote)}
    rue = voirie.reperes([e])
    cas = {
        "emprises": [
            {**conflits.en_moteur(e, "en_instruction"), "id": ICI, "dossier": str(hote.pk or ICI)},
            *(conflits.en_moteur(a, a.dossier.etat) for a in autres.values()),
        ],
        "revetements": conflits.revetements_sous([e]),
        "compatibilites": list(Compatibilite.objects.values("a", "b", "niveau")),
        "examine": str(hote.pk or ICI),
        **rue,
        "parametres": {"srid": SRID, **rue["parametres"]},
    }
    trouves = [c for c in detecter_conflits(cas)["conflits"] if ICI in (c["a"], c["b"])]
    return sorted((_lisible(c, autres) for c in trouves), key=lambda a: -NIVEAUX.index(a.niveau))


def _lisible(c: dict[str, Any], autres: dict[str, Emprise]) -> Apercu:
    autre = autres.get(c["b"] if c["a"] == ICI else c["a"])
    noms = {a.code: f"{a.dossier} ({a.type.libelle})" for a in autres.values()}
    noms[ICI] = "l'emprise dessinée"
    texte = re.sub(r"\bE\d+\b", lambda m: noms.get(m[0], m[0]), c["libelle"])
    return Apercu(
        c["niveau"],
        texte[:1].upper() + texte[1:],
        c["nb_jours"],
        (c["surface"] or "").replace(".", ","),
        autre.dossier.get_absolute_url() if autre else "",
    )
