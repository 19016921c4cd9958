"""The list of the works allowed on private ground, that may need the street."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from domainepublic import perms, propositions
from domainepublic.models import Proposition
from mairie.ecrans import (
    Action,
    ActionImpossible,
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Liste,
    Nature,
    Ton,
    declarer,
)

_TONS = {
    "ouverte": Ton("à examiner", "bientot", "bi-hourglass-split"),
    "reprise": Ton("préparée", "bien", "bi-check-circle"),
    "ecartee": Ton("écartée", "neutre"),
}


def _ecarter(proposition: Proposition, utilisateur: Any) -> str:
    if not propositions.ecarter(Proposition.objects.filter(pk=proposition.pk), utilisateur):
        raise ActionImpossible("ce chantier n'est plus à examiner")
    return f"{proposition} est écarté."


def _dossier(proposition: Proposition) -> str | None:
    return str(proposition.dossier.get_absolute_url()) if proposition.dossier else None


def _ouvrir(proposition: Proposition) -> str:
    """The occupation prepared, else a deposit filled in for these works."""
    deposer = "/domaine-public/deposer/?" + urlencode({"permis": proposition.autorisation})
    return _dossier(proposition) or deposer


def _deja_vue(proposition: Proposition, utilisateur: Any) -> str | None:
    return None if proposition.etat == "ouverte" else f"Ce chantier : {proposition.get_etat_display()}."


PROPOSITIONS = Liste(
    code="domainepublic.propositions",
    titre="Chantiers autorisés, rue à prévoir",
    presentation="Permis et déclarations accordés, chantiers ouverts : ouvrez-en un pour préparer son"
    " échafaudage, sa palissade ou sa benne ; écartez ceux qui ne prennent rien sur la rue.",
    requete=lambda u: Proposition.objects.visibles_par(u).select_related("dossier", "traitee_par"),
    droit=perms.INSTRUIRE,
    adresse="domaine-public/propositions/",
    groupe="Domaine public",
    colonnes=(
        Colonne("autorisation", "Autorisation", str, tri=("autorisation",)),
        Colonne("origine", "Origine", lambda p: p.get_origine_display(), tri="origine"),
        Colonne("le", "Le", nature=Nature.DATE, tri=True),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_TONS, tri=True),
        Colonne("dossier", "Occupation", "dossier.numero", lien=_dossier),
        Colonne("parcelles", "Parcelles", lambda p: ", ".join(p.idus)),
        Colonne("traitee_le", "Répondu le", nature=Nature.DATE, tri=True, defaut=False),
        Colonne("traitee_par", "Répondu par", "traitee_par", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="etat", titre="État", choix=Proposition.Etat.choices),
        FiltreChoix(code="origine", titre="Origine", choix=Proposition.Origine.choices),
        FiltreDates(code="le", titre="Connu", chemin="le"),
    ),
    recherche=lambda texte: Q(autorisation__icontains="".join(texte.split())),
    recherche_aide="numéro d'autorisation",
    tri="-le",
    adresse_ligne=_ouvrir,
    actions=(
        Action(
            "ecarter", "Écarter", "bi-x-lg", perms.INSTRUIRE, faire=_ecarter, empechement=_deja_vue,
            en_masse=True,
        ),
    ),
    vide="Aucun chantier autorisé n'attend.",
    vide_aide="Ils paraissent ici quand l'urbanisme accorde un permis ou reçoit une ouverture de chantier.",
)  # fmt: skip


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    declarer(PROPOSITIONS)
