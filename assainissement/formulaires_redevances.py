"""Forms of tariffs, of figures of the law, of contracts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from assainissement.models import Contrat, Installation
from assainissement.models.tarifs import NATURES_AC, NATURES_TARIF, DeliberationTarif, LigneTarif
from assainissement.recherche import par_numero
from assainissement.regles.tables import pfac as table
from mairie.ecrans.formulaires import habiller

Objet = DeliberationTarif.Objet
IDU = re.compile(r"^[0-9][0-9AB][0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}$")
MODES = (("surface", "au mètre carré"), ("forfait", "au logement"), ("mixte", "les deux"))
NATURES_PFAC = {
    "neuf": "construction neuve",
    "extension": "extension",
    "existant": "immeuble existant",
    "changement_destination": "changement de destination",
    "annexe": "annexe",
}


class FormulaireDeliberation(forms.Form):
    """What was voted for one object: only the figures that this object has."""

    insee = forms.ChoiceField(label="Commune")
    reference = forms.CharField(
        label="Délibération", max_length=80, help_text="Son numéro et sa date, comme une lettre les citera."
    )
    date_effet = forms.DateField(label="En vigueur du")
    date_fin = forms.DateField(label="Au (compris)", required=False, help_text="Vide : jusqu'à la suivante.")

    def __init__(self, *args: Any, objet: str, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.objet = objet
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        if objet == Objet.MAJORATION:
            self.fields["taux"] = _decimal("Majoration (%)", "Ajoutée à la redevance du contrôle refusé.")
        elif objet == Objet.PFAC:
            self._pfac()
        habiller(self)

    def _pfac(self) -> None:
        self.fields["mode"] = forms.ChoiceField(label="Calcul", choices=MODES)
        self.fields["tarif_m2"] = _decimal("Tarif au m² (€)", facultatif=True)
        self.fields["franchise_m2"] = _decimal("Surface non comptée (m²)", facultatif=True)
        self.fields["forfait"] = _decimal("Forfait par logement (€)", facultatif=True)
        self.fields["cout_anc"] = _decimal(
            "Coût moyen d'un assainissement individuel évité (€)",
            "Fourniture et pose : le plafond en est une part (CSP L1331-7).",
        )
        self.fields["plafond"] = _decimal(
            "Plafond (% de ce coût)", "Vide : 80 %, le plus que la loi permette.", facultatif=True
        )
        for code, mot in NATURES_PFAC.items():
            self.fields[f"coef_{code}"] = _decimal(f"Coefficient, {mot}", facultatif=True)

    def regles(self) -> dict[str, Any]:
        """Figures that are no rows, as the rules read them."""
        d = self.cleaned_data
        if self.objet == Objet.MAJORATION:
            return {"taux": str(d["taux"])}
        if self.objet != Objet.PFAC:
            return {}
        regles: dict[str, Any] = {"mode": d["mode"]}
        for nom in ("tarif_m2", "franchise_m2", "forfait", "cout_anc"):
            if d.get(nom) is not None:
                regles[nom] = str(d[nom])
        if d.get("plafond") is not None:
            regles["taux_plafond"] = str(d["plafond"] / 100)
        coefficients = {n: str(d[f"coef_{n}"]) for n in table.NATURES if d.get(f"coef_{n}") is not None}
        if coefficients:
            regles["coefficients"] = coefficients
        return regles


def _decimal(libelle: str, aide: str = "", *, facultatif: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=libelle,
        help_text=aide,
        required=not facultatif,
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
    )


class FormulaireLigneTarif(forms.ModelForm[LigneTarif]):
    """A price."""

    class Meta:
        model = LigneTarif
        fields = ("nature", "eh_min", "eh_max", "unite", "montant_ht", "taux_tva")
        help_texts: ClassVar = {"eh_min": "Vide : dès le premier.", "eh_max": "Compris ; vide : sans limite."}

    def __init__(self, *args: Any, objet: str, **options: Any) -> None:
        super().__init__(*args, **options)
        nature = self.fields["nature"]
        assert isinstance(nature, forms.ChoiceField)  # noqa: S101
        nature.choices = [
            (code, mot) for code, mot in NATURES_TARIF.items() if (code in NATURES_AC) == (objet == Objet.AC)
        ]
        if objet == Objet.AC:
            # A connection has no capacity.
            del self.fields["eh_min"], self.fields["eh_max"]
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Capacities in order, a price that is not negative."""
        d = super().clean() or {}
        bas, haut = d.get("eh_min"), d.get("eh_max")
        if bas is not None and haut is not None and haut <= bas:
            self.add_error("eh_max", "La limite haute est au-dessus de la limite basse.")
        if d.get("montant_ht") is not None and d["montant_ht"] < 0:
            self.add_error("montant_ht", "Un montant n'est pas négatif.")
        taux = d.get("taux_tva")
        if taux is not None and not 0 <= taux <= 100:
            self.add_error("taux_tva", "Un taux va de 0 à 100 %.")
        return d

    def champs(self) -> dict[str, Any]:
        """As the service wants them."""
        return {n: self.cleaned_data.get(n) for n in self.Meta.fields}


class FormulaireActivation(forms.Form):
    """Where an inactive figure was checked."""

    reference = forms.CharField(label="Vérifié dans", max_length=160)
    le = forms.DateField(label="Actif depuis le")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["le"].initial = timezone.localdate()
        habiller(self)


