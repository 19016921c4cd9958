"""Settings made of rows: the form of a type of occupation, the services that give their advice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse

from domainepublic import perms
from domainepublic.models import ReglageType, TypeOccupation
from mairie.ecrans import (
    ActionImpossible,
    Champ,
    Colonne,
    Fiche,
    Formulaire,
    Lien,
    Liste,
    Nature,
    Section,
    declarer,
)
from mairie.ecrans.droits import partout
from mairie.habilitations import communes_du_droit, portee
from mairie.models import ServiceConsulte

METIER = "domainepublic"
ADRESSE = "domaine-public/services/"


class FormulaireType(forms.ModelForm[TypeOccupation]):
    """A type; the code of one that the rules know never changes, and it stays whole: it is only closed."""

    class Meta:
        model = TypeOccupation
        fields = (
            "code", "libelle", "valide_du", "valide_au", "ordre", "actif", "libelle_public",
            "emprise_defaut", "economique_defaut", "affecte_sol", "geometries", "unites", "periodes",
            "pieces", "delai_conseille_jours", "imputation",
        )  # fmt: skip

    def clean_code(self) -> str:
        """As it was, for a type of the seed."""
        code = str(self.cleaned_data["code"]).strip().upper()
        avant = TypeOccupation.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        if avant is not None and avant.de_la_loi and avant.code != code:
            raise forms.ValidationError(
                f"« {avant.code} » est un type livré : son code reste. Décochez « proposé » pour le fermer."
            )
        return code


def _services(utilisateur: Any) -> QuerySet[ServiceConsulte]:
    """Those of the person's collectivités, and those of all for who administers all."""
    p = portee(utilisateur, perms.ADMINISTRER)
    siens = Q() if p.totale else Q(collectivite__in=p.codes)
    if not p:
        return ServiceConsulte.objects.none()
    if not p.totale and partout(utilisateur, perms.ADMINISTRER):
        siens |= Q(collectivite="")
    return ServiceConsulte.objects.filter(siens, metier=METIER)


def _lus(utilisateur: Any) -> QuerySet[ServiceConsulte]:
    """The same and, to read, those of all."""
    p = portee(utilisateur, perms.ADMINISTRER)
    siens = Q() if p.totale else Q(collectivite__in=p.codes) | Q(collectivite="")
    return ServiceConsulte.objects.filter(siens, metier=METIER)


class FormulaireService(forms.ModelForm[ServiceConsulte]):
    """A service: who, how long, what its silence means."""

    collectivite = forms.ChoiceField(label="Commune", required=False)

    class Meta:
        model = ServiceConsulte
        fields = (
            "collectivite", "code", "libelle", "courriel", "adresse", "nature", "delai_valeur",
            "delai_unite", "effet_silence", "article", "actif",
        )  # fmt: skip


def _preparer(forme: Any, utilisateur: Any) -> None:
    choix = list(communes_du_droit(utilisateur, perms.ADMINISTRER).items())
    if partout(utilisateur, perms.ADMINISTRER):
        choix = [("", "toutes"), *choix]
    forme.fields["collectivite"].choices = choix


def _enregistrer(forme: Any, utilisateur: Any) -> ServiceConsulte:
    s: ServiceConsulte = forme.save(commit=False)
    if not s.collectivite and not partout(utilisateur, perms.ADMINISTRER):
        raise ActionImpossible("Choisissez une commune : ce service serait celui de toutes.")
    s.metier = METIER
    s.save()
    return s


