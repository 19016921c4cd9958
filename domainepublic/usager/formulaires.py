"""The steps of a request, one question a screen, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from domainepublic import types_locaux
from domainepublic.entre_numeros import LONGUEUR_MAX_M, tracer_entre
from domainepublic.formulaires import DessinOuFichier
from domainepublic.models import DossierODP, TypeOccupation
from domainepublic.regles.trace import TraceImpossible
from domainepublic.usager.renouvellement import ACCEPTER, CHANGER, REPONSES
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller
from mairie.models import Voie
from mairie.pieces.genres import USUELS, extensions

# Kinds that nobody asks for by this page: found, held elsewhere, or asked with the works.
JAMAIS_DEMANDES = ("SANS", "TAXI")
MONTRER = "Montrez l'endroit sur la carte : un geste suffit, la mairie le précisera avec vous."
GENRES = {"point": "point", "ligne": "ligne", "polygone": "surface"}
GENES = (
    ("", "Non, la rue et le stationnement restent comme d'habitude"),
    ("stationnement_interdit", "Oui : personne ne doit stationner à cet endroit"),
    ("circulation_alternee", "Oui : on passera chacun son tour"),
    ("circulation_interdite", "Oui : la rue sera fermée"),
)
BENEFICIAIRES = (
    ("particulier", "un particulier"),
    ("entreprise", "une entreprise, un commerce"),
    ("association", "une association"),
    ("collectivite", "une collectivité, un service public"),
)


def types_demandables() -> Any:
    """Types open to a request."""
    return TypeOccupation.objects.filter(actif=True).exclude(code__in=JAMAIS_DEMANDES).order_by("ordre")


class EtapeQuoi(forms.Form):
    """What, by whom."""

    insee = forms.ChoiceField(label="Dans quelle commune ?")
    type = forms.ChoiceField(label="Que voulez-vous installer ou faire ?", widget=forms.RadioSelect())
    beneficiaire = forms.ChoiceField(
        label="Vous êtes", choices=BENEFICIAIRES, widget=forms.RadioSelect(), initial="particulier"
    )
    objet = forms.CharField(
        label="En quelques mots",
        max_length=200,
        required=False,
        help_text="Travaux de toiture, déménagement, terrasse du café… Sans nom de personne.",
    )

    def __init__(self, *args: Any, communes: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        insee, type_ = self.fields["insee"], self.fields["type"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(type_, forms.ChoiceField)  # noqa: S101
        insee.choices = communes
        if len(communes) == 1:
            insee.initial, insee.widget = communes[0][0], forms.HiddenInput()
        offerts = types_demandables()
        if len(communes) == 1:
            offerts = types_locaux.tous_dans(offerts, communes[0][0])
        type_.choices = [(t.code, t.libelle_public) for t in offerts]
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """A kind that the commune chosen has not closed."""
        d = super().clean() or {}
        fermes = types_locaux.fermes(d.get("insee", ""))
        if types_demandables().filter(code=d.get("type", ""), pk__in=fermes).exists():
            self.add_error("type", "Cette commune ne l'autorise pas : choisissez-en un autre, ou appelez-la.")
        return d


@dataclass(frozen=True)
class Genres:
    """Kinds of drawing, where no type is chosen yet."""

    genres: tuple[str, ...]


class EtapeOu(forms.Form):
    """Where: the street, then the drawing."""

    # The street, or words for it, are asked.
    situer = True

    voie = forms.ModelChoiceField(
        label="Rue", queryset=Voie.objects.none(), required=False, empty_label="Choisissez"
    )
    adresse = forms.CharField(
        label="Devant quel numéro ?",
        max_length=200,
        required=False,
        help_text="12 rue de l'Essai, place du Lavoir, en face de l'école…",
    )
    numero_du = forms.CharField(
        label="Du numéro",
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    numero_au = forms.CharField(
        label="Au numéro",
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    longueur = forms.DecimalField(
        label="Longueur, en mètres",
        required=False,
        min_value=Decimal("0.5"),
        max_value=LONGUEUR_MAX_M,
        max_digits=5,
        decimal_places=1,
        help_text="Vide : tout ce qui est entre les deux.",
    )
    geom = DessinOuFichier(label="L'endroit exact", error_messages={"required": MONTRER})
    largeur = forms.DecimalField(
        label="Largeur, en mètres (pour une ligne)",
        required=False,
        min_value=Decimal("0.1"),
        max_digits=5,
        decimal_places=2,
        help_text="De la façade ou du bord du trottoir vers la rue.",
    )
    rayon = forms.DecimalField(
        label="Rayon, en mètres (pour un point)",
        required=False,
        min_value=Decimal("0.1"),
        max_digits=5,
        decimal_places=2,
        help_text="Une benne : 2 m environ.",
    )
    reparer = forms.BooleanField(label="Garder le contour réparé", required=False)
    confirmee = forms.BooleanField(label="Oui, c'est bien cela", required=False)

    def __init__(self, *args: Any, type_: TypeOccupation | Genres, insee: str, **options: Any) -> None:
        super().__init__(*args, **options)
        voie, geom = self.fields["voie"], self.fields["geom"]
        assert isinstance(voie, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(geom, DessinOuFichier)  # noqa: S101
        voie.queryset = Voie.objects.filter(insee=insee, active=True).order_by("nom")
        voie.widget.attrs["data-rue"] = reverse("odp_rue", args=[0])
        # A note of information about a parcel is no answer to who asks for a pavement.
        geom.widget.sans_note = True
        geom.genres = tuple(GENRES[g] for g in type_.genres)
        geom.widget.genres = geom.genres
        if "ligne" not in type_.genres:
            for nom in ("largeur", "numero_du", "numero_au", "longueur"):
                del self.fields[nom]
        else:
            # Two numbers of the street draw it as well.
            geom.required = False
        if type_.genres == ("ligne",):
            # A moving van, a scaffold: two metres are what most people ask.
            self.fields["largeur"].initial = Decimal(2)
            if not self.initial.get("largeur"):
                self.initial["largeur"] = Decimal(2)
        if "point" not in type_.genres:
            del self.fields["rayon"]
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """A way to find the place."""
        donnees = super().clean() or {}
        if self.situer and not donnees.get("voie") and not donnees.get("adresse"):
            self.add_error("adresse", "Choisissez la rue, ou décrivez l'endroit.")
        if "geom" in donnees and donnees["geom"] is None:
            donnees["geom"] = self._entre_numeros(donnees)
        return donnees

    def _entre_numeros(self, donnees: dict[str, Any]) -> Any:
        """The line between the two numbers, where nothing was drawn; else what to do."""
        if not donnees.get("numero_du"):
            self.add_error("geom", MONTRER)
        elif donnees.get("voie") is None:
            self.add_error("voie", "Choisissez la rue de ces numéros.")
        else:
            try:
                ligne = tracer_entre(
                    donnees["voie"], donnees["numero_du"], donnees["numero_au"], donnees.get("longueur")
                )
            except TraceImpossible as e:
                self.add_error("numero_du", str(e))
            else:
                if not donnees.get("adresse"):
                    numeros = [n for n in (donnees["numero_du"], donnees["numero_au"]) if n]
                    donnees["adresse"] = " au ".join(numeros) + f" {donnees['voie'].nom}"
                return ligne
        return None


class EtapeQuand(forms.Form):
    """When, and whether traffic changes."""

    debut = forms.DateField(label="Premier jour")
    fin = forms.DateField(label="Dernier jour (compris)")
    de = forms.TimeField(
        label="De", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    a = forms.TimeField(
        label="À", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    gene = forms.ChoiceField(
        label="Faut-il changer la circulation ou le stationnement ?",
        choices=GENES,
        required=False,
        widget=forms.RadioSelect(),
    )
    confirmee = forms.BooleanField(label="Oui, ces dates sont les bonnes", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Dates in order, hours together."""
        donnees = super().clean() or {}
        debut, fin = donnees.get("debut"), donnees.get("fin")
        if isinstance(debut, date) and isinstance(fin, date) and fin < debut:
            self.add_error("fin", f"Le dernier jour ({jma(fin)}) précède le premier ({jma(debut)}).")
        if bool(donnees.get("de")) != bool(donnees.get("a")):
            self.add_error("a", "Donnez les deux heures, ou aucune.")
        elif donnees.get("de") and donnees["de"] == donnees["a"]:
            self.add_error("a", "Les deux heures sont les mêmes.")
        return donnees


