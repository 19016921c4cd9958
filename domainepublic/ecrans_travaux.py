"""List of the works to coordinate: what waits for an answer, and the sheet of the coordination meeting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from domainepublic import perms
from domainepublic.coordination.etats import FINALS, LIBELLES
from domainepublic.models import DemandeTravaux
from domainepublic.regles.tables.delais import valeur
from mairie.ecrans import (
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreNombre,
    FiltreTexte,
    Lien,
    Liste,
    Nature,
    Ton,
    au_moins_un,
    declarer,
)
from mairie.models import Evenement

SUIVIS = {
    "reponse": "Sans réponse, acceptés dans 10 jours au plus",
    "sans_motif": "Urgences sans motif à 24 heures",
    "en_cours": "En cours ou à venir",
}
_TONS = {
    **{code: Ton(libelle, "bien") for code, libelle in LIBELLES.items() if code},
    "programmee": Ton(LIBELLES["programmee"], "bientot"),
    "deposee": Ton(LIBELLES["deposee"], "bientot", "bi-hourglass-split"),
    "urgence_non_motivee": Ton(LIBELLES["urgence_non_motivee"], "danger", "bi-exclamation-octagon"),
    "suspendue": Ton(LIBELLES["suspendue"], "attention", "bi-pause-circle"),
    **{code: Ton(LIBELLES[code], "neutre") for code in (*FINALS, "terminee")},
}


def suivi(code: str) -> Q:
    """Works of one follow-up, as of today."""
    jour = timezone.localdate()
    match code:
        case "reponse":
            return Q(etat="deposee", reponse_avant__lte=jour + timedelta(days=10))
        case "sans_motif":
            # The state follows days; the list, the hour itself.
            instant = timezone.localtime() - timedelta(hours=valeur("urgence"))
            tardives = (
                Evenement.objects.filter(
                    workflow=DemandeTravaux.WORKFLOW, type="signaler_urgence", annule_par__isnull=True
                )
                .annotate(le=KeyTextTransform("intervention_le", "donnees"))
                .filter(le__lt=instant.isoformat(timespec="minutes")[:16])
            )
            return Q(etat="urgence_non_motivee") | Q(etat="urgente", pk__in=tardives.values("dossier_id"))
        case "en_cours":
            return Q(fin__gte=jour) & ~Q(etat__in=FINALS)
    return Q(pk__in=())


def _requete(utilisateur: Any) -> QuerySet[DemandeTravaux]:
    lignes: QuerySet[DemandeTravaux] = (
        DemandeTravaux.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("maitre_ouvrage", "voie", "dossier")
    )
    return lignes


TRAVAUX = Liste(
    code="domainepublic.travaux",
    titre="Travaux à coordonner",
    requete=_requete,
    droit=perms.LIRE,
    adresse="domaine-public/travaux-a-coordonner/",
    groupe="Domaine public",
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("nature", "Nature", tri=True),
        Colonne("maitre_ouvrage", "Maître d'ouvrage", "maitre_ouvrage", tri="maitre_ouvrage__raison_sociale"),
        Colonne("voie", "Voie", "voie.nom", tri="voie__nom"),
        Colonne("debut", "Début demandé", nature=Nature.DATE, tri=True),
        Colonne("fin", "Fin prévue", nature=Nature.DATE, tri=True),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_TONS, tri=True),
        Colonne("reponse_avant", "Réponse avant le", nature=Nature.DATE, tri=True),
        Colonne("debut_autorise", "Peut commencer le", nature=Nature.DATE, tri=True),
        Colonne("dossier", "Occupation", "dossier.numero", defaut=False),
        Colonne("dt_numero", "DT", defaut=False),
        Colonne("dict_numero", "DICT", defaut=False),
        Colonne("annee", "Programme", nature=Nature.NOMBRE, tri=True, defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVIS.items()),
            condition=au_moins_un(suivi),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, LIBELLES[c]) for c in LIBELLES if c)),
        FiltreDates(code="debut", titre="Commencent", chemin="debut"),
        FiltreNombre(code="annee", titre="Programme de l'année", chemin="annee"),
        FiltreTexte(code="voie", titre="Voie", chemin="voie__nom"),
    ),
    recherche=lambda texte: (
        Q(numero__icontains=texte)
        | Q(nature__icontains=texte)
        | Q(maitre_ouvrage__raison_sociale__icontains=texte)
        | Q(voie__nom__icontains=texte)
    ),
    recherche_aide="numéro, nature, maître d'ouvrage, voie",
    tri="debut",
    adresse_ligne=lambda t: t.get_absolute_url(),
    liens=(
        Lien("Calendrier", "bi-calendar3", "/domaine-public/calendrier/", perms.LIRE),
        Lien("Importer un programme", "bi-upload", "/domaine-public/programmes/importer/", perms.COORDONNER),
    ),
    geometrie="geom",
    titre_carte=str,
    vide="Aucun chantier ne correspond.",
    vide_aide="Les travaux se déclarent depuis le calendrier.",
)


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    from domainepublic.coordination.programmes import IMPORT

    declarer(TRAVAUX, IMPORT)
