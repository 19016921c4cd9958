"""Lists and forms of the field: firms, absences, rounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assainissement import perms
from assainissement.models import Indisponibilite, Prestataire, Tournee
from mairie.ecrans import (
    Champ,
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
    declarer,
)
from mairie.habilitations import agents_du_droit, communes_du_droit
from mairie.models import Utilisateur

GROUPE = "Assainissement"
BASE = "assainissement/"
# A date that runs out soon is shown before it blocks anything.
BIENTOT = timedelta(days=60)
_VALIDITES = {
    "valable": Ton("valable", "bien", "bi-check-circle"),
    "bientot": Ton("expire bientôt", "bientot", "bi-hourglass-split"),
    "expire": Ton("expiré : rien ne peut lui être confié", "danger", "bi-x-octagon"),
    "inactif": Ton("n'est plus actif", "neutre", "bi-slash-circle"),
}


def validite(p: Prestataire) -> str:
    """State of its dates today."""
    jour = timezone.localdate()
    fin = min(p.assurance_jusqu_au, p.agrement_jusqu_au)
    if not p.actif:
        return "inactif"
    return "expire" if fin < jour else "bientot" if fin < jour + BIENTOT else "valable"


def _commune(forme: Any, utilisateur: Any, droit: str) -> dict[str, str]:
    """The commune is chosen among one's own; it does not change afterwards. Communes whose people may be."""
    communes = communes_du_droit(utilisateur, droit)
    if forme.instance.pk:
        del forme.fields["insee"]
        return {forme.instance.insee: ""}
    choix = list(communes.items())
    forme.fields["insee"] = forms.ChoiceField(
        label="Commune", choices=choix, widget=forms.HiddenInput if len(choix) == 1 else forms.Select,
        initial=choix[0][0] if choix else None,
    )  # fmt: skip
    return communes


def _personnes(droit: str, communes: dict[str, str]) -> QuerySet[Utilisateur]:
    cles = {u.pk for insee in communes for u in agents_du_droit(droit, insee)}
    return Utilisateur.objects.filter(pk__in=cles).order_by("nom")


def _preparer_prestataire(forme: Any, utilisateur: Any) -> None:
    communes = _commune(forme, utilisateur, perms.REGLER)
    agents = _personnes(perms.SAISIR, communes).values("pk")
    forme.fields["comptes"].queryset = _personnes(perms.REALISER, communes).exclude(pk__in=agents)


def _preparer_absence(forme: Any, utilisateur: Any) -> None:
    communes = _commune(forme, utilisateur, perms.ENREGISTRER)
    forme.fields["agent"].queryset = _personnes(perms.SAISIR, communes)
    forme.fields["prestataire"].queryset = Prestataire.objects.visibles_par(utilisateur).filter(
        actif=True, insee__in=communes
    )


def _enregistrer_prestataire(forme: Any, utilisateur: Any) -> Any:
    p = forme.save(commit=False)
    if p.pk is None:
        p.cree_par = utilisateur
    p.save()
    forme.save_m2m()
    return p


def _expires(valeurs: Any) -> Q:
    jour = timezone.localdate()
    return Q(actif=True) & (Q(assurance_jusqu_au__lt=jour) | Q(agrement_jusqu_au__lt=jour))


