"""Settings made of rows: the form of a type of occupation, the services that give their advice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse

from domainepublic import perms
from domainepublic.models import TypeOccupation
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


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    declarer(SERVICES, FICHE)
