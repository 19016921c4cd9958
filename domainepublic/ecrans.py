"""The list of occupations, the table of types, the entries of the rail (spec §7)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone

from domainepublic import criteres, perms
from domainepublic.alertes import ouvertes
from domainepublic.ecrans_parametres import FormulaireType
from domainepublic.empechements import avertir_de_liste
from domainepublic.instruction.etats import EN_ATTENTE, LIBELLES, TITRES
from domainepublic.models import DossierODP, Emprise, Role, Titre, TypeOccupation
from domainepublic.recherche import par_mots, par_numero
from domainepublic.services import agir
from domainepublic.usager.renouvellement import CHANGER, EVENEMENT
from mairie.ecrans import (
    Action,
    ActionImpossible,
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreOuiNon,
    FiltreTexte,
    Lien,
    Liste,
    Nature,
    Ton,
    au_moins_un,
    declarer,
    declarer_table_reference,
)
from mairie.models import Consultation, Evenement, Utilisateur
from mairie.workflow import ErreurWorkflow

_TONS = {
    **{code: Ton(LIBELLES[code], "info") for code in EN_ATTENTE},
    **{code: Ton(LIBELLES[code], "bien", "bi-check-circle") for code in TITRES},
    "brouillon": Ton(LIBELLES["brouillon"], "neutre", "bi-pencil"),
    "incomplet": Ton(LIBELLES["incomplet"], "attention", "bi-paperclip"),
    "a_signer": Ton(LIBELLES["a_signer"], "bientot", "bi-pen"),
    "suspendu": Ton(LIBELLES["suspendu"], "attention", "bi-pause-circle"),
    "a_controler": Ton(LIBELLES["a_controler"], "bientot", "bi-clipboard-check"),
    "infraction": Ton(LIBELLES["infraction"], "danger", "bi-exclamation-octagon"),
    "pv_dresse": Ton(LIBELLES["pv_dresse"], "danger", "bi-exclamation-octagon"),
    "refuse": Ton(LIBELLES["refuse"], "danger", "bi-x-octagon"),
    **{
        code: Ton(LIBELLES[code], "neutre")
        for code in ("sans_suite", "retire", "caduc", "termine", "regularise")
    },
    "": Ton(LIBELLES[""], "neutre"),
}
# Tiles of the dashboard: each opens the list that it counts.
TUILES = {
    "silence": "Silence dépassé",
    "reponse": "Réponse due dans 10 jours au plus",
    "pieces": "Pièces en retard",
    "avis": "Avis en retard",
    "a_instruire": "À instruire",
    "a_signer": "À signer",
    "reponses": "Renouvellements à changer",
    "fins": "Finissent dans 7 jours au plus",
    "a_controler": "Fins à contrôler sur place",
    "infractions": "Infractions",
    "travaux": "Travaux finis ou permis retiré",
    "etablissement": "Établissement fermé",
    "riverains": "Riverains changés par le cadastre",
}


def tuile(code: str) -> Q:
    """Rows of one tile, as of today."""
    jour = timezone.localdate()
    attente = Q(etat__in=EN_ATTENTE)
    match code:
        case "silence":
            return attente & Q(terme_silence__lt=jour)
        case "reponse":
            return attente & Q(terme_silence__gte=jour, terme_silence__lte=jour + timedelta(days=10))
        case "pieces":
            return Q(etat="incomplet", date_limite_pieces__lt=jour)
        case "avis":
            en_retard = Consultation.objects.filter(
                dossier_type=ContentType.objects.get_for_model(DossierODP),
                envoyee_le__isnull=False, limite__lt=jour, avis="", close_le__isnull=True,
            )  # fmt: skip
            return attente & Q(pk__in=en_retard.values("dossier_id"))
        case "a_instruire":
            return Q(etat="depose")
        case "a_signer":
            return Q(etat="a_signer")
        case "reponses":
            # Until the agent has done something of it.
            faits = Evenement.objects.filter(
                dossier_type=ContentType.objects.get_for_model(DossierODP),
                dossier_id=OuterRef("pk"),
                annule_par__isnull=True,
            ).order_by("-id")
            return attente & Q(
                annee_renouvelee__isnull=False,
                pk__in=DossierODP.objects.annotate(
                    dernier=Subquery(faits.values("type")[:1]),
                    choix=Subquery(faits.values("donnees__reponse")[:1]),
                )
                .filter(annee_renouvelee__isnull=False, etat__in=EN_ATTENTE, dernier=EVENEMENT, choix=CHANGER)
                .values("pk"),
            )
        case "fins":
            return Q(etat__in=TITRES, fin__gte=jour, fin__lte=jour + timedelta(days=7))
        case "a_controler":
            return Q(etat="a_controler")
        case "infractions":
            return Q(etat__in=("infraction", "pv_dresse"))
        case "travaux" | "etablissement" | "riverains":
            return ouvertes(code)
    return Q(pk__in=())


def _requete(utilisateur: Any) -> QuerySet[DossierODP]:
    premiere = Emprise.objects.filter(dossier=OuterRef("pk")).order_by("rang")
    lignes: QuerySet[DossierODP] = (
        DossierODP.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("voie", "demandeur", "instructeur")
        .annotate(
            type_libelle=Subquery(premiere.values("type__libelle")[:1]),
            quantite=Subquery(premiere.values("quantite_geom")[:1]),
            unite=Subquery(premiere.values("unite")[:1]),
            sol=Subquery(premiere.values("surface")[:1]),
        )
    )
    return criteres.annoter(lignes)


def _chercher(texte: str) -> Q:
    return par_numero(texte) or par_mots(texte)


def _types(valeurs: Any) -> Q:
    codes = [valeurs] if isinstance(valeurs, str) else list(valeurs)
    return Q(Exists(Emprise.objects.filter(dossier=OuterRef("pk"), type__code__in=codes)))


def _choix_types(utilisateur: Any) -> list[tuple[str, str]]:
    return list(TypeOccupation.objects.order_by("ordre").values_list("code", "libelle"))


def _instructeurs(utilisateur: Any) -> list[tuple[str, str]]:
    trouves = Utilisateur.objects.filter(
        pk__in=DossierODP.objects.visibles_par(utilisateur).values("instructeur")
    )
    return [(str(u.pk), str(u)) for u in trouves]


def faire_evenement(evenement: str) -> Any:
    """What an action of a list does: the event, by who asks."""

    def agir_sur(dossier: DossierODP, utilisateur: Any) -> str:
        try:
            agir(dossier, evenement, par=utilisateur, version=dossier.version)
        except ErreurWorkflow as e:
            raise ActionImpossible(str(e)) from e
        return f"{dossier} : {dossier.libelle_etat}."

    return agir_sur


def _empeche(*etats: str) -> Any:
    def raison(dossier: DossierODP, utilisateur: Any) -> str | None:
        return None if dossier.etat in etats else f"Le dossier est « {dossier.libelle_etat} »."

    return raison


def _avertir(dossier: DossierODP, utilisateur: Any) -> str | None:
    return avertir_de_liste(getattr(dossier, "conflits_etat", "") == criteres.A_LEVER)


def _solde(oui: Any) -> Q:
    regle = Q(paye__gte=F("montant"))
    return regle if oui else ~regle


def _annees(utilisateur: Any) -> list[tuple[str, str]]:
    annees = Titre.objects.visibles_par(utilisateur).order_by("-role__annee")
    return [(str(a), str(a)) for a in annees.values_list("role__annee", flat=True).distinct()]


DOSSIERS = Liste(
    code="domainepublic.dossiers",
    titre="Occupations du domaine public",
    requete=_requete,
    droit=perms.LIRE,
    adresse="domaine-public/dossiers/",
    groupe="Domaine public",
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_TONS, tri=True),
        Colonne("type", "Type", "type_libelle", tri="type_libelle"),
        Colonne("lieu", "Lieu", lambda d: d.lieu, tri=("voie__nom", "adresse")),
        Colonne("objet", "Objet", defaut=False),
        Colonne("debut", "Du", nature=Nature.DATE, tri=True),
        Colonne("fin", "Au", nature=Nature.DATE, tri=True),
        Colonne(
            "conflits",
            "Conflits",
            "conflits_etat",
            Nature.PASTILLE,
            tons=criteres.CONFLITS,
            tri="conflits_etat",
        ),
        Colonne(
            "demandeur",
            "Demandeur",
            "demandeur",
            droit=perms.LIRE_TOUT,
            tri=("demandeur__raison_sociale", "demandeur__nom"),
        ),
        Colonne(
            "redevance",
            "Redevance (€)",
            "redevance",
            Nature.NOMBRE,
            droit=perms.LIRE_TOUT,
            tri="redevance",
        ),
        Colonne("terme", "Réponse avant le", "terme_silence", Nature.DATE, tri=True),
        Colonne("quantite", "Quantité", "quantite", Nature.NOMBRE, tri="quantite"),
        Colonne("unite", "Unité", "unite"),
        Colonne("depot", "Déposé le", "date_depot", Nature.DATE, tri=True, defaut=False),
        Colonne("decision", "Décision du", "date_decision", Nature.DATE, tri=True, defaut=False),
        Colonne("instructeur", "Instructeur", "instructeur.nom", tri="instructeur__nom", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(TUILES.items()),
            condition=au_moins_un(tuile),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, LIBELLES[c]) for c in _TONS if c)),
        FiltreChoix(code="type", titre="Type", choix=_choix_types, condition=_types, compter=False),
        FiltreChoix(code="instructeur", titre="Instructeur", choix=_instructeurs, compter=False),
        FiltreChoix(
            code="conflits",
            titre="Conflits",
            choix=(
                *((c, t.libelle) for c, t in criteres.CONFLITS.items()),
                (criteres.AUCUN, "aucun connu"),
            ),
            condition=au_moins_un(criteres.conflits),
            compter=False,
        ),
        FiltreOuiNon(
            code="impaye",
            titre="Titre de recettes",
            droit=perms.LIRE_TOUT,
            oui="impayé",
            non="rien d'impayé",
            condition=criteres.impaye,
        ),
        criteres.FiltreZones(
            code="zone",
            titre="Zone tarifaire",
            choix=criteres.zones,
            condition=au_moins_un(criteres.zone),
            compter=False,
        ),
        FiltreDates(code="occupe", titre="Occupe le sol", condition=criteres.occupe),
        FiltreDates(code="debut", titre="Commence", chemin="debut"),
        FiltreDates(code="fin", titre="Finit", chemin="fin"),
        FiltreDates(code="depose", titre="Déposé", chemin="date_depot"),
        FiltreTexte(code="voie", titre="Voie", chemin="voie__nom"),
        FiltreTexte(
            code="demandeur",
            titre="Demandeur ou payeur",
            droit=perms.LIRE_TOUT,
            condition=criteres.demandeur,
        ),
    ),
    recherche=_chercher,
    recherche_aide="numéro, nom, voie, objet",
    tri="-depot",
    adresse_ligne=lambda d: reverse("odp_dossier", args=[d.pk]),
    actions=(
        Action(
            "instruire",
            "Instruire",
            "bi-pencil-square",
            perms.INSTRUIRE,
            faire=faire_evenement("instruire"),
            empechement=_empeche("depose"),
            en_masse=True,
        ),
        Action(
            "signer",
            "Signer",
            "bi-pen",
            perms.SIGNER,
            faire=faire_evenement("signer"),
            empechement=_empeche("a_signer"),
            avertissement=_avertir,
            en_masse=True,
            confirmation="Signer tous les actes choisis ?",
        ),
    ),
    liens=(
        Lien(
            "Nouvelle occupation", "bi-plus-lg", "/domaine-public/deposer/", perms.INSTRUIRE, principal=True
        ),
    ),
    geometrie="sol",
    titre_carte=str,
    vide="Aucune occupation ne correspond.",
    vide_aide="Enregistrez une demande par « Nouvelle occupation », ou ôtez un filtre.",
)


def _titres(utilisateur: Any) -> QuerySet[Titre]:
    lignes: QuerySet[Titre] = (
        Titre.objects.visibles_par(utilisateur)
        .filter(role__etat=Role.Etat.EXPORTE)
        .select_related("role", "payeur")
        .annotate(du=Greatest(F("montant") - F("paye"), Decimal(0)))
    )
    return lignes


def _retard(titre: Titre) -> int | None:
    """Days since the term, of a claim not settled."""
    echeance = titre.role.echeance
    if titre.solde or echeance is None:
        return None
    return max((timezone.localdate() - echeance).days, 0)


TITRES_DE_RECETTES = Liste(
    code="domainepublic.titres",
    titre="Titres de recettes",
    requete=_titres,
    droit=perms.FACTURER,
    adresse="domaine-public/titres/",
    groupe="Domaine public",
    colonnes=(
        Colonne("reference", "Titre", "reference", tri=True),
        Colonne("payeur", "Payeur", "payeur", tri=("payeur__raison_sociale", "payeur__nom")),
        Colonne("montant", "Montant (€)", nature=Nature.NOMBRE, tri=True),
        Colonne("paye", "Payé (€)", nature=Nature.NOMBRE, tri=True),
        Colonne("du", "Reste (€)", "du", Nature.NOMBRE, tri=True),
        Colonne("echeance", "À payer avant le", "role.echeance", Nature.DATE, tri="role__echeance"),
        Colonne("retard", "Retard (jours)", _retard, Nature.NOMBRE),
        Colonne("paye_le", "Dernier paiement", "paye_le", Nature.DATE, tri=True, defaut=False),
        Colonne("commune", "Commune", "role.insee", tri="role__insee", defaut=False),
    ),
    filtres=(
        FiltreCommune(chemin="role__insee"),
        FiltreOuiNon(code="solde", titre="Paiement", oui="soldés", non="impayés", condition=_solde),
        FiltreChoix(code="annee", titre="Exercice", choix=_annees, chemin="role__annee", compter=False),
        FiltreDates(code="echeance", titre="À payer avant", chemin="role__echeance"),
    ),
    recherche=lambda texte: (
        Q(reference__icontains=texte)
        | Q(payeur__raison_sociale__icontains=texte)
        | Q(payeur__nom__icontains=texte)
    ),
    recherche_aide="référence, payeur",
    tri="echeance",
    adresse_ligne=lambda t: reverse("odp_role", args=[t.role_id]),
    liens=(
        Lien("Lire les paiements", "bi-upload", "/domaine-public/paiements/", perms.FACTURER, principal=True),
    ),
    vide="Aucun titre ne correspond.",
    vide_aide="Les titres paraissent ici quand leur rôle est exporté.",
)


def declarer_ecrans() -> None:
    """The lists, the table of types and the entries in the rail."""
    from mairie.menu import Rubrique, ajouter

    declarer(DOSSIERS)
    declarer(TITRES_DE_RECETTES)
    declarer_table_reference(
        TypeOccupation,
        code="domainepublic.types",
        titre="Types d'occupation",
        groupe="Domaine public",
        champs=(
            "libelle_public",
            "emprise_defaut",
            "economique_defaut",
            "affecte_sol",
            "geometries",
            "unites",
            "periodes",
            "pieces",
            "delai_conseille_jours",
            "imputation",
        ),
        presentation="Ce qui peut occuper le domaine public. Un type livré se ferme, il ne se supprime pas.",
        droit=perms.ADMINISTRER,
        classe=FormulaireType,
    )
    ajouter(
        Rubrique(
            "odp", "Tableau de bord", "bi-speedometer2", "/domaine-public/", 200, droit=perms.LIRE,
            groupe="Domaine public",
        ),
        Rubrique(
            "odp_dossiers", "Occupations", "bi-cone-striped", "/domaine-public/dossiers/", 201,
            droit=perms.LIRE, groupe="Domaine public",
        ),
        Rubrique(
            "odp_deposer", "Nouvelle occupation", "bi-file-earmark-plus", "/domaine-public/deposer/", 202,
            droit=perms.INSTRUIRE, groupe="Domaine public",
        ),
        Rubrique(
            "odp_renouvellement", "Renouvellement", "bi-arrow-repeat", "/domaine-public/renouvellement/", 204,
            droit=perms.INSTRUIRE, groupe="Domaine public",
        ),
        Rubrique(
            "odp_tarifs", "Tarifs", "bi-cash-coin", "/domaine-public/tarifs/", 205, droit=perms.LIRE,
            groupe="Domaine public",
        ),
        Rubrique(
            "odp_titres", "Titres et paiements", "bi-wallet2", "/domaine-public/titres/", 207,
            droit=perms.FACTURER, groupe="Domaine public",
        ),
        Rubrique(
            "odp_statistiques", "Statistiques", "bi-bar-chart", "/domaine-public/statistiques/", 209,
            droit=perms.LIRE, groupe="Domaine public",
        ),
        Rubrique(
            "odp_parametres", "Paramètres", "bi-sliders", "/domaine-public/parametres/", 210,
            droit=perms.LIRE, groupe="Domaine public",
        ),
        Rubrique(
            "odp_roles", "Facturation", "bi-receipt", "/domaine-public/roles/", 206, droit=perms.FACTURER,
            groupe="Domaine public",
        ),
    )  # fmt: skip
