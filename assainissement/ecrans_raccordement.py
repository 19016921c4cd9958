"""Lists of connections to the sewer and of their controls, and the tiles that open them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assainissement import perms
from assainissement.circuits import etats_ac
from assainissement.models import Branchement, ControleAC
from assainissement.mots_ac import TONS_BRANCHEMENT, TONS_CONTROLE_AC
from mairie.calendrier import plus_mois
from mairie.ecrans import (
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreOuiNon,
    Lien,
    Liste,
    Nature,
    au_moins_un,
    declarer,
)

GROUPE, BASE = "Assainissement", "assainissement/"
HORIZON_JOURS = 14
FIN_VALIDITE_MOIS = 6
SUIVI_AC = {
    "retard": "Documents en retard (six semaines)",
    "bientot": "Documents à remettre sous quinze jours",
    "a_affecter": "Contrôles de branchement à affecter",
    "a_valider": "Contrôles de branchement à valider",
    "a_suivre": "Branchements non conformes à suivre",
    "fin_validite": "Certificats qui expirent dans les six mois",
}
TONALITES_AC = {
    "retard": "danger", "bientot": "bientot", "a_affecter": "info", "a_valider": "bientot",
    "a_suivre": "bientot", "fin_validite": "info",
}  # fmt: skip


def suivi_ac(code: str) -> Q:
    """Controls of one tile, as of today."""
    jour = timezone.localdate()
    match code:
        case "retard":
            return Q(remise_avant__lt=jour)
        case "bientot":
            return Q(remise_avant__gte=jour, remise_avant__lte=jour + timedelta(days=HORIZON_JOURS))
        case "a_affecter":
            return Q(etat="demande")
        case "a_valider":
            return Q(etat="formulaire_recu")
        case "a_suivre":
            return Q(etat__in=("valide_non_conforme", "travaux"), origine__isnull=True)
        case "fin_validite":
            return Q(
                etat="valide_conforme", fin_validite__gte=jour,
                fin_validite__lte=plus_mois(jour, FIN_VALIDITE_MOIS),
            )  # fmt: skip
    return Q(pk__in=())


def _branchements(utilisateur: Any) -> QuerySet[Branchement]:
    lignes: QuerySet[Branchement] = (
        Branchement.objects.visibles_par(utilisateur)
        .avec_etat(timezone.localdate())
        .select_related("adresse__voie", "proprietaire")
    )
    return lignes


def chercher_branchements(texte: str) -> Q:
    """By number, parcel, street, owner."""
    mots = texte.strip()
    return Q(
        pk__in=Branchement.objects.filter(
            Q(numero__iexact=mots)
            | Q(parcelles__reference=mots.upper())
            | Q(adresse__voie__nom__icontains=mots)
            | Q(proprietaire__nom__istartswith=mots)
            | Q(proprietaire__raison_sociale__icontains=mots)
        ).values("pk")
    )


BRANCHEMENTS = Liste(
    code="assainissement.branchements",
    titre="Branchements au réseau",
    requete=_branchements,
    droit=perms.LIRE,
    adresse=f"{BASE}branchements/",
    groupe=GROUPE,
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("adresse", "Adresse", lambda b: b.lieu, tri=("adresse__voie__nom", "adresse__numero")),
        Colonne("etat", "État", nature=Nature.ETAT, tons=TONS_BRANCHEMENT, tri=True),
        Colonne("reseau", "Réseau", lambda b: b.get_type_reseau_display(), tri="type_reseau"),
        Colonne("service", "Réseau en service le", "mise_en_service_le", Nature.DATE, tri=True),
        Colonne("avant", "À raccorder avant le", "raccorder_avant", Nature.DATE, tri=True),
        Colonne("raccorde", "Raccordé le", "raccorde_le", Nature.DATE, tri=True),
        Colonne("proprietaire", "Propriétaire", "proprietaire", defaut=False),
        Colonne("boite", "Boîte", nature=Nature.OUI_NON, defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="etat", titre="État", choix=tuple((c, t.libelle) for c, t in TONS_BRANCHEMENT.items())
        ),
        FiltreChoix(
            code="reseau", titre="Réseau", chemin="type_reseau", choix=tuple(etats_ac.RESEAUX.items())
        ),
        FiltreOuiNon(code="boite", titre="Boîte de branchement"),
        FiltreDates(code="avant", titre="À raccorder avant le", chemin="raccorder_avant"),
        FiltreDates(code="raccorde", titre="Raccordé le", chemin="raccorde_le"),
    ),
    recherche=chercher_branchements,
    recherche_aide="numéro, parcelle, voie, propriétaire",
    tri="numero",
    adresse_ligne=lambda b: reverse("ass_branchement", args=[b.pk]),
    liens=(
        Lien(
            "Nouveau branchement",
            "bi-plus-lg",
            f"/{BASE}branchements/nouveau/",
            perms.ENREGISTRER,
            principal=True,
        ),
        Lien("Contrôles de branchement", "bi-clipboard-check", f"/{BASE}controles-ac/", perms.LIRE),
    ),
    geometrie="geom",
    titre_carte=str,
    vide="Aucun branchement ne correspond.",
    vide_aide="Enregistrez-en un depuis la page de sa parcelle, ou ôtez un filtre.",
)


def _controles(utilisateur: Any) -> QuerySet[ControleAC]:
    lignes: QuerySet[ControleAC] = (
        ControleAC.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("branchement__adresse__voie", "adresse__voie", "agent", "prestataire")
    )
    return lignes


def chercher_controles(texte: str) -> Q:
    """By number, place, connection, who asked."""
    mots = texte.strip()
    return Q(
        pk__in=ControleAC.objects.filter(
            Q(numero__istartswith=mots)
            | Q(reference=mots.upper())
            | Q(adresse__voie__nom__icontains=mots)
            | Q(branchement__numero__iexact=mots)
            | Q(branchement__parcelles__reference=mots.upper())
            | Q(demandeur__nom__istartswith=mots)
        ).values("pk")
    )


CONTROLES_AC = Liste(
    code="assainissement.controles_ac",
    titre="Contrôles de branchement",
    requete=_controles,
    droit=perms.VOIR_CONTROLE,
    adresse=f"{BASE}controles-ac/",
    groupe=GROUPE,
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("lieu", "Lieu", lambda c: c.lieu),
        Colonne("motif", "Motif", lambda c: c.get_motif_display(), tri="motif"),
        Colonne("etat", "État", nature=Nature.ETAT, tons=TONS_CONTROLE_AC, tri=True),
        Colonne("demande", "Demandé le", "demande_le", Nature.DATE, tri=True),
        Colonne("remise", "Document avant le", "remise_avant", Nature.DATE, tri=True),
        Colonne("visite", "Visite", "visite_le", Nature.DATE, tri=True),
        Colonne("fin", "Valable jusqu'au", "fin_validite", Nature.DATE, tri=True),
        Colonne("agent", "Contrôleur", lambda c: c.controleur, tri="agent__nom", defaut=False),
        Colonne("logement", "Logement", lambda c: c.get_logement_display(), defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_AC.items()),
            condition=au_moins_un(suivi_ac),
            compter=False,
        ),
        FiltreChoix(
            code="etat", titre="État", choix=tuple((c, m) for c, m in etats_ac.CONTROLE_AC.items() if c)
        ),
        FiltreChoix(code="motif", titre="Motif", choix=tuple(etats_ac.MOTIFS.items())),
        FiltreDates(code="demande", titre="Demandé", chemin="demande_le"),
        FiltreDates(code="fin", titre="Valable jusqu'au", chemin="fin_validite"),
    ),
    recherche=chercher_controles,
    recherche_aide="numéro, branchement, parcelle, voie, demandeur",
    tri="-demande",
    adresse_ligne=lambda c: reverse("ass_controle_ac", args=[c.pk]),
    liens=(
        Lien(
            "Demander un contrôle",
            "bi-plus-lg",
            f"/{BASE}controles-ac/nouveau/",
            perms.ENREGISTRER,
            principal=True,
        ),
    ),
    geometrie="branchement__geom",
    titre_carte=str,
    vide="Aucun contrôle de branchement ne correspond.",
    vide_aide="Demandez-en un depuis la page d'un branchement ou d'une parcelle.",
)


def tuiles(utilisateur: Any) -> list[tuple[str, int, str, str]]:
    """Tiles of the dashboard: address, number, words, tone."""
    nombres = (
        ControleAC.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .aggregate(**{f"t_{c}": Count("pk", filter=suivi_ac(c)) for c in SUIVI_AC})
    )
    branchements: Any = _branchements(utilisateur)
    retards = branchements.filter(etat="en_retard").count()
    sortie = [
        (f"/{BASE}controles-ac/?suivi={c}", nombres[f"t_{c}"], mot, TONALITES_AC[c])
        for c, mot in SUIVI_AC.items()
        if nombres[f"t_{c}"]
    ]
    if retards:
        sortie.append((f"/{BASE}branchements/?etat=en_retard", retards, "Raccordements en retard", "danger"))
    return sortie


def declarer_ecrans() -> None:
    """The lists and the entry in the rail."""
    from mairie.menu import Rubrique, ajouter

    declarer(BRANCHEMENTS, CONTROLES_AC)
    ajouter(
        Rubrique(
            "ass_branchements", "Branchements", "bi-plug", f"/{BASE}branchements/", 306, droit=perms.LIRE,
            groupe=GROUPE,
        ),
        # Open to a firm too: it is how it finds those that are entrusted to it.
        Rubrique(
            "ass_controles_ac", "Contrôles de branchement", "bi-clipboard2-check", f"/{BASE}controles-ac/",
            306, droit=perms.VOIR_CONTROLE, groupe=GROUPE,
        ),
    )  # fmt: skip
