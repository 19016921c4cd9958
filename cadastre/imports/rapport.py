"""The report of a run: the JSON of the contract, the sentence for people, the exit code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cadastre.imports.resultat import IMPORTEE, INCHANGEE, RAISONS, REJETEE, ResultatFeuille


@dataclass
class Rapport:
    """All sheets of a run."""

    resultats: list[ResultatFeuille]
    duree_s: float
    import_id: int
    mesures: dict[str, float] = field(default_factory=dict)

    def tries(self) -> list[ResultatFeuille]:
        """By id12, unreadable archives last."""
        return sorted(
            self.resultats,
            key=lambda r: (
                r.feuille is None,
                r.feuille or r.indice or "",
                (r.erreur or {}).get("fichier") or "",
            ),
        )

    def nombre(self, etat: str) -> int:
        """How many sheets ended so."""
        return sum(resultat.etat == etat for resultat in self.resultats)

    @property
    def code_retour(self) -> int:
        """0 all imported or unchanged, 1 a sheet rejected."""
        return 1 if self.nombre(REJETEE) else 0

    def total(self) -> dict[str, int]:
        """Sums over all sheets."""
        return {
            "feuilles": len(self.resultats),
            "importees": self.nombre(IMPORTEE),
            "inchangees": self.nombre(INCHANGEE),
            "rejetees": self.nombre(REJETEE),
            "objets_lus": sum(sum(r.lus.values()) for r in self.resultats),
            "objets_ecrits": sum(sum(r.ecrits.values()) for r in self.resultats),
            "anomalies": sum(len(r.anomalies) for r in self.resultats),
            "parcelles": sum(r.ecrits.get("PARCELLE", 0) for r in self.resultats),
        }

    def document(self, *, mesures: bool = False) -> dict[str, Any]:
        """The JSON of the contract; ``mesures`` adds the seconds by step."""
        document: dict[str, Any] = {
            "feuilles": [resultat.document() for resultat in self.tries()],
            "total": self.total(),
            "duree_s": round(self.duree_s, 3),
        }
        if mesures:
            document["mesures"] = {nom: round(valeur, 4) for nom, valeur in sorted(self.mesures.items())}
        return document

    def phrase(self) -> str:
        """« 12 feuilles importées, 3 inchangées, 1 rejetée (380040000B02 : archive illisible). »"""
        morceaux: list[str] = []
        for etat, singulier in ((IMPORTEE, "importée"), (INCHANGEE, "inchangée"), (REJETEE, "rejetée")):
            nombre = self.nombre(etat)
            if nombre:
                pluriel = "s" if nombre > 1 else ""
                nom = "" if morceaux else f"feuille{pluriel} "
                morceaux.append(f"{nombre} {nom}{singulier}{pluriel}")
        raisons = []
        for resultat in self.tries():
            if resultat.erreur is not None:
                sujet = resultat.feuille or resultat.indice or resultat.erreur["fichier"]
                code = resultat.erreur["code"] or ""
                raisons.append(f"{sujet} : {RAISONS.get(code, code)}")
        detail = f" ({', '.join(raisons)})" if raisons else ""
        return f"{', '.join(morceaux) or 'Aucune feuille'}{detail}."
