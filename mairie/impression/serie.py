"""A series: one sheet for each object of a list, made by a task; also the one sheet too long to wait for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import shapely
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from gis_data.carte.identifier import objet_par_cle
from gis_data.couches import Couche, CoucheInconnue, couche, couches
from gis_data.plans.cadre import cadrer
from gis_data.plans.carte import Bornes
from mairie.courriers.rendu import Rendu
from mairie.impression import feuille
from mairie.impression.demande import (
    CHAMPS,
    ECHELLE_MAX,
    ECHELLE_MIN,
    Demande,
    DemandeRefusee,
    lire,
    titre_de,
)
from mairie.models import Impression, Utilisateur

SERIE_MAX = 100
CLE_MAX = 120
GARDE = timedelta(days=7)
# A point has no extent: its neighbourhood.
ECHELLE_POINT = 500
AUTO = "auto"
_SEPARATEURS = re.compile(r"[\n;,\t]+")

# Layer → how to read what people write for its objects: text → key, or null.
_lecteurs: dict[str, Callable[[str], str | None]] = {}


def lire_ecritures(nom: str, lecteur: Callable[[str], str | None]) -> None:
    """Declare, from ``AppConfig.ready``, how the objects of a layer are written by people (« AB 12 »)."""
    _lecteurs[nom] = lecteur


@dataclass(frozen=True)
class Serie:
    """What a series is: sheets alike in all but their object, and the objects' keys in order."""

    parametres: dict[str, str]
    couche: Couche
    cles: tuple[str, ...]
    echelle: str


def couches_a_serie(utilisateur: Any) -> list[Couche]:
    """Layers of this person whose objects can be named."""
    return [c for c in couches() if c.nommee and c.visible_par(utilisateur)]


def preparer(donnees: Mapping[str, str], utilisateur: Any) -> Serie:
    """The series asked, every object checked; ``DemandeRefusee``, ``CoucheInconnue``."""
    choisie = couche(donnees.get("serie", ""))
    if not choisie.nommee or not choisie.visible_par(utilisateur):
        raise CoucheInconnue(donnees.get("serie", ""))
    ecrits = [e.strip() for e in _SEPARATEURS.split(donnees.get("cles", "").replace("\0", " ")) if e.strip()]
    if not ecrits:
        raise DemandeRefusee("Écrivez au moins un objet, un par ligne.")
    lues = {e: _cle(choisie, e) for e in dict.fromkeys(ecrits)}
    cles = list(dict.fromkeys(lues.values()))
    if len(cles) > SERIE_MAX:
        raise DemandeRefusee(f"Une série compte {SERIE_MAX} feuilles au plus : vous en demandez {len(cles)}.")
    if absents := [ecrit for ecrit, cle in lues.items() if not _place(choisie, cle, utilisateur)]:
        suite = f" et {len(absents) - 10} autres" if len(absents) > 10 else ""
        raise DemandeRefusee(
            f"Introuvables dans « {choisie.libelle} », ou sans place sur la carte :"
            f" {', '.join(absents[:10])}{suite}."
        )
    parametres = {c: donnees[c] for c in CHAMPS if donnees.get(c) and c not in ("lat", "lon", "objet")}
    echelle = donnees.get("echelle") or AUTO
    if echelle != AUTO:
        # Read once to refuse a scale before the task does.
        _demande({**parametres, "echelle": echelle}, (0.0, 0.0), utilisateur)
    else:
        _demande({**parametres, "echelle": str(ECHELLE_POINT)}, (0.0, 0.0), utilisateur)
    return Serie(parametres, choisie, tuple(cles), echelle)


def _cle(choisie: Couche, ecrit: str) -> str:
    lecteur = _lecteurs.get(choisie.nom)
    lue = lecteur(ecrit) if lecteur and ecrit else None
    return (lue or ecrit)[:CLE_MAX]


def _objets(choisie: Couche, cle: str, utilisateur: Any) -> Any:
    objets = choisie.objets(None if choisie.publique else utilisateur)
    return objets.filter(**{str(choisie.nommee): cle, f"{choisie.geometrie}__isnull": False})


def _place(choisie: Couche, cle: str, utilisateur: Any) -> bool:
    return bool(_objets(choisie, cle, utilisateur).exists())


def _demande(parametres: Mapping[str, str], centre: tuple[float, float], utilisateur: Any) -> Demande:
    """The sheet of these parameters, centred on a point of the legal projection."""
    return lire(parametres, utilisateur, centre=centre)


