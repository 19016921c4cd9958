"""MapLibre style of the registry, for a light ground (``clair``) or an aerial photograph (``photo``)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from gis_data.couches.dessin import (
    Aplat,
    Dessin,
    Icone,
    Interaction,
    Nombre,
    Rang,
    Symbole,
    Texte,
    Trait,
)
from gis_data.couches.registre import Couche, couches, generation

PAPIER = "#ffffff"
# Ground outside the loaded communes, which are on white paper.
CALCAIRE = "#f5f3ee"
BLANC = "#ffffff"
OMBRE = "#10202e"
THEMES = ("clair", "photo")

# Quoted, because an unquoted family name may not hold a word that begins with a digit; the first,
# which no machine has, tells MapLibre the slant and the weight.
POLICE = "'Source Sans 3'"
_POLICES = {
    (False, False): [POLICE, "'Source Sans Pro'", "'DejaVu Sans'"],
    (True, False): ["'Source Sans 3 Italic'", POLICE, "'Source Sans Pro'", "'DejaVu Sans'"],
    (False, True): ["'Source Sans 3 Semibold'", POLICE, "'Source Sans Pro'", "'DejaVu Sans'"],
    (True, True): ["'Source Sans 3 Semibold Italic'", POLICE, "'Source Sans Pro'", "'DejaVu Sans'"],
}


def nombre(valeur: Nombre) -> Any:
    """A number, or one that grows with the zoom."""
    if not isinstance(valeur, Mapping):
        return valeur
    expression: list[Any] = ["interpolate", ["linear"], ["zoom"]]
    for zoom in sorted(valeur):
        expression += [zoom, valeur[zoom]]
    return expression


def _plus(valeur: Nombre, ajout: float) -> Any:
    if isinstance(valeur, Mapping):
        return nombre({z: v + ajout for z, v in valeur.items()})
    return valeur + ajout


def _liste(expression: Any) -> Any:
    if isinstance(expression, tuple | list):
        return [_liste(x) for x in expression]
    return expression


class _Traduction:
    """Style layers of one drawing of one layer."""

    def __init__(self, couche: Couche, numero: int, source: str, theme: str) -> None:
        self.couche, self.numero, self.source, self.theme = couche, numero, source, theme
        self.photo = theme == "photo"

    def base(self, dessin: Dessin, suffixe: str, genre: str, **surcharge: Any) -> dict[str, Any]:
        calque: dict[str, Any] = {
            "id": f"{self.couche.nom}-{self.numero}-{suffixe}",
            "type": genre,
            "source": self.source,
            "source-layer": dessin.element,
            "minzoom": dessin.zoom_min,
            "metadata": {"couche": self.couche.nom, "rang": int(surcharge.pop("rang", dessin.rang))},
        }
        if dessin.zoom_max is not None:
            calque["maxzoom"] = dessin.zoom_max
        if dessin.filtre:
            calque["filter"] = _liste(dessin.filtre)
        calque.update(surcharge)
        return calque

    def lignes(
        self,
        dessin: Dessin,
        couleur: str,
        epaisseur: Nombre,
        tirets: tuple[float, ...],
        opacite: Nombre = 1.0,
    ) -> list[dict[str, Any]]:
        forme = {"line-cap": "butt" if tirets else "round", "line-join": "round"}
        trait: dict[str, Any] = {"line-color": couleur, "line-width": nombre(epaisseur)}
        if opacite != 1.0:
            trait["line-opacity"] = nombre(opacite)
        if tirets:
            trait["line-dasharray"] = list(tirets)
        resultat = []
        if self.photo:
            halo = {"line-color": OMBRE, "line-width": _plus(epaisseur, 1.8), "line-opacity": 0.55}
            rond = {"line-cap": "round", "line-join": "round"}
            resultat.append(self.base(dessin, "halo", "line", paint=halo, layout=rond))
            trait["line-color"] = BLANC
        resultat.append(self.base(dessin, "trait", "line", paint=trait, layout=forme))
        return resultat

    def aplat(self, d: Aplat) -> list[dict[str, Any]]:
        resultat = []
        if d.remplissage and (not self.photo or d.sur_photo):
            paint: dict[str, Any] = {"fill-color": d.remplissage, "fill-antialias": False}
            if d.opacite < 1:
                paint["fill-opacity"] = d.opacite
            resultat.append(self.base(d, "aplat", "fill", paint=paint))
        if d.motif and not self.photo:
            resultat.append(
                self.base(
                    d,
                    "motif",
                    "fill",
                    minzoom=max(d.zoom_min, d.motif_des),
                    paint={
                        "fill-pattern": d.motif.nom,
                        **({"fill-opacity": d.motif_opacite} if d.motif_opacite < 1 else {}),
                    },
                )
            )
        if d.contour:
            resultat += self.lignes(d, d.contour, d.epaisseur, d.tirets)
        return resultat

    def trait(self, d: Trait) -> list[dict[str, Any]]:
        return self.lignes(d, d.couleur, d.epaisseur, d.tirets, d.opacite)

    def interaction(self, d: Interaction) -> list[dict[str, Any]]:
        choisi = ["boolean", ["feature-state", "choix"], False]
        survole = ["boolean", ["feature-state", "survol"], False]
        aplat = {
            "fill-color": ["case", choisi, d.choix, d.survol],
            "fill-opacity": ["case", choisi, 0.18, survole, 0.14 if self.photo else 0.08, 0],
            "fill-antialias": False,
        }
        contour = {
            "line-color": ["case", choisi, d.choix, d.survol],
            "line-width": ["case", choisi, 2.5, survole, 1.5, 0],
            "line-opacity": ["case", choisi, 1, survole, 0.8, 0],
        }
        return [
            self.base(d, "zone", "fill", paint=aplat, rang=Rang.PARCELLE),
            self.base(d, "choix", "line", paint=contour, layout={"line-join": "round"}),
        ]

    def texte(self, d: Texte) -> list[dict[str, Any]]:
        couleur, halo = (BLANC, OMBRE) if self.photo else (d.couleur, PAPIER)
        layout: dict[str, Any] = {
            "text-field": ["to-string", ["get", d.champ]],
            "text-font": _POLICES[d.italique, d.gras],
            "text-size": nombre(d.taille),
            "text-max-width": 9,
            "text-padding": 2,
        }
        if d.capitales:
            layout["text-transform"] = "uppercase"
        if d.espacement:
            layout["text-letter-spacing"] = d.espacement
        if d.le_long:
            layout |= {"symbol-placement": "line", "symbol-spacing": 320, "text-max-angle": 30}
        if d.angle:
            layout |= {
                "text-rotate": ["-", 0, ["get", d.angle]],
                "text-rotation-alignment": "map",
                "text-allow-overlap": True,
            }
        if d.ancre != "center":
            layout["text-anchor"] = d.ancre
        if d.decalage != (0.0, 0.0):
            layout["text-offset"] = list(d.decalage)
        if d.priorite:
            layout["symbol-sort-key"] = ["get", d.priorite]
        paint: dict[str, Any] = {"text-color": couleur}
        if d.halo or self.photo:
            paint |= {"text-halo-color": halo, "text-halo-width": 1.4}
        if d.cartouche:
            layout |= {
                "icon-image": d.cartouche.nom + ("-photo" if self.photo else ""),
                "icon-allow-overlap": True,
                "text-allow-overlap": True,
            }
            if not self.photo:
                paint.pop("text-halo-color", None)
                paint.pop("text-halo-width", None)
        if d.ecarte_des is None:
            return [self.base(d, "texte", "symbol", layout=layout, paint=paint)]
        ailleurs = {"text-variable-anchor": ["center", "bottom", "top", "left", "right"]}
        ecarte = {**layout, **ailleurs, "text-radial-offset": 1.6}
        tenu = self.base(d, "texte", "symbol", layout=layout, paint=paint, maxzoom=d.ecarte_des)
        libre = self.base(d, "texte-ecarte", "symbol", layout=ecarte, paint=paint, minzoom=d.ecarte_des)
        return [libre] if d.ecarte_des <= d.zoom_min else [tenu, libre]

    def symbole(self, d: Symbole) -> list[dict[str, Any]]:
        suffixe = "-photo" if self.photo else ""
        if d.attribut:
            image: Any = ["match", ["to-string", ["get", d.attribut]]]
            for valeur, icone in d.icones.items():
                if valeur:
                    image += [valeur, icone.nom + suffixe]
            image.append(d.icones[""].nom + suffixe if "" in d.icones else "")
        else:
            image = next(iter(d.icones.values())).nom + suffixe
        layout: dict[str, Any] = {
            "icon-image": image,
            "icon-size": nombre(d.taille),
            "icon-allow-overlap": True,
            "icon-ignore-placement": not d.obstacle,
        }
        if d.angle:
            layout |= {
                "icon-rotate": ["-", 0, ["coalesce", ["get", d.angle], 0]],
                "icon-rotation-alignment": "map",
            }
        return [self.base(d, "symbole", "symbol", layout=layout)]

    def __call__(self, dessin: Dessin) -> list[dict[str, Any]]:
        match dessin:
            case Aplat():
                return self.aplat(dessin)
            case Trait():
                return self.trait(dessin)
            case Interaction():
                return self.interaction(dessin)
            case Texte():
                return self.texte(dessin)
            case Symbole():
                return self.symbole(dessin)
        raise TypeError(f"Dessin inconnu : {type(dessin).__name__}")


def nom_source(couche: Couche) -> str:
    """Tile source that feeds the drawing: the group's when the layer is part of it."""
    return couche.groupe if couche.groupe and couche.publique and couche.visible else couche.nom


