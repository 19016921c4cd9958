"""Forms of the administrateurs: only what they administer can be chosen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon
from django.utils import timezone

from mairie import delegations, finalites, profils, roles
from mairie.comptes.droits import Proposition
from mairie.models import Collectivite, Delegation, Service, Utilisateur

PERIMETRE_MAX = 500_000
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def choix_roles() -> list[tuple[str, list[tuple[str, str]]]]:
    """Roles by trade, for check boxes: (trade, [(trade.role, label)])."""
    groupes: dict[str, list[tuple[str, str]]] = {}
    noms = roles.metiers()
    for r in roles.roles():
        libelle = f"{r.libelle} (signe)" if r.signataire else r.libelle
        groupes.setdefault(noms.get(r.metier, r.metier), []).append((f"{r.metier}.{r.code}", libelle))
    return list(groupes.items())


class FormulaireHabilitations(forms.Form):
    """One habilitation or several at once: roles, where, when, for what."""

    profil = forms.ChoiceField(
        label="Profil", required=False, help_text="Donne d'un coup tous les rôles de ce profil."
    )
    roles = forms.MultipleChoiceField(
        label="Rôles", required=False, widget=forms.CheckboxSelectMultiple, help_text="En plus du profil."
    )
    collectivites = forms.ModelMultipleChoiceField(
        Collectivite.objects.none(), label="Collectivités", widget=forms.CheckboxSelectMultiple
    )
    service = forms.ModelChoiceField(
        Service.objects.none(), label="Service", required=False, empty_label="Tous les services"
    )
    du = forms.DateField(label="Du", widget=DATE)
    au = forms.DateField(label="Au (compris)", required=False, widget=DATE)
    finalites = forms.MultipleChoiceField(
        label="Finalités permises",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Pour quoi cette personne peut consulter des données personnelles.",
    )

    def __init__(self, par: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        administrees = Collectivite.objects.visibles_par(par).filter(active=True)
        champs: dict[str, Any] = self.fields
        champs["profil"].choices = [
            ("", "Aucun"),
            *((p.code, f"{p.libelle} : {p.description}") for p in profils.profils() if p.roles),
        ]
        champs["roles"].choices = choix_roles()
        champs["finalites"].choices = list(finalites.finalites().items())
        champs["collectivites"].queryset = administrees
        champs["service"].queryset = Service.objects.visibles_par(par).filter(actif=True)
        champs["du"].initial = timezone.localdate()
        if len(administrees) == 1:
            champs["collectivites"].initial = administrees

    def clean(self) -> dict[str, Any]:
        """At least one role, dates in order."""
        donnees = super().clean() or {}
        if not donnees.get("profil") and not donnees.get("roles"):
            self.add_error("roles", "Choisissez un profil ou au moins un rôle.")
        if donnees.get("du") and donnees.get("au") and donnees["au"] < donnees["du"]:
            self.add_error("au", "La fin vient avant le début.")
        return donnees

    def propositions(self, perimetre: MultiPolygon | None = None) -> list[Proposition]:
        """One for each role chosen, by profile or by box, each once."""
        d = self.cleaned_data
        cles = [tuple(r.split(".", 1)) for r in d["roles"]]
        profil = profils.profil(d["profil"]) if d["profil"] else None
        if profil is not None:
            cles += [(r.metier, r.code) for r in profil.roles]
        service = d["service"]
        return [
            Proposition(
                metier,
                role,
                tuple(c.code for c in d["collectivites"]),
                d["du"],
                d["au"],
                # A service of one trade narrows the roles of that trade only.
                service.pk if service is not None and service.metier in ("", metier) else None,
                tuple(d["finalites"]),
                perimetre,
            )
            for metier, role in dict.fromkeys(cles)
        ]


class FormulaireHabiliter(FormulaireHabilitations):
    """The same for somebody who has an account, with a perimeter if need be."""

    perimetre = forms.CharField(
        label="Périmètre (GeoJSON)",
        required=False,
        max_length=PERIMETRE_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Restreint ces droits à l'intérieur d'un polygone, en longitudes et latitudes.",
    )

    def clean_perimetre(self) -> MultiPolygon | None:
        """A valid polygon in the territory's projection, from GeoJSON; null without."""
        texte = self.cleaned_data["perimetre"].strip()
        return lire_perimetre(texte) if texte else None


def lire_perimetre(texte: str) -> MultiPolygon:
    """Polygon or multipolygon of a GeoJSON geometry, feature or collection; ``ValidationError`` otherwise."""
    try:
        geometries = [GEOSGeometry(json.dumps(g), srid=4326) for g in _geometries(json.loads(texte))]
    except (ValueError, TypeError, KeyError, GDALException, GEOSException) as e:
        raise forms.ValidationError("Ce n'est pas du GeoJSON.") from e
    polygones = [p for g in geometries for p in (list(g) if isinstance(g, MultiPolygon) else [g])]
    if not polygones or any(p.geom_type != "Polygon" for p in polygones):
        raise forms.ValidationError("Le périmètre est fait de polygones.")
    reuni = MultiPolygon(polygones, srid=4326)
    if not all(-180 <= x <= 180 for x in reuni.extent) or not reuni.valid or reuni.empty:
        raise forms.ValidationError("Ce polygone n'est pas valide : ses côtés se croisent peut-être.")
    reuni.transform(settings.TERRITOIRE_SRID)
    return reuni


