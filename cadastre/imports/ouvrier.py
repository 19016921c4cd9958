"""What a worker process does with a sheet: read, check, interpret, write. No Django here."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg2

from cadastre.imports import identite
from cadastre.imports.base import Base
from cadastre.imports.ecriture import Ecriture, EtatFeuille, Inchangee, Livraison, lire_etat
from cadastre.imports.interpretation import interpreter
from cadastre.imports.resultat import (
    CODES_ARCHIVE,
    IMPORTEE,
    INCHANGEE,
    REJETEE,
    Refus,
    ResultatFeuille,
)
from gis_data.formats.edigeo.lecteur import lire_lots
from gis_data.formats.edigeo.modele import AVERTISSEMENT, Anomalie, ErreurEdigeo, Feuille
from gis_data.formats.edigeo.projections import SOURCES_PAR_TERRITOIRE
from gis_data.imports.archives import ErreurArchive, LecteurArchives, Limites, Paquet, nom_lisible
from gis_data.imports.decouverte import Ouvreuse, Source
from gis_data.imports.ouvrier import ErreurFatale
from gis_data.imports.pannes import point_de_panne

journal = logging.getLogger("cadastre.imports")

# Enters the fingerprint of each sheet: raise it when reader or interpretation give other rows.
VERSION_LECTEUR = 1


@dataclass(frozen=True)
class Parametres:
    """What a worker must know, sent once."""

    connexion: dict[str, Any]
    import_id: int
    srid: int
    limites: Limites
    departement: str | None = None
    forcer: bool = False
    sans_statistiques: bool = False


@dataclass(eq=False)
class Unite:
    """A set of files to import: one packet under one THF."""

    source: Source
    chemin: str
    fichiers: dict[str, bytes]
    cles: tuple[str, ...]
    empreinte_archive: str = ""
    empreinte: str = field(init=False)

    def __post_init__(self) -> None:
        self.empreinte = empreinte_contenu(self.fichiers)


def empreinte_contenu(fichiers: dict[str, bytes]) -> str:
    """SHA-256 of (upper-case name, bytes) sorted, and of the reader's version."""
    calcul = hashlib.sha256(f"edigeo {VERSION_LECTEUR}".encode())
    for nom in sorted(fichiers):
        calcul.update(f"\0{nom.upper()}\0{len(fichiers[nom])}\0".encode(errors="surrogateescape"))
        calcul.update(fichiers[nom])
    return calcul.hexdigest()


def empreinte_archive(octets: bytes) -> str:
    """SHA-256 of a packed archive and of the reader's version: spares unpacking what has not changed."""
    return hashlib.sha256(f"edigeo {VERSION_LECTEUR}\0".encode() + octets).hexdigest()


class Chronometre:
    """Seconds by step: elapsed, and of this process's CPU under ``cpu_…``."""

    def __init__(self) -> None:
        self.etapes: dict[str, float] = {}

    @contextmanager
    def etape(self, nom: str) -> Iterator[None]:
        """Time what is inside."""
        debut, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self._ajouter(nom, time.perf_counter() - debut)
            self._ajouter(f"cpu_{nom}", time.process_time() - cpu)

    def _ajouter(self, nom: str, duree: float) -> None:
        self.etapes[nom] = self.etapes.get(nom, 0.0) + duree


