"""Forms of the people and places of an installation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from assainissement.models import Installation, InstallationTiers
from assainissement.saisies import lire_adresse, lire_idus
from mairie.ecrans.formulaires import habiller
from mairie.models import Tiers

PROPRIETAIRE = InstallationTiers.Role.PROPRIETAIRE
INDIVISAIRE = "indivisaire"


class FormulairePersonne(forms.Form):
    """One more person: known, else named with an address for his letters."""

    role = forms.ChoiceField(label="Qualité")
    connu = forms.ModelChoiceField(label="Personne connue", queryset=Tiers.objects.none(), required=False)
    nom = forms.CharField(label="Sinon, son nom", max_length=150, required=False)
    adresse = forms.CharField(
        label="Son adresse",
        max_length=300,
        required=False,
        help_text="12 rue de l'Essai, 25000 Besançon. Sans elle, aucune lettre ne part.",
    )
    du = forms.DateField(label="Depuis le")

    def __init__(self, *args: Any, tiers: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        role, connu = self.fields["role"], self.fields["connu"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101
        assert isinstance(connu, forms.ModelChoiceField)  # noqa: S101
        autres = [(c, str(m).capitalize()) for c, m in InstallationTiers.Role.choices if c != PROPRIETAIRE]
        role.choices = [
            (PROPRIETAIRE, "Nouveau propriétaire, seul"),
            (INDIVISAIRE, "Propriétaire en indivision, avec les autres"),
            *autres,
        ]
        connu.queryset = tiers
        self.fields["du"].initial = timezone.localdate()
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Somebody is named."""
        d = super().clean() or {}
        if not d.get("connu") and not (d.get("nom") or "").strip():
            self.add_error("nom", "Choisissez une personne connue, ou écrivez son nom.")
        elif d.get("connu") and ((d.get("nom") or "").strip() or (d.get("adresse") or "").strip()):
            self.add_error("nom", "Une personne connue, ou un nom et son adresse : pas les deux.")
        return d


class FormulaireLieux(forms.Form):
    """Parcels and addresses, one a line."""

    parcelles = forms.CharField(
        label="Parcelles",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Identifiants de 14 caractères ; la première est la principale.",
    )
    adresses = forms.CharField(
        label="Adresses desservies",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Une par ligne : 12 rue de l'Essai. La première est la principale.",
    )

    def __init__(self, *args: Any, installation: Installation, **options: Any) -> None:
        self.insee = installation.insee
        connues = installation.liens_adresses.select_related("adresse__voie").order_by("-principale", "pk")
        self.connues = {str(x.adresse): x.adresse for x in connues}
        parcelles = installation.parcelles.order_by("-principale", "pk").values_list("reference", flat=True)
        options["initial"] = {"parcelles": "\n".join(parcelles), "adresses": "\n".join(self.connues)}
        super().__init__(*args, **options)
        habiller(self)

    def clean_parcelles(self) -> list[str]:
        """References as a list."""
        return lire_idus(self.cleaned_data["parcelles"])

    def clean_adresses(self) -> list[Any]:
        """Addresses of the commune; those already linked stay, whatever the base has become."""
        lignes = [x.strip() for x in self.cleaned_data["adresses"].splitlines() if x.strip()]
        return [self.connues.get(x) or lire_adresse(self.insee, x) for x in lignes]