def _geometries(objet: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if objet["type"] == "FeatureCollection":
        return [f["geometry"] for f in objet["features"]]
    return [objet["geometry"] if objet["type"] == "Feature" else objet]


class FormulaireInvitation(FormulaireHabilitations):
    """An invitation: to whom, by which collectivité, with which habilitations."""

    email = forms.EmailField(label="Adresse électronique", widget=forms.EmailInput(attrs={"autofocus": True}))
    nom = forms.CharField(label="Prénom et nom", required=False, max_length=150)
    collectivite = forms.ModelChoiceField(
        Collectivite.objects.none(),
        label="Invitée par",
        empty_label=None,
        help_text="La collectivité nommée dans le courriel.",
    )
    field_order = ("email", "nom", "collectivite", "profil", "roles", "collectivites")

    def __init__(self, par: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(par, *args, **kwargs)
        champ: Any = self.fields["collectivite"]
        champ.queryset = Collectivite.objects.visibles_par(par).filter(active=True)


class FormulaireFin(forms.Form):
    """Last day of something that ends."""

    dernier_jour = forms.DateField(label="Dernier jour (compris)", widget=DATE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dernier_jour"].initial = timezone.localdate()


class FormulaireNomPersonne(forms.Form):
    """A name to correct."""

    nom = forms.CharField(label="Prénom et nom", max_length=150)


class FormulaireService(forms.ModelForm):
    """A service of an administered collectivité; it keeps its collectivité and code once made."""

    class Meta:
        model = Service
        fields = ("collectivite", "code", "libelle", "metier", "courriel", "actif")
        labels = {"collectivite": "Collectivité"}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "code": "Court, sans espace ni accent : il sert dans les numéros et les exports.",
            "actif": "Un service fermé ne se propose plus, ses dossiers restent.",
        }

    def __init__(self, par: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        champs: dict[str, Any] = self.fields
        champs["metier"] = forms.ChoiceField(
            label="Métier",
            required=False,
            choices=[("", "Tous les métiers"), *roles.metiers().items()],
            initial=self.instance.metier,
        )
        champs["collectivite"].queryset = Collectivite.objects.visibles_par(par).filter(active=True)
        champs["collectivite"].empty_label = None
        if self.instance.pk:
            del champs["collectivite"], champs["code"]


class FormulaireCollectivite(forms.ModelForm):
    """What acts and letters print of a collectivité; its code and nature are not changed here."""

    site = forms.URLField(label="Site internet", required=False, assume_scheme="https")

    class Meta:
        model = Collectivite
        fields = ("nom", "siren", "adresse", "telephone", "courriel", "site")
        widgets = {"adresse": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012


class FormulaireRattachement(forms.Form):
    """A commune joins an EPCI."""

    commune = forms.ModelChoiceField(Collectivite.objects.none(), label="Commune", empty_label=None)
    du = forms.DateField(label="À partir du", widget=DATE)

    def __init__(self, par: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        champ: Any = self.fields["commune"]
        champ.queryset = Collectivite.objects.visibles_par(par).filter(
            nature=Collectivite.Nature.COMMUNE, active=True
        )
        self.fields["du"].initial = timezone.localdate()


class FormulaireDelegation(forms.Form):
    """Who signs: by office, or by delegation of named acts."""

    collectivite = forms.ModelChoiceField(Collectivite.objects.none(), label="Collectivité", empty_label=None)
    delegataire = forms.ModelChoiceField(Utilisateur.objects.none(), label="Signataire", empty_label=None)
    qualite = forms.CharField(
        label="Qualité, telle qu'imprimée sur les actes",
        max_length=150,
        help_text="« Le maire », « L'adjointe déléguée à l'urbanisme ».",
    )
    titulaire = forms.BooleanField(
        label="Signe tous les actes par sa fonction (maire, président)", required=False
    )
    types_actes = forms.MultipleChoiceField(
        label="Actes délégués", required=False, widget=forms.CheckboxSelectMultiple
    )
    acte_reference = forms.CharField(
        label="Référence de l'arrêté de délégation", max_length=80, required=False
    )
    acte_date = forms.DateField(label="Date de l'arrêté", required=False, widget=DATE)
    du = forms.DateField(label="Du", widget=DATE)
    au = forms.DateField(label="Au (compris)", required=False, widget=DATE)

    def __init__(self, par: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        champs: dict[str, Any] = self.fields
        champs["collectivite"].queryset = Collectivite.objects.visibles_par(par).filter(active=True)
        champs["delegataire"].queryset = (
            Utilisateur.objects.visibles_par(par).filter(is_active=True).order_by("nom", "email")
        )
        champs["types_actes"].choices = choix_types_actes()
        champs["du"].initial = timezone.localdate()


def choix_types_actes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds of acts by trade, each trade beginning with all of its own."""
    groupes: dict[str, list[tuple[str, str]]] = {
        code: [(code, f"Tous les actes « {libelle} »")]
        for code, libelle in roles.metiers().items()
        if code != "mairie"
    }
    for t in delegations.types_actes().values():
        groupes.setdefault(t.metier, []).append((t.code, t.libelle))
    return [(roles.metiers().get(code, code), choix) for code, choix in groupes.items()]


def qualites_connues(par: Utilisateur) -> list[str]:
    """Qualities already printed, offered while typing."""
    return sorted(set(Delegation.objects.visibles_par(par).values_list("qualite", flat=True)))