class FormulaireContrat(forms.ModelForm[Contrat]):
    """A customer of the service, named by the number of the installation."""

    numero = forms.CharField(
        label="Installation", max_length=20, help_text="Son numéro, comme ANC-25999-00012."
    )

    class Meta:
        model = Contrat
        fields = ("genre", "payeur", "debut", "fin", "motif_fin")

    field_order = ("numero", "genre", "payeur", "debut", "fin", "motif_fin")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.visibles: Any = Installation.objects.none()
        if self.instance.pk:
            self.fields["numero"].initial = self.instance.installation.numero
            self.initial["numero"] = self.instance.installation.numero

    def clean_numero(self) -> str:
        """One installation in service, of a commune where one bills."""
        texte = self.cleaned_data["numero"].strip()
        filtre = par_numero(texte)
        trouvees = list(self.visibles.filter(filtre)[:2]) if filtre is not None else []
        if len(trouvees) != 1:
            raise forms.ValidationError(
                "Aucune installation, ou plusieurs, sous ce numéro : écrivez-le en entier."
            )
        self.installation: Installation = trouvees[0]
        if self.installation.etat == "desactivee" and not self.instance.pk:
            raise forms.ValidationError("Cette installation est désactivée : aucun contrat ne s'y ouvre.")
        return texte

    def clean(self) -> dict[str, Any]:
        """Ends after it begins, with a reason."""
        d = super().clean() or {}
        if d.get("debut") and d.get("fin") and d["fin"] < d["debut"]:
            self.add_error("fin", "Le contrat finit après son début.")
        if d.get("fin") and not d.get("motif_fin"):
            self.add_error("motif_fin", "Dites pourquoi le contrat finit.")
        return d


def _pourcent(part: Any) -> str:
    """A share in percent, without the zeros that its own field would refuse."""
    return f"{(Decimal(str(part)) * 100).normalize():f}"


class FormulaireProjetPfac(forms.Form):
    """The works of a permit, as the contribution counts them."""

    nature = forms.ChoiceField(label="Travaux", choices=list(NATURES_PFAC.items()))
    surface_m2 = _decimal("Surface de plancher créée (m²)", facultatif=True)
    nb_logements = forms.IntegerField(label="Logements", min_value=1, max_value=99_999, required=False)
    eaux_usees_supplementaires = forms.BooleanField(label="Eaux usées supplémentaires", required=False)
    cout_anc = _decimal(
        "Coût de l'assainissement évité (€)", "Vide : celui de la délibération.", facultatif=True
    )
    remboursement_branchement = _decimal("Branchement déjà remboursé (€)", facultatif=True)
    part_zac = _decimal("Part du réseau payée par l'aménageur (%)", facultatif=True)
    taxe_amenagement_majoree = forms.BooleanField(label="Taxe d'aménagement majorée", required=False)
    assimile_domestique = forms.BooleanField(label="Activité assimilée à un usage domestique", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        initial = dict(options.get("initial") or {})
        if initial.get("part_zac"):
            initial["part_zac"] = _pourcent(initial["part_zac"])
        options["initial"] = initial
        super().__init__(*args, **options)
        habiller(self)

    def clean_part_zac(self) -> Decimal | None:
        """A share goes from 0 to 100."""
        part: Decimal | None = self.cleaned_data["part_zac"]
        if part is not None and part > 100:
            raise forms.ValidationError("Une part va de 0 à 100 %.")
        return part

    def entrees(self) -> dict[str, Any]:
        """As the rules read them."""
        d = self.cleaned_data
        lues: dict[str, Any] = {
            "nature": d["nature"],
            "eaux_usees_supplementaires": d["eaux_usees_supplementaires"],
            "taxe_amenagement_majoree": d["taxe_amenagement_majoree"],
            "assimile_domestique": d["assimile_domestique"],
        }
        for nom in ("surface_m2", "cout_anc", "remboursement_branchement"):
            if d.get(nom) is not None:
                lues[nom] = str(d[nom])
        if d.get("nb_logements"):
            lues["nb_logements"] = d["nb_logements"]
        if d.get("part_zac"):
            lues["part_zac"] = str(d["part_zac"] / 100)
        return lues

    @classmethod
    def en_mots(cls, entrees: dict[str, Any]) -> list[tuple[str, str]]:
        """What was typed, for a page or a letter."""
        sortie = []
        for nom, champ in cls.base_fields.items():
            valeur = entrees.get(nom)
            if valeur in (None, ""):
                continue
            if isinstance(valeur, bool):
                texte = "oui" if valeur else "non"
            elif nom == "part_zac":
                texte = _pourcent(valeur).replace(".", ",")
            else:
                texte = NATURES_PFAC.get(str(valeur), str(valeur).replace(".", ","))
            sortie.append((str(champ.label), texte))
        return sortie


class FormulaireNouvellePfac(FormulaireProjetPfac):
    """A line entered by hand: the permit, its parcels, its project."""

    insee = forms.ChoiceField(label="Commune")
    dossier = forms.CharField(label="Numéro du permis", max_length=40)
    parcelles = forms.CharField(
        label="Parcelles", max_length=400, help_text="Identifiants de 14 signes, séparés par des espaces."
    )
    decision_le = forms.DateField(label="Décision du", required=False)
    field_order = ("insee", "dossier", "parcelles", "decision_le")

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())

    def clean_parcelles(self) -> list[str]:
        """Known forms of parcels, of the commune."""
        lues: list[str] = self.cleaned_data["parcelles"].replace(",", " ").upper().split()
        mauvaises = [p for p in lues if not IDU.match(p)]
        if mauvaises:
            raise forms.ValidationError(f"« {mauvaises[0]} » n'est pas un identifiant de parcelle.")
        return lues
