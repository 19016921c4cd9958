"""The list of requests: filters, columns, exports (spec §7.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from mairie.ecrans import (
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreTexte,
    Lien,
    Liste,
    Nature,
    Ton,
    au_moins_un,
    declarer,
)
from mairie.models import Utilisateur
from urba import perms
from urba.explications import Raison, raisons
from urba.instruction.etats import ACCORDES, LIBELLES, OUVERTS
from urba.models import DossierInstruction, Lot
from urba.panneaux import NOUVEAU
from urba.recherche import condition, mots_cherches
from urba.regles.alertes import LIBELLES_ALERTES
from urba.regles.types import LIBELLES_TYPES

_TONS = {
    **{code: Ton(LIBELLES[code], "info") for code in OUVERTS},
    **{code: Ton(LIBELLES[code], "bien") for code in ACCORDES},
    "incomplet_notifie": Ton(LIBELLES["incomplet_notifie"], "attention", "bi-paperclip"),
    "en_signature": Ton(LIBELLES["en_signature"], "bientot", "bi-pen"),
    "decide_a_notifier": Ton(LIBELLES["decide_a_notifier"], "bientot", "bi-send"),
    "refuse": Ton(LIBELLES["refuse"], "danger", "bi-x-octagon"),
    "rejet_tacite": Ton(LIBELLES["rejet_tacite"], "danger", "bi-x-octagon"),
    "sursis": Ton(LIBELLES["sursis"], "attention"),
    "retire": Ton(LIBELLES["retire"], "neutre"),
    "annule": Ton(LIBELLES["annule"], "neutre"),
    "abandonne": Ton(LIBELLES["abandonne"], "neutre"),
    "enregistre": Ton(LIBELLES["enregistre"], "neutre"),
    "": Ton(LIBELLES[""], "neutre"),
}
# Deadlines of the dashboard: each tile opens the list that it counts.
ECHEANCES = {
    "retard": "Limite dépassée",
    "5": "Limite dans 5 jours au plus",
    "15": "Limite dans 15 jours au plus",
    "fenetre": "Premier mois fini dans 7 jours au plus",
    "pieces": "Pièces attendues",
    "tacite": "Décision tacite à constater",
}


def echeance(code: str) -> Q:
    """Rows of one tile, as of today."""
    jour = timezone.localdate()
    ouverts = Q(etat__in=OUVERTS)
    match code:
        case "retard":
            return ouverts & Q(date_limite__lt=jour)
        case "5" | "15":
            fin = jour + timedelta(days=int(code))
            return ouverts & Q(date_limite__gte=jour, date_limite__lte=fin)
        case "fenetre":
            fin = jour + timedelta(days=7)
            return ouverts & Q(fin_fenetre_un_mois__gte=jour, fin_fenetre_un_mois__lte=fin)
        case "pieces":
            return Q(etat="incomplet_notifie")
        case "tacite":
            return ouverts & Q(date_decision_implicite__lte=jour)
    return Q(pk__in=())


def _requete(utilisateur: Any) -> QuerySet[DossierInstruction]:
    lignes: QuerySet[DossierInstruction] = (
        DossierInstruction.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("instructeur")
        # No column reads them: figures, words of the search, public text.
        .defer("calculs", "cherche", "objet_public", "rang_numero", "instructeur__password")
    )
    return lignes


def _adresse(texte: str) -> Q:
    """By the words of the index first: the column alone would be read whole."""
    return mots_cherches(texte) & Q(adresse_terrain__unaccent__icontains=texte)


def _instructeurs(utilisateur: Any) -> list[tuple[str, str]]:
    siens = DossierInstruction.objects.visibles_par(utilisateur).filter(instructeur=OuterRef("pk"))
    return [(str(u.pk), str(u)) for u in Utilisateur.objects.filter(Exists(siens))]


def _date(code: str, titre: str, chemin: str, *, defaut: bool = True) -> Colonne:
    """A date that unfolds into its article and its computation."""

    def pourquoi(d: DossierInstruction) -> list[Raison]:
        return raisons(d, chemin)

    return Colonne(code, titre, chemin, Nature.DATE, tri=True, defaut=defaut, pourquoi=pourquoi)


DOSSIERS = Liste(
    code="urba.dossiers",
    titre="Dossiers d'urbanisme",
    requete=_requete,
    droit=perms.LIRE,
    adresse="urba/dossiers/",
    groupe="Urbanisme",
    colonnes=(
        Colonne("numero", "Numéro", str, tri="rang_numero"),
        Colonne("type", "Type", "type_detail", tri=True),
        Colonne("petitionnaire", "Pétitionnaire", "petitionnaire_nom", tri=True),
        Colonne("adresse", "Adresse", "adresse_terrain", tri=True),
        Colonne("objet", "Objet", defaut=True),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_TONS, tri=True),
        _date("limite", "Date limite", "date_limite"),
        _date("depot", "Déposé le", "date_depot"),
        _date("decision", "Décision du", "date_decision", defaut=False),
        _date("validite", "Valable jusqu'au", "validite_fin", defaut=False),
        Colonne("instructeur", "Instructeur", "instructeur.nom", tri="instructeur__nom"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="echeance",
            titre="Échéance",
            choix=tuple(ECHEANCES.items()),
            condition=au_moins_un(echeance),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, LIBELLES[c]) for c in _TONS if c)),
        FiltreChoix(
            code="type",
            titre="Type",
            chemin="type_detail",
            choix=tuple((t.value, LIBELLES_TYPES[t]) for t in LIBELLES_TYPES),
        ),
        FiltreChoix(
            code="nature",
            titre="Nature",
            choix=tuple((n, n.capitalize()) for n in ("INITIAL", "MODIFICATIF", "TRANSFERT", "PROROGATION")),
        ),
        FiltreChoix(code="instructeur", titre="Instructeur", choix=_instructeurs, compter=False),
        FiltreChoix(
            code="alerte",
            titre="Alerte",
            choix=tuple((a.value, t) for a, t in LIBELLES_ALERTES.items()),
            condition=lambda v: Q(alertes__overlap=[v] if isinstance(v, str) else list(v)),
            compter=False,
        ),
        FiltreDates(code="depose", titre="Déposé", chemin="date_depot"),
        FiltreDates(code="decide", titre="Décidé", chemin="date_decision"),
        FiltreTexte(code="voie", titre="Adresse", condition=_adresse),
    ),
    recherche=condition,
    par_cle=True,
    recherche_aide="numéro, nom, adresse, parcelle, objet",
    tri="-depot",
    adresse_ligne=lambda d: reverse("urba_dossier", args=[d.pk]),
    liens=(Lien("Nouveau dossier", "bi-plus-lg", "/urba/deposer/", perms.DEPOSER, principal=True),),
    geometrie="terrain__emprise",
    titre_carte=str,
    champs_carte=("numero",),
    vide="Aucun dossier ne correspond.",
    vide_aide="Enregistrez un dépôt par « Nouveau dossier », ou ôtez un filtre.",
)


def _du_dossier(texte: str) -> Q:
    return Q(dossier__in=DossierInstruction.objects.filter(condition(texte)).values("pk"))


LOTS = Liste(
    code="urba.lots",
    titre="Lots des permis",
    requete=lambda utilisateur: Lot.objects.visibles_par(utilisateur).select_related("dossier__da"),
    droit=perms.LIRE,
    adresse="urba/lots/",
    groupe="Urbanisme",
    colonnes=(
        Colonne("numero", "Lot", "numero", tri=True),
        Colonne("dossier", "Dossier", lambda lot: str(lot.dossier), tri="dossier__rang_numero"),
        Colonne("surface", "Surface (m²)", "surface", Nature.NOMBRE, tri=True),
        Colonne(
            "aire",
            "Emprise dessinée (m²)",
            lambda lot: round(lot.emprise.area) if lot.emprise else None,
            Nature.NOMBRE,
        ),
        Colonne("commune", "Commune", "dossier.insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(chemin="dossier__insee"),
        FiltreTexte(code="dossier", titre="Dossier", condition=_du_dossier),
    ),
    tri="dossier",
    adresse_ligne=lambda lot: reverse("urba_lots_dossier", args=[lot.dossier_id]),
    geometrie="emprise",
    titre_carte=lambda lot: f"{lot}, {lot.dossier}",
    vide="Aucun lot.",
    vide_aide="Les lots s'ajoutent sur la page d'un dossier de lotissement.",
)


def declarer_ecrans() -> None:
    """The list and the entries in the rail."""
    from mairie.menu import Rubrique, ajouter

    declarer(DOSSIERS)
    declarer(LOTS)
    ajouter(
        Rubrique(
            "urba",
            "Tableau de bord",
            "bi-speedometer2",
            "/urba/",
            100,
            droit=perms.LIRE,
            groupe="Urbanisme",
            touche="u",
        ),
        Rubrique(
            "urba_dossiers",
            "Dossiers",
            "bi-folder2-open",
            "/urba/dossiers/",
            101,
            droit=perms.LIRE,
            groupe="Urbanisme",
            touche="d",
        ),
        Rubrique(
            "urba_deposer",
            "Nouveau dossier",
            "bi-file-earmark-plus",
            "/urba/deposer/",
            102,
            droit=perms.DEPOSER,
            groupe="Urbanisme",
            touche="n",
            depuis_parcelle=NOUVEAU,
        ),
        Rubrique(
            "urba_signature",
            "À signer",
            "bi-pen",
            "/urba/signature/",
            103,
            droit=perms.SIGNER,
            groupe="Urbanisme",
        ),
    )
