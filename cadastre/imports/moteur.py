"""The run of an EDIGÉO import: discover, hand out to the workers, follow, finish, report."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F

from cadastre.imports import filiation, identite
from cadastre.imports.ecriture import EtatFeuille
from cadastre.imports.ouvrier import Parametres, empreinte_archive, resultat_inchangee
from cadastre.imports.rapport import Rapport
from cadastre.imports.resultat import IMPORTEE, INCHANGEE, REJETEE, ResultatFeuille
from cadastre.models import Anomalie, VersionFeuille
from gis_data.formats.edigeo.modele import Anomalie as AnomalieLue
from gis_data.imports.archives import ErreurArchive, LecteurArchives, Limites
from gis_data.imports.bassin import Bassin, Evenement, Issue
from gis_data.imports.decouverte import Decouverte, Explorateur, Genre, Ouvreuse, Source
from gis_data.imports.pannes import point_de_panne
from gis_data.imports.progression import Progression
from gis_data.imports.travail import Suivi

GENRE = "edigeo"
TRAVAILLEURS_MAX = 8
# From here on planner statistics are computed once, after the last sheet.
GRAND_IMPORT = 500
FABRIQUE = "cadastre.imports.ouvrier:OuvrierEdigeo"


class ErreurUsage(Exception):
    """Nothing to import where the caller says; French message."""


@dataclass(frozen=True)
class Options:
    """How to import."""

    travailleurs: int | None = None
    departement: str | None = None
    forcer: bool = False
    utilisateur: Any = None


def limites() -> Limites:
    """Limits of the archives, from the settings."""
    return Limites(
        settings.EDIGEO_MEMBRE_MAX,
        settings.EDIGEO_ARCHIVE_MAX,
        settings.EDIGEO_MEMBRES_MAX,
        settings.EDIGEO_IMBRICATION_MAX,
    )


def lecteur_archives() -> LecteurArchives:
    """Reader of archives that looks for EDIGÉO files."""
    return LecteurArchives(limites(), identite.utile)


def decouvrir(chemins: list[Path]) -> Decouverte:
    """Sources under the paths. ``ErreurUsage`` when a path is missing or nothing is found."""
    absents = [str(chemin) for chemin in chemins if not chemin.exists()]
    if absents:
        raise ErreurUsage(f"Chemin introuvable : {', '.join(absents)}. Rien n'a été importé.")
    trouvees = Explorateur(lecteur_archives(), identite.cles_feuille, identite.meneur).explorer(chemins)
    if not trouvees.sources and not trouvees.refus:
        raise ErreurUsage(
            f"Aucune feuille EDIGÉO dans {', '.join(map(str, chemins))}."
            " Donnez des archives .tar.bz2 ou .zip, ou le dossier qui les contient."
        )
    return trouvees


def verifier_territoire() -> None:
    """``ErreurUsage`` when the tables were made for another projection than the settings'."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT srid FROM geometry_columns WHERE f_table_schema = ANY(current_schemas(false))"
            " AND f_table_name = 'cadastre_parcelle' AND f_geometry_column = 'geom'"
        )
        ligne = curseur.fetchone()
    if ligne is not None and ligne[0] != settings.TERRITOIRE_SRID:
        raise ErreurUsage(
            f"La base est en EPSG:{ligne[0]}, les réglages ont TERRITOIRE_SRID={settings.TERRITOIRE_SRID} :"
            f" rien n'a été importé. Rétablissez {ligne[0]}, ou prenez une autre base pour ce territoire."
        )


def nombre_de_travailleurs(demande: int | None, taches: int) -> int:
    """As many as asked, by default one for each processor, eight at most, never more than tasks."""
    defaut = len(os.sched_getaffinity(0))
    return max(1, min(demande or defaut, TRAVAILLEURS_MAX, taches))


def connexion_directe() -> dict[str, Any]:
    """Parameters of psycopg2 for Django's database."""
    parametres = connection.get_connection_params()
    return {nom: valeur for nom, valeur in parametres.items() if isinstance(valeur, str | int)}


def ordonner(taches: Iterable[list[Source]], files: int) -> list[list[Source]]:
    """Communes in the order of their codes, ``files`` of them side by side.

    Two workers on one commune would wait for each other; within a commune the highest code goes first,
    as it is the one that gives the commune's and the section's outline.
    """
    par_commune: dict[str, deque[list[Source]]] = {}
    for tache in sorted(taches, key=lambda t: (t[0].cles[:1], t[0].affichage), reverse=True):
        par_commune.setdefault(tache[0].cles[0][:5] if tache[0].cles else "", deque()).append(tache)
    attente = deque(par_commune[code] for code in sorted(par_commune))
    cours: list[deque[list[Source]]] = []
    ordre = []
    while attente or cours:
        while attente and len(cours) < files:
            cours.append(attente.popleft())
        ordre += [commune.popleft() for commune in cours]
        cours = [commune for commune in cours if commune]
    return ordre