_PRESTATAIRE = (
    Section("L'entreprise", ("insee", "nom", "siret", "courriel", "telephone", "actif")),
    Section(
        "Ses dates",
        ("assurance_jusqu_au", "agrement_jusqu_au"),
        aide="Une date passée empêche de lui confier un contrôle.",
    ),
)
PRESTATAIRES = Liste(
    code="assainissement.prestataires",
    titre="Prestataires",
    requete=Prestataire.objects.visibles_par,
    droit=perms.LIRE,
    adresse=f"{BASE}prestataires/",
    groupe=GROUPE,
    colonnes=(
        Colonne("nom", "Nom", tri=True),
        Colonne("siret", "SIRET", tri=True),
        Colonne("etat", "Validité", validite, Nature.ETAT, tons=_VALIDITES),
        Colonne("assurance", "Assurance jusqu'au", "assurance_jusqu_au", Nature.DATE, tri=True),
        Colonne("agrement", "Agrément jusqu'au", "agrement_jusqu_au", Nature.DATE, tri=True),
        Colonne("courriel", "Courriel", defaut=False),
        Colonne("telephone", "Téléphone", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="etat",
            titre="Validité",
            choix=(("expire", "Date passée"),),
            condition=_expires,
            compter=False,
        ),
    ),
    recherche=lambda texte: Q(nom__icontains=texte) | Q(siret__startswith="".join(texte.split())),
    recherche_aide="nom, SIRET",
    tri="nom",
    adresse_ligne=lambda p: reverse("assainissement_prestataires_fiche", args=[p.pk]),
    liens=(
        Lien(
            "Nouveau prestataire", "bi-plus-lg", f"/{BASE}prestataires/nouveau/", perms.REGLER, principal=True
        ),
    ),
    vide="Aucun prestataire n'est enregistré.",
    vide_aide="Enregistrez l'entreprise qui fait des contrôles pour le service, avec ses dates.",
)
FORMULAIRE_PRESTATAIRE = Formulaire(
    code="assainissement.prestataires",
    modele=Prestataire,
    liste="assainissement.prestataires",
    adresse=f"{BASE}prestataires/",
    droit=perms.REGLER,
    requete=Prestataire.objects.visibles_par,
    titre_nouveau="Nouveau prestataire",
    sections=(*_PRESTATAIRE, Section("Ses comptes", ("comptes",))),
    preparer=_preparer_prestataire,
    enregistrer=_enregistrer_prestataire,
)
FICHE_PRESTATAIRE = Fiche(
    code="assainissement.prestataires",
    liste="assainissement.prestataires",
    adresse=f"{BASE}prestataires/",
    droit=perms.LIRE,
    requete=Prestataire.objects.visibles_par,
    etat=Champ("etat", "Validité", validite, Nature.ETAT, tons=_VALIDITES),
    sections=(
        *_PRESTATAIRE,
        Section(
            "Ses comptes",
            (Champ("comptes", "Comptes", lambda p: ", ".join(str(u) for u in p.comptes.all())),),
        ),
    ),
    formulaire=FORMULAIRE_PRESTATAIRE,
)
_ABSENCE = (
    Section("Qui", ("insee", "agent", "prestataire"), aide="Un agent, ou un prestataire."),
    Section("Quand", ("du", "au", "motif"), aide="Les deux jours sont compris."),
)


def _absences(utilisateur: Any) -> QuerySet[Indisponibilite]:
    lignes: QuerySet[Indisponibilite] = Indisponibilite.objects.visibles_par(utilisateur)
    return lignes.select_related("agent", "prestataire")


