"""One sheet written in one transaction: replaced whole, its parcels versioned, its relations kept.

Rows go by COPY straight into their tables: inside the transaction that holds the sheet's lock nobody
sees them before the commit, so a staging table would only write everything twice (measured: 38 % more
server CPU on the five largest tables). What needs a comparison (parcels) is compared here by the
fingerprints of the versions in force; the temporary table serves the few rows corrected in place.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg2.extensions import cursor as Curseur  # noqa: N812

from cadastre.imports import copie, parcelles
from cadastre.imports.base import Base, cle_verrou
from cadastre.imports.derives import deriver
from cadastre.imports.interpretation import VERSIONS, FeuilleInterpretee
from cadastre.imports.parcelles import Decision, EnBase
from cadastre.imports.plan import INCONNU, TABLES
from cadastre.imports.resultat import Refus
from gis_data.formats.edigeo.modele import AVERTISSEMENT, Anomalie
from gis_data.imports.pannes import point_de_panne
from gis_data.imports.rapport import ecarts

# All that is replaced whole with its sheet.
REMPLACEES = (
    *sorted({table.nom for table in TABLES.values()} | {INCONNU.nom}),
    "cadastre_occurrencecommune",
    "cadastre_occurrencesection",
    "cadastre_relationedigeo",
    "cadastre_numerovoirieparcelle",
    "cadastre_batimentparcelle",
    "cadastre_subdivisionparcelle",
    "cadastre_anomalie",
)
_COLONNES_EN_BASE = """
id, idu, idu_lu, feuille_id, valide_du, valide_au, contenance, arpentee, figuree, empreinte_geom"""
_VERSIONS_EN_BASE = f"""
SELECT {_COLONNES_EN_BASE} FROM cadastre_parcelle
 WHERE feuille_id = %(feuille)s AND valide_au IS NULL
 UNION
SELECT {_COLONNES_EN_BASE} FROM cadastre_parcelle
 WHERE idu = ANY(%(idus)s) AND (valide_au IS NULL OR valide_au >= %(millesime)s)"""  # noqa: S608
_FEUILLES_EN_BASE = """
SELECT f.id, f.id12, v.millesime
  FROM cadastre_feuille f LEFT JOIN cadastre_versionfeuille v ON v.id = f.version_id
 WHERE f.id = ANY(%s)"""


class EtatFeuille(NamedTuple):
    """What the database holds of a sheet."""

    id: int
    version_id: int | None
    millesime: date | None
    empreinte: str | None
    import_id: int | None
    comptes: dict[str, Any] | None


@dataclass(eq=False)
class Livraison:
    """A delivery to write: fingerprints of its content and of its archive, the run that brings it."""

    empreinte: str
    empreinte_archive: str
    import_id: int
    forcer: bool


@dataclass(frozen=True)
class Inchangee:
    """The very content was already there."""

    etat: EtatFeuille


@dataclass(eq=False)
class Ecrite:
    """What was written."""

    ecrits: dict[str, int]
    relations: dict[str, dict[str, int]]
    anomalies: list[Anomalie]


_ETAT = """
SELECT f.id, v.id, v.millesime, v.empreinte, v.import_travail_id, v.comptes
  FROM cadastre_feuille f LEFT JOIN cadastre_versionfeuille v ON v.id = f.version_id
 WHERE f.id12 = %s