def demander(serie: Serie, par: Utilisateur) -> Impression:
    """Keep the series and put its task in the queue."""
    titre = titre_de(serie.parametres.get("titre", "")) or f"Série : {serie.couche.libelle}"
    contenu = {
        "parametres": serie.parametres,
        "couche": serie.couche.nom,
        "cles": list(serie.cles),
        "echelle": serie.echelle,
    }
    return _mettre_en_file(titre, contenu, par)


def demander_feuille(donnees: Mapping[str, str], titre: str, par: Utilisateur) -> Impression:
    """Keep one sheet that is too long to wait for, and put its task in the queue."""
    return _mettre_en_file(titre, {"parametres": {c: donnees[c] for c in CHAMPS if donnees.get(c)}}, par)


def _mettre_en_file(titre: str, contenu: dict[str, Any], par: Utilisateur) -> Impression:
    from mairie.impression.taches import imprimer

    with transaction.atomic():
        impression = Impression.objects.create(auteur=par, titre=titre[:120], demande=contenu)
        impression.tache = imprimer.demander(impression.pk, par=par)
        impression.save(update_fields=["tache"])
    return impression


def bornes_tache() -> Bornes:
    """What a sheet made by a task may cost."""
    return Bornes(settings.IMPRESSION_OBJETS_TACHE, settings.IMPRESSION_REQUETE_S * 3)


def executer(impression: Impression, avancer: Callable[[float, str], None]) -> Rendu:
    """Draw and lay out what was kept; ``avancer(pour cent, words)``."""
    auteur = impression.auteur
    contenu = impression.demande
    if "cles" in contenu:
        feuilles = list(_feuilles(contenu, auteur, avancer))
    else:
        avancer(5, "dessin de la carte")
        demande = lire(contenu["parametres"], auteur)
        feuilles = [feuille.composer(demande, auteur, bornes_tache())]
    avancer(60, f"mise en page de {len(feuilles)} feuille{'s' if len(feuilles) > 1 else ''}")
    rendu = feuille.imprimer(feuilles, titre=impression.titre, delai=settings.IMPRESSION_RENDU_TACHE_S)
    avancer(95, "enregistrement")
    impression.fichier.save("plan.pdf", ContentFile(rendu.pdf), save=False)
    impression.pages = rendu.pages
    impression.save(update_fields=["fichier", "pages"])
    return rendu


def _feuilles(
    contenu: Mapping[str, Any], auteur: Any, avancer: Callable[[float, str], None]
) -> Iterable[feuille.Feuille]:
    choisie, cles = couche(contenu["couche"]), contenu["cles"]
    if not choisie.visible_par(auteur):
        raise CoucheInconnue(choisie.nom)
    for n, cle in enumerate(cles):
        avancer(60 * n / len(cles), f"feuille {n + 1} sur {len(cles)}")
        objets = _objets(choisie, cle, auteur)
        formes = [
            shapely.from_wkb(bytes(g.wkb)) for g in objets.values_list(choisie.geometrie, flat=True)[:20]
        ]
        if not formes:
            raise feuille.ObjetAbsent(f"« {cle} » n'est plus dans « {choisie.libelle} ».")
        demande = _centrer(contenu, formes, auteur)
        objet = objet_par_cle(choisie, objets)
        nom = objet.titre if objet and objet.titre else cle
        base = titre_de(contenu["parametres"].get("titre", ""))
        titre = f"{base} – {nom}" if base else nom
        yield feuille.composer(
            replace(demande, titre=titre[:160], objet=(choisie, cle)), auteur, bornes_tache(), formes
        )


def _centrer(contenu: Mapping[str, Any], formes: list[shapely.Geometry], auteur: Any) -> Demande:
    """The sheet of one object: in the middle, at the scale asked or the largest usual one that holds it."""
    xmin, ymin, xmax, ymax = (float(v) for v in shapely.total_bounds(formes))
    centre = ((xmin + xmax) / 2, (ymin + ymax) / 2)
    echelle = contenu["echelle"]
    essai = ECHELLE_POINT if echelle == AUTO else echelle
    demande = _demande({**contenu["parametres"], "echelle": str(essai)}, centre, auteur)
    if echelle != AUTO or (xmax - xmin < 1 and ymax - ymin < 1):
        return demande
    zone = demande.feuille.carte
    ideale = cadrer((xmin, ymin, xmax, ymax), zone.largeur, zone.hauteur).denominateur
    return replace(demande, echelle=min(max(ideale, ECHELLE_MIN), ECHELLE_MAX))


def purger() -> int:
    """Sheets older than a week go, with their files."""
    anciennes = Impression.objects.filter(cree_le__lt=timezone.now() - GARDE)
    for impression in anciennes.exclude(fichier=""):
        impression.fichier.delete(save=False)
    return int(anciennes.delete()[0])