class Fichiers(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class ChampFichiers(forms.FileField):
    """A list of files; each is checked by the service of pieces."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """All that came, none lost for another's sake."""
        recus = data if isinstance(data, list | tuple) else ([data] if data else [])
        return [f for f in recus if f]


class EtapeQui(forms.Form):
    """Who: asked last, kept by the town hall only."""

    nom = forms.CharField(label="Nom", max_length=150)
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    siret = forms.CharField(label="SIRET", max_length=20, required=False, help_text="Quatorze chiffres.")
    voie = forms.CharField(label="Numéro et rue", max_length=200)
    code_postal = forms.CharField(label="Code postal", max_length=10)
    ville = forms.CharField(label="Commune", max_length=120)
    courriel = forms.EmailField(
        label="Courriel", required=False, help_text="Pour l'accusé de réception et la réponse."
    )
    telephone = forms.CharField(label="Téléphone", max_length=20, required=False)
    pieces = ChampFichiers(
        label="Pièces",
        required=False,
        widget=Fichiers(attrs={"accept": ",".join(f".{e}" for e in extensions(USUELS))}),
        help_text="Vous pourrez aussi les ajouter après, depuis la page de suivi.",
    )
    exact = forms.BooleanField(label="Les renseignements que je donne sont exacts.")
    # Filled by programs only: hidden from people by the page's style.
    site = forms.CharField(label="Laissez ce champ vide", required=False, max_length=100)

    def __init__(self, *args: Any, beneficiaire: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.morale = beneficiaire != DossierODP.Beneficiaire.PARTICULIER
        if self.morale:
            self.fields["nom"].label = "Raison sociale"
            del self.fields["prenoms"]
        else:
            del self.fields["siret"]
        self.fields["site"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        for champ, indice in (
            ("nom", "organization" if self.morale else "family-name"),
            ("prenoms", "given-name"),
            ("voie", "street-address"),
            ("code_postal", "postal-code"),
            ("ville", "address-level2"),
            ("courriel", "email"),
            ("telephone", "tel"),
        ):
            if champ in self.fields:
                self.fields[champ].widget.attrs["autocomplete"] = indice
        habiller(self)

    def tiers(self) -> dict[str, Any]:
        """Columns of the person's sheet."""
        d = self.cleaned_data
        siret = "".join((d.get("siret") or "").split())
        noms = (
            {"raison_sociale": d["nom"], "siret": siret, "siren": siret[:9]}
            if self.morale
            else {"nom": d["nom"], "prenoms": d.get("prenoms", "")}
        )
        return {
            "nature": "morale" if self.morale else "personne",
            **noms,
            **{n: d[n] for n in ("voie", "code_postal", "ville", "courriel", "telephone")},
        }


class FormulairePieces(forms.Form):
    """More files, from the page of follow-up."""

    pieces = ChampFichiers(
        label="Fichiers",
        required=False,
        widget=Fichiers(attrs={"accept": ",".join(f".{e}" for e in extensions(USUELS))}),
    )


class FormulaireProlonger(forms.Form):
    """A later last day."""

    fin = forms.DateField(label="Nouveau dernier jour (compris)")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)


class FormulaireArreter(forms.Form):
    """The first day on which the ground is free."""

    le = forms.DateField(label="Premier jour où la place est libre")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["le"].initial = timezone.localdate()
        habiller(self)


class FormulaireRenouvellement(forms.Form):
    """Keep, change or stop a yearly title; ``unite``: words of the unit of its single emprise, else empty."""

    reponse = forms.ChoiceField(
        label="Votre choix", choices=tuple(REPONSES.items()), widget=forms.RadioSelect(), initial=ACCEPTER
    )
    quantite = forms.DecimalField(
        label="Nouvelle quantité", min_value=Decimal("0.01"), max_digits=10, decimal_places=2, required=False
    )
    message = forms.CharField(
        label="Ce qui change",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Un autre endroit, d'autres dates, une autre enseigne… La mairie vous répond.",
    )

    def __init__(self, *args: Any, unite: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["quantite"].localize = True
        if unite:
            self.fields["quantite"].label = f"Nouvelle quantité ({unite})"
        else:
            del self.fields["quantite"]
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """A change says which; the rest of the form is kept for a change alone."""
        propre: dict[str, Any] = super().clean() or {}
        if propre.get("reponse") != CHANGER:
            propre["quantite"] = None
        elif not propre.get("quantite") and not propre.get("message") and "quantite" not in self.errors:
            raise forms.ValidationError("Dites ce qui change : la nouvelle quantité, ou quelques mots.")
        return propre