SERVICES = Liste(
    code="domainepublic.services",
    titre="Services consultés",
    requete=_lus,
    droit=perms.ADMINISTRER,
    adresse=ADRESSE,
    groupe="Domaine public",
    presentation="Qui donne son avis sur une occupation. Un service ne s'efface pas : il devient inactif.",
    colonnes=(
        Colonne("libelle", "Service", tri=True),
        Colonne("collectivite", "Commune", lambda s: s.collectivite or "toutes", tri="collectivite"),
        Colonne("courriel", "Courriel"),
        Colonne("delai", "Délai", lambda s: f"{s.delai_valeur} {s.delai_unite}"),
        Colonne("effet_silence", "Silence", lambda s: s.get_effet_silence_display()),
        Colonne("actif", "Actif", nature=Nature.OUI_NON, tri=True),
    ),
    recherche=("libelle", "code"),
    recherche_aide="nom",
    tri="libelle",
    adresse_ligne=lambda s: reverse("domainepublic_services_fiche", args=[s.pk]),
    liens=(Lien("Nouveau service", "bi-plus-lg", f"/{ADRESSE}nouveau/", perms.ADMINISTRER, principal=True),),
    vide="Aucun service n'est saisi.",
)
_SECTION = Section(
    "Le service",
    (
        "collectivite", "code", "libelle", "courriel", "adresse", "nature", "delai_valeur", "delai_unite",
        "effet_silence", "article", "actif",
    ),
)  # fmt: skip
FORMULAIRE = Formulaire(
    code="domainepublic.services",
    modele=ServiceConsulte,
    requete=_services,
    droit=perms.ADMINISTRER,
    adresse=ADRESSE,
    liste="domainepublic.services",
    titre="Modifier un service",
    titre_nouveau="Nouveau service",
    sections=(_SECTION,),
    classe=FormulaireService,
    preparer=_preparer,
    enregistrer=_enregistrer,
)
FICHE = Fiche(
    code="domainepublic.services",
    requete=_lus,
    droit=perms.ADMINISTRER,
    adresse=ADRESSE,
    liste="domainepublic.services",
    sections=(
        Section(
            "Le service",
            (
                Champ("collectivite", "Commune", lambda s: s.collectivite or "toutes"),
                *(c for c in _SECTION.champs if c != "collectivite"),
            ),
        ),
    ),
    formulaire=FORMULAIRE,
)


# --- a type in the words of a commune -------------------------------------------------------------

LOCAUX = "domaine-public/types/"


class FormulaireReglage(forms.ModelForm[ReglageType]):
    """What a commune says of a type; what is empty is as for all."""

    insee = forms.ChoiceField(label="Commune")

    class Meta:
        model = ReglageType
        fields = (
            "insee", "type", "propose", "libelle", "libelle_public", "unites", "pieces",
            "delai_conseille_jours", "imputation",
        )  # fmt: skip


def _communes(forme: Any, utilisateur: Any) -> None:
    forme.fields["insee"].choices = list(communes_du_droit(utilisateur, perms.ADMINISTRER).items())


_CHAMPS_REGLAGE = (
    "insee", "type", "propose", "libelle", "libelle_public", "unites", "pieces", "delai_conseille_jours",
    "imputation",
)  # fmt: skip
TYPES_LOCAUX = Liste(
    code="domainepublic.types_locaux",
    titre="Types d'occupation dans la commune",
    requete=lambda u: ReglageType.objects.visibles_par(u).select_related("type"),
    droit=perms.LIRE,
    adresse=LOCAUX,
    groupe="Domaine public",
    presentation=(
        "Ce que la commune dit autrement d'un type : son nom, son unité, les pièces demandées, le délai"
        " conseillé, l'imputation. Ce qui reste vide est comme partout."
    ),
    colonnes=(
        Colonne("type", "Type", "type.libelle", tri="type__libelle"),
        Colonne("libelle_public", "Pour le public", tri=True),
        Colonne("propose", "Proposé", nature=Nature.OUI_NON, tri=True),
        Colonne("delai_conseille_jours", "Délai conseillé (jours)", nature=Nature.NOMBRE, tri=True),
        Colonne("imputation", "Imputation", tri=True),
        Colonne("commune", "Commune", "insee", tri="insee"),
    ),
    tri="type",
    adresse_ligne=lambda r: reverse("domainepublic_types_locaux_fiche", args=[r.pk]),
    liens=(Lien("Régler un type", "bi-plus-lg", f"/{LOCAUX}nouveau/", perms.ADMINISTRER, principal=True),),
    vide="Tous les types sont comme livrés.",
)
FORMULAIRE_TYPES = Formulaire(
    code="domainepublic.types_locaux",
    modele=ReglageType,
    requete=ReglageType.objects.visibles_par,
    droit=perms.ADMINISTRER,
    adresse=LOCAUX,
    liste="domainepublic.types_locaux",
    titre="Modifier un type dans la commune",
    titre_nouveau="Régler un type dans la commune",
    sections=(Section("Le type", _CHAMPS_REGLAGE),),
    classe=FormulaireReglage,
    preparer=_communes,
)
FICHE_TYPES = Fiche(
    code="domainepublic.types_locaux",
    requete=ReglageType.objects.visibles_par,
    droit=perms.LIRE,
    adresse=LOCAUX,
    liste="domainepublic.types_locaux",
    sections=(Section("Le type", _CHAMPS_REGLAGE),),
    formulaire=FORMULAIRE_TYPES,
)


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    declarer(SERVICES, FICHE, TYPES_LOCAUX, FICHE_TYPES)
