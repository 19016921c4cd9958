"""Opens a geographic file: checks, safe unpacking, reading by a limited child process (``enfant``)."""

from __future__ import annotations

import functools
import json
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from gis_data.imports.archives import ErreurArchive, a_ignorer, est_archive, lire_zip, verifier_nom
from gis_data.imports.archives import Limites as LimitesArchive
from gis_data.ouverture.formats import (
    COMPAGNONS,
    FORMATS,
    PAR_EXTENSION,
    FichierRefuse,
    prj_plausible,
    verifier,
)

ENFANT = Path(__file__).with_name("enfant.py")
MIO = 1024**2
_BLOC = 1 << 20
_NUMERIQUES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GDAL_NUM_THREADS")


class TropGrand(FichierRefuse):
    """More bytes than the limit."""


@dataclass(frozen=True)
class Limites:
    """Bounds: bytes received, bytes unpacked, members, objects, vertices, layers; memory and seconds of the
    process that reads. ``altitudes``: heights are kept, instead of flat shapes."""

    octets: int = 200 * MIO
    decompresse: int = 1024 * MIO
    membres: int = 5000
    objets: int = 300_000
    sommets: int = 20_000_000
    couches: int = 200
    memoire: int = 2048 * MIO
    cpu_s: int = 240
    duree_s: int = 400
    altitudes: bool = False


@dataclass(frozen=True)
class ObjetLu:
    """One object: WKB, 2D unless heights were asked (null: no geometry), attributes as plain values."""

    wkb: bytes | None
    attributs: dict[str, Any]


@dataclass
class CoucheLue:
    """One layer read. ``epsg`` null: unknown projection, ``crs`` then says what the file calls it."""

    nom: str
    source: str
    format: str
    champs: list[tuple[str, str]]
    nombre: int
    sans_geometrie: int
    epsg: int | None
    crs: str
    encodage: str
    # Missing parts of a Shapefile (« .dbf », « .prj » …).
    manquants: list[str]
    remarques: list[str]
    _fichier: Path

    def objets(self) -> Iterator[ObjetLu]:
        """Objects in the order of the file, one at a time."""
        with self._fichier.open(encoding="utf-8") as flux:
            for ligne in flux:
                objet = json.loads(ligne)
                yield ObjetLu(bytes.fromhex(objet["g"]) if objet["g"] else None, objet["a"])


@dataclass
class Contenu:
    """What a file held: layers, files of the archive left aside, and a way to take one of them.

    ``racines``: names of the folders at the top of the archive.
    """

    nom: str
    couches: list[CoucheLue] = field(default_factory=list)
    autres: dict[str, Any] = field(default_factory=dict)
    racines: set[str] = field(default_factory=set)
    _lire_autre: Any = None

    def autre(self, nom: str, maximum: int) -> bytes:
        """Bytes of a file left aside (a PDF of the package); ``FichierRefuse`` past ``maximum``."""
        with self._lire_autre(self.autres[nom]) as flux:
            octets: bytes = flux.read(maximum + 1)
        if len(octets) > maximum:
            raise FichierRefuse(f"Le fichier « {nom} » dépasse {maximum // MIO} Mio.")
        return octets


@dataclass
class _Source:
    """Parts of one source, copied under a number: extension → path."""

    nom: str
    parties: dict[str, Path] = field(default_factory=dict)


@contextmanager
def ouvrir(
    fichier: IO[bytes] | Path, nom: str, *, limites: Limites | None = None, formats: tuple[str, ...] = ()
) -> Iterator[Contenu]:
    """Read a file of a declared name (its extension says its format); its copy lives as long as the block.

    A ``Path`` may be a folder (commands). ``formats``: codes accepted, all when empty.
    ``FichierRefuse`` for anything that is not plainly what it says.
    """
    limites = limites or Limites()
    # Only the last part: a name chosen by a person never reaches the disk nor GDAL.
    nom = nom.replace("\\", "/").rpartition("/")[2][:120] or "fichier"
    with tempfile.TemporaryDirectory(prefix="ouverture-") as temporaire:
        dossier = Path(temporaire)
        contenu = Contenu(nom)
        try:
            if isinstance(fichier, Path) and fichier.is_dir() and not fichier.is_symlink():
                sources = _depuis_dossier(fichier, dossier, limites, contenu)
            else:
                recu = dossier / "recu"
                _copier(fichier, recu, nom, limites)
                sources = _depuis_fichier(recu, nom, dossier, limites, contenu)
            refuses = [s.nom for s in sources if formats and _format(s) not in formats]
            if refuses:
                permis = ", ".join(FORMATS[f].libelle for f in formats if f != "dbf")
                raise FichierRefuse(f"« {refuses[0]} » n'est pas d'un format accepté ici ({permis}).")
            contenu.couches = _lire(sources, dossier, limites)
        except ErreurArchive as erreur:
            raise FichierRefuse(
                f"L'archive « {nom} » est refusée en entier : {erreur.raison}. Rien n'a été lu."
            ) from erreur
        yield contenu