class Moteur:
    """One run over what was discovered; ``flux`` takes all the talk."""

    def __init__(self, trouvees: Decouverte, options: Options, flux: TextIO) -> None:
        self.trouvees = trouvees
        self.options = options
        self.flux = flux
        self.resultats: list[ResultatFeuille] = []
        self.mesures: dict[str, float] = {}
        self.fatale: str | None = None
        self._finies: set[int] = set()
        self.import_id = 0

    def executer(self) -> Rapport:
        """Import everything; the report holds every sheet, also after a stop."""
        debut = time.monotonic()
        options = self.options
        suivi = Suivi(
            GENRE,
            {
                "sources": len(self.trouvees.sources),
                "departement": options.departement,
                "forcer": options.forcer,
                "travailleurs": options.travailleurs,
            },
            options.utilisateur,
        )
        self.import_id = suivi.id
        point_de_panne("apres_creation")
        filiation.traiter_file()
        with Progression(self.flux, len(self.trouvees.sources), "Feuilles importées") as progression:
            for refus in self.trouvees.refus:
                self._recevoir(_refus_de_decouverte(refus), progression)
            taches = self._a_faire(progression)
            try:
                if taches:
                    self._distribuer(taches, suivi, progression)
                if self.fatale is None:
                    if len(taches) >= GRAND_IMPORT:
                        _analyser()
                    filiation.traiter_file(lambda: suivi.battre(progression.faites, progression.total))
                    point_de_panne("apres_filiation")
                    return self._terminer(suivi, debut)
            except (OperationalError, InterfaceError) as erreur:
                self.fatale = f"la base de données ne répond plus ({str(erreur).strip()})."
            except KeyboardInterrupt:
                suivi.interrompre({}, self._rapport(debut).document())
                raise
            self._solder(taches, progression)
        rapport = self._rapport(debut)
        suivi.interrompre(rapport.total(), rapport.document())
        return rapport

    def _rapport(self, debut: float) -> Rapport:
        return Rapport(self.resultats, time.monotonic() - debut, self.import_id, self.mesures)

    def _terminer(self, suivi: Suivi, debut: float) -> Rapport:
        """The run went to its end: what is stored is read again for the report, refusals are noted."""
        self._completer_inchangees()
        self._noter_refus()
        rapport = self._rapport(debut)
        point_de_panne("avant_fin")
        suivi.terminer(rapport.total(), rapport.document())
        return rapport

    # -- what there is to do ---------------------------------------------------------------------

    def _a_faire(self, progression: Progression) -> list[list[Source]]:
        """Tasks: the sources of one sheet together; archives known byte for byte are answered at once."""
        par_cle: dict[str, list[Source]] = {}
        anonymes = []
        for source in self.trouvees.sources:
            if source.cles:
                par_cle.setdefault(source.cles[0], []).append(source)
            else:
                anonymes.append([source])
        connues = {} if self.options.forcer else _etats(list(par_cle))
        ouvreuse = Ouvreuse(lecteur_archives())
        taches = []
        for cle, sources in par_cle.items():
            restantes = []
            for source in sources:
                etat = connues.get(cle)
                if len(sources) == 1 and etat is not None and _meme_archive(ouvreuse, source, etat[0]):
                    self._recevoir(resultat_inchangee(cle, etat[1]), progression)
                else:
                    restantes.append(source)
            if restantes:
                taches.append(restantes)
        ouvreuse.fermer()
        files = nombre_de_travailleurs(self.options.travailleurs, len(taches) + len(anonymes))
        return [*ordonner(taches, files), *anonymes]

    # -- the workers -----------------------------------------------------------------------------

    def _distribuer(self, taches: list[list[Source]], suivi: Suivi, progression: Progression) -> None:
        parametres = Parametres(
            connexion_directe(),
            self.import_id,
            settings.TERRITOIRE_SRID,
            limites(),
            self.options.departement,
            self.options.forcer,
            sans_statistiques=len(taches) >= GRAND_IMPORT,
        )
        nombre = nombre_de_travailleurs(self.options.travailleurs, len(taches))
        bassin = Bassin(FABRIQUE, parametres, nombre)
        for evenement in bassin.executer(taches, lambda: self._battre(suivi, progression)):
            if evenement.issue is Issue.PARTIEL:
                self._recevoir(evenement.valeur, progression)
                point_de_panne("apres_resultat")
                continue
            if evenement.issue is Issue.FATAL:
                self.fatale = str(evenement.valeur)
                break
            self._finies.add(evenement.numero)
            if evenement.issue is not Issue.FINI:
                for resultat in self._accident(evenement, taches[evenement.numero]):
                    self._recevoir(resultat, progression)

    def _solder(self, taches: list[list[Source]], progression: Progression) -> None:
        """After a stop, every sheet that was not treated is said so."""
        for numero, sources in enumerate(taches):
            if numero not in self._finies:
                for source in sources:
                    self._recevoir(_interne(source, f"non traitée, {self.fatale}"), progression)

    @staticmethod
    def _battre(suivi: Suivi, progression: Progression) -> None:
        progression.battre()
        suivi.battre(progression.faites, progression.total)

    def _recevoir(self, resultat: ResultatFeuille, progression: Progression) -> None:
        self.resultats.append(resultat)
        for nom, valeur in resultat.mesures.items():
            self.mesures[nom] = self.mesures.get(nom, 0.0) + valeur
        if resultat.erreur is not None:
            progression.dire(str(resultat.erreur["message"]))
        progression.avancer()

    def _accident(self, evenement: Evenement, sources: list[Source]) -> Iterator[ResultatFeuille]:
        """A task whose process died or raised: what it had committed is told as imported."""
        deja = {resultat.feuille for resultat in self.resultats}
        cles = {source.cles[0] for source in sources if source.cles}
        for id12, (_, etat) in _etats(list(cles)).items():
            if etat.import_id == self.import_id and id12 not in deja:
                cles.discard(id12)
                yield resultat_inchangee(id12, etat, IMPORTEE)
        if evenement.issue is Issue.MORT:
            raison = f"le processus qui l'importait s'est arrêté (code {evenement.valeur})"
        else:
            raison = "erreur inattendue pendant la lecture, voir le journal de l'import"
            self.flux.write(str(evenement.valeur))
        for source in sources:
            if source.cles[:1] == () or source.cles[0] in cles:
                yield _interne(
                    source, f"{raison}. Relancez la même commande ; signalez-le si cela se répète."
                )

    # -- the end ---------------------------------------------------------------------------------

    def _completer_inchangees(self) -> None:
        """Findings stored with the sheets that were already there."""
        inchangees = {
            r.feuille: r
            for r in self.resultats
            if r.etat == INCHANGEE or (r.etat == IMPORTEE and not r.mesures)
        }
        anomalies = Anomalie.objects.filter(feuille__id12__in=list(inchangees)).order_by("id")
        champs = ("feuille__id12", "code", "gravite", "type", "identifiant", "detail", "ecrit")
        for id12, *valeurs in anomalies.values_list(*champs):
            inchangees[id12].anomalies.append(AnomalieLue(*valeurs))

    def _noter_refus(self) -> None:
        """Refusals are findings too; those of a sheet go when it is imported."""
        importees = [r.feuille for r in self.resultats if r.etat != REJETEE and r.feuille]
        Anomalie.objects.filter(feuille__isnull=True, type="", identifiant__in=importees).delete()
        refusees = [r for r in self.resultats if r.etat == REJETEE]
        lues = [r.anomalie_de_refus() for r in refusees]
        Anomalie.objects.filter(
            feuille__isnull=True, type="", identifiant__in=[a.identifiant for a in lues]
        ).delete()
        Anomalie.objects.bulk_create(
            Anomalie(
                import_travail_id=self.import_id,
                code=a.code,
                gravite=a.gravite,
                type=a.type,
                identifiant=a.identifiant,
                detail=a.detail,
                ecrit=a.ecrit,
            )
            for a in lues
        )