"""


def lire_etat(base: Base, curseur: Curseur, id12: str) -> EtatFeuille | None:
    """The sheet in the database, if it is there."""
    base.executer(curseur, _ETAT, (id12,))
    ligne = curseur.fetchone()
    return None if ligne is None else EtatFeuille(*ligne)


class Ecriture:
    """The transaction of one sheet."""

    def __init__(self, base: Base, lue: FeuilleInterpretee, livraison: Livraison) -> None:
        self.base = base
        self.lue = lue
        self.livraison = livraison
        self.millesime = lue.feuille.millesime
        self.ids: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.ecrits: dict[str, int] = {}
        self.anomalies = list(lue.anomalies)
        self.feuille_id = 0
        self.attente_verrou_s = 0.0

    def ecrire(self) -> Ecrite | Inchangee:
        """Write it. ``Refus`` when an older delivery, or when read and written do not agree."""
        with self.base.transaction() as curseur:
            point_de_panne("avant_verrou")
            self._verrouiller(curseur, "feuille", self.lue.id12)
            etat = lire_etat(self.base, curseur, self.lue.id12)
            if etat is not None and etat.millesime is not None:
                if self.millesime < etat.millesime:
                    raise Refus(
                        "MILLESIME_ANTERIEUR",
                        f"sa date de transmission ({self.millesime}) est antérieure à celle de la version"
                        f" en place ({etat.millesime}). Importez l'historique du plus ancien au plus récent",
                    )
                memes = (etat.empreinte, etat.millesime) == (self.livraison.empreinte, self.millesime)
                if memes and not self.livraison.forcer:
                    return Inchangee(etat)
            return self._remplacer(curseur, etat)

    def _verrouiller(self, curseur: Curseur, espace: str, nom: str) -> None:
        debut = time.perf_counter()
        curseur.execute("SELECT pg_advisory_xact_lock(%s)", (cle_verrou(f"cadastre.{espace}", nom),))
        self.attente_verrou_s += time.perf_counter() - debut

    def _remplacer(self, curseur: Curseur, etat: EtatFeuille | None) -> Ecrite:
        lue, base = self.lue, self.base
        self.ids = base.reserver(curseur, lue.nombre).copy()
        meme_date = etat is not None and etat.millesime == self.millesime
        subdsect = lue.debuts["SUBDSECT"]
        # Only the first SUBDSECT is the sheet.
        self.ids[subdsect + 1 : subdsect + len(lue.feuille.objets["SUBDSECT"])] = 0
        if meme_date and etat is not None and etat.version_id is not None:
            self.ids[subdsect] = etat.version_id
        traitees = self._preparer_feuille(curseur, etat, int(self.ids[subdsect]))
        point_de_panne("apres_effacement")
        self._copier_blocs(curseur)
        point_de_panne("apres_objets")

        # Parcels may come from another sheet of the commune, which shares its derived rows too.
        self._verrouiller(curseur, "commune", lue.commune)
        decision = self._versionner(curseur)
        point_de_panne("apres_parcelles")
        self._copier_liens(curseur)
        relations = self._copier_relations(curseur)
        deriver(base, curseur, self.feuille_id)
        self.ecrits["SUBDSECT"] = 1
        manques = ecarts(lue.lus, self.ecrits, self.anomalies)
        if manques:
            raise Refus(
                "RECONCILIATION",
                f"les objets lus et écrits ne concordent pas ({manques}). Signalez-le avec l'archive",
            )
        self._copier_anomalies(curseur, traitees)
        self._ecrire_version(curseur, relations, int(self.ids[subdsect]), maj=meme_date)
        base.executer(
            curseur,
            "INSERT INTO cadastre_filiationafaire"
            " (commune, millesime, feuille_id, import_travail_id, creees, supprimees, modifiees, reprise)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                lue.commune,
                self.millesime,
                self.feuille_id,
                self.livraison.import_id,
                decision.creees,
                decision.supprimees,
                decision.modifiees,
                meme_date,
            ),
        )
        point_de_panne("avant_validation")
        return Ecrite(self.ecrits, relations, self.anomalies)

    # -- the sheet and its objects ---------------------------------------------------------------

    def _preparer_feuille(
        self, curseur: Curseur, etat: EtatFeuille | None, version_id: int
    ) -> list[tuple[Any, ...]]:
        """Row of the sheet; what it held before is taken away. Anomalies that somebody has treated."""
        lue, base = self.lue, self.base
        if etat is None:
            # The version row comes last: its key is checked at commit.
            base.executer(
                curseur,
                "INSERT INTO cadastre_feuille (id12, commune, prefixe, section, subdivision, version_id)"
                " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
                (lue.id12, lue.commune, lue.id12[5:8], lue.id12[8:10], lue.id12[10:], version_id),
            )
            self.feuille_id = curseur.fetchone()[0]
            return []
        self.feuille_id = etat.id
        base.executer(
            curseur,
            "SELECT code, type, identifiant, traitee_le, note FROM cadastre_anomalie"
            " WHERE feuille_id = %s AND (traitee_le IS NOT NULL OR note <> '')",
            (etat.id,),
        )
        traitees = curseur.fetchall()
        effacements = [f"DELETE FROM {table} WHERE feuille_id = {etat.id:d}" for table in REMPLACEES]  # noqa: S608
        effacements.append(
            f"UPDATE cadastre_feuille SET version_id = {version_id:d}"  # noqa: S608
            f" WHERE id = {etat.id:d} AND version_id IS DISTINCT FROM {version_id:d}"
        )
        base.executer(curseur, ";".join(effacements))
        return traitees

    def _copier_blocs(self, curseur: Curseur) -> None:
        """Rows of each table in one COPY, its types one after the other."""
        par_table: dict[str, list[Any]] = {}
        for bloc in self.lue.blocs:
            if len(bloc.numeros):
                par_table.setdefault(bloc.table, []).append(bloc)
            self.ecrits.setdefault(bloc.type, 0)
        ecrits = np.zeros(len(self.ids), dtype=bool)
        for table, blocs in par_table.items():
            noms = list(blocs[0].colonnes)
            lignes: list[str] = []
            for bloc in blocs:
                ecrits[bloc.numeros] = True
                lignes += copie.lignes(
                    [
                        copie.entiers(self.ids[bloc.numeros]),
                        repeat(str(self.feuille_id)),
                        *(bloc.colonnes[nom] for nom in noms),
                    ]
                )
            self._copier(curseur, table, ["id", "feuille_id", *noms], lignes)
            for bloc in blocs:
                self.ecrits[bloc.type] += len(bloc.numeros)
        # What has no row has no id: its relations cannot be written.
        debuts, objets = self.lue.debuts, self.lue.feuille.objets
        for type_ in ("PARCELLE", "SUBDSECT"):
            if type_ in objets:
                ecrits[debuts[type_] : debuts[type_] + len(objets[type_])] = True
        self.ids[~ecrits] = 0

    def _copier(self, curseur: Curseur, table: str, noms: Iterable[str], lignes: list[str]) -> None:
        """COPY that the server must have taken whole."""
        prises = self.base.copier(curseur, table, list(noms), lignes)
        if prises != len(lignes):
            raise Refus(
                "RECONCILIATION", f"{len(lignes)} lignes envoyées à {table}, {prises} écrites. Signalez-le"
            )

    # -- parcels ---------------------------------------------------------------------------------

    def _versionner(self, curseur: Curseur) -> Decision:
        """Close, open, correct the versions of the parcels; the ids of the rows go to ``self.ids``."""
        lue = self.lue
        lues = lue.parcelles
        decision = parcelles.comparer(lues, self.feuille_id, self.millesime, self._lire_versions(curseur))
        self.anomalies += decision.doublons
        ids = self.ids[:0]
        if len(lues):
            debut = lue.debuts["PARCELLE"]
            ids = self.ids[debut : debut + len(lues)]
            existantes = decision.ids > 0
            ids[existantes] = decision.ids[existantes]
        self._clore(curseur, decision)
        reste = decision.inchangees + len(decision.rouvertes)
        nouvelles = self._lignes_parcelles(decision.nouvelles, ids)
        self._copier(curseur, parcelles.TABLE, parcelles.COLONNES, nouvelles)
        corrigees = self._corriger(curseur, decision, ids)
        if len(lues):
            self.ecrits["PARCELLE"] = reste + len(nouvelles) + corrigees
        return decision

    def _lire_versions(self, curseur: Curseur) -> list[EnBase]:
        """Versions in force in this sheet, and those of its idus in force or closed since its date."""
        self.base.executer(
            curseur,
            _VERSIONS_EN_BASE,
            {
                "feuille": self.feuille_id,
                "idus": [idu for idu in self.lue.parcelles.idu if idu is not None],
                "millesime": self.millesime,
            },
        )
        lignes = curseur.fetchall()
        if not lignes:
            return []
        self.base.executer(curseur, _FEUILLES_EN_BASE, ([*{ligne[3] for ligne in lignes}],))
        feuilles = {id_: reste for id_, *reste in curseur.fetchall()}
        return [EnBase(*ligne[:4], *feuilles[ligne[3]], *ligne[4:]) for ligne in lignes]

    def _lignes_parcelles(self, rangs: list[int], ids: npt.NDArray[np.int64]) -> list[str]:
        lue = self.lue
        identite = (lue.commune, lue.id12[5:8], lue.id12[8:10], self.feuille_id)
        tous = len(rangs) == len(lue.parcelles)
        return list(
            copie.lignes(
                parcelles.colonnes(
                    lue.parcelles,
                    ids.tolist(),
                    None if tous else rangs,
                    identite,
                    self.millesime,
                    *lue.hex_parcelles,
                )
            )
        )

    def _clore(self, curseur: Curseur, decision: Decision) -> None:
        if decision.closes:
            self.base.executer(
                curseur,
                "UPDATE cadastre_parcelle SET valide_au = %s WHERE id = ANY(%s)",
                (self.millesime, decision.closes),
            )
        if decision.rouvertes:
            self.base.executer(
                curseur,
                "UPDATE cadastre_parcelle SET valide_au = NULL WHERE id = ANY(%s)",
                (decision.rouvertes,),
            )
        if decision.effacees:
            ids = (decision.effacees, decision.effacees)
            self.base.executer(
                curseur,
                "DELETE FROM cadastre_filiation WHERE parent_id = ANY(%s) OR enfant_id = ANY(%s)",
                ids,
            )
            self.base.executer(curseur, "DELETE FROM cadastre_parcelle WHERE id = ANY(%s)", ids[:1])

    def _corriger(self, curseur: Curseur, decision: Decision, ids: npt.NDArray[np.int64]) -> int:
        """Rows opened at this very date take the content of the new delivery."""
        if not decision.corrigees:
            return 0
        temporaire = self.base.table_temporaire(curseur, parcelles.TABLE)
        lignes = self._lignes_parcelles(decision.corrigees, ids)
        self._copier(curseur, temporaire, parcelles.COLONNES, lignes)
        champs = [nom for nom in parcelles.COLONNES if nom not in ("id", "valide_du", "valide_au")]
        self.base.executer(
            curseur,
            f"UPDATE {parcelles.TABLE} p SET {', '.join(f'{nom} = t.{nom}' for nom in champs)}"  # noqa: S608
            f" FROM {temporaire} t WHERE p.id = t.id",
        )
        return int(curseur.rowcount)

    # -- links, relations, findings --------------------------------------------------------------

    def _copier_liens(self, curseur: Curseur) -> None:
        liens, ids = self.lue.liens, self.ids
        feuille = repeat(str(self.feuille_id))
        tables: tuple[tuple[str, str, npt.NDArray[np.int64], dict[str, list[str]]], ...] = (
            ("cadastre_numerovoirieparcelle", "numero_voirie_id", liens.numeros, {}),
            (
                "cadastre_batimentparcelle",
                "batiment_id",
                liens.batiments,
                {"aire": copie.nombres(liens.aires.tolist()), "part": copie.nombres(liens.parts.tolist())},
            ),
            (
                "cadastre_subdivisionparcelle",
                "subdivision_id",
                liens.subdivisions,
                {"par_geometrie": copie.booleens(liens.par_geometrie.tolist())},
            ),
        )
        for table, colonne, paires, autres in tables:
            a, b = ids[paires[:, 0]], ids[paires[:, 1]]
            lignes = copie.lignes([copie.entiers(a), copie.entiers(b), feuille, *autres.values()])
            ecrites = [
                ligne for ligne, bonne in zip(lignes, ((a > 0) & (b > 0)).tolist(), strict=True) if bonne
            ]
            self._copier(curseur, table, [colonne, "parcelle_id", "feuille_id", *autres], ecrites)

    def _copier_relations(self, curseur: Curseur) -> dict[str, dict[str, int]]:
        """Raw relations, grouped by the types of their members; counts for the report."""
        lue = self.lue
        types = list(lue.debuts)
        bornes = np.array(list(lue.debuts.values()))
        lignes, comptes = [], {}
        for nom, relations in lue.feuille.relations.items():
            membres = relations.membres.astype(np.int64)
            paires = self.ids[membres]
            bonnes = (paires > 0).all(axis=1)
            for rang in np.flatnonzero(~bonnes).tolist():
                rid = relations.rid[rang]
                self.anomalies.append(
                    Anomalie(
                        "RELATION_ORPHELINE",
                        AVERTISSEMENT,
                        nom,
                        rid,
                        f"{rid} : un membre n'a pas été enregistré ; la relation ne l'est pas non plus.",
                        ecrit=False,
                    )
                )
            genres = np.searchsorted(bornes, membres, side="right") - 1
            codes = genres[:, 0] * len(types) + genres[:, 1]
            for code in np.unique(codes[bonnes]).tolist():
                choix = bonnes & (codes == code)
                a, b = divmod(code, len(types))
                lignes.append(
                    "\t".join(
                        (
                            str(self.feuille_id),
                            *copie.texte((nom, types[a], types[b])),
                            copie.tableau(paires[choix, 0]),
                            copie.tableau(paires[choix, 1]),
                        )
                    )
                )
            comptes[nom] = {"lues": int(relations.lues), "ecrites": int(bonnes.sum())}
        noms = ("feuille_id", "nom", "type_a", "type_b", "a", "b")
        self._copier(curseur, "cadastre_relationedigeo", noms, lignes)
        return comptes

    def _copier_anomalies(self, curseur: Curseur, traitees: list[tuple[Any, ...]]) -> None:
        noms = (
            "import_travail_id",
            "feuille_id",
            "code",
            "gravite",
            "type",
            "identifiant",
            "detail",
            "ecrit",
            "point",
            "traitee_le",
            "note",
        )
        connues = {ligne[:3]: ligne[3:] for ligne in traitees}
        srid = self.lue.srid
        lignes = []
        for anomalie in self.anomalies:
            traitee_le, note = connues.get((anomalie.code, anomalie.type, anomalie.identifiant), (None, ""))
            point = anomalie.point
            lignes.append(
                "\t".join(
                    [
                        str(self.livraison.import_id),
                        str(self.feuille_id),
                        *copie.texte(
                            (
                                anomalie.code,
                                anomalie.gravite,
                                anomalie.type,
                                anomalie.identifiant,
                                anomalie.detail,
                            )
                        ),
                        "t" if anomalie.ecrit else "f",
                        copie.NUL if point is None else f"SRID={srid};POINT({point[0]!r} {point[1]!r})",
                        copie.NUL if traitee_le is None else traitee_le.isoformat(),
                        *copie.texte((note,)),
                    ]
                )
            )
        self._copier(curseur, "cadastre_anomalie", noms, lignes)

    def _ecrire_version(
        self, curseur: Curseur, relations: dict[str, dict[str, int]], version_id: int, *, maj: bool
    ) -> None:
        lue = self.lue
        comptes = {"epsg": lue.feuille.epsg, "lus": lue.lus, "ecrits": self.ecrits, "relations": relations}
        valeurs = {
            "feuille_id": self.feuille_id,
            "millesime": self.millesime,
            "empreinte": self.livraison.empreinte,
            "empreinte_archive": self.livraison.empreinte_archive,
            "crs_declare": lue.feuille.crs,
            "epsg": lue.feuille.epsg,
            "auteur": lue.feuille.auteur,
            **lue.version,
            "comptes": json.dumps(comptes),
            "import_travail_id": self.livraison.import_id,
        }
        noms = list(valeurs)
        marques = ", ".join(f"%({nom})s" for nom in noms)
        if maj:
            sql = f"UPDATE {VERSIONS} SET ({', '.join(noms)}, importee_le) = ({marques}, now())"  # noqa: S608
            sql += " WHERE id = %(id)s"
        else:
            sql = f"INSERT INTO {VERSIONS} (id, {', '.join(noms)}, importee_le)"
            sql += f" VALUES (%(id)s, {marques}, now())"
        self.base.executer(curseur, sql, {**valeurs, "id": version_id})
