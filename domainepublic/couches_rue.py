"""Map layers of the street: works and their measures, calendar, tariff zones for all; the rest for agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Now, TruncDate

from domainepublic import perms
from domainepublic.coordination.etats import PUBLICS as TRAVAUX_PUBLICS
from domainepublic.couches import (
    FAITS_PUBLICS,
    OCRE,
    THEME,
    TYPES_TRAVAUX,
    des_mesures,
    publiques,
)
from domainepublic.couches import version as version_occupations
from domainepublic.models import (
    Conflit,
    Constat,
    DemandeTravaux,
    DossierODP,
    Emprise,
    GestionVoirie,
    LigneBus,
    MesureCirculation,
    PointEau,
    RevetementVoie,
    ZoneTarifaire,
)
from domainepublic.models.conflits import MOTIFS
from domainepublic.regles.tables.types import NIVEAUX
from gis_data.couches import (
    Aplat,
    Attribut,
    Couche,
    Element,
    Forme,
    Genre,
    Rang,
    Symbole,
    Texte,
    Trait,
    enregistrer,
)
from gis_data.couches.dessin import Icone
from gis_data.couches.ecritures import ecritures
from mairie.habilitations import peut
from mairie.models import Piece

BRIQUE, GARRIGUE, ARDOISE, LAVANDE = "#b3261e", "#1f6f5c", "#47586b", "#5b4b8a"
SOURCE = "Service de la voirie"


def _version(*modeles: type[Model]) -> Callable[[], str]:
    """Changes with every writing of these tables."""

    def version() -> str:
        return "|".join(
            str(v)
            for m in modeles
            for v in m._default_manager.aggregate(n=Count("pk"), m=Max("pk"), x=ecritures(m)).values()
        )

    return version


def _lecteur(droit: str) -> Callable[[Any], bool]:
    return lambda utilisateur: peut(utilisateur, droit)


def _visibles(modele: Any) -> Callable[[Any], QuerySet[Any]]:
    lire: Callable[[Any], QuerySet[Any]] = modele.objects.visibles_par
    return lire


# --- works and their measures ---------------------------------------------------------------------


def _chantiers(utilisateur: Any) -> QuerySet[Any]:
    travaux = DemandeTravaux.objects.filter(dossier=OuterRef("dossier"))
    return (
        publiques(utilisateur)
        .filter(type__code__in=TYPES_TRAVAUX)
        .annotate(
            inscrit=Case(
                When(
                    Exists(travaux.filter(etat__in=("urgente", "urgence_motivee", "urgence_non_motivee"))),
                    then=Value("travaux urgents"),
                ),
                When(Exists(travaux.filter(publiee=True)), then=Value("au calendrier des travaux")),
                default=Value(""),
                output_field=CharField(),
            ),
        )
    )


def _mesurees(utilisateur: Any) -> QuerySet[Any]:
    return (
        publiques(utilisateur)
        .filter(Exists(MesureCirculation.objects.filter(dossier=OuterRef("dossier"))))
        .annotate(
            mesures_du=des_mesures(Min("debut"), DateField()),
            mesures_au=des_mesures(Max("fin"), DateField()),
            heures=Case(
                When(
                    Exists(
                        MesureCirculation.objects.filter(dossier=OuterRef("dossier")).exclude(creneaux=[])
                    ),
                    then=Value("à certaines heures, dites sur la page"),
                ),
                default=Value("jour et nuit"),
                output_field=CharField(),
            ),
        )
    )


def _version_travaux() -> str:
    return f"{version_occupations()}|{_version(MesureCirculation, DemandeTravaux)()}"


CHANTIERS = Couche(
    nom="odp_chantiers",
    libelle="Chantiers et leurs effets",
    objets=_chantiers,
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie="surface",
    geometrie_tuile="surface_3857",
    version=_version_travaux,
    comparee=True,
    theme=THEME,
    source=SOURCE,
    visible=False,
    attributs=(
        Attribut("type", "Chantier", "type__libelle_public", tuile=14),
        Attribut("du", "Du", "debut", Genre.DATE, tuile=14),
        Attribut("au", "Au", "fin", Genre.DATE, tuile=14),
        *FAITS_PUBLICS,
        Attribut("calendrier", "Coordination", "inscrit"),
    ),
    dates=("du", "au"),
    elements=(Element("odp_chantiers", 14),),
    dessins=(
        Aplat(
            element="odp_chantiers", rang=Rang.METIER, zoom_min=14, remplissage=OCRE, opacite=0.35,
            contour=BRIQUE, epaisseur=2.0, legende="Chantier autorisé", sur_photo=True,
        ),
    ),
    titre=lambda a: str(a.get("type") or "Chantier"),
    adresse=lambda a: a.get("lien") or None,
)  # fmt: skip

MESURES = Couche(
    nom="odp_mesures_circulation",
    libelle="Circulation et stationnement modifiés",
    objets=_mesurees,
    forme=Forme.SURFACE,
    zoom_min=13,
    geometrie="surface",
    geometrie_tuile="surface_3857",
    version=_version_travaux,
    comparee=True,
    theme=THEME,
    source=SOURCE,
    visible=False,
    attributs=(
        Attribut("type", "Mesure", "mesures_dites", tuile=13),
        Attribut("voie", "Voie", "dossier__voie__nom"),
        Attribut("du", "Du", "mesures_du", Genre.DATE, tuile=13),
        Attribut("au", "Au", "mesures_au", Genre.DATE, tuile=13),
        Attribut("creneaux", "Heures", "heures"),
        Attribut("acte", "N° d'arrêté", "numero_acte"),
        Attribut("lien", "Page", "page"),
    ),
    dates=("du", "au"),
    elements=(Element("odp_mesures_circulation", 13),),
    dessins=(
        Aplat(
            element="odp_mesures_circulation", rang=Rang.METIER, zoom_min=13, remplissage=BRIQUE,
            opacite=0.15, contour=BRIQUE, epaisseur=2.0, tirets=(2, 1),
            legende="Circulation ou stationnement modifiés", sur_photo=True,
        ),
    ),
    titre=lambda a: str(a.get("type") or "Mesure").capitalize(),
    adresse=lambda a: a.get("lien") or None,
)  # fmt: skip


# --- calendar -------------------------------------------------------------------------------------


def _au_calendrier(utilisateur: Any) -> QuerySet[Any]:
    du = Greatest(F("debut"), Coalesce(F("debut_autorise"), F("debut")))
    # A postponement moves the end as much as the beginning.
    au = ExpressionWrapper(F("fin") + (du - F("debut")), output_field=DateTimeField())
    return DemandeTravaux.objects.filter(publiee=True, etat__in=TRAVAUX_PUBLICS).annotate(
        # Firms and public bodies are named, a private person never is.
        pour=Case(
            When(maitre_ouvrage__nature="morale", then=F("maitre_ouvrage__raison_sociale")),
            default=Value("un particulier"),
            output_field=CharField(),
        ),
        retenu_du=du,
        retenu_au=Cast(au, DateField()),
    )


CALENDRIER = Couche(
    nom="odp_calendrier_travaux",
    libelle="Calendrier des travaux",
    objets=_au_calendrier,
    forme=Forme.MIXTE,
    zoom_min=13,
    geometrie_tuile="geom_3857",
    version=_version(DemandeTravaux),
    comparee=True,
    theme=THEME,
    source=SOURCE,
    visible=False,
    attributs=(
        Attribut("maitre_ouvrage", "Maître d'ouvrage", "pour"),
        Attribut("nature", "Nature"),
        Attribut("du", "Du", "retenu_du", Genre.DATE, tuile=13),
        Attribut("au", "Au", "retenu_au", Genre.DATE, tuile=13),
    ),
    dates=("du", "au"),
    elements=(
        Element("odp_calendrier_travaux", 13, condition="ST_Dimension({g}) = 2"),
        Element("odp_calendrier_travaux_lignes", 13, condition="ST_Dimension({g}) = 1"),
    ),
    dessins=(
        Aplat(
            element="odp_calendrier_travaux", rang=Rang.METIER, zoom_min=13, remplissage=OCRE, opacite=0.2,
            contour=OCRE, epaisseur=1.5, tirets=(4, 2), legende="Travaux au calendrier", sur_photo=True,
        ),
        Trait(
            element="odp_calendrier_travaux_lignes", rang=Rang.METIER, zoom_min=13, couleur=OCRE,
            epaisseur={13: 2, 18: 6}, tirets=(2, 1), legende="Travaux au calendrier, le long de la voie",
        ),
    ),
    titre=lambda a: str(a.get("nature") or "Travaux"),
)  # fmt: skip


# --- tariff zones ---------------------------------------------------------------------------------


def _en_vigueur(utilisateur: Any) -> QuerySet[Any]:
    jour = TruncDate(Now())
    return ZoneTarifaire.objects.filter(
        Q(grille__au__isnull=True) | Q(grille__au__gte=jour), grille__du__lte=jour
    )


ZONES = Couche(
    nom="odp_zones_tarifaires",
    libelle="Zones tarifaires du domaine public",
    objets=_en_vigueur,
    forme=Forme.SURFACE,
    zoom_min=12,
    version=_version(ZoneTarifaire),
    comparee=True,
    theme=THEME,
    source="Délibérations du conseil",
    visible=False,
    attributs=(
        Attribut("code", "Zone", tuile=12),
        Attribut("libelle", "Libellé"),
        Attribut("deliberation", "Délibération", "grille__deliberation"),
    ),
    elements=(Element("odp_zones_tarifaires", 12),),
    dessins=(
        Aplat(
            element="odp_zones_tarifaires", rang=Rang.METIER, zoom_min=12, remplissage=LAVANDE, opacite=0.08,
            contour=LAVANDE, epaisseur=1.5, tirets=(6, 2), legende="Zone tarifaire",
        ),
    ),
    titre=lambda a: f"Zone {a.get('code') or ''}".strip(),
)  # fmt: skip


# --- agents ---------------------------------------------------------------------------------------


def _conflits(utilisateur: Any) -> QuerySet[Any]:
    dossiers = DossierODP.objects.visibles_par(utilisateur)
    return Conflit.objects.filter(dossier__in=dossiers.values("pk"), leve_le__isnull=True)


CONFLITS = Couche(
    nom="odp_conflits",
    libelle="Conflits entre occupations (agents)",
    objets=_conflits,
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie="emprise__surface",
    geometrie_tuile="emprise__surface_3857",
    version=_version(Conflit, Emprise),
    theme=THEME,
    source=SOURCE,
    publique=False,
    peut_voir=_lecteur(perms.LIRE),
    attributs=(
        Attribut("niveau", "Niveau", tuile=14),
        Attribut("motif", "Motif", valeurs=MOTIFS),
        Attribut("dossier", "Dossier", "dossier__numero", tuile=15),
        Attribut("pk", "Clé", "dossier_id", Genre.ENTIER),
    ),
    filtres=("niveau",),
    elements=(Element("odp_conflits", 14),),
    dessins=tuple(
        Aplat(
            element="odp_conflits", rang=Rang.METIER, zoom_min=14, filtre=("==", ("get", "niveau"), niveau),
            remplissage=couleur, opacite=0.25, contour=couleur, epaisseur=2.5, tirets=tirets,
            legende=f"Conflit, niveau {niveau}", sur_photo=True,
        )
        for niveau, couleur, tirets in (
            ("bloquant", BRIQUE, ()), ("alerte", OCRE, (3, 1)), ("info", ARDOISE, (1, 2)),
        )
        if niveau in NIVEAUX
    ),
    titre=lambda a: f"Conflit {a.get('niveau') or ''} : {MOTIFS.get(str(a.get('motif')), '')}",
    adresse=lambda a: f"/domaine-public/dossiers/{a['pk']}/#conflits" if a.get("pk") else None,
)  # fmt: skip


def _constats(utilisateur: Any) -> QuerySet[Any]:
    photos = (
        Piece.objects.filter(
            dossier_type__app_label="domainepublic", dossier_type__model="constat",
            dossier_id=OuterRef("pk"), retiree_le__isnull=True,
        )
        .order_by()
        .values("dossier_id")
        .annotate(n=Count("pk"))
    )  # fmt: skip
    return (
        Constat.objects.visibles_par(utilisateur)
        .filter(geom__isnull=False)
        .annotate(nb_photos=Coalesce(Subquery(photos.values("n"), output_field=IntegerField()), 0))
    )


def _signe(nom: str, couleur: str, forme: str) -> Icone:
    return Icone(f"odp-{nom}", ((forme, couleur, "#ffffff", 1.5),))


CONSTATS = Couche(
    nom="odp_constats",
    libelle="Constats (agents assermentés)",
    objets=_constats,
    forme=Forme.POINT,
    zoom_min=13,
    version=_version(Constat),
    theme=THEME,
    source=SOURCE,
    publique=False,
    peut_voir=_lecteur(perms.CONSTATER),
    attributs=(
        Attribut("numero", "Numéro", tuile=16),
        Attribut("etat", "État", tuile=13, valeurs=dict(Constat.Etat.choices)),
        Attribut("photos", "Photos", "nb_photos", Genre.ENTIER),
        Attribut("pk", "Clé", "id", Genre.ENTIER),
    ),
    filtres=("etat",),
    elements=(Element("odp_constats", 13),),
    dessins=(
        Symbole(
            element="odp_constats", rang=Rang.SYMBOLE, zoom_min=13, attribut="etat",
            icones={
                "a_traiter": _signe("constat-a-traiter", BRIQUE, "M12 3 22 21 2 21Z"),
                "rattache": _signe("constat-rattache", OCRE, "M12 2 22 12 12 22 2 12Z"),
                "sans_suite": _signe("constat-sans-suite", ARDOISE, "M4 4H20V20H4Z"),
            },
            taille={13: 0.6, 18: 1.0},
            libelles={
                "a_traiter": "Constat à traiter", "rattache": "Constat rattaché",
                "sans_suite": "Constat sans suite",
            },
        ),
    ),
    titre=lambda a: str(a.get("numero") or "Constat"),
    adresse=lambda a: f"/domaine-public/constats/{a['pk']}/" if a.get("pk") else None,
)  # fmt: skip


def _reference(nom: str, modele: Any, *, source: str = SOURCE, **options: Any) -> Couche:
    """A table of the settings as agents see it on the map."""
    return Couche(
        nom=nom, objets=_visibles(modele), version=_version(modele), theme=THEME, source=source,
        publique=False, peut_voir=_lecteur(perms.LIRE), **options,
    )  # fmt: skip


REVETEMENTS = _reference(
    "odp_revetements",
    RevetementVoie,
    libelle="Revêtements de voie (agents)",
    forme=Forme.SURFACE,
    zoom_min=13,
    attributs=(
        Attribut("pose_le", "Posé le", genre=Genre.DATE, tuile=13),
        Attribut("nature", "Nature", tuile=15),
        Attribut("origine", "Source", "source"),
    ),
    filtres=("pose_le",),
    elements=(Element("odp_revetements", 13),),
    dessins=(
        Aplat(
            element="odp_revetements", rang=Rang.DETAIL, zoom_min=13, remplissage=ARDOISE, opacite=0.2,
            contour=ARDOISE, epaisseur=1.0, legende="Revêtement de voie",
        ),
    ),
    titre=lambda a: str(a.get("nature") or "revêtement").capitalize(),
)  # fmt: skip

_DOMAINES = dict(DossierODP.Domaine.choices)
GESTION = _reference(
    "odp_gestion_voirie",
    GestionVoirie,
    libelle="Gestionnaires des voies (agents)",
    forme=Forme.SURFACE,
    zoom_min=12,
    attributs=(
        Attribut("reference", "Référence", tuile=15),
        Attribut("domaine", "Domaine", tuile=12, valeurs=_DOMAINES),
        Attribut("gestionnaire", "Gestionnaire", valeurs=dict(DossierODP.Gestionnaire.choices)),
        Attribut("en_agglomeration", "En agglomération", genre=Genre.BOOLEEN),
        Attribut("grande_circulation", "Grande circulation", genre=Genre.BOOLEEN),
        Attribut("origine", "Source", "source"),
    ),
    filtres=("domaine",),
    elements=(Element("odp_gestion_voirie", 12),),
    dessins=(
        Aplat(
            element="odp_gestion_voirie", rang=Rang.DETAIL, zoom_min=12, remplissage=GARRIGUE, opacite=0.12,
            contour=GARRIGUE, epaisseur=1.2, legende="Voie et son gestionnaire",
        ),
        Texte(
            element="odp_gestion_voirie", rang=Rang.TEXTE, zoom_min=16, champ="reference", couleur=GARRIGUE,
            taille=11, exemple="RD 12",
        ),
    ),
    titre=lambda a: str(a.get("reference") or "Voie"),
)  # fmt: skip

PEI = _reference(
    "odp_pei",
    PointEau,
    libelle="Points d'eau incendie (agents)",
    forme=Forme.POINT,
    zoom_min=14,
    attributs=(
        Attribut("numero", "Numéro", tuile=16),
        Attribut("nature", "Nature"),
        Attribut("origine", "Source", "source"),
    ),
    elements=(Element("odp_pei", 14),),
    dessins=(
        Symbole(
            element="odp_pei", rang=Rang.SYMBOLE, zoom_min=14,
            icones={"": _signe("pei", "#b3261e", "M6 6H18V18H6Z M9 2H15V6H9Z")},
            taille={14: 0.55, 18: 0.9}, libelles={"": "Point d'eau incendie"},
        ),
    ),
    titre=lambda a: f"PEI {a.get('numero') or ''}".strip(),
)  # fmt: skip

BUS = _reference(
    "odp_lignes_bus",
    LigneBus,
    libelle="Lignes de bus (agents)",
    forme=Forme.LIGNE,
    zoom_min=12,
    source="Réseau de transports",
    attributs=(
        Attribut("code", "Ligne", tuile=14),
        Attribut("libelle", "Libellé"),
        Attribut("largeur", "Passage (m)", Cast("largeur", FloatField()), genre=Genre.REEL),
        Attribut("origine", "Source", "source"),
    ),
    elements=(Element("odp_lignes_bus", 12),),
    dessins=(
        Trait(
            element="odp_lignes_bus", rang=Rang.METIER, zoom_min=12, couleur=LAVANDE,
            epaisseur={12: 1.5, 18: 5}, opacite=0.7, legende="Ligne de bus",
        ),
    ),
    titre=lambda a: f"Ligne {a.get('code') or ''}".strip(),
)  # fmt: skip

COUCHES = (CHANTIERS, MESURES, CALENDRIER, ZONES, CONFLITS, CONSTATS, REVETEMENTS, GESTION, PEI, BUS)


def declarer() -> None:
    """Add the layers, from ``AppConfig.ready``."""
    enregistrer(*COUCHES)