def _etats(cles: list[str]) -> dict[str, tuple[str, EtatFeuille]]:
    """Fingerprint of the archive and state of each sheet that is in the database."""
    champs = (
        "feuille__id12",
        "empreinte_archive",
        "feuille_id",
        "id",
        "millesime",
        "empreinte",
        "import_travail_id",
        "comptes",
    )
    en_vigueur = VersionFeuille.objects.filter(feuille__id12__in=cles, feuille__version_id=F("id"))
    return {
        id12: (archive, EtatFeuille(*valeurs)) for id12, archive, *valeurs in en_vigueur.values_list(*champs)
    }


def _meme_archive(ouvreuse: Ouvreuse, source: Source, empreinte: str) -> bool:
    if source.genre not in (Genre.ARCHIVE, Genre.MEMBRE_ZIP, Genre.MEMBRE_TAR):
        return False
    try:
        octets = ouvreuse.octets(source)
    except ErreurArchive:
        return False  # the worker says it in full
    return octets is not None and empreinte_archive(octets) == empreinte


def _interne(source: Source, raison: str) -> ResultatFeuille:
    indice = source.cles[0] if source.cles else None
    nom = source.affichage.rpartition("/")[2]
    sujet = f"Feuille {indice} rejetée" if indice else f"{source.affichage} rejeté"
    return ResultatFeuille(
        REJETEE,
        indice,
        erreur={"code": "ERREUR_INTERNE", "message": f"{sujet} : {raison}", "fichier": nom},
        indice=indice,
    )


def _refus_de_decouverte(erreur: ErreurArchive) -> ResultatFeuille:
    message = f"{erreur.fichier} rejeté : {erreur.message}"
    return ResultatFeuille(
        REJETEE,
        erreur={"code": erreur.code, "message": message, "fichier": erreur.fichier},
    )


def _analyser() -> None:
    """Planner statistics of all tables of the cadastre."""
    tables = [nom for nom in connection.introspection.table_names() if nom.startswith("cadastre_")]
    with connection.cursor() as curseur:
        curseur.execute(f"ANALYZE {', '.join(tables)}")
