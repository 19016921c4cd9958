"""Lists of installations, controls and obligations, the tables of parameters, the entries of the rail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone

from assainissement import controles, perms
from assainissement.circuits import etats
from assainissement.circuits.obligation import VIVANTES
from assainissement.models import (
    Controle,
    Element,
    Installation,
    InstallationAdresse,
    InstallationTiers,
    Obligation,
    PointControle,
    ReglementService,
    ZonageAssainissement,
    ZoneEnjeu,
)
from assainissement.mots import TONS
from assainissement.recherche import filtrer
from assainissement.regles.tables import filiere
from assainissement.regles.tables.natures import NATURES
from mairie.ecrans import (
    Action,
    ActionImpossible,
    Colonne,
    Fiche,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreTexte,
    Formulaire,
    Lien,
    Liste,
    Nature,
    Section,
    Ton,
    au_moins_un,
    declarer,
    declarer_table_reference,
)
from mairie.models import Piece, Utilisateur
from mairie.workflow import ErreurWorkflow

GROUPE = "Assainissement"
BASE = "assainissement/"
_ETATS_INSTALLATION = {
    "": Ton("à créer", "neutre"),
    "projet": Ton("en projet", "info", "bi-pencil"),
    "active": Ton("active", "bien", "bi-check-circle"),
    "desactivee": Ton("désactivée", "neutre", "bi-slash-circle"),
}
_ETATS_CONTROLE = {
    **{c: Ton(mot, "info") for c, mot in etats.CONTROLE.items()},
    **{c: Ton(etats.CONTROLE[c], "attention", "bi-telephone-x") for c in etats.MANQUES},
    "rapport_redige": Ton(etats.CONTROLE["rapport_redige"], "bientot", "bi-pen"),
    "rapport_valide": Ton(etats.CONTROLE["rapport_valide"], "bientot", "bi-envelope"),
    "notifie": Ton(etats.CONTROLE["notifie"], "bien", "bi-check-circle"),
    "facture": Ton(etats.CONTROLE["facture"], "bien", "bi-receipt"),
    "clos": Ton(etats.CONTROLE["clos"], "neutre", "bi-archive"),
    "annule": Ton(etats.CONTROLE["annule"], "neutre", "bi-x-lg"),
}
_ETATS_OBLIGATION = {
    **{c: Ton(mot, "attention") for c, mot in etats.OBLIGATION.items()},
    "mise_en_demeure": Ton(etats.OBLIGATION["mise_en_demeure"], "danger", "bi-exclamation-octagon"),
    "penalite": Ton(etats.OBLIGATION["penalite"], "danger", "bi-exclamation-octagon"),
    "levee": Ton(etats.OBLIGATION["levee"], "bien", "bi-check-circle"),
    "": Ton("à créer", "neutre"),
}
HORIZON_JOURS = 183
# Tiles of the dashboard: each opens the list that it counts.
SUIVI_INSTALLATIONS = {
    "retard": "Contrôle en retard",
    "bientot": "À contrôler dans les six mois",
    "jamais": "Jamais contrôlées",
    "travaux": "Travaux en retard",
    "danger": "Danger, risque ou absence",
    "papiers": "Papiers reçus du propriétaire",
}
# Papers that an owner sent on line are to be read while they are that young.
PAPIERS_JOURS = 30
SUIVI_CONTROLES = {
    "semaine": "Visites des sept jours",
    "a_planifier": "Sans rendez-vous",
    "a_valider": "Rapports à valider",
    "a_notifier": "Rapports à notifier",
    "a_facturer": "Notifiés, non facturés",
    "a_relancer": "Visites manquées à relancer",
}


def suivi_installation(code: str) -> Q:
    """Installations of one tile, as of today."""
    jour = timezone.localdate()
    vivante = Q(etat="active")
    match code:
        case "retard":
            return vivante & Q(prochain_controle__lt=jour)
        case "bientot":
            return vivante & Q(
                prochain_controle__gte=jour, prochain_controle__lte=jour + timedelta(days=HORIZON_JOURS)
            )
        case "jamais":
            return vivante & Q(derniere_regle="")
        case "travaux":
            return vivante & Q(echeance_travaux__lt=jour)
        case "danger":
            return vivante & Q(derniere_regle__in=("R0", "R1", "R2", "R3"), levee=False)
        case "papiers":
            recus = Piece.objects.courantes().filter(
                dossier_type__app_label="assainissement",
                dossier_type__model="installation",
                origine=Piece.Origine.USAGER,
                depose_le__gte=timezone.now() - timedelta(days=PAPIERS_JOURS),
            )
            return Q(pk__in=recus.values("dossier_id"))
    return Q(pk__in=())


def suivi_controle(code: str) -> Q:
    """Controls of one tile, as of today."""
    jour = timezone.localdate()
    match code:
        case "semaine":
            return Q(etat="rdv_fixe", date_rdv__gte=jour, date_rdv__lte=jour + timedelta(days=7))
        case "a_planifier":
            return Q(etat__in=("a_planifier", "rdv_propose"))
        case "a_valider":
            return Q(etat="rapport_redige")
        case "a_notifier":
            return Q(etat="rapport_valide")
        case "a_facturer":
            return Q(etat="notifie")
        case "a_relancer":
            return Q(etat__in=("absent", "refus", "relance"), relance_le__lte=jour)
    return Q(pk__in=())


def _installations(utilisateur: Any) -> QuerySet[Installation]:
    proprietaire = InstallationTiers.objects.filter(
        installation=OuterRef("pk"), role="proprietaire", au__isnull=True
    ).order_by("pk")
    adresse = InstallationAdresse.objects.filter(installation=OuterRef("pk")).order_by("-principale", "pk")
    traitement = Element.objects.filter(
        installation=OuterRef("pk"), famille="TRAIT", retire_le__isnull=True
    ).order_by("pk")
    lignes: QuerySet[Installation] = (
        Installation.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .prefetch_related("liens_adresses__adresse__voie")
        .annotate(
            proprietaire_nom=Coalesce(
                Subquery(proprietaire.values(x=NullIf("tiers__raison_sociale", Value("")))[:1]),
                Subquery(proprietaire.values("tiers__nom")[:1]),
            ),
            voie_nom=Subquery(adresse.values("adresse__voie__nom")[:1]),
            voie_numero=Subquery(adresse.values("adresse__numero")[:1]),
            traitement=Subquery(traitement.values("type")[:1]),
        )
    )
    return lignes


def _traitements(valeurs: Any) -> Q:
    codes = [valeurs] if isinstance(valeurs, str) else list(valeurs)
    ici = Element.objects.filter(
        installation=OuterRef("pk"), famille="TRAIT", type__in=codes, retire_le__isnull=True
    )
    return Q(Exists(ici))


def _dans(zones: Any, champ: str, valeurs: Any) -> Q:
    """Installations in a zone of the day of one of these kinds."""
    codes = [valeurs] if isinstance(valeurs, str) else list(valeurs)
    ici = zones.objects.en_vigueur(timezone.localdate()).filter(
        insee=OuterRef("insee"), geom__intersects=OuterRef("geom"), **{f"{champ}__in": codes}
    )
    return Q(Exists(ici))


def _en_zone(valeurs: Any) -> Q:
    return _dans(ZonageAssainissement, "type", valeurs)


def _en_enjeu(valeurs: Any) -> Q:
    return _dans(ZoneEnjeu, "enjeu", valeurs)


def _planifier(i: Installation, utilisateur: Any) -> str:
    nature = "periodique" if i.derniere_regle else "diagnostic_initial"
    try:
        c = controles.planifier(i, nature, par=utilisateur)
    except ErreurWorkflow as e:
        raise ActionImpossible(str(e)) from e
    return f"{c} : {c.get_nature_display().lower()} à planifier."


def _sans_controle(i: Installation, utilisateur: Any) -> str | None:
    if i.etat == "desactivee":
        return "L'installation est désactivée."
    nature = "periodique" if i.derniere_regle else "diagnostic_initial"
    if i.controles.filter(nature=nature, etat__in=etats.OUVERTS).exists():
        return "Un contrôle est déjà ouvert."
    return None


INSTALLATIONS = Liste(
    code="assainissement.installations",
    titre="Installations d'assainissement",
    requete=_installations,
    droit=perms.LIRE,
    adresse=f"{BASE}installations/",
    groupe=GROUPE,
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("adresse", "Adresse", lambda i: i.lieu, tri=("voie_nom", "voie_numero")),
        Colonne("proprietaire", "Propriétaire", "proprietaire_nom", tri="proprietaire_nom"),
        Colonne(
            "conclusion",
            "Dernière conclusion",
            "derniere_regle",
            Nature.ETAT,
            tons=TONS,
            tri="derniere_regle",
        ),
        Colonne("visite", "Dernière visite", "derniere_visite", Nature.DATE, tri=True),
        Colonne("prochain", "Prochain contrôle", "prochain_controle", Nature.DATE, tri=True),
        Colonne("travaux", "Travaux avant le", "echeance_travaux", Nature.DATE, tri=True),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_INSTALLATION, tri=True, defaut=False),
        Colonne("regle", "Règle", "derniere_regle", defaut=False),
        Colonne("validite", "Rapport valable jusqu'au", "fin_validite", Nature.DATE, tri=True, defaut=False),
        Colonne("eh", "Capacité (EH)", nature=Nature.NOMBRE, tri=True, defaut=False),
        Colonne(
            "filiere",
            "Traitement",
            lambda i: filiere.libelle("TRAIT", i.traitement) if i.traitement else "",
            defaut=False,
        ),
        Colonne("immeuble", "Immeuble", lambda i: i.get_type_immeuble_display(), defaut=False),
        Colonne("pose", "Posée le", "date_creation", Nature.DATE, tri=True, defaut=False),
        Colonne("ancien", "Ancien numéro", "ancien_numero", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_INSTALLATIONS.items()),
            condition=au_moins_un(suivi_installation),
            compter=False,
        ),
        FiltreChoix(
            code="regle",
            titre="Dernière conclusion",
            chemin="derniere_regle",
            choix=tuple((r, t.libelle) for r, t in TONS.items() if r),
        ),
        FiltreChoix(
            code="etat", titre="État", choix=tuple((c, m) for c, m in etats.INSTALLATION.items() if c)
        ),
        FiltreChoix(
            code="traitement",
            titre="Traitement",
            choix=tuple(filiere.TYPES["TRAIT"].items()),
            condition=_traitements,
            compter=False,
        ),
        FiltreChoix(
            code="zone",
            titre="Zone d'assainissement",
            choix=tuple(ZonageAssainissement.Type.choices),
            condition=_en_zone,
            compter=False,
        ),
        FiltreChoix(
            code="enjeu",
            titre="Zone à enjeu",
            choix=tuple(ZoneEnjeu.Enjeu.choices),
            condition=_en_enjeu,
            compter=False,
        ),
        FiltreDates(code="prochain", titre="Prochain contrôle", chemin="prochain_controle"),
        FiltreDates(code="travaux", titre="Travaux avant le", chemin="echeance_travaux"),
        FiltreDates(code="visite", titre="Dernière visite", chemin="derniere_visite"),
        FiltreTexte(code="voie", titre="Voie", chemin="voie_nom"),
    ),
    recherche=filtrer,
    recherche_aide="numéro, ancien numéro, parcelle, voie, propriétaire",
    tri="numero",
    adresse_ligne=lambda i: reverse("ass_installation", args=[i.pk]),
    actions=(
        Action(
            "planifier",
            "Planifier un contrôle",
            "bi-calendar-plus",
            perms.ENREGISTRER,
            faire=_planifier,
            empechement=_sans_controle,
            en_masse=True,
            confirmation="Ouvrir un contrôle à planifier pour chaque installation choisie ?",
        ),
    ),
    liens=(
        Lien(
            "Nouvelle installation",
            "bi-plus-lg",
            f"/{BASE}installations/nouvelle/",
            perms.ENREGISTRER,
            principal=True,
        ),
    ),
    geometrie="geom",
    titre_carte=str,
    vide="Aucune installation ne correspond.",
    vide_aide="Enregistrez-en une depuis la page de sa parcelle, ou ôtez un filtre.",
)


def _controles(utilisateur: Any) -> QuerySet[Controle]:
    lignes: QuerySet[Controle] = (
        Controle.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("installation", "agent", "prestataire")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    return lignes


def _chercher_controle(texte: str) -> Q:
    return Q(numero__iexact=texte.strip()) | Q(
        installation__in=Installation.objects.filter(filtrer(texte)).values("pk")
    )


def _agents(utilisateur: Any) -> list[tuple[str, str]]:
    trouves = Utilisateur.objects.filter(pk__in=Controle.objects.visibles_par(utilisateur).values("agent"))
    return [(str(u.pk), str(u)) for u in trouves]


CONTROLES = Liste(
    code="assainissement.controles",
    titre="Contrôles",
    requete=_controles,
    droit=perms.LIRE,
    adresse=f"{BASE}controles/",
    groupe=GROUPE,
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("nature", "Nature", lambda c: c.get_nature_display(), tri="nature"),
        Colonne("adresse", "Adresse", lambda c: c.installation.lieu),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_CONTROLE, tri=True),
        Colonne("rdv", "Rendez-vous", "date_rdv", Nature.DATE, tri=True),
        Colonne("creneau", "Créneau", defaut=False),
        Colonne("visite", "Visite", "date_visite", Nature.DATE, tri=True),
        Colonne("regle", "Conclusion", "regle", Nature.ETAT, tons={**TONS, "": Ton("–", "neutre")}, tri=True),
        Colonne("agent", "Contrôleur", lambda c: c.controleur, tri=("agent__nom", "prestataire__nom")),
        Colonne("recu", "Rapport reçu le", "date_notification", Nature.DATE, tri=True, defaut=False),
        Colonne("relance", "Relancer le", "relance_le", Nature.DATE, tri=True, defaut=False),
        Colonne(
            "installation", "Installation", "installation.numero", tri="installation__numero", defaut=False
        ),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_CONTROLES.items()),
            condition=au_moins_un(suivi_controle),
            compter=False,
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, m) for c, m in etats.CONTROLE.items() if c)),
        FiltreChoix(code="nature", titre="Nature", choix=tuple(NATURES.items())),
        FiltreChoix(
            code="regle", titre="Conclusion", choix=tuple((r, t.libelle) for r, t in TONS.items() if r)
        ),
        FiltreChoix(code="agent", titre="Contrôleur", choix=_agents, compter=False),
        FiltreDates(code="rdv", titre="Rendez-vous", chemin="date_rdv"),
        FiltreDates(code="visite", titre="Visite", chemin="date_visite"),
    ),
    recherche=_chercher_controle,
    recherche_aide="numéro, parcelle, voie, propriétaire",
    tri="-visite",
    adresse_ligne=lambda c: reverse("ass_controle", args=[c.pk]),
    geometrie="installation__geom",
    titre_carte=str,
    vide="Aucun contrôle ne correspond.",
    vide_aide="Un contrôle s'ouvre depuis la page de son installation, ou en masse depuis leur liste.",
)


def _obligations(utilisateur: Any) -> QuerySet[Obligation]:
    lignes: QuerySet[Obligation] = (
        Obligation.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("controle__installation")
        .prefetch_related("controle__installation__liens_adresses__adresse__voie")
    )
    return lignes


def _retard(valeurs: Any) -> Q:
    return Q(etat__in=VIVANTES, echeance__lt=timezone.localdate())


OBLIGATIONS = Liste(
    code="assainissement.obligations",
    titre="Travaux et obligations",
    requete=_obligations,
    droit=perms.LIRE,
    adresse=f"{BASE}obligations/",
    groupe=GROUPE,
    colonnes=(
        Colonne(
            "installation",
            "Installation",
            "controle.installation.numero",
            tri="controle__installation__numero",
        ),
        Colonne("nature", "Obligation", lambda o: o.get_nature_display(), tri="nature"),
        Colonne("adresse", "Adresse", lambda o: o.controle.installation.lieu),
        Colonne("etat", "État", nature=Nature.ETAT, tons=_ETATS_OBLIGATION, tri=True),
        Colonne("echeance", "Échéance", nature=Nature.DATE, tri=True),
        Colonne("regle", "Conclusion", "controle.regle", Nature.ETAT, tons={**TONS, "": Ton("–", "neutre")}),
        Colonne("controle", "Contrôle", "controle.numero", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi", titre="À suivre", choix=(("retard", "En retard"),), condition=_retard, compter=False
        ),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, m) for c, m in etats.OBLIGATION.items() if c)),
        FiltreChoix(code="nature", titre="Nature", choix=tuple(etats.OBLIGATIONS.items())),
        FiltreDates(code="echeance", titre="Échéance", chemin="echeance"),
    ),
    recherche=lambda texte: Q(
        controle__installation__in=Installation.objects.filter(filtrer(texte)).values("pk")
    ),
    recherche_aide="numéro, parcelle, voie, propriétaire",
    tri="echeance",
    adresse_ligne=lambda o: reverse("ass_obligation", args=[o.pk]),
    geometrie="controle__installation__geom",
    titre_carte=str,
    vide="Aucune obligation ne correspond.",
    vide_aide="Elles naissent de la validation d'un rapport.",
)


def _enregistrer_reglement(forme: Any, utilisateur: Any) -> Any:
    version = forme.save(commit=False)
    if version.pk is None:
        version.cree_par = utilisateur
    version.save()
    return version


_REGLEMENT_CHAMPS = (
    "frequence_periodique_annees", "frequence_danger_annees", "frequence_electromecanique_annees",
    "delai_verification_absence_mois", "delai_vente_absence_mois", "delai_relance_mois",
    "relances_avant_majoration",
)  # fmt: skip
_SECTIONS = (
    Section("La version", ("insee", "date_effet", "reference")),
    Section("Fréquences et délais", _REGLEMENT_CHAMPS),
    Section("La nuit", ("controles_la_nuit", "relances_la_nuit")),
    Section("Réseau", ("reseau_public",)),
    Section(
        "Contrôles de branchement",
        (
            "duree_validite_ac_maison_mois",
            "duree_validite_ac_appartement_mois",
            "controle_ac_vente_obligatoire",
        ),
    ),
)
REGLEMENTS = Liste(
    code="assainissement.reglements",
    titre="Règlement de service",
    requete=ReglementService.objects.visibles_par,
    droit=perms.LIRE,
    adresse=f"{BASE}reglement/",
    groupe=GROUPE,
    colonnes=(
        Colonne("effet", "En vigueur le", "date_effet", Nature.DATE, tri=True),
        Colonne("reference", "Délibération"),
        Colonne("periodique", "Périodique (ans)", "frequence_periodique_annees", Nature.NOMBRE),
        Colonne("danger", "Danger (ans)", "frequence_danger_annees", Nature.NOMBRE),
        Colonne("commune", "Commune", "insee", tri=True),
    ),
    filtres=(FiltreCommune(),),
    tri="-effet",
    adresse_ligne=lambda r: reverse("assainissement_reglements_fiche", args=[r.pk]),
    liens=(
        Lien("Nouvelle version", "bi-plus-lg", f"/{BASE}reglement/nouveau/", perms.REGLER, principal=True),
        Lien("Documents pour les habitants", "bi-file-earmark-pdf", f"/{BASE}documents/", perms.LIRE),
    ),
    vide="Aucun règlement n'est saisi : les fréquences usuelles s'appliquent (dix ans).",
    vide_aide="Saisissez les fréquences et délais que la collectivité a votés.",
)
FORMULAIRE_REGLEMENT = Formulaire(
    code="assainissement.reglements",
    modele=ReglementService,
    liste="assainissement.reglements",
    adresse=f"{BASE}reglement/",
    droit=perms.REGLER,
    requete=ReglementService.objects.visibles_par,
    sections=_SECTIONS,
    enregistrer=_enregistrer_reglement,
)
FICHE_REGLEMENT = Fiche(
    code="assainissement.reglements",
    liste="assainissement.reglements",
    adresse=f"{BASE}reglement/",
    droit=perms.LIRE,
    requete=ReglementService.objects.visibles_par,
    sections=_SECTIONS,
    formulaire=FORMULAIRE_REGLEMENT,
    gabarit="assainissement/reglement_fiche.html",
)


def declarer_ecrans() -> None:
    """The lists, the tables and the entries in the rail."""
    from mairie.menu import Rubrique, ajouter

    declarer(INSTALLATIONS, CONTROLES, OBLIGATIONS, REGLEMENTS, FICHE_REGLEMENT)
    declarer_table_reference(
        PointControle,
        code="assainissement.points",
        titre="Points de contrôle",
        groupe=GROUPE,
        champs=("groupe", "natures", "article"),
        presentation="Les questions des contrôles. L'arrêté du 27 avril 2012 fixe ce qu'établit une réponse.",
        droit=perms.REGLER,
    )
    ajouter(
        Rubrique(
            "ass", "Tableau de bord", "bi-speedometer2", f"/{BASE}", 300, droit=perms.LIRE, groupe=GROUPE
        ),
        Rubrique(
            "ass_installations", "Installations", "bi-droplet-half", f"/{BASE}installations/", 301,
            droit=perms.LIRE, groupe=GROUPE,
        ),
        Rubrique(
            "ass_controles", "Contrôles", "bi-clipboard-check", f"/{BASE}controles/", 302, droit=perms.LIRE,
            groupe=GROUPE,
        ),
        Rubrique(
            "ass_obligations", "Travaux dus", "bi-tools", f"/{BASE}obligations/", 303, droit=perms.LIRE,
            groupe=GROUPE,
        ),
        Rubrique(
            "ass_zonage", "Zonage", "bi-map", f"/{BASE}zonage/", 304, droit=perms.LIRE, groupe=GROUPE,
        ),
        Rubrique(
            "ass_reglement", "Règlement de service", "bi-journal-text", f"/{BASE}reglement/", 305,
            droit=perms.LIRE, groupe=GROUPE,
        ),
    )  # fmt: skip
