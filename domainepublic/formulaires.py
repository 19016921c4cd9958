"""Forms of the deposit, of an emprise, of the facts and of the events of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from domainepublic import parametres, types_locaux
from domainepublic.actes import AUTORITES, EXCEPTIONS
from domainepublic.copies import jours_repris
from domainepublic.emprises import NouvelleEmprise
from domainepublic.formulaires_exoneration import ChampsExoneration
from domainepublic.instruction.etats import COMPENSATIONS, MOTIFS_RETRAIT
from domainepublic.models import DossierODP, Emprise, TypeOccupation
from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.regles.creneaux import creneaux_gardes, en_mots
from gis_data.dessin.champ import ChampDessin
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller
from mairie.lecture_json import ErreurSaisie
from mairie.models import Tiers, Voie
from mairie.workflow import Champ, TypeEvenement

TOUCHE_M = 0.01
SIMULATION_MAX_JOURS = 5 * 366
JOURS = (
    ("lun", "lundi"),
    ("mar", "mardi"),
    ("mer", "mercredi"),
    ("jeu", "jeudi"),
    ("ven", "vendredi"),
    ("sam", "samedi"),
    ("dim", "dimanche"),
)
FAITS = (
    "domaine",
    "gestionnaire",
    "en_agglomeration",
    "grande_circulation",
    "police_transferee",
    "occupant",
    "modifie_circulation",
    "ancrage",
    "economique",
    "en_une_fois",
    "autorisation",
)
ATTRIBUTION = ("initiative", "exception", "courte_duree", "nombre_illimite", "duree_mois")
INITIATIVES = (("demande", "du demandeur"), ("collectivite", "de la collectivité, qui cherche un occupant"))
# Written by the service at the signature, never by a person.
CALCULES = ("signataires", "actes", "numeros", "debut", "sous_condition", "caducite_mois")
OUI_NON = (("", "selon le type"), ("1", "oui"), ("0", "non"))


class DessinOuFichier(ChampDessin):
    """A drawing that may cross itself: the page shows its repair before it is kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(genres=("point", "ligne", "surface"), plusieurs=False, **options)

    def to_python(self, value: Any) -> Any:
        """As drawn, even where its outline crosses: ``emprises.examiner`` says what is wrong."""
        import shapely
        from django.conf import settings
        from django.contrib.gis.geos import GEOSGeometry

        from gis_data.dessin.lecture import DessinRefuse, lire_dessin
        from gis_data.dessin.saisie import Saisie

        if value in self.empty_values or not (value if isinstance(value, Saisie) else str(value).strip()):
            return None
        try:
            forme = value.lire() if isinstance(value, Saisie) else lire_dessin(str(value))
        except DessinRefuse as refus:
            raise ValidationError(str(refus), code="dessin") from None
        self._accepter(forme)
        parties = list(shapely.get_parts(forme))
        # A repaired outline comes back in parts that touch: still one piece of ground.
        if len(parties) > 1 and shapely.buffer(forme, TOUCHE_M).geom_type != "Polygon":
            raise ValidationError(
                f"Une seule forme par emprise : le dessin en a {len(parties)}. Ajoutez les autres ensuite.",
                code="dessin",
            )
        garde = parties[0] if len(parties) == 1 else forme
        return GEOSGeometry(memoryview(shapely.to_wkb(garde)), srid=settings.TERRITOIRE_SRID)


