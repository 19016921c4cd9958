"""Lists and pages of the network: pipes, structures, fittings, repairs, interventions, imports."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.urls import reverse

from assainissement import perms
from assainissement.models import (
    Appareillage,
    ImportRaepa,
    Intervention,
    Ouvrage,
    Reparation,
    Troncon,
)
from assainissement.regles.tables import reseau as table
from assainissement.reseau.topologie import CONSTATS
from mairie.ecrans import (
    Action,
    Colonne,
    Fiche,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreTexte,
    Lien,
    Liste,
    Nature,
    Section,
    Ton,
    au_moins_un,
    declarer,
)
from mairie.ecrans.declaration import ListeLiee
from mairie.ecrans.filtres import FiltreNombre
from mairie.ecrans.valeurs import Champ
from mairie.models import Piece

GROUPE = "Assainissement"
BASE = "assainissement/reseau/"
FICHIERS = 30
_RETOUR = Lien("Réseau", "bi-diagram-3", f"/{BASE}")
_RESEAU = FiltreChoix(code="reseau", titre="Réseau", chemin="type_reseau", choix=tuple(table.RESEAUX.items()))
_EXPLOITANT = FiltreTexte(code="exploitant", titre="Exploitant", chemin="gestionnaire")


def _constat(code: str) -> Q:
    return Q(**{f"arete__{code}": True})


def _materiau(valeurs: Any) -> Q:
    return Q(materiau__in=[valeurs] if isinstance(valeurs, str) else list(valeurs))


def _troncons(utilisateur: Any) -> QuerySet[Troncon]:
    lignes: QuerySet[Troncon] = Troncon.objects.visibles_par(utilisateur).select_related("arete")
    return lignes.defer("attributs_source")


def _longueur(t: Troncon) -> float:
    return round(t.arete.longueur if hasattr(t, "arete") else t.geom.length, 1)


def _a_voir(t: Troncon) -> str:
    if not hasattr(t, "arete"):
        return ""
    return ", ".join(mot.lower() for champ, mot in CONSTATS.items() if getattr(t.arete, champ))


def _import(o: Any) -> str:
    return f"{o.import_raepa}, ligne {o.import_ligne}" if o.import_raepa_id else ""


def _page_import(o: Any) -> str | None:
    return o.import_raepa.get_absolute_url() if o.import_raepa_id else None


def _commun(modele: Any) -> tuple[Colonne, ...]:
    return (
        Colonne("annee", "Posé en", "annee_fin_pose", tri=True),
        Colonne("exploitant", "Exploitant", "gestionnaire", tri=True, defaut=False),
        Colonne("maitre", "Maître d'ouvrage", "maitre_ouvrage", tri=True, defaut=False),
        Colonne("maj", "Mis à jour le", "date_maj", Nature.DATE, tri=True, defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    )


_VIDE = "Importez les fichiers RAEPA de l'exploitant depuis la page du réseau, ou ôtez un filtre."
CANALISATIONS = Liste(
    code="assainissement.canalisations",
    titre="Canalisations",
    requete=_troncons,
    droit=perms.LIRE,
    adresse=f"{BASE}canalisations/",
    groupe=GROUPE,
    colonnes=(
        Colonne("identifiant", "Identifiant", tri=True),
        Colonne("reseau", "Réseau", lambda t: t.reseau, tri="type_reseau"),
        Colonne("diametre", "Diamètre (mm)", "diametre", Nature.NOMBRE, tri=True),
        Colonne("materiau", "Matériau", lambda t: t.materiau_lu, tri="materiau"),
        Colonne("longueur", "Longueur (m)", _longueur, Nature.NOMBRE, tri="arete__longueur"),
        Colonne("a_voir", "À voir", _a_voir),
        *_commun(Troncon),
        Colonne("z_amont", "Fil d'eau amont (m)", "z_amont", Nature.NOMBRE, tri=True, defaut=False),
        Colonne("z_aval", "Fil d'eau aval (m)", "z_aval", Nature.NOMBRE, tri=True, defaut=False),
        Colonne("branchements", "Branchements", "nb_branchements", Nature.NOMBRE, tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="a_voir", titre="À voir", choix=tuple(CONSTATS.items()), condition=au_moins_un(_constat),
            compter=False,
        ),
        _RESEAU,
        FiltreChoix(
            code="materiau", titre="Matériau", choix=tuple(table.MATERIAUX.items()), condition=_materiau,
            compter=False,
        ),
        FiltreNombre(code="diametre", titre="Diamètre", chemin="diametre", unite="mm"),
        FiltreNombre(code="annee", titre="Posée en", chemin="annee_fin_pose"),
        _EXPLOITANT,
    ),
    recherche=("identifiant", "materiau_texte", "gestionnaire"),
    recherche_aide="identifiant, matériau, exploitant",
    tri="identifiant",
    adresse_ligne=lambda t: t.get_absolute_url(),
    liens=(_RETOUR,),
    geometrie="geom",
    titre_carte=str,
    vide="Aucune canalisation ne correspond.",
    vide_aide=_VIDE,
)  # fmt: skip


def _points(modele: Any, code: str, titre: str, mots: dict[str, str]) -> Liste:
    def lignes(utilisateur: Any) -> QuerySet[Any]:
        visibles: QuerySet[Any] = modele.objects.visibles_par(utilisateur)
        return visibles.defer("attributs_source")

    return Liste(
        code=f"assainissement.{code}",
        titre=titre,
        requete=lignes,
        droit=perms.LIRE,
        adresse=f"{BASE}{code}/",
        groupe=GROUPE,
        colonnes=(
            Colonne("identifiant", "Identifiant", tri=True),
            Colonne("fonction", "Fonction", lambda o: o.fonction_lue, tri="fonction"),
            Colonne("reseau", "Réseau", lambda o: o.reseau, tri="type_reseau"),
            Colonne("altitude", "Altitude (m)", "altitude", Nature.NOMBRE, tri=True),
            *_commun(modele),
        ),
        filtres=(
            FiltreCommune(),
            FiltreChoix(
                code="fonction", titre="Fonction", choix=tuple(mots.items()),
                condition=au_moins_un(lambda code: Q(fonction__startswith=code)),
                compter=False,
            ),
            _RESEAU,
            _EXPLOITANT,
        ),
        recherche=("identifiant", "gestionnaire"),
        recherche_aide="identifiant, exploitant",
        tri="identifiant",
        adresse_ligne=lambda o: o.get_absolute_url(),
        liens=(_RETOUR,),
        geometrie="geom",
        titre_carte=str,
        vide=f"Aucun de ces {titre.lower()} ne correspond.",
        vide_aide=_VIDE,
    )  # fmt: skip


OUVRAGES = _points(Ouvrage, "ouvrages", "Ouvrages", table.FONCTIONS_OUVRAGE)
APPAREILLAGES = _points(Appareillage, "appareillages", "Appareillages", table.FONCTIONS_APPAREIL)
REPARATIONS = Liste(
    code="assainissement.reparations",
    titre="Réparations",
    requete=Reparation.objects.visibles_par,
    droit=perms.LIRE,
    adresse=f"{BASE}reparations/",
    groupe=GROUPE,
    colonnes=(
        Colonne("identifiant", "Identifiant", tri=True),
        Colonne("date", "Réparé le", "date_reparation", Nature.DATE, tri=True),
        Colonne("support", "Support"),
        Colonne("defaillance", "Défaillance"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(), FiltreDates(code="date", titre="Réparé le", chemin="date_reparation")),
    recherche=("identifiant", "defaillance"),
    recherche_aide="identifiant, défaillance",
    tri="-date",
    adresse_ligne=lambda r: r.get_absolute_url(),
    liens=(_RETOUR,),
    geometrie="geom",
    titre_carte=str,
    vide="Aucune réparation ne correspond.",
    vide_aide=_VIDE,
)


def _interventions(utilisateur: Any) -> QuerySet[Intervention]:
    lignes: QuerySet[Intervention] = Intervention.objects.visibles_par(utilisateur)
    return lignes.select_related("troncon", "ouvrage")


INTERVENTIONS = Liste(
    code="assainissement.interventions",
    titre="Interventions sur le réseau",
    requete=_interventions,
    droit=perms.LIRE,
    adresse=f"{BASE}interventions/",
    groupe=GROUPE,
    colonnes=(
        Colonne("date", "Date", nature=Nature.DATE, tri=True),
        Colonne("nature", "Nature", lambda i: i.get_nature_display(), tri="nature"),
        Colonne("objet", "Sur", lambda i: str(i.objet)),
        Colonne("usager", "Usager touché", "usager_touche", Nature.OUI_NON, tri=True),
        Colonne("commentaire", "Commentaire"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="nature", titre="Nature", choix=tuple(Intervention.Nature.choices)),
        FiltreDates(code="date", titre="Date", chemin="date"),
    ),
    recherche=("commentaire", "troncon__identifiant", "ouvrage__identifiant"),
    recherche_aide="identifiant de l'objet, commentaire",
    tri="-date",
    adresse_ligne=lambda i: i.get_absolute_url(),
    liens=(_RETOUR,),
    geometrie="geom",
    titre_carte=str,
    vide="Aucune intervention ne correspond.",
    vide_aide="Elles se notent depuis la page d'une canalisation ou d'un ouvrage.",
)
_ETATS_IMPORT = {
    "depose": Ton("à contrôler", "info", "bi-hourglass"),
    "controle": Ton("à confirmer", "bientot", "bi-clipboard-check"),
    "refuse": Ton("refusé", "danger", "bi-x-octagon"),
    "confirme": Ton("importé", "bien", "bi-check-circle"),
    "annule": Ton("annulé", "neutre", "bi-arrow-counterclockwise"),
}
IMPORTS = Liste(
    code="assainissement.imports_raepa",
    titre="Imports du réseau",
    requete=ImportRaepa.objects.visibles_par,
    droit=perms.REGLER,
    adresse=f"{BASE}imports/",
    groupe=GROUPE,
    colonnes=(
        Colonne("fichier", "Fichier", str, tri=("nom_fichier",)),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_IMPORT, tri=True),
        Colonne("depose", "Déposé le", "depose_le", Nature.INSTANT, tri=True),
        Colonne("lus", "Enregistrements", lambda i: i.bilan.get("total", ""), Nature.NOMBRE),
        Colonne("rejetes", "Refusés", lambda i: i.bilan.get("rejetes", ""), Nature.NOMBRE),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="etat", titre="État", choix=tuple(ImportRaepa.Etat.choices)),
    ),
    tri="-depose",
    adresse_ligne=lambda i: i.get_absolute_url(),
    liens=(
        Lien("Importer un fichier", "bi-upload", f"/{BASE}importer/", perms.REGLER, principal=True),
        _RETOUR,
    ),
    vide="Aucun fichier n'a été déposé.",
    vide_aide="Déposez le RAEPA de l'exploitant : Shapefile en zip, GeoPackage ou GeoJSON.",
)


# --- pages ----------------------------------------------------------------------------------------


def _mots(champ: str, titre: str) -> Champ:
    return Champ(champ, titre, lambda o: getattr(o, f"get_{champ}_display")())


_ORIGINE = Section(
    "D'où cela vient",
    (
        Champ("import", "Import", _import, lien=_page_import),
        Champ("date_maj", "Mis à jour le", nature=Nature.DATE),
        Champ("source_maj", "Source"),
        _mots("qualite_xy", "Précision en plan"),
        _mots("qualite_z", "Précision en altitude"),
        _mots("qualite_annee", "Fiabilité de l'année"),
    ),
)
_POSE = (Champ("annee_debut_pose", "Pose commencée en"), Champ("annee_fin_pose", "Posé en"))
_QUI = (Champ("gestionnaire", "Exploitant"), Champ("maitre_ouvrage", "Maître d'ouvrage"))


def _suivre(genre: str) -> tuple[Action, ...]:
    actions = [
        Action("aval", "Vers l'aval", "bi-arrow-down-right", perms.LIRE,
               adresse=lambda o: reverse("ass_suivre", args=[genre, o.pk, "aval"])),
        Action("amont", "Vers l'amont", "bi-arrow-up-left", perms.LIRE,
               adresse=lambda o: reverse("ass_suivre", args=[genre, o.pk, "amont"])),
    ]  # fmt: skip
    if genre == "canalisations":
        actions.append(
            Action("profil", "Profil en long", "bi-graph-down", perms.LIRE,
                   adresse=lambda o: reverse("ass_profil", args=[o.pk]))
        )  # fmt: skip
    return tuple(actions)


def _noter(genre: str) -> Action:
    return Action(
        "intervention", "Noter une intervention", "bi-tools", perms.SAISIR,
        adresse=lambda o: reverse("ass_intervention_noter", args=[genre, o.pk]),
    )  # fmt: skip


def _fichiers(objet: Any, utilisateur: Any) -> dict[str, Any]:
    """Files of the interventions made on an object: televised inspections, photos, reports."""
    interventions = {i.pk: i for i in objet.interventions.all()}
    genre = ContentType.objects.get_for_model(Intervention)
    pieces = Piece.objects.courantes().filter(dossier_type=genre, dossier_id__in=list(interventions))
    return {
        "fichiers": [
            (p, interventions[p.dossier_id]) for p in pieces.order_by("-depose_le", "-pk")[:FICHIERS]
        ]
    }


def _liees(champ: str) -> tuple[ListeLiee, ...]:
    return (
        ListeLiee(
            INTERVENTIONS, lambda o: Q(**{champ: o}), "Interventions",
            parametres=lambda o: {"q": o.identifiant},
        ),
    )  # fmt: skip


FICHES = (
    Fiche(
        code="assainissement.canalisations",
        liste="assainissement.canalisations",
        adresse=f"{BASE}canalisations/",
        droit=perms.LIRE,
        requete=lambda u: Troncon.objects.visibles_par(u).select_related("arete", "import_raepa"),
        titre=lambda t: f"Canalisation {t}",
        sous_titre=lambda t: f"{t.reseau.capitalize()}, {_longueur(t)} m".replace(".", ","),
        actions=(*_suivre("canalisations"), _noter("canalisations")),
        sections=(
            Section(
                "La canalisation",
                (
                    Champ("reseau", "Réseau", lambda t: t.reseau),
                    Champ("diametre", "Diamètre (mm)", nature=Nature.NOMBRE),
                    Champ("materiau", "Matériau", lambda t: t.materiau_lu),
                    _mots("mode_circulation", "Circulation"),
                    _mots("contenu", "Contenu"),
                    _mots("fonction", "Fonction"),
                    _mots("en_service", "En service"),
                    _mots("est_branchement", "Branchement"),
                    Champ("nb_branchements", "Branchements", nature=Nature.NOMBRE),
                    *_POSE,
                    *_QUI,
                ),
            ),
            Section(
                "L'écoulement",
                (
                    Champ("longueur", "Longueur mesurée (m)", _longueur, Nature.NOMBRE),
                    Champ("longueur_declaree", "Longueur déclarée (m)", nature=Nature.NOMBRE),
                    Champ("z_amont", "Fil d'eau amont (m)", nature=Nature.NOMBRE),
                    Champ("z_aval", "Fil d'eau aval (m)", nature=Nature.NOMBRE),
                    _mots("sens", "Sens de l'eau"),
                    Champ("noeud_initial", "Nœud initial"),
                    Champ("noeud_terminal", "Nœud terminal"),
                    Champ("a_voir", "À voir", _a_voir),
                ),
            ),
            _ORIGINE,
        ),
        listes=_liees("troncon"),
        geometrie="geom",
        gabarit="assainissement/reseau/fiche.html",
        contexte=_fichiers,
    ),
    Fiche(
        code="assainissement.ouvrages",
        liste="assainissement.ouvrages",
        adresse=f"{BASE}ouvrages/",
        droit=perms.LIRE,
        requete=lambda u: Ouvrage.objects.visibles_par(u).select_related("import_raepa"),
        titre=lambda o: f"Ouvrage {o}",
        sous_titre=lambda o: o.fonction_lue.capitalize(),
        actions=(*_suivre("ouvrages"), _noter("ouvrages")),
        sections=(
            Section(
                "L'ouvrage",
                (
                    Champ("fonction", "Fonction", lambda o: o.fonction_lue),
                    Champ("reseau", "Réseau", lambda o: o.reseau),
                    Champ("altitude", "Altitude (m)", nature=Nature.NOMBRE),
                    Champ("canalisations_amont", "Canalisations amont"),
                    Champ("canalisations_aval", "Canalisations aval"),
                    *_POSE,
                    *_QUI,
                ),
            ),
            _ORIGINE,
        ),
        listes=_liees("ouvrage"),
        geometrie="geom",
        gabarit="assainissement/reseau/fiche.html",
        contexte=_fichiers,
    ),
    Fiche(
        code="assainissement.appareillages",
        liste="assainissement.appareillages",
        adresse=f"{BASE}appareillages/",
        droit=perms.LIRE,
        requete=lambda u: Appareillage.objects.visibles_par(u).select_related("import_raepa"),
        titre=lambda a: f"Appareillage {a}",
        sous_titre=lambda a: a.fonction_lue.capitalize(),
        actions=_suivre("appareillages"),
        sections=(
            Section(
                "L'appareillage",
                (
                    Champ("fonction", "Fonction", lambda a: a.fonction_lue),
                    Champ("reseau", "Réseau", lambda a: a.reseau),
                    Champ("diametre", "Diamètre (mm)", nature=Nature.NOMBRE),
                    Champ("altitude", "Altitude (m)", nature=Nature.NOMBRE),
                    Champ("ouvrage_porteur", "Ouvrage qui le porte"),
                    Champ("canalisation_principale", "Canalisation"),
                    *_POSE,
                    *_QUI,
                ),
            ),
            _ORIGINE,
        ),
        geometrie="geom",
    ),
    Fiche(
        code="assainissement.reparations",
        liste="assainissement.reparations",
        adresse=f"{BASE}reparations/",
        droit=perms.LIRE,
        requete=lambda u: Reparation.objects.visibles_par(u).select_related("import_raepa"),
        titre=lambda r: f"Réparation {r}",
        sections=(
            Section(
                "La réparation",
                (
                    Champ("date_reparation", "Réparé le", nature=Nature.DATE),
                    Champ("support", "Support"),
                    Champ("defaillance", "Défaillance"),
                    Champ("maitre_ouvrage", "Maître d'ouvrage"),
                    Champ("import", "Import", _import),
                ),
            ),
        ),
        geometrie="geom",
    ),
)


def declarer_ecrans() -> None:
    """Lists, pages and the one entry of the rail."""
    from mairie.menu import Rubrique, ajouter

    declarer(CANALISATIONS, OUVRAGES, APPAREILLAGES, REPARATIONS, INTERVENTIONS, IMPORTS, *FICHES)
    ajouter(
        Rubrique("ass_reseau", "Réseau", "bi-diagram-3", f"/{BASE}", 304, droit=perms.LIRE, groupe=GROUPE)
    )
