"""Forms of connections to the sewer and of their controls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from assainissement.models import Branchement, ControleAC, Prestataire
from assainissement.raccordements import RAISON_MAX, RAISON_MIN
from assainissement.saisies import lire_parcelles, personne
from gis_data.dessin.champ import ChampDessin
from mairie.ecrans.formulaires import habiller
from mairie.models import Adresse, Tiers, Utilisateur

_ADRESSE = re.compile(r"^\s*(\d{1,4})\s*(bis|ter|quater|[a-z])?[\s,]+(.+)$", re.IGNORECASE)


def lire_adresse(texte: str, insee: str) -> Adresse:
    """The address of the commune that a text names; ``ValidationError`` for none, or several."""
    lu = _ADRESSE.match(texte)
    trouvees: list[Adresse] = []
    if lu:
        trouvees = list(
            Adresse.objects.filter(
                insee=insee, active=True, numero=int(lu[1]), suffixe=(lu[2] or "").lower(),
                voie__nom__icontains=lu[3].strip(),
            ).select_related("voie")[:3]
        )  # fmt: skip
    exactes = [a for a in trouvees if lu and a.voie.nom.lower() == lu[3].strip().lower()]
    choisies = exactes or trouvees
    if len(choisies) == 1:
        return choisies[0]
    raise forms.ValidationError(
        "Plusieurs adresses répondent : écrivez le nom entier de la voie."
        if trouvees
        else "Cette adresse n'est pas dans la base de la commune : corrigez-la, ou laissez vide."
    )


class FormulaireBranchement(forms.ModelForm[Branchement]):
    """What a connection is."""

    geom = ChampDessin(
        label="Emplacement",
        required=False,
        genres=("point",),
        help_text="Un point, à la boîte de branchement.",
    )
    insee = forms.ChoiceField(label="Commune")
    parcelles = forms.CharField(
        label="Parcelles",
        required=False,
        help_text="Comme sur le plan (AB 12), ou les 14 caractères, séparées par des virgules.",
    )
    lieu = forms.CharField(label="Adresse", required=False, help_text="12 rue de l'Essai")
    proprietaire = forms.ModelChoiceField(label="Propriétaire", queryset=Tiers.objects.none(), required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    class Meta:
        model = Branchement
        fields = (
            "geom", "proprietaire", "type_reseau", "mise_en_service_le", "boite", "notes",
        )  # fmt: skip

    field_order = (
        "insee", "lieu", "parcelles", "geom", "proprietaire", "type_reseau", "mise_en_service_le",
        "raccorde", "boite", "notes",
    )  # fmt: skip
    raccorde = forms.DateField(
        label="Raccordé le", required=False, help_text="Vide tant que l'immeuble n'est pas raccordé."
    )

    def __init__(self, *args: Any, communes: Mapping[str, str], tiers: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        insee, proprietaire = self.fields["insee"], self.fields["proprietaire"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(proprietaire, forms.ModelChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        proprietaire.queryset = tiers
        self.fields["client_uuid"].initial = uuid4
        if self.instance.pk:
            # Its commune and its connection are not corrected here.
            for nom in ("insee", "raccorde", "client_uuid"):
                del self.fields[nom]
            self.fields["lieu"].initial = self.instance.lieu
            self.fields["parcelles"].initial = ", ".join(p.reference for p in self.instance.parcelles.all())
        habiller(self)

    def clean_parcelles(self) -> list[str]:
        """As the plan writes them."""
        insee = self.cleaned_data.get("insee") or self.instance.insee
        return lire_parcelles(self.cleaned_data["parcelles"], insee)

    def clean_mise_en_service_le(self) -> Any:
        """Not ahead by mistake: a sewer to come is told on the day it comes."""
        jour = self.cleaned_data["mise_en_service_le"]
        if jour and jour > timezone.localdate():
            raise forms.ValidationError("Le réseau se dit en service le jour où il l'est.")
        return jour

    def clean(self) -> dict[str, Any]:
        """An address of the commune."""
        d = super().clean() or {}
        d["adresse"] = None
        if d.get("lieu"):
            try:
                d["adresse"] = lire_adresse(d["lieu"], d.get("insee") or self.instance.insee)
            except forms.ValidationError as e:
                if self.instance.pk and d["lieu"] == self.instance.lieu:
                    d["adresse"] = self.instance.adresse
                else:
                    self.add_error("lieu", e)
        return d

    def champs(self) -> dict[str, Any]:
        """As the service wants them."""
        return {n: self.cleaned_data[n] for n in (*self.Meta.fields, "adresse")}


class FormulaireRaccorder(forms.Form):
    """The day a building was connected."""

    le = forms.DateField(label="Raccordé le")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["le"].initial = timezone.localdate()
        habiller(self)


class FormulaireDerogation(forms.Form):
    """A derogation with its act."""

    motif = forms.CharField(
        label="Motif", max_length=200, help_text="Difficultés techniques, installation récente et conforme…"
    )
    acte = forms.CharField(label="Arrêté", max_length=160)
    du = forms.DateField(label="Du")
    au = forms.DateField(label="Au")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)


def _raison() -> forms.CharField:
    return forms.CharField(
        label="Raison de la correction",
        max_length=RAISON_MAX,
        min_length=RAISON_MIN,
        help_text="Elle reste au journal, avec ce qui était enregistré.",
    )


class FormulaireCorrigerJour(forms.Form):
    """Another day of connection, or none."""

    le = forms.DateField(
        label="Raccordé le",
        required=False,
        help_text="Vide : une erreur, l'immeuble n'est pas raccordé.",
    )
    raison = _raison()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)


class FormulaireCorrigerDerogation(FormulaireDerogation):
    """The same derogation, ended early or typed right."""

    raison = _raison()


class FormulaireControleAC(forms.ModelForm[ControleAC]):
    """A control to ask."""

    insee = forms.ChoiceField(label="Commune")
    lieu = forms.CharField(label="Adresse", required=False, help_text="12 rue de l'Essai")
    demande = forms.DateField(label="Demandé le")
    demandeur = forms.ModelChoiceField(label="Demandeur", queryset=Tiers.objects.none(), required=False)
    nom = forms.CharField(
        label="Sinon, son nom", max_length=150, required=False,
        help_text="Il paie la redevance ; vide, le propriétaire du branchement.",
    )  # fmt: skip
    nom_adresse = forms.CharField(
        label="Son adresse", max_length=200, required=False,
        help_text="Voie, code postal et ville, séparés par des virgules. Sans elle, aucune lettre ne part.",
    )  # fmt: skip
    agent = forms.ModelChoiceField(label="Contrôleur", queryset=Utilisateur.objects.none(), required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    class Meta:
        model = ControleAC
        fields = ("motif", "logement", "reference")

    field_order = (
        "insee", "reference", "lieu", "motif", "logement", "demande", "demandeur", "nom", "nom_adresse",
        "agent", "client_uuid",
    )  # fmt: skip

    def __init__(
        self, *args: Any, communes: Mapping[str, str], tiers: Any, agents: Any,
        branchement: Branchement | None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.branchement = branchement
        for nom, requete in (("demandeur", tiers), ("agent", agents)):
            champ = self.fields[nom]
            assert isinstance(champ, forms.ModelChoiceField)  # noqa: S101
            champ.queryset = requete
        if branchement is not None:
            for nom in ("insee", "reference", "lieu"):
                del self.fields[nom]
        else:
            insee = self.fields["insee"]
            assert isinstance(insee, forms.ChoiceField)  # noqa: S101
            insee.choices = list(communes.items())
            self.fields["reference"].required = False
            self.fields["reference"].help_text = "Comme sur le plan : AB 12."
        self.fields["demande"].initial = timezone.localdate
        self.fields["client_uuid"].initial = uuid4
        habiller(self)

    def clean_reference(self) -> str:
        """One parcel."""
        lues = lire_parcelles(
            self.cleaned_data["reference"], self.cleaned_data.get("insee") or self.instance.insee
        )
        if len(lues) > 1:
            raise forms.ValidationError("Une seule parcelle : le branchement en porte plusieurs.")
        return lues[0] if lues else ""

    def clean_demande(self) -> Any:
        """Asked today or before."""
        jour = self.cleaned_data["demande"]
        if jour > timezone.localdate():
            raise forms.ValidationError("La demande est d'aujourd'hui ou d'avant.")
        return jour

    def clean(self) -> dict[str, Any]:
        """A place, by the connection, a parcel or an address; who asks, known or named."""
        d = super().clean() or {}
        d["adresse"] = None
        connu, nom = d.get("demandeur"), (d.get("nom") or "").strip()
        if d.get("nom_adresse") and not nom:
            self.add_error("nom", "De qui est cette adresse ? Donnez le nom.")
        # A name typed takes the place of who is recorded, not of somebody chosen just now.
        if nom and connu is not None and connu.pk != self.instance.demandeur_id:
            self.add_error("nom", "Quelqu'un de connu, ou un nom et son adresse : pas les deux.")
        if self.branchement is None and "lieu" in self.fields:
            if d.get("lieu"):
                try:
                    d["adresse"] = self._adresse(d["lieu"], d.get("insee", ""))
                except forms.ValidationError as e:
                    self.add_error("lieu", e)
            elif not d.get("reference") and "reference" not in self.errors:
                self.add_error("lieu", "Dites où : une parcelle ou une adresse.")
        return d

    def _adresse(self, texte: str, insee: str) -> Adresse:
        return lire_adresse(texte, insee)

    def qui_demande(self, par: Utilisateur, insee: str) -> Tiers | None:
        """Named, else chosen. ``Refus`` for what a sheet cannot hold."""
        d = self.cleaned_data
        choisi: Tiers | None = d["demandeur"]
        return personne(d["nom"], insee, par, d["nom_adresse"]) or choisi


class FormulaireCorrectionAC(FormulaireControleAC):
    """The request as it should be; once it is concluded, who pays for it alone."""

    def __init__(self, *args: Any, controle: ControleAC, **options: Any) -> None:
        options["initial"] = {"lieu": str(controle.adresse or "")}
        super().__init__(
            *args, instance=controle, communes={}, agents=Utilisateur.objects.none(),
            branchement=controle.branchement, **options,
        )  # fmt: skip
        self.initial["demandeur"] = controle.demandeur_id
        ote = {"insee", "demande", "agent", "client_uuid"}
        if controle.valide_le is not None or controle.origine_id is not None:
            ote |= {"motif", "logement", "reference", "lieu"}
        for nom in ote & set(self.fields):
            del self.fields[nom]

    def _adresse(self, texte: str, insee: str) -> Adresse:
        # The base of addresses may have changed since: what is kept is not read again.
        connue = self.instance.adresse
        if connue is not None and texte == str(connue):
            return connue
        return lire_adresse(texte, self.instance.insee)

    def champs(self) -> dict[str, Any]:
        """As the service wants them."""
        d = self.cleaned_data
        sortie: dict[str, Any] = {n: d[n] for n in ("motif", "logement", "reference") if n in self.fields}
        return {**sortie, "adresse": d["adresse"]} if "lieu" in self.fields else sortie


class FormulaireAffecter(forms.Form):
    """Who makes the visit."""

    agent = forms.ModelChoiceField(label="Agent", queryset=Utilisateur.objects.none(), required=False)
    prestataire = forms.ModelChoiceField(
        label="Ou prestataire", queryset=Prestataire.objects.none(), required=False
    )

    def __init__(self, *args: Any, agents: Any, prestataires: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        agent, prestataire = self.fields["agent"], self.fields["prestataire"]
        assert isinstance(agent, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(prestataire, forms.ModelChoiceField)  # noqa: S101
        agent.queryset, prestataire.queryset = agents, prestataires
        habiller(self)
