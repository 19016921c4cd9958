"""How a person is entered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mairie.communes import offertes
from mairie.ecrans import ActionImpossible
from mairie.habilitations import portee
from mairie.models import Collectivite, Tiers
from mairie.models.tiers import IDENTITE
from mairie.perms import GERER_TIERS
from mairie.tiers import doublons, service


class FormulaireTiers(forms.ModelForm):
    """A person or a company. ``malgre`` is asked only where sheets look like this one."""

    malgre = forms.BooleanField(label="Créer cette fiche : ce n'est aucune de ces personnes", required=False)

    class Meta:
        model = Tiers
        fields = ("collectivite", "nature", *IDENTITE)
        widgets = {"nature": forms.RadioSelect}  # noqa: RUF012

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # As people type them, with spaces.
        for nom, longueur in (("siret", 20), ("siren", 14)):
            self.fields[nom] = forms.CharField(
                label=self.fields[nom].label, required=False, max_length=longueur,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )  # fmt: skip
        for nom, remplir in (("courriel", "email"), ("telephone", "tel"), ("mobile", "tel")):
            self.fields[nom].widget.input_type = remplir
        self.ressemblances: list[tuple[Tiers, str]] = []

    def clean(self) -> dict[str, Any]:
        """Refuse a new sheet that looks like another, until the person says that it is none of them."""
        propres = super().clean() or {}
        if "malgre" in self.fields and not propres.get("malgre"):
            self.add_error("malgre", ValidationError(_avertir(self.ressemblances)))
        return propres


def _avertir(ressemblances: list[tuple[Tiers, str]]) -> SafeString:
    liens = format_html_join(
        " ; ",
        '<a href="/tiers/{}/" target="_blank">{}</a> ({})',
        ((t.pk, f"{t}, {t.ville}" if t.ville else str(t), raison) for t, raison in ressemblances),
    )
    return format_html(
        "Des fiches ressemblent à celle-ci : {}. Ouvrez-les avant d'en créer une autre.", liens
    )


def preparer(forme: Any, utilisateur: Any) -> None:
    """Collectivités where the person may write; the question about likenesses, where there are some."""
    p = portee(utilisateur, GERER_TIERS)
    collectivites = Collectivite.objects.filter(active=True)
    if not p.totale:
        collectivites = collectivites.filter(code__in=p.codes)
    choix = list(collectivites.values_list("code", "nom"))
    if forme.instance.pk or not choix:
        del forme.fields["collectivite"]
    else:
        ici = [c for c, _ in offertes(utilisateur)]
        forme.fields["collectivite"] = forms.ChoiceField(
            label="Collectivité", choices=choix, initial=ici[0] if ici else choix[0][0],
            widget=forms.HiddenInput if len(choix) == 1 else forms.Select,
        )  # fmt: skip
    if forme.is_bound and not forme.instance.pk:
        forme.ressemblances = doublons.ressemblants(_brouillon(forme))
    if not forme.ressemblances:
        del forme.fields["malgre"]


def _brouillon(forme: Any) -> Tiers:
    """What was typed, unchecked, to be set against the known sheets."""
    textes = {
        nom: str(forme.data.get(nom, "")).strip()
        for nom in ("nom", "prenoms", "raison_sociale", "voie", "lieu_dit", "code_postal", "ville",
                    "courriel", "telephone", "mobile", "siret", "collectivite")
    }  # fmt: skip
    nature = Tiers.Nature.MORALE if forme.data.get("nature") == "morale" else Tiers.Nature.PERSONNE
    textes["siret"] = "".join(textes["siret"].split())
    return Tiers(nature=nature, **{c: t.replace("\0", "")[:200] for c, t in textes.items()})


def enregistrer(forme: Any, utilisateur: Any) -> Tiers:
    """Save through the service."""
    donnees = {c: forme.cleaned_data[c] for c in ("nature", *IDENTITE) if c in forme.cleaned_data}
    if forme.instance.pk is None:
        return service.creer(donnees, collectivite=forme.cleaned_data["collectivite"], par=utilisateur)
    try:
        return service.modifier(forme.instance, donnees, version=forme.instance.version, par=utilisateur)
    except service.FicheModifiee as e:
        raise ActionImpossible(str(e)) from e