# --- what came in -------------------------------------------------------------------------------


def _copier(fichier: IO[bytes] | Path, vers: Path, nom: str, limites: Limites) -> None:
    """Copy at most the limit: what a file says of its size is not believed."""
    if isinstance(fichier, Path):
        try:
            # Not blocking: opening a pipe would wait for its writer.
            descripteur = os.open(fichier, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as erreur:
            raise FichierRefuse(f"Le fichier « {nom} » ne peut être ouvert ({erreur.strerror}).") from erreur
        with os.fdopen(descripteur, "rb") as flux:
            if not stat.S_ISREG(os.fstat(flux.fileno()).st_mode):
                raise FichierRefuse(f"« {nom} » n'est pas un fichier ordinaire.")
            _verser(flux, vers, nom, limites.octets)
        return
    if fichier.seekable():
        fichier.seek(0)
    _verser(fichier, vers, nom, limites.octets)


def _verser(flux: IO[bytes], vers: Path, nom: str, maximum: int) -> int:
    recus = 0
    with vers.open("xb") as sortie:
        while bloc := flux.read(_BLOC):
            recus += len(bloc)
            if recus > maximum:
                raise TropGrand(
                    f"Le fichier « {nom} » dépasse {maximum // MIO} Mio, la limite ici. Rien n'a été lu."
                )
            sortie.write(bloc)
    return recus


def _depuis_fichier(recu: Path, nom: str, dossier: Path, limites: Limites, contenu: Contenu) -> list[_Source]:
    extension = Path(nom).suffix.lower()
    if extension == ".zip":
        return _depuis_zip(recu, nom, dossier, limites, contenu)
    format_ = PAR_EXTENSION.get(extension)
    if format_ is None:
        raise FichierRefuse(
            f"Le format de « {nom} » n'est pas accepté : donnez un GeoPackage, un GeoJSON, un DXF, un GPX,"
            " ou un Shapefile dans une archive zip."
        )
    verifier(format_, recu, nom)
    if format_.code in ("shp", "dbf"):
        raise FichierRefuse(
            "Un Shapefile se compose de plusieurs fichiers (.shp, .shx, .dbf, .prj) :"
            " mettez-les ensemble dans une archive zip."
        )
    copie = dossier / f"0{extension}"
    recu.rename(copie)
    return [_Source(Path(nom).stem, {extension: copie})]


def _utile(nom: str) -> bool:
    extension = Path(nom).suffix.lower()
    return extension in PAR_EXTENSION or extension in COMPAGNONS


def _ranger(sources: dict[str, _Source], nom: str, dossier: Path) -> Path:
    """Where to copy a member: under the number of its source."""
    chemin = Path(nom)
    extension = chemin.suffix.lower()
    # « ZONE_URBA.shp » and « zone_urba.DBF » are one source; a GeoPackage beside them is another.
    famille = "shp" if extension in (".shp", ".dbf", *COMPAGNONS) else extension
    cle = f"{str(chemin.with_suffix('')).lower()}|{famille}"
    source = sources.setdefault(cle, _Source(chemin.stem))
    if extension in source.parties:
        raise FichierRefuse(f"L'archive contient deux fichiers « {chemin.name} ».")
    numero = list(sources).index(cle)
    source.parties[extension] = dossier / f"{numero}{extension}"
    return source.parties[extension]


def _depuis_zip(recu: Path, nom: str, dossier: Path, limites: Limites, contenu: Contenu) -> list[_Source]:
    bornes = LimitesArchive(limites.decompresse, limites.decompresse, limites.membres, 0)
    sources: dict[str, _Source] = {}
    total = 0
    with recu.open("rb") as flux, lire_zip(flux, nom, bornes) as archive:
        for membre in archive.infolist():
            chemin = verifier_nom(nom, membre.filename)
            if membre.is_dir() or a_ignorer(chemin):
                continue
            if "/" in chemin:
                contenu.racines.add(chemin.partition("/")[0])
            if not _utile(chemin):
                contenu.autres[chemin] = membre
                continue
            copie = _ranger(sources, chemin, dossier)
            try:
                with archive.open(membre) as source:
                    total += _verser(source, copie, chemin, limites.decompresse - total)
            except TropGrand as refus:
                raise TropGrand(
                    f"L'archive « {nom} » est refusée : décompressée, elle dépasse"
                    f" {limites.decompresse // MIO} Mio. Rien n'a été lu."
                ) from refus
            except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as erreur:
                raise FichierRefuse(f"L'archive « {nom} » est abîmée (fichier {chemin}).") from erreur
    if not sources:
        dedans = (
            " mais une autre archive : extrayez-la d'abord" if any(map(est_archive, contenu.autres)) else ""
        )
        raise FichierRefuse(f"L'archive « {nom} » ne contient aucun fichier géographique{dedans}.")
    contenu._lire_autre = _LecteurZip(recu)
    return list(sources.values())


class _LecteurZip:
    """Opens a member of a zip already checked."""

    def __init__(self, chemin: Path) -> None:
        self.chemin = chemin

    @contextmanager
    def __call__(self, membre: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        try:
            with zipfile.ZipFile(self.chemin) as archive, archive.open(membre) as flux:
                yield flux
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as erreur:
            raise FichierRefuse(f"Le fichier « {membre.filename} » de l'archive est abîmé.") from erreur


def _depuis_dossier(racine: Path, dossier: Path, limites: Limites, contenu: Contenu) -> list[_Source]:
    """A folder given on the command line; links are not followed."""
    sources: dict[str, _Source] = {}
    total = membres = 0
    for chemin in sorted(racine.rglob("*")):
        relatif = chemin.relative_to(racine).as_posix()
        if chemin.is_symlink() or not chemin.is_file() or a_ignorer(relatif):
            continue
        membres += 1
        if membres > limites.membres:
            raise FichierRefuse(f"Le dossier « {racine.name} » contient plus de {limites.membres} fichiers.")
        if not _utile(relatif):
            contenu.autres[relatif] = chemin
            continue
        with chemin.open("rb") as flux:
            reste = limites.decompresse - total
            total += _verser(flux, _ranger(sources, relatif, dossier), relatif, reste)
    if not sources:
        raise FichierRefuse(f"Le dossier « {racine.name} » ne contient aucun fichier géographique.")
    contenu.racines = {racine.name}
    contenu._lire_autre = lambda chemin: chemin.open("rb")
    return list(sources.values())


# --- the child ----------------------------------------------------------------------------------


def _format(source: _Source) -> str:
    """Code of the format of a source: a Shapefile, its table alone, or a file of its own."""
    for extension in (".shp", ".dbf"):
        if extension in source.parties:
            return extension[1:]
    extension = next((e for e in source.parties if e in PAR_EXTENSION), "")
    return PAR_EXTENSION[extension].code if extension else ""


def _demande(source: _Source, code: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """(what the child is asked, missing parts, remarks) for one source, its bytes checked."""
    manquants: list[str] = []
    remarques: list[str] = []
    for extension, chemin in source.parties.items():
        if extension in PAR_EXTENSION:
            verifier(PAR_EXTENSION[extension], chemin, f"{source.nom}{extension}")
    demande: dict[str, Any] = {"nom": source.nom, "format": code}
    if code in ("shp", "dbf"):
        prj = source.parties.get(".prj")
        if prj and not prj_plausible(prj):
            prj.unlink()
            del source.parties[".prj"]
            remarques.append(f"{source.nom}.prj ne décrit pas une projection : il n'a pas été lu.")
        shx = source.parties.get(".shx")
        if shx and FORMATS["shp"].reconnaitre(shx.read_bytes()[:100], shx):
            shx.unlink()
            del source.parties[".shx"]
        if code == "shp":
            manquants = [e for e in (".dbf", ".shx", ".prj") if e not in source.parties]
        if cpg := source.parties.get(".cpg"):
            demande["cpg"] = cpg.read_bytes()[:64].decode("latin-1")
            # The child decodes the texts itself.
            cpg.unlink()
        if dbf := source.parties.get(".dbf"):
            demande["dbf"] = str(dbf)
        demande["chemin"] = str(source.parties[f".{code}"])
    else:
        demande["chemin"] = str(next(iter(source.parties.values())))
    return demande, manquants, remarques


def _lire(sources: list[_Source], dossier: Path, limites: Limites) -> list[CoucheLue]:
    """Every source read, one child a driver."""
    par_pilote: dict[str, list[tuple[dict[str, Any], list[str], list[str]]]] = {}
    for source in sources:
        code = _format(source)
        # A .prj or a .cpg without its Shapefile says nothing.
        if code:
            par_pilote.setdefault("shp" if code == "dbf" else code, []).append(_demande(source, code))
    if not par_pilote:
        raise FichierRefuse("Ce fichier ne contient aucune donnée géographique.")
    couches: list[CoucheLue] = []
    for code, demandes in par_pilote.items():
        details = {}
        for cle, (demande, manquants, remarques) in enumerate(demandes):
            # Two sources of one name may lie in two folders.
            demande["cle"] = cle
            details[cle] = (manquants, remarques)
        for lue in _interroger(code, [d for d, _, _ in demandes], len(couches), dossier, limites):
            manquants, remarques = details[lue["cle"]]
            couches.append(
                CoucheLue(
                    nom=lue["nom"],
                    source=lue["source"],
                    format=lue["format"],
                    champs=[(str(n), str(t)) for n, t in lue["champs"]],
                    nombre=lue["nombre"],
                    sans_geometrie=lue["sans_geometrie"],
                    epsg=lue["epsg"],
                    crs=lue["crs"],
                    encodage=lue["encodage"],
                    manquants=list(manquants),
                    remarques=[*remarques, *filter(None, [lue["remarque"]])],
                    _fichier=dossier / lue["fichier"],
                )
            )
    return couches


@functools.lru_cache(maxsize=1)
def _pilotes() -> tuple[str, ...]:
    """Every vector driver of the child's GDAL, asked once; the web process itself never loads it."""
    fin = subprocess.run(  # noqa: S603
        [sys.executable, "-I", str(ENFANT), "--pilotes"],
        env=_environnement([]), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    return tuple(json.loads(fin.stdout))


def _environnement(ecartes: list[str]) -> dict[str, str]:
    """Nothing of ours: no database address, no key. One driver left, no network, one thread."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "GDAL_SKIP": ",".join(ecartes),
        "GDAL_DRIVER_PATH": "disable",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".aucune",
        "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
        "PROJ_NETWORK": "OFF",
        "SHAPE_RESTORE_SHX": "YES",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
        **dict.fromkeys(_NUMERIQUES, "1"),
    }


def _interroger(
    code: str, demandes: list[dict[str, Any]], rang: int, dossier: Path, limites: Limites
) -> list[dict[str, Any]]:
    """What the child answers; ``FichierRefuse`` when it refuses, dies or lasts too long."""
    from gis_data.ouverture.enfant import PILOTES

    # GeoJSON needs no driver: all are off.
    ecartes = [nom for nom in _pilotes() if nom != PILOTES.get(code)]
    demande = {
        "sources": demandes,
        "dossier": str(dossier),
        "rang": rang,
        "limites": {
            "objets": limites.objets,
            "sommets": limites.sommets,
            "couches": limites.couches,
            "memoire": limites.memoire,
            "cpu_s": limites.cpu_s,
            "sortie": 4 * limites.decompresse,
            "altitudes": int(limites.altitudes),
        },
    }
    try:
        fin = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(ENFANT)],
            input=json.dumps(demande).encode(),
            capture_output=True,
            cwd=dossier,
            env=_environnement(ecartes),
            timeout=limites.duree_s,
            check=False,
        )
    except subprocess.TimeoutExpired as erreur:
        raise FichierRefuse(
            "Ce fichier est trop long à lire : il est refusé. Rien n'a été gardé."
        ) from erreur
    try:
        reponse = json.loads(fin.stdout)
    except ValueError:
        reponse = None
    if fin.returncode or not isinstance(reponse, dict):
        raise FichierRefuse("La lecture de ce fichier a échoué (trop lourd ou abîmé) : il est refusé.")
    if refus := reponse.get("refus"):
        raise FichierRefuse(f"{refus} Rien n'a été gardé.")
    return list(reponse["couches"])