def calques(choisies: Iterable[Couche], theme: str) -> list[dict[str, Any]]:
    """Style layers of ``choisies`` in drawing order, without their sources."""
    resultat: list[dict[str, Any]] = []
    for couche in choisies:
        for numero, dessin in enumerate(couche.dessins):
            for calque in _Traduction(couche, numero, nom_source(couche), theme)(dessin):
                if not couche.visible:
                    calque.setdefault("layout", {})["visibility"] = "none"
                resultat.append(calque)
    # Stable: within a rank the order of declaration holds.
    return sorted(resultat, key=lambda calque: calque["metadata"]["rang"])


def icones(choisies: Iterable[Couche]) -> dict[str, Icone]:
    """Every icon and pattern that the style names, by name."""
    trouvees: dict[str, Icone] = {}
    for couche in choisies:
        for dessin in couche.dessins:
            if isinstance(dessin, Symbole):
                trouvees |= {i.nom: i for i in dessin.icones.values()}
            elif isinstance(dessin, Texte) and dessin.cartouche:
                trouvees[dessin.cartouche.nom] = dessin.cartouche
            elif isinstance(dessin, Aplat) and dessin.motif:
                trouvees[dessin.motif.nom] = dessin.motif
    return trouvees


def calques_publics(theme: str) -> tuple[dict[str, Any], ...]:
    """Style layers of all public layers."""
    return _calques_publics(theme, generation())


def calques_fixes(theme: str) -> tuple[dict[str, Any], ...]:
    """The same without those that show what the pointer hovers or has chosen."""
    return tuple(c for c in calques_publics(theme) if "feature-state" not in repr(c.get("paint")))


@functools.lru_cache(maxsize=len(THEMES))
def _calques_publics(theme: str, generation_: int) -> tuple[dict[str, Any], ...]:
    return tuple(calques((c for c in couches() if c.publique), theme))


def images(choisies: Iterable[Couche]) -> dict[str, Any]:
    """Icons as JSON for the browser, which draws them: no image server is needed."""
    return {
        nom: {"cote": icone.cote, "chemins": [list(chemin) for chemin in icone.chemins]}
        for nom, icone in icones(choisies).items()
    }