class FormulaireEmprise(forms.Form):
    """One emprise: kind, ground, dates, quantity."""

    type = forms.ModelChoiceField(label="Type d'occupation", queryset=TypeOccupation.objects.none())
    geom = DessinOuFichier(
        label="Emprise",
        required=False,
        help_text="Surface, ligne le long du trottoir, ou point.",
    )
    # For the tool that draws between two numbers; nothing of them is kept.
    numero_du = forms.CharField(label="Du numéro", max_length=12, required=False)
    numero_au = forms.CharField(label="Au numéro", max_length=12, required=False)
    longueur = forms.CharField(
        label="Longueur (m)", max_length=8, required=False, help_text="Vide : tout ce qui est entre les deux."
    )
    largeur = forms.DecimalField(
        label="Largeur (m), pour une ligne", required=False, min_value=0, max_digits=6, decimal_places=2
    )
    cote = forms.ChoiceField(label="Largeur prise", choices=Emprise.Cote.choices, required=False)
    rayon = forms.DecimalField(
        label="Rayon (m), pour un point", required=False, min_value=0, max_digits=6, decimal_places=2
    )
    debut = forms.DateField(label="Du")
    fin = forms.DateField(
        label="Au (compris)",
        required=False,
        help_text="Vide : sans fin, pour ce qui tient au sol ; la redevance d'un tarif à l'année est alors"
        " demandée chaque année.",
    )
    unite = forms.ChoiceField(
        label="Se compte en", required=False,
        choices=[("", "selon le type"), *UNITES_LISIBLES.items()],
    )  # fmt: skip
    quantite_saisie = forms.DecimalField(
        label="Quantité facturée",
        required=False,
        max_digits=12,
        decimal_places=2,
        help_text="Vide : celle que mesure le dessin.",
    )
    jours = forms.MultipleChoiceField(
        label="Jours (aucun coché : tous)",
        choices=JOURS,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    de = forms.TimeField(
        label="De", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    a = forms.TimeField(
        label="À",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Minuit s'écrit 00:00.",
    )
    autres = forms.MultipleChoiceField(
        label="Aussi (décochez ce qui cesse)", required=False, widget=forms.CheckboxSelectMultiple()
    )
    # Whether the page showed the boxes above: none ticked is then a choice.
    autres_lus = forms.BooleanField(required=False, widget=forms.HiddenInput(), initial=True)
    largeur_libre = forms.DecimalField(
        label="Largeur laissée aux piétons (m)", required=False, min_value=0, max_digits=5, decimal_places=2
    )
    sans_obstacle_lateral = forms.BooleanField(
        label="Sans mur ni obstacle de part et d'autre de ce passage", required=False
    )
    operateur = forms.CharField(label="Exploitant du réseau", max_length=80, required=False)
    repere = forms.CharField(label="Repère (devant le n° 12…)", max_length=120, required=False)
    reparer = forms.BooleanField(label="Garder le contour réparé", required=False)
    confirmee = forms.BooleanField(label="Je confirme ce qui est inhabituel", required=False)

    def __init__(
        self,
        *args: Any,
        emprise: Emprise | None = None,
        copie: Emprise | None = None,
        insee: str = "",
        **options: Any,
    ) -> None:
        """``copie``: another one whose ground and hours are taken again, on its days of a year to come.

        ``insee``: the commune where one is known: its own words for the types, without those it has closed.
        """
        super().__init__(*args, **options)
        types = self.fields["type"]
        assert isinstance(types, forms.ModelChoiceField)  # noqa: S101
        offerts = TypeOccupation.objects.filter(actif=True).exclude(code="SANS").order_by("ordre")
        if insee:
            garde = Q() if emprise is None else Q(pk=emprise.type_id)
            offerts = offerts.filter(~Q(pk__in=types_locaux.fermes(insee)) | garde)
            mots = types_locaux.libelles(insee)
            types.label_from_instance = lambda obj: mots.get(obj.pk, str(obj))  # type: ignore[method-assign]
        types.queryset = offerts
        modele = emprise or copie
        self._autres = list(modele.creneaux[1:]) if modele is not None else []
        self._offrir_autres()
        habiller(self)
        if emprise is not None:
            self.initial = _initial(emprise)
        elif copie is not None:
            debut, fin = jours_repris(copie, timezone.localdate())
            self.initial = {**_initial(copie), "debut": debut, "fin": fin}

    def _offrir_autres(self) -> None:
        """The slots after the first: those of the emprise, and those that a page posts without naming it."""
        offerts = {code_creneau(c): en_mots(c) for c in self._autres}
        if self.is_bound:
            for code in self.data.getlist("autres") if hasattr(self.data, "getlist") else ():
                if (lu := creneau_du_code(code)) is not None:
                    offerts.setdefault(code, en_mots(lu))
        autres = self.fields["autres"]
        assert isinstance(autres, forms.MultipleChoiceField)  # noqa: S101
        autres.choices = list(offerts.items())

    def clean(self) -> dict[str, Any]:
        """A drawing or a file; hours together."""
        donnees = super().clean() or {}
        if not donnees.get("geom") and "geom" not in self.errors:
            self.add_error("geom", "Dessinez l'emprise, ou donnez un fichier.")
        type_ = donnees.get("type")
        if type_ is not None and "fin" in donnees and not donnees["fin"] and type_.emprise_defaut == "non":
            self.add_error("fin", "Ce type d'occupation finit un jour : donnez le dernier.")
        if bool(donnees.get("de")) != bool(donnees.get("a")):
            self.add_error("a", "Donnez les deux heures, ou aucune.")
        if donnees.get("de") and donnees.get("de") == donnees.get("a"):
            self.add_error("a", "Les deux heures sont les mêmes.")
        return donnees

    def emprise(self) -> NouvelleEmprise:
        """As the service wants it."""
        d = self.cleaned_data
        creneaux: list[dict[str, Any]] = []
        if d["jours"] or d["de"]:
            creneau: dict[str, Any] = {"jours": list(d["jours"])}
            creneau["de"] = f"{d['de']:%H:%M}" if d["de"] else "00:00"
            # A day ends at 24:00; a field of hours knows 00:00 only.
            creneau["a"] = f"{d['a']:%H:%M}" if d["a"] else "24:00"
            creneau["a"] = "24:00" if creneau["a"] == "00:00" else creneau["a"]
            creneaux = [creneau]
        if d["autres_lus"]:
            creneaux += [c for code in d["autres"] if (c := creneau_du_code(code)) is not None]
        else:
            creneaux += self._autres
        noms = (
            "type", "geom", "debut", "fin", "unite", "largeur", "rayon", "quantite_saisie", "largeur_libre",
            "sans_obstacle_lateral", "operateur", "repere", "reparer", "confirmee",
        )  # fmt: skip
        return NouvelleEmprise(
            **{n: d[n] for n in noms}, cote=d["cote"] or Emprise.Cote.AXE, creneaux=creneaux
        )


def code_creneau(c: Mapping[str, Any]) -> str:
    """A slot as a value of a form: « sam,dim 06:00 24:00 »."""
    return f"{','.join(c.get('jours') or [])} {c['de']} {c['a']}"


def creneau_du_code(code: str) -> dict[str, Any] | None:
    """The slot of such a value; null for what is none."""
    morceaux = code.split(" ")
    if len(morceaux) != 3:
        return None
    jours, de, a = morceaux
    lu: dict[str, Any] = {"jours": jours.split(",") if jours else [], "de": de, "a": a}
    try:
        creneaux_gardes([lu])
    except ErreurSaisie:
        return None
    return lu


def _initial(e: Emprise) -> dict[str, Any]:
    creneau = e.creneaux[0] if e.creneaux else {}
    noms = (
        "geom", "debut", "fin", "unite", "largeur", "cote", "rayon", "quantite_saisie", "largeur_libre",
        "sans_obstacle_lateral", "operateur", "repere",
    )  # fmt: skip
    jour_entier = (creneau.get("de"), creneau.get("a")) == ("00:00", "24:00")
    heures = {
        "jours": creneau.get("jours", []),
        "de": "" if jour_entier else creneau.get("de", ""),
        "a": "" if jour_entier else str(creneau.get("a", "")).replace("24:00", "00:00"),
        "autres": [code_creneau(c) for c in e.creneaux[1:]],
    }
    return {"type": e.type_id, **{n: getattr(e, n) for n in noms}, **heures}


class FormulaireFaits(ChampsExoneration):
    """What the nature of the act and of the publicity depends on."""

    domaine = forms.ChoiceField(label="L'emprise est sur", choices=DossierODP.Domaine.choices)
    gestionnaire = forms.ChoiceField(
        label="Gestionnaire, s'il n'est pas celui d'usage",
        choices=[("", "celui d'usage"), *DossierODP.Gestionnaire.choices],
        required=False,
    )
    en_agglomeration = forms.BooleanField(label="En agglomération", required=False, initial=True)
    grande_circulation = forms.BooleanField(label="Route à grande circulation", required=False)
    police_transferee = forms.BooleanField(
        label="Police de la circulation transférée à l'intercommunalité", required=False
    )
    modifie_circulation = forms.BooleanField(
        label="Change la circulation ou le stationnement (un arrêté s'ajoute)", required=False
    )
    occupant = forms.ChoiceField(label="Occupant", choices=DossierODP.Occupant.choices)
    ancrage = forms.ChoiceField(label="Fixée dans le sol, ou le modifie", choices=OUI_NON, required=False)
    economique = forms.ChoiceField(label="Activité économique", choices=OUI_NON, required=False)
    autorisation = forms.CharField(
        label="Permis de construire ou déclaration préalable de ces travaux",
        max_length=30,
        required=False,
        help_text="Le numéro, s'il y en a un : PC 025 999 26 00012. Les deux dossiers se montrent l'un à"
        " l'autre.",
    )
    en_une_fois = forms.BooleanField(
        label="Redevance demandée en une fois, pour toute la durée du titre",
        required=False,
        help_text="Pour un titre de plus d'un an et de cinq ans au plus ; sinon elle est demandée chaque"
        " année (CG3P L2125-4).",
    )
    initiative = forms.ChoiceField(
        label="À l'initiative",
        choices=INITIATIVES,
        required=False,
        help_text="La commune qui cherche elle-même un occupant suit une procédure de sélection"
        " (CG3P L2122-1-1).",
    )
    exception = forms.ChoiceField(
        label="Dispense de publicité",
        choices=[("", "aucune"), *EXCEPTIONS.items()],
        required=False,
        help_text="Pour une activité économique. L'agent la dit, le logiciel ne la devine pas.",
    )
    courte_duree = forms.BooleanField(label="De courte durée", required=False)
    nombre_illimite = forms.BooleanField(label="Titres en nombre illimité", required=False)
    duree_mois = forms.IntegerField(
        label="Durée (mois), en cas d'urgence", required=False, min_value=1, max_value=12
    )

    def clean_autorisation(self) -> str:
        """The number without what separates its parts."""
        nu = re.sub(r"[^0-9A-Za-z]", "", self.cleaned_data["autorisation"]).upper()
        if len(nu) > 20:
            raise forms.ValidationError("Ce numéro est trop long : PC 025 999 26 00012, par exemple.")
        return nu

    def faits(self) -> dict[str, Any]:
        """Fields of the file."""
        d = self.cleaned_data
        attribution: dict[str, Any] = {k: d[k] for k in ATTRIBUTION if d.get(k)}
        if attribution.get("initiative") == INITIATIVES[0][0]:
            del attribution["initiative"]  # what the rules suppose
        ternaire = {"": None, "1": True, "0": False}
        return {
            **{n: d[n] for n in FAITS if n not in ("ancrage", "economique")},
            "ancrage": ternaire[d["ancrage"]],
            "economique": ternaire[d["economique"]],
            "attribution": attribution,
            "exoneration": self.exoneration(),
        }


def faits_initiaux(d: DossierODP) -> dict[str, Any]:
    """Values of the form for a file."""
    texte = {None: "", True: "1", False: "0"}
    return {
        **{n: getattr(d, n) for n in FAITS},
        "ancrage": texte[d.ancrage],
        "economique": texte[d.economique],
        **(d.attribution or {}),
        **{f"exo_{nom}": valeur for nom, valeur in d.exoneration.items()},
    }


class FormulaireDepot(forms.Form):
    """Who asks, where, how it came; emprise and facts have forms of their own on the same page."""

    insee = forms.ChoiceField(label="Commune")
    depose_le = forms.DateField(label="Reçue en mairie le")
    canal = forms.ChoiceField(
        label="Reçue",
        choices=[c for c in DossierODP.Canal.choices if c[0] not in ("portail", "renouvellement")],
    )
    beneficiaire = forms.ChoiceField(label="Le demandeur est", choices=DossierODP.Beneficiaire.choices)
    demandeur = forms.ModelChoiceField(
        label="Demandeur déjà connu",
        queryset=Tiers.objects.none(),
        required=False,
        help_text="Cherchez-le d'abord parmi les personnes ; sinon remplissez les champs qui suivent.",
    )
    nom = forms.CharField(label="Nom ou raison sociale", max_length=150, required=False)
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    executant = forms.ModelChoiceField(
        label="Entreprise qui occupe pour lui",
        queryset=Tiers.objects.none(),
        required=False,
        empty_label="aucune",
        help_text="Celle qui pose l'échafaudage ou la benne, si elle est connue.",
    )
    adresse_tiers = forms.CharField(label="Numéro et voie", max_length=200, required=False)
    code_postal = forms.CharField(label="Code postal", max_length=10, required=False)
    ville = forms.CharField(label="Commune du demandeur", max_length=120, required=False)
    courriel = forms.EmailField(label="Courriel", required=False)
    voie = forms.ModelChoiceField(label="Voie", queryset=Voie.objects.none(), required=False)
    adresse = forms.CharField(
        label="Au droit de", max_length=200, required=False, help_text="12 rue de l'Essai, place du Lavoir…"
    )
    objet = forms.CharField(label="Objet", max_length=200, required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(
        self, *args: Any, communes: Mapping[str, str], tiers: Any, voies: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        insee, demandeur, voie = self.fields["insee"], self.fields["demandeur"], self.fields["voie"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(demandeur, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(voie, forms.ModelChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        demandeur.queryset, voie.queryset = tiers, voies
        executant = self.fields["executant"]
        assert isinstance(executant, forms.ModelChoiceField)  # noqa: S101
        executant.queryset = tiers
        self.fields["depose_le"].initial = timezone.localdate()
        self.fields["client_uuid"].initial = uuid4
        habiller(self)

    def clean_depose_le(self) -> date:
        """Not ahead."""
        jour: date = self.cleaned_data["depose_le"]
        if jour > timezone.localdate():
            raise forms.ValidationError("La date de réception ne peut être dans l'avenir.")
        return jour

    def clean(self) -> dict[str, Any]:
        """One person, known or new."""
        donnees = super().clean() or {}
        if not donnees.get("demandeur") and not donnees.get("nom"):
            self.add_error("nom", "Choisissez un demandeur connu, ou écrivez son nom.")
        return donnees


class FormulaireSimulation(forms.Form):
    """Other days to price the same ground for; nothing is kept."""

    du = forms.DateField(label="Du")
    au = forms.DateField(label="Au (compris)")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """In order, and within what a grid may answer."""
        donnees = super().clean() or {}
        du, au = donnees.get("du"), donnees.get("au")
        if du and au and au < du:
            self.add_error("au", f"La fin ({jma(au)}) précède le début ({jma(du)}).")
        elif du and au and (au - du).days > SIMULATION_MAX_JOURS:
            self.add_error("au", "Une simulation porte sur cinq ans au plus.")
        return donnees


def depot_initial(d: DossierODP) -> dict[str, Any]:
    """Who, where and why of a file, for a new request like it."""
    noms = ("insee", "beneficiaire", "demandeur", "executant", "voie", "adresse", "objet")
    return {n: getattr(d, n) for n in noms}


class FormulaireEvenement(forms.Form):
    """Fields of one event as the circuit declares them, its day, the version seen, the key of the sending."""

    date_effet = forms.DateField(label="Date")
    version = forms.IntegerField(widget=forms.HiddenInput())
    cle = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(
        self,
        type_: TypeEvenement,
        dossier: DossierODP,
        *args: Any,
        services: Sequence[str] = (),
        **options: Any,
    ) -> None:
        """``services``: those whose opinion is awaited, for who records one."""
        super().__init__(*args, **options)
        self.type_ = type_
        self.fields["date_effet"].initial = timezone.localdate()
        self.fields["version"].initial = dossier.version
        self.fields["cle"].initial = uuid4
        for champ in type_.champs:
            if (fait := _champ(champ, type_, dossier)) is not None:
                self.fields[champ.code] = fait
        if type_.code == "avis_recu":
            self.fields["service"] = forms.ChoiceField(label="Service", choices=[(s, s) for s in services])
        self.order_fields(["date_effet", *(c.code for c in type_.champs), "version", "cle"])
        habiller(self)

    def donnees(self) -> dict[str, Any]:
        """Values as the event wants them."""
        sortie: dict[str, Any] = {}
        for champ in self.type_.champs:
            valeur = self.cleaned_data.get(champ.code)
            if valeur in (None, "", []):
                continue
            if champ.genre == "json":
                valeur = [x.strip() for x in str(valeur).splitlines() if x.strip()]
            sortie[champ.code] = valeur
        return sortie

    @property
    def cle_saisie(self) -> UUID:
        """Key that makes a double sending one event."""
        valeur: UUID = self.cleaned_data["cle"]
        return valeur


_LONGS = ("motif", "publie", "texte", "constat", "etat_du_sol")
# Asked on the screen though the circuit does without: the letters to the others say it.
_EXIGES = (("retenir", "publie"),)
_LIBELLES_CHOIX = {
    **MOTIFS_RETRAIT,
    **COMPENSATIONS,
    "favorable": "favorable",
    "favorable_prescriptions": "favorable avec prescriptions",
    "defavorable": "défavorable",
    "sans_objet": "sans objet",
}


def _champ(champ: Champ, type_: TypeEvenement, dossier: DossierODP) -> forms.Field | None:
    """The form field of a declared field; null where an agent has nothing to say."""
    signature = type_.code in ("signer", "signature_exterieure")
    if champ.code in CALCULES and signature:
        return None
    if signature and champ.code == "fin":
        return None
    if champ.code == "autorite":
        if type_.code == "signer":
            return None
        choix = [(c, t) for c, t in AUTORITES.items() if c != "maire"]
        return forms.ChoiceField(label="Autorité qui a signé", choices=choix)
    if champ.code == "canal":
        return None
    match champ.genre:
        case "date":
            initial = dossier.fin if champ.code == "fin" and type_.code != "reprendre_occupation" else None
            if type_.code == "ouvrir_publicite":
                jour = timezone.localdate()
                initial = jour + timedelta(days=parametres.au_jour("publicite_jours", jour))
            return forms.DateField(label=champ.libelle, required=champ.obligatoire, initial=initial)
        case "entier":
            propose = None
            if champ.code == "delai_jours":
                propose = parametres.au_jour("pieces_jours", timezone.localdate())
            return forms.IntegerField(
                label=champ.libelle, required=champ.obligatoire, min_value=1, initial=propose
            )
        case "booleen":
            return forms.BooleanField(label=champ.libelle, required=False)
        case "choix":
            choix = [(c, _LIBELLES_CHOIX.get(c, c)) for c in champ.choix]
            return forms.ChoiceField(label=champ.libelle, choices=choix, required=champ.obligatoire)
        case "json":
            return forms.CharField(
                label=champ.libelle,
                required=champ.obligatoire,
                widget=forms.Textarea(),
                help_text="Une par ligne.",
                initial=_proposees(champ, dossier),
            )
    zone = forms.Textarea() if champ.code in _LONGS else forms.TextInput()
    exige = champ.obligatoire or (type_.code, champ.code) in _EXIGES
    return forms.CharField(label=champ.libelle, required=exige, widget=zone, max_length=10_000)


def _proposees(champ: Champ, dossier: DossierODP) -> str:
    """Usual pieces of the types of the file, to strike out; services that the rules name."""
    if champ.code == "pieces":
        types = [types_locaux.dans(e.type, dossier.insee) for e in dossier.emprises.select_related("type")]
        return "\n".join(dict.fromkeys(p for t in types for p in t.liste_pieces))
    if champ.code == "services":
        from domainepublic.actes import AVIS, nature_du_dossier

        return "\n".join(
            dict.fromkeys(AVIS[a] for acte in nature_du_dossier(dossier).actes for a in acte.avis)
        )
    return ""
