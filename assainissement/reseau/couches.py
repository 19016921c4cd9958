"""Map layers of the network: all for agents; for the public, only where the commune opens it (spec §10)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from assainissement import perms
from assainissement.couches import ARDOISE, BRIQUE, OCRE, PAPIER
from assainissement.models import (
    Appareillage,
    ImportRaepa,
    Intervention,
    Ouvrage,
    ReglementService,
    Reparation,
    Troncon,
)
from assainissement.regles.tables import reseau as table
from gis_data.couches import (
    Attribut,
    Couche,
    Element,
    Forme,
    Genre,
    Rang,
    Symbole,
    Trait,
    enregistrer,
)
from gis_data.couches.dessin import Dessin, Icone
from mairie.habilitations import peut

THEME, SOURCE = "Assainissement", "Réseau d'assainissement (RAEPA)"
COULEURS = {"01": "#2f7fb5", "02": "#8a4b1f", "03": "#5b4b8a"}
EPAISSEURS = {14: 1.0, 16: 2.0, 19: 4.0}
_ROND = "M6 12a6 6 0 1 1 12 0a6 6 0 1 1 -12 0z"
_CARRE = "M6 6h12v12h-12z"
_TRIANGLE = "M12 5l7 13h-14z"
_CROIX = "M6 6l12 12M18 6l-12 12"


def communes_ouvertes() -> list[str]:
    """Communes whose rules in force show their network to all; none by default."""
    jour = timezone.localdate()
    suivantes = ReglementService.objects.filter(
        insee=OuterRef("insee"), date_effet__lte=jour, date_effet__gt=OuterRef("date_effet")
    )
    ouvertes = ReglementService.objects.filter(date_effet__lte=jour, reseau_public=True)
    return list(ouvertes.filter(~Exists(suivantes)).order_by().values_list("insee", flat=True))


def version() -> str:
    """Changes with every import and its undoing, and with the choice to show the network."""
    imports = ImportRaepa.objects.aggregate(n=Count("id"), c=Max("confirme_le"), a=Max("annule_le"))
    return "|".join(str(v) for v in (*imports.values(), *sorted(communes_ouvertes())))


def _version_interventions() -> str:
    return "|".join(str(v) for v in Intervention.objects.aggregate(n=Count("id"), m=Max("cree_le")).values())


def _internes(modele: Any) -> Any:
    def objets(utilisateur: Any) -> QuerySet[Any]:
        visibles: QuerySet[Any] = modele.objects.visibles_par(utilisateur)
        return visibles

    return objets


def _publics(modele: Any) -> Any:
    def objets(utilisateur: Any) -> QuerySet[Any]:
        lignes: QuerySet[Any] = modele.objects.filter(insee__in=communes_ouvertes())
        return lignes

    return objets


def _traits(nom: str) -> tuple[Dessin, ...]:
    """A colour and a dash a network: never by colour alone."""
    tirets = {"01": (4.0, 2.0), "02": (), "03": (7.0, 2.0, 2.0, 2.0)}
    return tuple(
        Trait(
            element=nom, rang=Rang.METIER, zoom_min=14, filtre=("==", ("get", "type_reseau"), code),
            couleur=COULEURS[code], epaisseur=EPAISSEURS, tirets=tirets[code],
            legende=f"Canalisation, {mot}",
        )
        for code, mot in table.RESEAUX.items()
    )  # fmt: skip


def _point(nom: str, forme: str, couleur: str, legende: str, plein: bool = True) -> tuple[Dessin, ...]:
    icone = Icone(nom, ((forme, couleur if plein else PAPIER, couleur, 2.0),))
    return (
        Symbole(
            element=nom, rang=Rang.SYMBOLE, zoom_min=16, icones={"": icone},
            taille={16: 0.5, 19: 0.9}, legende=legende, libelles={"": legende},
        ),
    )  # fmt: skip


_RESEAU = Attribut("type_reseau", "Réseau", tuile=14, valeurs=table.RESEAUX)
_EXPLOITANT = Attribut("exploitant", "Exploitant", "gestionnaire")
_INTERNES = (
    Attribut("identifiant", "Identifiant", tuile=17),
    Attribut("maitre_ouvrage", "Maître d'ouvrage"),
    Attribut("annee", "Posé en", "annee_fin_pose", Genre.ENTIER),
    Attribut("pk", "Clé", "id", Genre.ENTIER),
)
_CANALISATION = (
    _RESEAU,
    Attribut("diametre", "Diamètre (mm)", genre=Genre.ENTIER),
    Attribut("materiau", "Matériau", valeurs=table.MATERIAUX),
    _EXPLOITANT,
)


def _fonction(mots: dict[str, str]) -> Attribut:
    return Attribut("fonction", "Fonction", valeurs=mots)


def _couche(
    nom: str, libelle: str, modele: Any, forme: Forme, attributs: tuple[Attribut, ...],
    dessins: tuple[Dessin, ...], *, publique: bool, page: str = "", zoom: int = 16, version_: Any = version,
) -> Couche:  # fmt: skip
    return Couche(
        nom=nom,
        libelle=libelle,
        objets=_publics(modele) if publique else _internes(modele),
        forme=forme,
        zoom_min=zoom,
        version=version_,
        theme=THEME,
        source=SOURCE,
        publique=publique,
        visible=False,
        peut_voir=(lambda utilisateur: True)
        if publique
        else (lambda utilisateur: peut(utilisateur, perms.LIRE)),
        attributs=attributs,
        elements=(Element(nom, zoom),),
        dessins=dessins,
        titre=lambda a: str(a.get("identifiant") or a.get("fonction") or libelle),
        adresse=lambda a: f"/assainissement/reseau/{page}/{a['pk']}/" if page and a.get("pk") else None,
    )


COUCHES = (
    _couche(
        "ass_troncons", "Réseau : canalisations", Troncon, Forme.LIGNE, _CANALISATION,
        _traits("ass_troncons"), publique=True, zoom=14,
    ),
    _couche(
        "ass_ouvrages", "Réseau : ouvrages", Ouvrage, Forme.POINT,
        (_RESEAU, _fonction(table.FONCTIONS_OUVRAGE)),
        _point("ass_ouvrages", _ROND, ARDOISE, "Ouvrage"), publique=True,
    ),
    _couche(
        "ass_appareillages", "Réseau : appareillages", Appareillage, Forme.POINT,
        (_RESEAU, _fonction(table.FONCTIONS_APPAREIL)),
        _point("ass_appareillages", _CARRE, ARDOISE, "Appareillage"), publique=True,
    ),
    _couche(
        "ass_reseau_troncons", "Réseau : canalisations (agents)", Troncon, Forme.LIGNE,
        (*_CANALISATION, *_INTERNES, Attribut("z_amont", "Fil d'eau amont (m)", genre=Genre.REEL),
         Attribut("z_aval", "Fil d'eau aval (m)", genre=Genre.REEL)),
        _traits("ass_reseau_troncons"), publique=False, page="canalisations", zoom=14,
    ),
    _couche(
        "ass_reseau_ouvrages", "Réseau : ouvrages (agents)", Ouvrage, Forme.POINT,
        (_RESEAU, _fonction(table.FONCTIONS_OUVRAGE), _EXPLOITANT, *_INTERNES,
         Attribut("altitude", "Altitude (m)", genre=Genre.REEL)),
        _point("ass_reseau_ouvrages", _ROND, ARDOISE, "Ouvrage"), publique=False, page="ouvrages",
    ),
    _couche(
        "ass_reseau_appareillages", "Réseau : appareillages (agents)", Appareillage, Forme.POINT,
        (_RESEAU, _fonction(table.FONCTIONS_APPAREIL), _EXPLOITANT, *_INTERNES),
        _point("ass_reseau_appareillages", _CARRE, ARDOISE, "Appareillage"), publique=False,
        page="appareillages",
    ),
    _couche(
        "ass_reparations", "Réseau : réparations (agents)", Reparation, Forme.POINT,
        (Attribut("identifiant", "Identifiant"), Attribut("defaillance", "Défaillance"),
         Attribut("date", "Réparé le", "date_reparation", Genre.DATE),
         Attribut("pk", "Clé", "id", Genre.ENTIER)),
        _point("ass_reparations", _CROIX, OCRE, "Réparation"), publique=False, page="reparations",
    ),
    _couche(
        "ass_interventions", "Réseau : interventions (agents)", Intervention, Forme.POINT,
        (Attribut("nature", "Nature", valeurs=dict(Intervention.Nature.choices)),
         Attribut("date", "Date", genre=Genre.DATE),
         Attribut("usager_touche", "Usager touché", genre=Genre.BOOLEEN),
         Attribut("pk", "Clé", "id", Genre.ENTIER)),
        _point("ass_interventions", _TRIANGLE, BRIQUE, "Intervention", plein=False), publique=False,
        page="interventions", version_=_version_interventions,
    ),
)  # fmt: skip


def declarer() -> None:
    """Add the layers, from ``AppConfig.ready``."""
    enregistrer(*COUCHES)
