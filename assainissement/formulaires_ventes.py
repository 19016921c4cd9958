"""Forms of declared sales: entry in one short form, correction."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from assainissement.models import ControleAC, DeclarationVente, Installation, InstallationTiers
from assainissement.saisies import lire_adresse, lire_parcelles, personne
from assainissement.suivi import dernier_rapport
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller
from mairie.models import Tiers, Utilisateur

QUI = ("notaire", "vendeur")
_POSTALE = "Voie, code postal et ville, séparés par des virgules. Sans elle, aucune lettre ne part."


class ChoixPersonne(forms.ModelChoiceField):
    """Known people, each with its address: a name alone does not tell one from another."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, then address."""
        return ", ".join([str(obj), *obj.lignes_adresse])


def notaires_connus(utilisateur: Any) -> Any:
    """Who was a notary of a sale that this person may read."""
    cles = DeclarationVente.objects.visibles_par(utilisateur).filter(notaire__isnull=False).values("notaire")
    return Tiers.objects.visibles_par(utilisateur).actifs().filter(pk__in=cles)


def proprietaires(installations: list[Installation]) -> Any:
    """Owners of today of these installations."""
    role = InstallationTiers.Role.PROPRIETAIRE
    return Tiers.objects.actifs().filter(
        pk__in=InstallationTiers.objects.filter(
            installation__in=installations, role=role, au__isnull=True
        ).values("tiers")
    )


