"""Lists of fee lines, contracts and contributions; the tiles of the dashboard; the entry of the rail."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assainissement import contrats, perms
from assainissement.circuits import pfac as circuit_pfac
from assainissement.circuits import redevance as circuit
from assainissement.formulaires_redevances import FormulaireContrat
from assainissement.models import Contrat, ControleAC, DeliberationTarif, Installation, LigneRedevance, Pfac
from assainissement.models.tarifs import NATURES_TARIF
from assainissement.recherche import filtrer
from mairie.ecrans import (
    ActionImpossible,
    Colonne,
    Fiche,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Formulaire,
    Lien,
    Liste,
    Nature,
    Section,
    Ton,
    au_moins_un,
    declarer,
)
from mairie.habilitations import communes_du_droit
from mairie.models import Tiers
from mairie.workflow import Refus

GROUPE = "Assainissement"
BASE = "assainissement/"
PAYEURS_OFFERTS = 200
TONS_REDEVANCE = {
    "": Ton("à créer", "neutre"),
    "a_annoncer": Ton(circuit.LIBELLES["a_annoncer"], "bientot", "bi-envelope"),
    "annoncee": Ton(circuit.LIBELLES["annoncee"], "info", "bi-envelope-check"),
    "a_facturer": Ton(circuit.LIBELLES["a_facturer"], "attention", "bi-receipt"),
    "exportee": Ton(circuit.LIBELLES["exportee"], "info", "bi-box-arrow-right"),
    "payee": Ton(circuit.LIBELLES["payee"], "bien", "bi-check-circle"),
    "annulee": Ton(circuit.LIBELLES["annulee"], "neutre", "bi-x-lg"),
}
TONS_PFAC = {
    "": Ton("à créer", "neutre"),
    "preparee": Ton(circuit_pfac.LIBELLES["preparee"], "info", "bi-hourglass"),
    "exigible": Ton(circuit_pfac.LIBELLES["exigible"], "attention", "bi-exclamation-triangle"),
    "titree": Ton(circuit_pfac.LIBELLES["titree"], "info", "bi-envelope-check"),
    "soldee": Ton(circuit_pfac.LIBELLES["soldee"], "bien", "bi-check-circle"),
    "annulee": Ton(circuit_pfac.LIBELLES["annulee"], "neutre", "bi-x-lg"),
}


def _redevances(utilisateur: Any) -> QuerySet[LigneRedevance]:
    lignes: QuerySet[LigneRedevance] = (
        LigneRedevance.objects.visibles_par(utilisateur)
        .exclude(etat="")
        .select_related("installation", "controle", "controle_ac__adresse__voie", "controle_ac__branchement")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    return lignes


def _de_l_installation(texte: str) -> Q:
    mots = texte.strip()
    return (
        Q(reference__iexact=mots)
        | Q(installation__in=Installation.objects.filter(filtrer(texte)).values("pk"))
        | Q(
            controle_ac__in=ControleAC.objects.filter(Q(numero__istartswith=mots) | Q(reference=mots.upper()))
        )
    )


REDEVANCES = Liste(
    code="assainissement.redevances",
    titre="Redevances",
    requete=_redevances,
    droit=perms.FACTURER,
    adresse=f"{BASE}redevances/",
    groupe=GROUPE,
    colonnes=(
        Colonne("libelle", "Objet", tri=True),
        Colonne("adresse", "Adresse", lambda x: x.lieu),
        Colonne("etat", "État", nature=Nature.ETAT, tons=TONS_REDEVANCE, tri=True),
        Colonne("montant", "Montant", "montant_ttc", Nature.MONTANT, tri=True),
        Colonne("annoncee", "Annoncée le", "annoncee_le", Nature.DATE, tri=True),
        Colonne("transmise", "Transmise le", "exportee_le", Nature.DATE, tri=True),
        Colonne("payee", "Payée le", "payee_le", Nature.DATE, tri=True, defaut=False),
        Colonne("reference", "Référence", tri=True),
        Colonne("exercice", "Exercice", tri=True, defaut=False),
        Colonne("ht", "Hors taxe", "montant_ht", Nature.MONTANT, defaut=False),
        Colonne("tva", "TVA", "montant_tva", Nature.MONTANT, defaut=False),
        Colonne("deliberation", "Délibération", lambda x: x.deliberation, defaut=False),
        Colonne("controle", "Contrôle", lambda x: str(x.controle or x.controle_ac or ""), defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="etat", titre="État", choix=tuple((c, m) for c, m in circuit.LIBELLES.items() if c)),
        FiltreChoix(code="genre", titre="Genre", choix=tuple(LigneRedevance.Genre.choices)),
        FiltreChoix(code="nature", titre="Nature", choix=tuple(NATURES_TARIF.items())),
        FiltreDates(code="transmise", titre="Transmise le", chemin="exportee_le"),
        FiltreDates(code="payee", titre="Payée le", chemin="payee_le"),
    ),
    recherche=_de_l_installation,
    recherche_aide="numéro d'installation ou de contrôle, référence, parcelle, voie, propriétaire",
    tri="-exercice",
    adresse_ligne=lambda x: reverse("ass_redevance", args=[x.pk]),
    liens=(
        Lien(
            "Envois aux finances", "bi-box-arrow-right", f"/{BASE}finances/", perms.FACTURER, principal=True
        ),
        Lien("Contrats", "bi-file-earmark-text", f"/{BASE}contrats/", perms.FACTURER),
        Lien("PFAC", "bi-houses", f"/{BASE}pfac/", perms.FACTURER),
        Lien("Lettres et relances", "bi-envelope", f"/{BASE}relances/", perms.LIRE),
        Lien("Tarifs", "bi-cash-coin", f"/{BASE}tarifs/", perms.LIRE),
    ),
    vide="Aucune redevance ne correspond.",
    vide_aide="Une ligne s'ouvre avec son contrôle, au tarif voté : enregistrez d'abord la délibération.",
)


def _contrats(utilisateur: Any) -> QuerySet[Contrat]:
    lignes: QuerySet[Contrat] = (
        Contrat.objects.visibles_par(utilisateur)
        .select_related("installation", "payeur")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    return lignes


def _en_cours(valeurs: Any) -> Q:
    return Q(fin__isnull=True) | Q(fin__gte=timezone.localdate())


CONTRATS = Liste(
    code="assainissement.contrats",
    titre="Contrats d'entretien et abonnements",
    requete=_contrats,
    droit=perms.FACTURER,
    adresse=f"{BASE}contrats/",
    groupe=GROUPE,
    colonnes=(
        Colonne("installation", "Installation", "installation.numero", tri="installation__numero"),
        Colonne("adresse", "Adresse", lambda c: c.installation.lieu),
        Colonne("genre", "Contrat", lambda c: c.get_genre_display(), tri="genre"),
        Colonne("debut", "Début", nature=Nature.DATE, tri=True),
        Colonne("fin", "Fin", nature=Nature.DATE, tri=True),
        Colonne("motif", "Motif de la fin", "motif_fin", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi", titre="À suivre", choix=(("cours", "En cours"),), condition=_en_cours, compter=False
        ),
        FiltreChoix(code="genre", titre="Contrat", choix=tuple(Contrat.Genre.choices)),
    ),
    recherche=lambda texte: Q(installation__in=Installation.objects.filter(filtrer(texte)).values("pk")),
    recherche_aide="numéro, parcelle, voie, propriétaire",
    tri="-debut",
    adresse_ligne=lambda c: reverse("assainissement_contrats_fiche", args=[c.pk]),
    liens=(
        Lien("Nouveau contrat", "bi-plus-lg", f"/{BASE}contrats/nouveau/", perms.FACTURER, principal=True),
        Lien("Facturer une année", "bi-receipt", f"/{BASE}contrats/facturer/", perms.FACTURER),
    ),
    vide="Aucun contrat ne correspond.",
    vide_aide="Un contrat lie une installation au service : son prix annuel vient de la délibération.",
)


def _preparer_contrat(forme: Any, utilisateur: Any) -> None:
    forme.visibles = Installation.objects.filter(insee__in=communes_du_droit(utilisateur, perms.FACTURER))
    # Whom one may read and used of late, with who pays now: a base of persons is not a list to choose from.
    recents = Tiers.objects.visibles_par(utilisateur).actifs().order_by("-modifie_le")[:PAYEURS_OFFERTS]
    cles = {t.pk for t in recents} | {forme.instance.payeur_id}
    forme.fields["payeur"].queryset = Tiers.objects.filter(pk__in=cles - {None})


def _enregistrer_contrat(forme: Any, utilisateur: Any) -> Contrat:
    c: Contrat = forme.save(commit=False)
    c.installation = forme.installation
    c.insee = c.installation.insee
    if c.pk is None:
        c.cree_par = utilisateur
    try:
        return contrats.enregistrer(c)
    except Refus as e:
        raise ActionImpossible(str(e)) from e


_SECTIONS_CONTRAT = (Section("Le contrat", ("numero", "genre", "payeur", "debut", "fin", "motif_fin")),)
FORMULAIRE_CONTRAT = Formulaire(
    code="assainissement.contrats",
    modele=Contrat,
    liste="assainissement.contrats",
    adresse=f"{BASE}contrats/",
    droit=perms.FACTURER,
    requete=_contrats,
    sections=_SECTIONS_CONTRAT,
    titre_nouveau="Nouveau contrat",
    classe=FormulaireContrat,
    preparer=_preparer_contrat,
    enregistrer=_enregistrer_contrat,
)
FICHE_CONTRAT = Fiche(
    code="assainissement.contrats",
    liste="assainissement.contrats",
    adresse=f"{BASE}contrats/",
    droit=perms.FACTURER,
    requete=_contrats,
    sections=(
        Section(
            "Le contrat",
            (
                Colonne(
                    "installation",
                    "Installation",
                    "installation.numero",
                    lien=lambda c: c.installation.get_absolute_url(),
                ),
                "genre",
                "payeur",
                "debut",
                "fin",
                "motif_fin",
            ),
        ),
    ),
    formulaire=FORMULAIRE_CONTRAT,
)


def _pfac(utilisateur: Any) -> QuerySet[Pfac]:
    lignes: QuerySet[Pfac] = Pfac.objects.visibles_par(utilisateur).exclude(etat="")
    return lignes


def non_titrees() -> Q:
    """Connected and not titled, where a deliberation holds: told by an event, or recorded."""
    jour = timezone.localdate()
    votees = DeliberationTarif.objects.filter(objet=DeliberationTarif.Objet.PFAC, date_effet__lte=jour)
    return Q(etat__in=circuit_pfac.NON_TITREES, raccorde_le__isnull=False) & Q(
        insee__in=votees.values("insee")
    )


SUIVI_PFAC = {"non_titrees": "PFAC non titrées", "a_completer": "Raccordées, à compléter"}


def _suivi_pfac(code: str) -> Q:
    return non_titrees() if code == "non_titrees" else Q(etat="preparee", raccorde_le__isnull=False)


LISTE_PFAC = Liste(
    code="assainissement.pfac",
    titre="Participations au réseau (PFAC)",
    requete=_pfac,
    droit=perms.FACTURER,
    adresse=f"{BASE}pfac/",
    groupe=GROUPE,
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("permis", "Permis", "dossier_urba", tri=True),
        Colonne("etat", "État", nature=Nature.ETAT, tons=TONS_PFAC, tri=True),
        Colonne(
            "montant", "Montant", lambda p: p.montant if p.figee else None, Nature.MONTANT, tri=("montant",)
        ),
        Colonne("raccordee", "Raccordée le", "raccorde_le", Nature.DATE, tri=True),
        Colonne("titree", "Titre notifié le", "titree_le", Nature.DATE, tri=True),
        Colonne("decision", "Décision", "decision_le", Nature.DATE, tri=True, defaut=False),
        Colonne("contestation", "Contestable jusqu'au", "limite_contestation", Nature.DATE, defaut=False),
        Colonne("payee", "Payée le", "soldee_le", Nature.DATE, tri=True, defaut=False),
        Colonne("parcelles", "Parcelles", lambda p: ", ".join(p.parcelles), defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="À suivre",
            choix=tuple(SUIVI_PFAC.items()),
            condition=au_moins_un(_suivi_pfac),
            compter=False,
        ),
        FiltreChoix(
            code="etat", titre="État", choix=tuple((c, m) for c, m in circuit_pfac.LIBELLES.items() if c)
        ),
        FiltreDates(code="raccordee", titre="Raccordée le", chemin="raccorde_le"),
    ),
    recherche=("numero", "dossier_urba"),
    recherche_aide="numéro de la participation ou du permis",
    tri="-numero",
    adresse_ligne=lambda p: reverse("ass_pfac", args=[p.pk]),
    liens=(
        Lien(
            "Nouvelle participation", "bi-plus-lg", f"/{BASE}pfac/nouvelle/", perms.FACTURER, principal=True
        ),
        Lien("Simulateur", "bi-calculator", "/simulateurs/pfac/"),
    ),
    vide="Aucune participation ne correspond.",
    vide_aide="Elles se préparent quand un permis est accordé en zone d'assainissement collectif.",
)


def tuiles(utilisateur: Any) -> list[tuple[str, int, str, str]]:
    """What fees and contributions wait for, for who bills: address, count, words, tone."""
    lignes = LigneRedevance.objects.visibles_par(utilisateur).aggregate(
        annonce=Count("pk", filter=Q(etat="a_annoncer")),
        facture=Count("pk", filter=Q(etat="a_facturer")),
        payer=Count("pk", filter=Q(etat="exportee")),
    )
    participations = Pfac.objects.visibles_par(utilisateur).aggregate(
        n=Count("pk", filter=non_titrees()),
    )
    toutes = (
        (f"/{BASE}redevances/?etat=a_annoncer", lignes["annonce"], "Redevances à annoncer", "bientot"),
        (f"/{BASE}redevances/?etat=a_facturer", lignes["facture"], "Redevances à facturer", "info"),
        (f"/{BASE}redevances/?etat=exportee", lignes["payer"], "Redevances à encaisser", "info"),
        (f"/{BASE}pfac/?suivi=non_titrees", participations["n"], "PFAC non titrées", "bientot"),
    )
    return [t for t in toutes if t[1]]


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    from mairie.menu import Rubrique, ajouter

    declarer(REDEVANCES, CONTRATS, FICHE_CONTRAT, LISTE_PFAC)
    ajouter(
        Rubrique(
            "ass_redevances", "Redevances", "bi-cash-coin", f"/{BASE}redevances/", 306, droit=perms.FACTURER,
            groupe=GROUPE,
        )
    )  # fmt: skip
