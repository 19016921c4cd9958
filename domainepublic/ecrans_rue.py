"""List of the field reports, and the entries of the street in the rail."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from domainepublic import perms
from domainepublic.models import Constat
from mairie.ecrans import (
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Lien,
    Liste,
    Nature,
    Ton,
    declarer,
)
from mairie.menu import Rubrique, ajouter

_CONCLUSIONS = {
    "conforme": Ton("conforme", "bien", "bi-check-circle"),
    "non_conforme": Ton("non conforme", "danger", "bi-exclamation-octagon"),
    "sans_titre": Ton("sans titre", "danger", "bi-exclamation-octagon"),
}
_ETATS = {
    "a_traiter": Ton("à traiter", "bientot"),
    "rattache": Ton("rattaché", "info"),
    "sans_suite": Ton("sans suite", "neutre"),
}


def _requete(utilisateur: Any) -> QuerySet[Constat]:
    lignes: QuerySet[Constat] = Constat.objects.visibles_par(utilisateur).select_related(
        "agent", "type", "dossier"
    )
    return lignes


def _chercher(texte: str) -> Q:
    return Q(numero__icontains=texte) | Q(lieu__icontains=texte) | Q(dossier__numero__icontains=texte)


CONSTATS = Liste(
    code="domainepublic.constats",
    titre="Constats de terrain",
    requete=_requete,
    droit=perms.LIRE,
    adresse="domaine-public/constats/",
    groupe="Domaine public",
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("vu_le", "Vu le", "vu_le", Nature.INSTANT, tri=True),
        Colonne("conclusion", "Conclusion", nature=Nature.ETAT, tons=_CONCLUSIONS, tri=True),
        Colonne("type", "Type vu", "type.libelle", tri="type__libelle"),
        Colonne("lieu", "Lieu", tri=True),
        Colonne("dossier", "Dossier", "dossier.numero", tri="dossier__numero"),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS, tri=True),
        Colonne("agent", "Agent", "agent.nom", tri="agent__nom"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, t.libelle) for c, t in _ETATS.items())),
        FiltreChoix(
            code="conclusion",
            titre="Conclusion",
            choix=tuple((c, t.libelle) for c, t in _CONCLUSIONS.items()),
        ),
        FiltreDates(code="vu", titre="Vu", chemin="vu_le"),
    ),
    recherche=_chercher,
    recherche_aide="numéro, lieu, dossier",
    tri="-vu_le",
    adresse_ligne=lambda c: c.get_absolute_url(),
    liens=(Lien("Nouveau constat", "bi-camera", "/terrain/", perms.CONSTATER, principal=True),),
    geometrie="geom",
    titre_carte=str,
    vide="Aucun constat ne correspond.",
    vide_aide="Les constats se font sur place, depuis « Terrain », même sans réseau.",
)


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    declarer(CONSTATS)
    ajouter(
        Rubrique(
            "odp_calendrier", "Calendrier des travaux", "bi-calendar3", "/domaine-public/calendrier/", 203,
            droit=perms.LIRE, groupe="Domaine public",
        ),
        Rubrique(
            "odp_constats", "Constats", "bi-camera", "/domaine-public/constats/", 207, droit=perms.LIRE,
            groupe="Domaine public",
        ),
    )  # fmt: skip
