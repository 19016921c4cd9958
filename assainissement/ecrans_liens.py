"""Lists of projects and of sales, their tiles on the dashboard, their entry in the rail."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assainissement import perms, rattachements
from assainissement.circuits.avis_reseau import LIBELLES as AVIS_ETATS
from assainissement.circuits.projet import PROJET_ETATS
from assainissement.circuits.vente import VENTE_ETATS
from assainissement.ecrans import BASE, GROUPE
from assainissement.models import AvisReseau, DeclarationVente, Installation, ProjetAnc
from assainissement.recherche import filtrer
from assainissement.regles.tables.avis_reseau import BESOINS
from assainissement.regles.tables.projets import SENS
from mairie.ecrans import (
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Lien,
    Liste,
    Nature,
    Ton,
    au_moins_un,
    declarer,
)

_ETATS_PROJET = {
    **{c: Ton(mot, "info") for c, mot in PROJET_ETATS.items()},
    "demande": Ton(PROJET_ETATS["demande"], "bientot", "bi-hourglass-split"),
    "incomplet": Ton(PROJET_ETATS["incomplet"], "attention", "bi-file-earmark-x"),
    "avis_favorable": Ton(PROJET_ETATS["avis_favorable"], "bien", "bi-check2"),
    "avis_defavorable": Ton(PROJET_ETATS["avis_defavorable"], "danger", "bi-x-lg"),
    "non_conforme": Ton(PROJET_ETATS["non_conforme"], "danger", "bi-exclamation-triangle"),
    "conforme": Ton(PROJET_ETATS["conforme"], "bien", "bi-check-circle"),
    "abandonne": Ton(PROJET_ETATS["abandonne"], "neutre", "bi-archive"),
}
_ETATS_VENTE = {
    **{c: Ton(mot, "neutre") for c, mot in VENTE_ETATS.items()},
    "recue": Ton(VENTE_ETATS["recue"], "bientot", "bi-envelope"),
    "controle_a_faire": Ton(VENTE_ETATS["controle_a_faire"], "attention", "bi-clipboard-plus"),
    "certificat_envoye": Ton(VENTE_ETATS["certificat_envoye"], "bien", "bi-envelope-check"),
    "acte_signe": Ton(VENTE_ETATS["acte_signe"], "bien", "bi-check-circle"),
}
_ETATS_AVIS = {
    **{c: Ton(mot, "neutre") for c, mot in AVIS_ETATS.items()},
    "demande": Ton(AVIS_ETATS["demande"], "bientot", "bi-hourglass-split"),
    "rendu": Ton(AVIS_ETATS["rendu"], "bien", "bi-check2"),
}
SUIVI_AVIS = {"raccordements": "Raccordements à examiner", "raccordements_retard": "Avis en retard"}
SUIVI_PROJETS = {
    "a_examiner": "Projets à examiner",
    "en_retard": "Avis en retard",
    "chantiers": "Chantiers à visiter",
}
SUIVI_VENTES = {"a_repondre": "Ventes à répondre", "en_cours": "Ventes en cours"}
TONALITES = {
    "raccordements": "bientot", "raccordements_retard": "danger",
    "a_examiner": "bientot", "en_retard": "danger", "chantiers": "info", "a_repondre": "bientot",
    "en_cours": "info",
}  # fmt: skip


def suivi_projet(code: str) -> Q:
    """Projects of one tile, as of today."""
    match code:
        case "a_examiner":
            return Q(etat="demande")
        case "en_retard":
            return Q(limite__lt=timezone.localdate())
        case "chantiers":
            return Q(etat__in=("visite_execution_planifiee", "contre_visite"))
    return Q(pk__in=())


def suivi_avis(code: str) -> Q:
    """Opinions on connections of one tile, as of today."""
    match code:
        case "raccordements":
            return Q(etat="demande")
        case "raccordements_retard":
            return Q(limite__lt=timezone.localdate())
    return Q(pk__in=())


def suivi_vente(code: str) -> Q:
    """Sales of one tile."""
    match code:
        case "a_repondre":
            return Q(etat="recue")
        case "en_cours":
            return Q(etat__in=("recue", "controle_a_faire", "certificat_envoye"))
    return Q(pk__in=())


def tuiles(utilisateur: Any) -> list[tuple[str, int, str, str]]:
    """Tiles of the dashboard: address, number, words, tone; those that count nothing are left out."""
    sortie = []
    for adresse, requete, suivi, condition in (
        ("projets", ProjetAnc.objects.visibles_par(utilisateur), SUIVI_PROJETS, suivi_projet),
        ("avis-reseau", AvisReseau.objects.visibles_par(utilisateur), SUIVI_AVIS, suivi_avis),
        ("ventes", DeclarationVente.objects.visibles_par(utilisateur), SUIVI_VENTES, suivi_vente),
    ):
        nombres = requete.aggregate(**{c: Count("pk", filter=condition(c)) for c in suivi})
        sortie += [
            (f"/{BASE}{adresse}/?suivi={c}", nombres[c], mot, TONALITES[c])
            for c, mot in suivi.items()
            if nombres[c]
        ]
    perdus = rattachements.perdus(Installation.objects.visibles_par(utilisateur)).count()
    if perdus:
        sortie.append((f"/{BASE}a-rattacher/", perdus, "Parcelles à rattacher", "bientot"))
    return sortie


def _projets(utilisateur: Any) -> QuerySet[ProjetAnc]:
    lignes: QuerySet[ProjetAnc] = (
        ProjetAnc.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("installation")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    return lignes


PROJETS = Liste(
    code="assainissement.projets",
    titre="Projets d'installations",
    requete=_projets,
    droit=perms.LIRE,
    adresse=f"{BASE}projets/",
    groupe=GROUPE,
    colonnes=(
        Colonne("installation", "Installation", "installation.numero", tri="installation__numero"),
        Colonne("dossier", "Permis", "dossier_urba", tri="dossier_urba"),
        Colonne("adresse", "Adresse", lambda p: p.installation.lieu),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_PROJET, tri=True),
        Colonne("limite", "Réponse avant le", "limite", Nature.DATE, tri=True),
        Colonne("avis_le", "Avis du", "avis_le", Nature.DATE, tri=True),
        Colonne("sens", "Avis", lambda p: SENS.get(p.sens, ""), defaut=False),
        Colonne("conforme", "Conforme le", "conforme_le", Nature.DATE, tri=True, defaut=False),
        Colonne("objet", "Projet", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_PROJETS.items()),
            condition=au_moins_un(suivi_projet),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, m) for c, m in PROJET_ETATS.items() if c)),
        FiltreDates(code="limite", titre="Réponse avant le", chemin="limite"),
    ),
    recherche=lambda texte: (
        Q(dossier_urba__icontains=texte.strip())
        | Q(installation__in=Installation.objects.filter(filtrer(texte)).values("pk"))
    ),
    recherche_aide="permis, numéro, parcelle, voie, propriétaire",
    tri="limite",
    adresse_ligne=lambda p: reverse("ass_projet", args=[p.pk]),
    liens=(
        Lien("Nouveau projet", "bi-plus-lg", f"/{BASE}projets/nouveau/", perms.ENREGISTRER, principal=True),
    ),
    geometrie="installation__geom",
    titre_carte=str,
    vide="Aucun projet ne correspond.",
    vide_aide="Un permis qualifié « assainissement non collectif » ouvre le sien.",
)


AVIS = Liste(
    code="assainissement.avis_reseau",
    titre="Avis sur des raccordements",
    requete=lambda utilisateur: AvisReseau.objects.visibles_par(utilisateur).exclude(etat=""),
    droit=perms.LIRE,
    adresse=f"{BASE}avis-reseau/",
    groupe=GROUPE,
    colonnes=(
        Colonne("dossier", "Permis", "dossier_urba", tri="dossier_urba"),
        Colonne("lieu", "Parcelles", lambda a: a.lieu),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_AVIS, tri=True),
        Colonne("limite", "Réponse avant le", "limite", Nature.DATE, tri=True),
        Colonne("avis_le", "Avis du", "avis_le", Nature.DATE, tri=True),
        Colonne("besoin", "Branchement", lambda a: BESOINS.get(a.besoin, "")),
        Colonne("sens", "Avis", lambda a: SENS.get(a.sens, ""), defaut=False),
        Colonne("zonage", "Zonage", defaut=False),
        Colonne("objet", "Projet", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_AVIS.items()),
            condition=au_moins_un(suivi_avis),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, m) for c, m in AVIS_ETATS.items() if c)),
        FiltreChoix(code="besoin", titre="Branchement", choix=tuple(BESOINS.items())),
    ),
    recherche=lambda texte: (
        Q(dossier_urba__icontains=texte.strip()) | Q(parcelles__contains=[texte.strip().upper()[:14]])
    ),
    recherche_aide="permis, parcelle",
    tri="limite",
    adresse_ligne=lambda a: reverse("ass_avis_reseau", args=[a.pk]),
    vide="Aucun avis ne correspond.",
    vide_aide="Une consultation du service sur un permis en zone collective ouvre le sien.",
)


def _ventes(utilisateur: Any) -> QuerySet[DeclarationVente]:
    lignes: QuerySet[DeclarationVente] = (
        DeclarationVente.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("installation", "adresse__voie", "notaire")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    return lignes


VENTES = Liste(
    code="assainissement.ventes",
    titre="Ventes",
    requete=_ventes,
    droit=perms.LIRE,
    adresse=f"{BASE}ventes/",
    groupe=GROUPE,
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("lieu", "Immeuble", lambda v: v.lieu),
        Colonne("installation", "Installation", lambda v: str(v.installation or "–")),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_VENTE, tri=True),
        Colonne("recue", "Reçue le", "recue_le", Nature.DATE, tri=True),
        Colonne("reponse", "Réponse du", "repondu_le", Nature.DATE, tri=True),
        Colonne("acte", "Acte du", "date_acte", Nature.DATE, tri=True),
        Colonne("notaire", "Notaire", lambda v: str(v.notaire or ""), defaut=False),
        Colonne("source", "Origine", lambda v: v.get_source_display(), defaut=False),
        Colonne("reference", "Référence", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_VENTES.items()),
            condition=au_moins_un(suivi_vente),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, m) for c, m in VENTE_ETATS.items() if c)),
        FiltreChoix(code="source", titre="Origine", choix=tuple(DeclarationVente.Source.choices)),
        FiltreDates(code="recue", titre="Reçue le", chemin="recue_le"),
    ),
    recherche=lambda texte: (
        Q(numero__iexact=texte.strip())
        | Q(reference__iexact=texte.strip())
        | Q(parcelles__contains=[texte.strip().upper()[:14]])
        | Q(notaire__nom__icontains=texte.strip())
        | Q(installation__in=Installation.objects.filter(filtrer(texte)).values("pk"))
    ),
    recherche_aide="numéro, référence, notaire, parcelle, voie",
    tri="-recue",
    adresse_ligne=lambda v: reverse("ass_vente", args=[v.pk]),
    liens=(
        Lien("Chercher le dernier rapport", "bi-search", f"/{BASE}ventes/rechercher/", perms.LIRE),
        Lien("Importer des DIA", "bi-upload", f"/{BASE}ventes/importer/", perms.REGLER),
        Lien("Nouvelle vente", "bi-plus-lg", f"/{BASE}ventes/nouvelle/", perms.ENREGISTRER, principal=True),
    ),
    geometrie="installation__geom",
    titre_carte=str,
    vide="Aucune vente ne correspond.",
    vide_aide="Enregistrez la demande d'un notaire : le dernier rapport se retrouve tout seul.",
)


def declarer_ecrans() -> None:
    """The lists, and one entry in the rail; projects are reached from the dashboard."""
    from mairie.menu import Rubrique, ajouter

    declarer(PROJETS, AVIS, VENTES)
    ajouter(
        Rubrique(
            "ass_ventes", "Ventes", "bi-house-check", f"/{BASE}ventes/", 306, droit=perms.LIRE, groupe=GROUPE
        )
    )
