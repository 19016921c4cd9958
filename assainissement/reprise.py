"""Old controls brought in by a spreadsheet: one row, one control, never two (spec §16.11)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from assainissement import controles, installations, perms
from assainissement.formulaires_ac import lire_adresse
from assainissement.installations import NouvelleInstallation
from assainissement.models import ControleRepris, Installation
from assainissement.mots import CONCLUSIONS
from assainissement.regles.lecture_lignes import classer_et_expliquer
from assainissement.regles.tables import anc, natures
from assainissement.saisies import lire_parcelles
from mairie.ecrans import ActionImpossible, ColonneImport, Import, ValeurRefusee
from mairie.models import Utilisateur
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus

# Facts that give each rule: only its consequences are read, not the facts, which the old report did not keep.
_TEMOINS: dict[str, dict[str, bool]] = {
    "R0": {"elements_probants": False},
    "R1": {"elements_probants": True, "contact_eaux_usees": True},
    "R2": {"elements_probants": True, "incomplete": True, "zone_sanitaire": True},
    "R3": {
        "elements_probants": True,
        "incomplete": True,
        "zone_environnementale": True,
        "preuve_impact": True,
    },
    "R4": {"elements_probants": True, "incomplete": True},
    "R5": {"elements_probants": True, "defaut_entretien": True},
    "R6": {"elements_probants": True},
}
MOTS = {
    "absence": "R0", "absence d installation": "R0", "pas d installation": "R0",
    "danger": "R1", "danger pour la sante": "R1", "danger sanitaire": "R1", "cas a": "R1",
    "risque": "R3", "risque environnemental": "R3", "risque avere": "R3", "cas b": "R3",
    "non conforme": "R4", "cas c": "R4", "non conformite": "R4",
    "recommandations": "R5", "conforme avec recommandations": "R5", "defaut d entretien": "R5",
    "conforme": "R6", "aucun defaut": "R6", "absence de defaut": "R6",
    **{_mot: _regle for _regle, _mot in ((r, r.lower()) for r in CONCLUSIONS)},
}  # fmt: skip
REMARQUE = "Conclusion reprise de l'ancien logiciel : le détail du constat n'y était pas."


def _nu(texte: str) -> str:
    """A text without case, accents nor signs."""
    decompose = unicodedata.normalize("NFKD", texte.lower())
    lettres = "".join(c if c.isalnum() else " " for c in decompose if not unicodedata.combining(c))
    return " ".join(lettres.split())


def lire_conclusion(texte: str, utilisateur: Any) -> str:
    """A rule by its code or by the words of the report; ``ValeurRefusee`` for other words."""
    if not texte.strip():
        return ""
    regle = MOTS.get(_nu(texte)) or next(
        (r for r, mot in CONCLUSIONS.items() if _nu(mot) == _nu(texte)), None
    )
    if regle is None:
        raise ValeurRefusee(
            f"« {texte[:60]} » n'est pas une conclusion connue : écrivez R0 à R6, ou conforme, non conforme,"
            " danger, risque, absence, recommandations."
        )
    return regle


def lire_nature(texte: str, utilisateur: Any) -> str:
    """A nature by its code or its words; usual ones in short."""
    nu = _nu(texte)
    if not nu:
        return "diagnostic_initial"
    courts = {"diagnostic": "diagnostic_initial", "initial": "diagnostic_initial", "vente": "vente",
              "periodique": "periodique", "contre visite": "contre_visite"}  # fmt: skip
    for code in natures.EXISTANT:
        if nu in (_nu(code), _nu(natures.NATURES[code])):
            return code
    if nu in courts:
        return courts[nu]
    raise ValeurRefusee(f"« {texte[:60]} » n'est pas une nature de contrôle d'une installation existante.")


def lire_faits(texte: str, utilisateur: Any) -> str:
    """Codes of facts, separated by commas; ``ValeurRefusee`` for an unknown one."""
    connus = {f.code for f in anc.FAITS}
    codes = [c for c in re.split(r"[,;\s]+", texte.strip().lower()) if c]
    if inconnu := next((c for c in codes if c not in connus), None):
        raise ValeurRefusee(f"« {inconnu[:40]} » n'est pas un constat de la table.")
    return ", ".join(codes)


class FormulaireRepris(forms.ModelForm[ControleRepris]):
    """One row: what it must hold to make a control."""

    class Meta:
        model = ControleRepris
        fields = (
            "insee", "ancien_numero", "nature", "visite", "regle", "faits", "notification", "travaux",
            "reference", "adresse", "proprietaire", "pose",
        )  # fmt: skip

    def clean_reference(self) -> str:
        """One parcel, or none."""
        lues = lire_parcelles(self.cleaned_data["reference"], self.cleaned_data.get("insee", ""))
        if len(lues) > 1:
            raise forms.ValidationError("Une seule parcelle par ligne.")
        return lues[0] if lues else ""

    def clean(self) -> dict[str, Any]:
        """A conclusion, dates in order."""
        d = super().clean() or {}
        visite, recu, pose = d.get("visite"), d.get("notification"), d.get("pose")
        if not d.get("regle") and not d.get("faits"):
            self.add_error("regle", "Dites la conclusion, ou les constats.")
        if visite and visite > timezone.localdate():
            self.add_error("visite", "La visite est dans l'avenir.")
        if visite and recu and recu < visite:
            self.add_error("notification", "Le rapport n'a pas pu être reçu avant la visite.")
        if recu and recu > timezone.localdate():
            self.add_error("notification", "Cette date est dans l'avenir.")
        if visite and pose and pose > visite:
            self.add_error("pose", "La visite précède la pose de l'installation.")
        return d


def conclusion(regle: str, nature: str) -> dict[str, Any]:
    """What a rule entails, without causes that nobody wrote down."""
    resultat = classer_et_expliquer({"nature": nature, **_TEMOINS[regle]})
    return {
        **resultat,
        "motifs": [],
        "notes": [],
        "causes": [],
        "lignes": [],
        "zones": {"sanitaire": False, "environnementale": False},
        "explication": [REMARQUE],
        "remarques": [REMARQUE],
    }


def reprendre(forme: Any, utilisateur: Utilisateur) -> ControleRepris:
    """Make the installation where it is not known yet, then its control; ``ActionImpossible`` otherwise."""
    r: ControleRepris = forme.save(commit=False)
    if r.pk is not None:
        raise ActionImpossible("Ce contrôle est déjà repris : corrigez-le dans l'application.")
    if not utilisateur.has_perm(perms.REGLER, r.insee):
        raise ActionImpossible("Vous n'avez pas ce droit dans cette collectivité.")
    try:
        with transaction.atomic():
            i = _installation(r, utilisateur)
            deja = i.controles.filter(nature=r.nature, date_visite=r.visite).exclude(etat="annule").first()
            if deja is not None:
                raise ActionImpossible(f"Ce contrôle est déjà là : {deja}.")
            faits = {"elements_probants": True, **{f: True for f in r.faits.split(", ") if f}}
            if r.faits:
                resultat = classer_et_expliquer({"nature": r.nature, **faits})
                if r.regle and resultat["regle"] != r.regle:
                    raise ActionImpossible(
                        f"Les constats donnent {resultat['regle']}, la conclusion dit {r.regle} :"
                        " corrigez l'une ou l'autre."
                    )
            controle = controles.reprendre(
                i,
                r.nature,
                par=utilisateur,
                visite=r.visite,
                cas=faits if r.faits else _TEMOINS[r.regle],
                resultat=None if r.faits else conclusion(r.regle, r.nature),
                notification=r.notification,
                travaux=[t.strip() for t in re.split(r"[;\n]", r.travaux) if t.strip()],
                source="import d'un tableau",
            )
            r.installation, r.controle, r.cree_par = i, controle, utilisateur
            r.save()
    except Refus as e:
        raise ActionImpossible(" ".join(e.raisons)) from e
    return r


def _installation(r: ControleRepris, utilisateur: Utilisateur) -> Installation:
    """By its number, old or ours, else a new one with what the row says of it."""
    base = Installation.objects.filter(insee=r.insee).exclude(etat="")
    trouvees = list(base.filter(ancien_numero__iexact=r.ancien_numero)[:2]) or list(
        base.filter(numero__iexact=r.ancien_numero)[:2]
    )
    if len(trouvees) > 1:
        raise ActionImpossible(f"Plusieurs installations portent l'ancien numéro « {r.ancien_numero} ».")
    if trouvees:
        return trouvees[0]
    adresses = []
    if r.adresse:
        try:
            adresses = [lire_adresse(r.adresse, r.insee)]
        except forms.ValidationError as e:
            raise ActionImpossible(f"Adresse : {' '.join(e.messages)}") from e
    proprietaire = None
    if r.proprietaire:
        proprietaire = tiers_service.creer({"nom": r.proprietaire}, collectivite=r.insee, par=utilisateur)
    return installations.creer(
        NouvelleInstallation(
            insee=r.insee,
            parcelles=[r.reference] if r.reference else [],
            adresses=adresses,
            proprietaire=proprietaire,
            champs={"ancien_numero": r.ancien_numero, "date_creation": r.pose},
        ),
        par=utilisateur,
        jour=r.visite,
    )


IMPORT = Import(
    code="assainissement.reprises",
    titre="Reprendre d'anciens contrôles",
    modele=ControleRepris,
    requete=ControleRepris.objects.visibles_par,
    droit=perms.REGLER,
    adresse="assainissement/reprises/",
    liste="assainissement.reprises",
    colonnes=(
        ColonneImport("insee", "Commune", ("code commune", "insee", "code INSEE"), obligatoire=True),
        ColonneImport(
            "ancien_numero",
            "Ancien numéro",
            ("numéro", "n°", "dossier", "numéro installation"),
            obligatoire=True,
        ),
        ColonneImport("nature", "Nature", ("type de contrôle", "contrôle"), lire=lire_nature),
        ColonneImport("visite", "Visite", ("date", "date de visite", "date du contrôle"), obligatoire=True),
        ColonneImport("regle", "Conclusion", ("avis", "résultat", "conformité"), lire=lire_conclusion),
        ColonneImport("faits", "Constats", ("faits",), lire=lire_faits),
        ColonneImport("notification", "Rapport reçu le", ("notification", "notifié le")),
        ColonneImport("travaux", "Travaux demandés", ("travaux",)),
        ColonneImport("reference", "Parcelle", ("identifiant parcelle", "idu")),
        ColonneImport("adresse", "Adresse", ("adresse de l'installation",)),
        ColonneImport("proprietaire", "Propriétaire", ("nom du propriétaire", "nom")),
        ColonneImport("pose", "Installation posée le", ("date de pose", "pose")),
    ),
    cle=("insee", "ancien_numero", "nature", "visite"),
    classe=FormulaireRepris,
    enregistrer=reprendre,
    lignes_directes=100,
    aide=(
        "Une ligne par contrôle. L'installation se retrouve par son ancien numéro, sinon elle est créée."
        " Sans constats, la conclusion est reprise telle quelle."
    ),
)