class OuvrierEdigeo:
    """Factory of the workers: ``traiter`` takes the sources of one sheet and yields ``ResultatFeuille``."""

    def __init__(self, parametres: Parametres) -> None:
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
        self.parametres = parametres
        self.base = Base(parametres.connexion, sans_statistiques=parametres.sans_statistiques)
        self.lecteur = LecteurArchives(parametres.limites, identite.utile)
        self.ouvreuse = Ouvreuse(self.lecteur)
        self.chrono = Chronometre()

    def fermer(self) -> None:
        """Release connection and archive."""
        self.ouvreuse.fermer()
        self.base.fermer()

    def traiter(self, sources: list[Source]) -> Iterator[ResultatFeuille]:
        """Results of all sheets in the sources. Several sources of one sheet: the newest goes first."""
        lots: list[tuple[Unite, list[Feuille]]] = []
        for source in sources:
            for unite in self._unites(source):
                if isinstance(unite, ResultatFeuille):
                    yield unite
                    continue
                inchangee = self._deja_la(unite) if len(sources) == 1 else None
                if inchangee is not None:
                    yield inchangee
                    continue
                try:
                    feuilles = self._lire(unite)
                except (ErreurEdigeo, Refus) as erreur:
                    yield self._rejeter(source, unite.cles, erreur)
                    continue
                if len(sources) > 1:
                    lots.append((unite, feuilles))
                    continue
                for feuille in feuilles:
                    yield self._importer(unite, feuille, feuilles)
        lots.sort(key=lambda lot: max(feuille.millesime for feuille in lot[1]), reverse=True)
        for unite, feuilles in lots:
            for feuille in feuilles:
                yield self._importer(unite, feuille, feuilles)

    # -- reading ---------------------------------------------------------------------------------

    def _unites(self, source: Source) -> Iterator[Unite | ResultatFeuille]:
        """Sets of files of a source, each under its own THF; refusals of what cannot be opened."""
        try:
            paquets = self._paquets(source)
            with self.chrono.etape("decompression"):
                octets, paquet = next(paquets)
                suivant = next(paquets, None)
            seul = suivant is None
            while True:
                if isinstance(paquet, ErreurArchive):
                    cles = identite.cles_feuille(reversed(paquet.fichier.split("/")))
                    yield self._rejeter(source, cles or source.cles, paquet)
                else:
                    jeux = self._separer(paquet)
                    cles = identite.cles_feuille([*reversed(paquet.chemin.split("/")), *source.cles])
                    unique = octets is not None and seul and len(jeux) == 1
                    empreinte = empreinte_archive(octets) if unique and octets is not None else ""
                    for fichiers in jeux:
                        yield Unite(source, paquet.chemin, fichiers, cles, empreinte)
                if suivant is None:
                    return
                self.chrono.etapes.clear()
                paquet = suivant[1]
                with self.chrono.etape("decompression"):
                    suivant = next(paquets, None)
        except ErreurArchive as erreur:
            yield self._rejeter(source, source.cles, erreur)

    def _paquets(self, source: Source) -> Iterator[tuple[bytes | None, Paquet | ErreurArchive]]:
        """Packets with the packed bytes they come from; ``ErreurArchive`` when there are none."""
        self.chrono.etapes.clear()
        octets = self.ouvreuse.octets(source)
        vide = True
        for paquet in self.ouvreuse.paquets(source, octets):
            vide = False
            yield octets, paquet
        if vide:
            raise ErreurArchive(
                "THF_ABSENT",
                f"l'archive {source.affichage} ne contient aucun fichier EDIGÉO. Vérifiez que c'est elle.",
                source.affichage,
            )

    @staticmethod
    def _separer(paquet: Paquet) -> list[dict[str, bytes]]:
        meneurs = [nom for nom in paquet.fichiers if identite.meneur(nom)]
        if len(meneurs) < 2:
            return [paquet.fichiers]
        suite = {nom: octets for nom, octets in paquet.fichiers.items() if not identite.meneur(nom)}
        return [{meneur: paquet.fichiers[meneur], **suite} for meneur in meneurs]

    def _lire(self, unite: Unite) -> list[Feuille]:
        try:
            with self.chrono.etape("lecture"):
                feuilles = lire_lots(unite.fichiers)
        except ErreurEdigeo:
            raise
        except Exception as erreur:
            raise self._inattendue(unite.chemin) from erreur
        point_de_panne("apres_lecture")
        return feuilles

    @staticmethod
    def _inattendue(chemin: str) -> Refus:
        """The refusal for an exception that nobody foresaw; the log holds the details."""
        reference = uuid.uuid4().hex[:8]
        journal.exception("[%s] %s", reference, chemin)
        return Refus(
            "ERREUR_INTERNE",
            f"erreur inattendue, référence {reference} dans le journal. Signalez-la, archive jointe",
        )

    def _deja_la(self, unite: Unite) -> ResultatFeuille | None:
        """The sheet named by the archive when it is in the database with this very content."""
        if self.parametres.forcer or not unite.cles:
            return None
        etat = self._etat(unite.cles[0])
        if etat is None or etat.empreinte != unite.empreinte:
            return None
        return resultat_inchangee(unite.cles[0], etat)

    def _etat(self, id12: str) -> EtatFeuille | None:
        def lire(_reprise: bool) -> EtatFeuille | None:
            with self.base.transaction() as curseur:
                return lire_etat(self.base, curseur, id12)

        return self.base.avec_reprise(lire)

    # -- one sheet -------------------------------------------------------------------------------

    def _importer(self, unite: Unite, feuille: Feuille, lots: list[Feuille]) -> ResultatFeuille:
        """Write one lot, or say why not; ``lots`` = all lots of the same files."""
        id12, concorde = identite.id12(feuille.code10, unite.cles, self.parametres.departement)
        try:
            if id12 is None:
                raise Refus(
                    "FEUILLE_INDETERMINEE",
                    f"ni le nom de l'archive ni son dossier ne donnent la feuille (code {feuille.code10},"
                    " département inconnu). Donnez-le par --departement ou rendez à l'archive son nom",
                    unite.chemin,
                )
            if not concorde and not _nomme(unite.cles, lots):
                feuille = replace(feuille, anomalies=(_code_incoherent(id12, unite), *feuille.anomalies))
            return self._ecrire(unite, feuille, id12, seul=len(lots) == 1)
        except Refus as erreur:
            refus = erreur
        except ErreurFatale:
            raise
        except psycopg2.errors.DiskFull as erreur:
            refus = Refus(
                "ERREUR_INTERNE",
                f"le serveur de base de données n'a plus de place ({str(erreur).splitlines()[0]})."
                " Libérez de l'espace disque puis relancez la même commande",
            )
        except Exception:
            refus = self._inattendue(unite.chemin)
        return self._rejeter(unite.source, (id12,) if id12 else unite.cles, refus, feuille)

    def _ecrire(self, unite: Unite, feuille: Feuille, id12: str, *, seul: bool) -> ResultatFeuille:
        srid = self.parametres.srid
        if feuille.epsg not in SOURCES_PAR_TERRITOIRE.get(srid, frozenset({srid})):
            raise Refus(
                "CRS_HORS_TERRITOIRE",
                f"sa projection {feuille.crs} (EPSG:{feuille.epsg}) n'est pas de ce territoire (EPSG:{srid})."
                " Importez-la dans l'installation de son territoire",
            )
        cpu_serveur = self.base.cpu_serveur_s()
        self.base.attente_s = 0.0
        with self.chrono.etape("interpretation"):
            lue = interpreter(feuille, id12, srid)
        # Files that hold several lots are recognised lot by lot, after they were read.
        livraison = Livraison(
            unite.empreinte if seul else hashlib.sha256(f"{unite.empreinte}{id12}".encode()).hexdigest(),
            unite.empreinte_archive if seul else "",
            self.parametres.import_id,
            self.parametres.forcer,
        )
        attentes = {"verrou": 0.0}

        def ecrire(reprise: bool) -> ResultatFeuille:
            if reprise:
                # The commit may have gone through before the connection was lost.
                etat = self._etat(id12)
                memes = (self.parametres.import_id, livraison.empreinte, feuille.millesime)
                if etat is not None and (etat.import_id, etat.empreinte, etat.millesime) == memes:
                    return resultat_inchangee(id12, etat, IMPORTEE, lue.anomalies)
            ecriture = Ecriture(self.base, lue, livraison)
            ecrite = ecriture.ecrire()
            attentes["verrou"] += ecriture.attente_verrou_s
            point_de_panne("apres_validation")
            if isinstance(ecrite, Inchangee):
                return resultat_inchangee(id12, ecrite.etat)
            return ResultatFeuille(
                IMPORTEE,
                id12,
                lus=lue.lus,
                ecrits=ecrite.ecrits,
                anomalies=ecrite.anomalies,
                relations=ecrite.relations,
            )

        with self.chrono.etape("ecriture"):
            resultat = self.base.avec_reprise(ecrire)
        resultat.crs, resultat.millesime = f"EPSG:{feuille.epsg}", feuille.millesime
        resultat.mesures = {
            **self.chrono.etapes,
            "attente_serveur": self.base.attente_s,
            "attente_verrou": attentes["verrou"],
            "cpu_serveur": self.base.cpu_serveur_s() - cpu_serveur,
            "octets": float(sum(map(len, unite.fichiers.values()))),
        }
        return resultat

    def _rejeter(
        self,
        source: Source,
        cles: tuple[str, ...],
        erreur: ErreurArchive | ErreurEdigeo | Refus,
        feuille: Feuille | None = None,
    ) -> ResultatFeuille:
        """The refusal in words: which sheet, why, what to do, what is still served."""
        indice = cles[0] if cles else None
        connue = None if erreur.code in CODES_ARCHIVE else indice
        etat = self._etat(indice) if indice else None
        sujet = f"Feuille {indice} rejetée" if indice else f"{source.affichage} rejeté"
        message = f"{sujet} : {erreur.message.rstrip('.')}."
        if etat is not None and etat.millesime is not None:
            message += f" Les données précédentes (millésime {etat.millesime}) sont conservées."
        return ResultatFeuille(
            REJETEE,
            connue,
            crs=f"EPSG:{feuille.epsg}" if feuille else None,
            millesime=feuille.millesime if feuille else None,
            erreur={
                "code": erreur.code,
                "message": message,
                "fichier": source.affichage.rpartition("/")[2]
                if erreur.code in CODES_ARCHIVE
                else erreur.fichier or source.affichage.rpartition("/")[2],
            },
            indice=indice,
        )