class FormulaireVente(forms.Form):
    """A sale in one short form."""

    insee = forms.ChoiceField(label="Commune")
    parcelles = forms.CharField(
        label="Parcelles",
        required=False,
        help_text="Comme sur le plan (AB 12), ou les 14 caractères, séparées par des virgules.",
    )
    adresse = forms.CharField(label="Ou adresse", required=False, help_text="12 rue de l'Essai")
    recue_le = forms.DateField(label="Reçue le")
    source = forms.ChoiceField(label="Origine", choices=DeclarationVente.Source.choices, initial="notaire")
    reference = forms.CharField(label="Référence du demandeur", max_length=60, required=False)
    notaire_connu = ChoixPersonne(
        label="Notaire déjà connu", queryset=Tiers.objects.none(), required=False, empty_label="aucun"
    )
    notaire = forms.CharField(label="Sinon, nom du notaire", max_length=150, required=False)
    notaire_adresse = forms.CharField(
        label="Adresse du notaire", required=False, max_length=200, help_text=_POSTALE
    )
    vendeur_connu = ChoixPersonne(
        label="Vendeur déjà connu", queryset=Tiers.objects.none(), required=False, empty_label="aucun"
    )
    vendeur = forms.CharField(label="Sinon, nom du vendeur", max_length=150, required=False)
    vendeur_adresse = forms.CharField(
        label="Adresse du vendeur", required=False, max_length=200, help_text=_POSTALE
    )
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(
        self, *args: Any, communes: dict[str, str], notaires: Any, vendeurs: Any, connue: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        self.connue = connue
        for nom, offerts in (("notaire_connu", notaires), ("vendeur_connu", vendeurs)):
            champ = self.fields[nom]
            assert isinstance(champ, forms.ModelChoiceField)  # noqa: S101
            champ.queryset = offerts
        if not self.fields["vendeur_connu"].queryset.exists():  # type: ignore[attr-defined]
            del self.fields["vendeur_connu"]
            self.fields["vendeur"].label = "Vendeur"
        self.fields["client_uuid"].initial = uuid4
        self.fields["recue_le"].initial = timezone.localdate()
        habiller(self)

    @property
    def commune(self) -> str:
        """INSEE of what is sold."""
        return str(self.cleaned_data.get("insee", ""))

    def clean_parcelles(self) -> list[str]:
        """Identifiers as a list."""
        return lire_parcelles(self.cleaned_data["parcelles"], self.commune)

    def clean(self) -> dict[str, Any]:
        """A place at least; an address of the commune; a day that is not ahead; people said once."""
        d = super().clean() or {}
        d["trouvee"] = None
        if d.get("adresse"):
            d["trouvee"] = self._adresse(d["adresse"])
        elif not d.get("parcelles") and "parcelles" not in self.errors and not self.connue:
            self.add_error("parcelles", "Dites au moins une parcelle ou une adresse.")
        for qui in QUI:
            self._nommer(qui, d)
        if d.get("recue_le") and d["recue_le"] > timezone.localdate():
            self.add_error("recue_le", "La date de réception est dans l'avenir.")
        return d

    def _adresse(self, texte: str) -> Any:
        try:
            return lire_adresse(self.commune, texte)
        except forms.ValidationError as e:
            self.add_error("adresse", e)
            return None

    def _nommer(self, qui: str, d: dict[str, Any]) -> None:
        nom, adresse = (d.get(qui) or "").strip(), d.get(f"{qui}_adresse")
        if adresse and not nom:
            self.add_error(qui, "De qui est cette adresse ? Donnez le nom.")
        connu = d.get(f"{qui}_connu")
        if nom and connu is not None and not self._remplace(qui, connu):
            self.add_error(qui, "Quelqu'un de connu, ou un nom et son adresse : pas les deux.")

    def _remplace(self, qui: str, connu: Tiers) -> bool:
        """Whether a name typed takes the place of the one chosen."""
        return False

    def tiers(self, qui: str, par: Utilisateur, insee: str) -> Tiers | None:
        """Who is named: typed, else chosen. ``Refus`` for what a sheet cannot hold."""
        d = self.cleaned_data
        connu: Tiers | None = d.get(f"{qui}_connu")
        return personne(d[qui], insee, par, d[f"{qui}_adresse"]) or connu


class FormulaireCorrection(FormulaireVente):
    """The same sale, said right: who, where, what answers it."""

    repond = forms.ChoiceField(
        label="Ce qui est vendu",
        required=False,
        help_text="L'installation, ou le contrôle de raccordement du logement.",
    )
    field_order = (
        "repond", "parcelles", "adresse", "notaire_connu", "notaire", "notaire_adresse", "vendeur_connu",
        "vendeur", "vendeur_adresse",
    )  # fmt: skip

    def __init__(
        self, *args: Any, vente: DeclarationVente, installations: list[Installation],
        controles: list[ControleAC], repond: str = "", **options: Any,
    ) -> None:  # fmt: skip
        self.vente = vente
        self.choix: dict[str, Installation | ControleAC] = {
            **{f"i{i.pk}": i for i in installations},
            **{f"r{c.pk}": c for c in controles},
        }
        options["initial"] = {
            "repond": repond if repond in self.choix else _cle(vente),
            "parcelles": ", ".join(vente.parcelles),
            "adresse": str(vente.adresse or ""),
            "notaire_connu": vente.notaire_id,
            "vendeur_connu": vente.vendeur_id,
        }
        super().__init__(*args, communes={}, connue=True, **options)
        for nom in ("insee", "recue_le", "source", "reference", "client_uuid"):
            del self.fields[nom]
        champ = self.fields["repond"]
        assert isinstance(champ, forms.ChoiceField)  # noqa: S101
        champ.choices = [
            ("", "ce que disent les parcelles et l'adresse, sans doute possible"),
            *((cle, decrire(x)) for cle, x in self.choix.items()),
        ]

    @property
    def commune(self) -> str:
        """A sale stays in its commune."""
        return self.vente.insee

    def clean_parcelles(self) -> list[str]:
        """Parcels of that commune."""
        lues = super().clean_parcelles()
        if any(p[:5] != self.commune for p in lues):
            raise forms.ValidationError("Ces parcelles sont d'une autre commune : une vente reste la sienne.")
        return lues

    def _remplace(self, qui: str, connu: Tiers) -> bool:
        return bool(connu.pk == getattr(self.vente, f"{qui}_id"))

    def _adresse(self, texte: str) -> Any:
        # The base of addresses may have changed since: what is kept is not read again.
        if self.vente.adresse is not None and texte == str(self.vente.adresse):
            return self.vente.adresse
        return super()._adresse(texte)

    def repondant(self) -> Installation | ControleAC | None:
        """What was chosen."""
        return self.choix.get(self.cleaned_data.get("repond", ""))


def _cle(v: DeclarationVente) -> str:
    if v.raccordement_id is not None:
        return f"r{v.raccordement_id}"
    return f"i{v.installation_id}" if v.installation_id is not None else ""


def decrire(x: Installation | ControleAC) -> str:
    """One line to tell it from its neighbours."""
    if isinstance(x, Installation):
        rapport = dernier_rapport(x)
        vu = f"dernier rapport du {jma(rapport.date_visite)}" if rapport is not None else "jamais contrôlée"
        etat = f", {x.libelle_etat}" if x.etat != "active" else ""
        return f"Installation {x}, {x.lieu + ', ' if x.lieu else ''}{vu}{etat}"
    qui = f", demandé par {x.demandeur}" if x.demandeur is not None else ""
    vu = f", visite du {jma(x.visite_le)}" if x.visite_le else f", {x.libelle_etat}"
    return f"Contrôle de raccordement {x} ({x.get_logement_display()}){qui}{vu}"