INDISPONIBILITES = Liste(
    code="assainissement.indisponibilites",
    titre="Indisponibilités",
    requete=_absences,
    droit=perms.LIRE,
    adresse=f"{BASE}indisponibilites/",
    groupe=GROUPE,
    colonnes=(
        Colonne("qui", "Qui", lambda a: str(a.agent or a.prestataire)),
        Colonne("du", "Du", nature=Nature.DATE, tri=True),
        Colonne("au", "Au", nature=Nature.DATE, tri=True),
        Colonne("motif", "Motif"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(), FiltreDates(code="du", titre="Du", chemin="du")),
    tri="-du",
    adresse_ligne=lambda a: reverse("assainissement_indisponibilites_fiche", args=[a.pk]),
    liens=(
        Lien(
            "Nouvelle indisponibilité",
            "bi-plus-lg",
            f"/{BASE}indisponibilites/nouveau/",
            perms.ENREGISTRER,
            principal=True,
        ),
    ),
    vide="Aucune indisponibilité n'est enregistrée.",
    vide_aide="Un jour d'absence n'accepte ni rendez-vous ni tournée.",
)
FORMULAIRE_INDISPONIBILITE = Formulaire(
    code="assainissement.indisponibilites",
    modele=Indisponibilite,
    liste="assainissement.indisponibilites",
    adresse=f"{BASE}indisponibilites/",
    droit=perms.ENREGISTRER,
    requete=_absences,
    titre_nouveau="Nouvelle indisponibilité",
    sections=_ABSENCE,
    preparer=_preparer_absence,
)
FICHE_INDISPONIBILITE = Fiche(
    code="assainissement.indisponibilites",
    liste="assainissement.indisponibilites",
    adresse=f"{BASE}indisponibilites/",
    droit=perms.LIRE,
    requete=_absences,
    sections=_ABSENCE,
    formulaire=FORMULAIRE_INDISPONIBILITE,
)


def _tournees(utilisateur: Any) -> QuerySet[Tournee]:
    lignes: QuerySet[Tournee] = Tournee.objects.visibles_par(utilisateur)
    return lignes.select_related("agent", "prestataire").annotate(visites=Count("etapes"))


def _quand(valeurs: Any) -> Q:
    jour = timezone.localdate()
    filtre = Q(pk__in=())
    for valeur in [valeurs] if isinstance(valeurs, str) else valeurs:
        if valeur == "a_venir":
            filtre |= Q(date__gte=jour)
        elif valeur == "jour":
            filtre |= Q(date=jour)
    return filtre


TOURNEES = Liste(
    code="assainissement.tournees",
    titre="Tournées",
    requete=_tournees,
    droit=perms.VOIR_CONTROLE,
    adresse=f"{BASE}tournees/",
    groupe=GROUPE,
    colonnes=(
        Colonne("date", "Jour", nature=Nature.DATE, tri=True),
        Colonne("qui", "Qui", "qui"),
        Colonne("visites", "Visites", nature=Nature.NOMBRE, tri=True),
        Colonne("notes", "Notes"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="quand",
            titre="Quand",
            choix=(("jour", "Aujourd'hui"), ("a_venir", "À venir")),
            condition=_quand,
            compter=False,
        ),
        FiltreDates(code="date", titre="Jour", chemin="date"),
    ),
    tri="-date",
    adresse_ligne=lambda t: reverse("ass_tournee", args=[t.pk]),
    liens=(
        Lien(
            "Préparer une tournée",
            "bi-plus-lg",
            f"/{BASE}tournees/nouvelle/",
            perms.ENREGISTRER,
            principal=True,
        ),
        Lien("Prestataires", "bi-people", f"/{BASE}prestataires/", perms.LIRE),
        Lien("Indisponibilités", "bi-calendar-x", f"/{BASE}indisponibilites/", perms.LIRE),
        Lien("Terrain", "bi-phone", "/terrain/", perms.REALISER),
    ),
    vide="Aucune tournée ne correspond.",
    vide_aide="Une tournée réunit les visites d'une personne un jour donné, dans l'ordre de la route.",
)


def tuiles(utilisateur: Any) -> list[tuple[str, int, str, str]]:
    """Tiles of the dashboard: rounds to come, firms that nothing may be entrusted to."""
    jour = timezone.localdate()
    a_venir = Tournee.objects.visibles_par(utilisateur).filter(date__gte=jour).count()
    expires = (
        Prestataire.objects.visibles_par(utilisateur)
        .filter(actif=True)
        .filter(Q(assurance_jusqu_au__lt=jour) | Q(agrement_jusqu_au__lt=jour))
        .count()
    )
    lignes = (
        (f"/{BASE}tournees/?quand=a_venir", a_venir, "Tournées à venir", "info"),
        (f"/{BASE}prestataires/?etat=expire", expires, "Prestataires à renouveler", "bientot"),
    )
    return [ligne for ligne in lignes if ligne[1]]


def declarer_ecrans() -> None:
    """The lists and one entry in the rail."""
    from mairie.menu import Rubrique, ajouter

    declarer(PRESTATAIRES, FICHE_PRESTATAIRE, INDISPONIBILITES, FICHE_INDISPONIBILITE, TOURNEES)
    ajouter(
        Rubrique(
            "ass_tournees", "Tournées", "bi-signpost-split", f"/{BASE}tournees/", 303,
            droit=perms.VOIR_CONTROLE, groupe=GROUPE,
        )
    )  # fmt: skip