def _nomme(cles: tuple[str, ...], lots: list[Feuille]) -> bool:
    """Whether the archive is named after another lot that it holds too."""
    return any(cle[2:] == lot.code10 for cle in cles for lot in lots)


def _code_incoherent(id12: str, unite: Unite) -> Anomalie:
    return Anomalie(
        "CODE_INCOHERENT",
        AVERTISSEMENT,
        "SUBDSECT",
        id12,
        f"Feuille {id12} : l'archive s'appelle {nom_lisible(unite.chemin.rpartition('/')[2])},"
        f" son contenu est de la feuille {id12[2:]} ; c'est lui qui compte, avec le département du nom.",
    )


def resultat_inchangee(
    id12: str, etat: EtatFeuille, nom_etat: str = INCHANGEE, anomalies: list[Anomalie] | None = None
) -> ResultatFeuille:
    """A sheet that is there with this very content, shown with its stored counts."""
    comptes = etat.comptes or {}
    return ResultatFeuille(
        nom_etat,
        id12,
        crs=f"EPSG:{comptes['epsg']}" if "epsg" in comptes else None,
        millesime=etat.millesime,
        lus=comptes.get("lus", {}),
        ecrits=comptes.get("ecrits", {}),
        relations=comptes.get("relations", {}),
        anomalies=list(anomalies or []),
    )
