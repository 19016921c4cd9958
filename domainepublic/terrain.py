"""The field form of a report: photos, place, what was seen; filled without network (docs/terrain.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from domainepublic import constats, perms
from domainepublic.constats import NouveauConstat, dresser
from domainepublic.instruction.etats import TITRES
from domainepublic.models import Constat, DossierODP, TypeOccupation
from domainepublic.usager.formulaires import ChampFichiers, Fichiers
from gis_data.dessin.champ import ChampDessin
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit
from mairie.hors_ligne import Fait, FicheTerrain, SaisieRefusee, SaisieTerrain, declarer
from mairie.pieces.refus import PieceRefusee
from mairie.workflow import Refus

CODE = "constat"
NOUVEAU = "nouveau-"
DOSSIER = "dossier-"
# Titles to control taken along: those of the days around.
MAXIMUM = 60
# One entry waits for each sheet: that many new reports fit between two networks.
FEUILLES = 5
AUTOUR = timedelta(days=10)


class Position(forms.TextInput):
    """A button that asks the device where it is, over two numbers that may be typed."""

    template_name = "domainepublic/terrain/position.html"


class FormulaireConstat(forms.Form):
    """Three gestures: a photo, the place, what was seen."""

    photos = ChampFichiers(
        label="Photos",
        required=False,
        widget=Fichiers(attrs={"accept": "image/*", "capture": "environment"}),
        help_text="Prises ici ; elles sont scellées telles que reçues.",
    )
    position = forms.CharField(label="Position", required=False, max_length=60, widget=Position())
    lieu = forms.CharField(label="Ou l'adresse", required=False, max_length=200)
    conclusion = forms.ChoiceField(
        label="Ce que vous voyez", choices=Constat.Conclusion.choices, widget=forms.RadioSelect()
    )
    type = forms.ChoiceField(label="Type d'occupation", required=False)
    longueur_m = forms.DecimalField(
        label="Longueur (m)", required=False, min_value=Decimal("0.01"), max_digits=6, decimal_places=2
    )
    largeur_m = forms.DecimalField(
        label="Largeur (m)", required=False, min_value=Decimal("0.01"), max_digits=6, decimal_places=2
    )
    dessin = ChampDessin(
        label="Sur la carte", genres=("surface", "ligne"), required=False, reparer=True, simple=True
    )
    quantite = forms.DecimalField(
        label="Ou le nombre, dans l'unité du tarif",
        required=False, min_value=0, max_digits=8, decimal_places=2,
    )  # fmt: skip
    jours_estimes = forms.IntegerField(
        label="Durée estimée (jours)", required=False, min_value=1, max_value=3650
    )
    tiers_presume = forms.CharField(label="Occupant, s'il est connu", required=False, max_length=120)
    texte = forms.CharField(
        label="Remarques", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    vu_le = forms.DateTimeField(label="Vu le")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        type_ = self.fields["type"]
        assert isinstance(type_, forms.ChoiceField)  # noqa: S101
        types = TypeOccupation.objects.filter(actif=True).exclude(code="SANS").order_by("ordre")
        type_.choices = [("", "à préciser"), *((t.code, t.libelle) for t in types)]
        habiller(self)

    def clean_position(self) -> dict[str, Any] | None:
        """« longitude latitude precision », as the button writes; null when it was not taken."""
        return constats.lire_position(self.cleaned_data["position"])

    def clean(self) -> dict[str, Any]:
        """Somewhere; and a kind for what has no title."""
        d = super().clean() or {}
        if d.get("dessin") is not None and not d.get("position") and "position" not in self.errors:
            # Drawn where it stands: no figure of the device is needed.
            d["position"] = constats.milieu(d["dessin"])
        if not d.get("position") and not d.get("lieu") and "position" not in self.errors:
            self.add_error("position", "Prenez la position, ou écrivez l'adresse.")
        if d.get("conclusion") == Constat.Conclusion.SANS_TITRE and not d.get("type"):
            self.add_error("type", "Dites quel type d'occupation vous voyez.")
        return d


def _communes(personne: Any) -> dict[str, str]:
    return dict(communes_du_droit(personne, perms.CONSTATER))


def _dossiers(personne: Any) -> Any:
    jour = timezone.localdate()
    return (
        DossierODP.objects.visibles_par(personne)
        .filter(
            insee__in=_communes(personne),
            # What has ended has a list of its own: « Contrôle de fin ».
            etat__in=(*TITRES, "infraction"),
            debut__lte=jour + AUTOUR,
        )
        .select_related("voie")
        .order_by("fin", "pk")
    )


def lire(personne: Any, cle: str) -> FicheTerrain | None:
    """A blank report in a commune, or on a file; version 0: reports are added, none is changed."""
    valeurs: dict[str, Any] = {"vu_le": timezone.localtime().replace(second=0, microsecond=0, tzinfo=None)}
    if cle.startswith(NOUVEAU):
        communes = _communes(personne)
        insee, rang = _feuille(cle)
        if insee not in communes or rang not in range(1, FEUILLES + 1):
            return None
        titre = f"Nouveau constat n° {rang}, {communes[insee]}"
        return FicheTerrain(titre, {**valeurs, "conclusion": "sans_titre"}, 0)
    d = _dossier(personne, cle)
    if d is None:
        return None
    e = d.emprises.select_related("type").first()
    faits = [("Occupation", e.type.libelle.capitalize() if e else ""), ("Lieu", d.lieu)]
    if d.debut:
        faits.append(("Titre", f"du {jma(d.debut)}" + (f" au {jma(d.fin)}" if d.fin else "")))
    if e:
        faits.append(("Accordé", f"{e.quantite.normalize():f} {e.unite_lisible}".replace(".", ",")))
    faits.append(("État", d.libelle_etat))
    faits += [("Constat", f"{c} : {c.get_conclusion_display()}") for c in d.constats.all()[:3]]
    valeurs |= {"conclusion": "conforme", "lieu": d.lieu, "type": e.type.code if e else ""}
    return FicheTerrain(f"Contrôle de {d}", valeurs, 0, tuple((n, t) for n, t in faits if t))


def _feuille(cle: str) -> tuple[str, int]:
    """Commune and number of a blank sheet."""
    insee, _, rang = cle.removeprefix(NOUVEAU).partition("-")
    return insee, int(rang) if rang.isdigit() else 0


def _dossier(personne: Any, cle: str) -> DossierODP | None:
    if not cle.startswith(DOSSIER) or not cle.removeprefix(DOSSIER).isdigit():
        return None
    trouve: DossierODP | None = (
        DossierODP.objects.visibles_par(personne)
        .filter(pk=int(cle.removeprefix(DOSSIER)), insee__in=_communes(personne))
        .exclude(etat="")
        .first()
    )
    return trouve


def enregistrer(personne: Any, cle: str, donnees: dict[str, Any], version: int, uuid: UUID) -> Fait:
    """One report for one key of the device; a bad photo or place is told, and nothing is kept of it."""
    dossier = None if cle.startswith(NOUVEAU) else _dossier(personne, cle)
    insee = dossier.insee if dossier else _feuille(cle)[0]
    lieu = donnees["position"]
    point = constats.position(lieu["lon"], lieu["lat"]) if lieu else None
    vu_le: datetime = donnees["vu_le"]
    if dossier is None and point is not None and donnees["conclusion"] != Constat.Conclusion.SANS_TITRE:
        proche = constats.titres_a(point, timezone.localdate(vu_le), insee).first()
        dossier = proche.dossier if proche else None
    try:
        c = dresser(
            NouveauConstat(
                insee=insee,
                vu_le=vu_le,
                conclusion=donnees["conclusion"],
                client_uuid=uuid,
                position=point,
                precision_m=lieu["precision"] if lieu else None,
                type=TypeOccupation.objects.filter(code=donnees["type"]).first() if donnees["type"] else None,
                dossier=dossier,
                tiers_presume=donnees["tiers_presume"],
                quantite=donnees["quantite"],
                dessin=donnees["dessin"],
                longueur_m=donnees["longueur_m"],
                largeur_m=donnees["largeur_m"],
                jours_estimes=donnees["jours_estimes"],
                lieu=donnees["lieu"],
                texte=donnees["texte"],
                photos=donnees["photos"],
            ),
            par=personne,
        )
    except (Refus, PieceRefusee) as e:
        raise SaisieRefusee(str(e)) from e
    sur = f" sur {dossier}" if dossier else ""
    return Fait(f"Constat {c} enregistré{sur}.", c.get_absolute_url())


def objets(personne: Any) -> Iterable[tuple[str, str]]:
    """A blank report for each commune, then the titles to control."""
    for insee, nom in _communes(personne).items():
        for rang in range(1, FEUILLES + 1):
            yield f"{NOUVEAU}{insee}-{rang}", f"Nouveau constat n° {rang}, {nom}"
    for d in _dossiers(personne)[:MAXIMUM]:
        yield f"{DOSSIER}{d.pk}", f"{d}, {d.lieu or d.objet}"


def declarer_saisie() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        SaisieTerrain(
            code=CODE,
            titre="Constat sur le domaine public",
            droit=perms.CONSTATER,
            formulaire=FormulaireConstat,
            lire=lire,
            enregistrer=enregistrer,
            objets=objets,
            gabarit="domainepublic/terrain/constat.html",
            scripts=("js/domainepublic/mesure_constat.js",),
            styles=(
                "leaflet/leaflet.css",
                "vendor/maplibre-gl/maplibre-gl.css",
                "vendor/leaflet-geoman/leaflet-geoman.css",
                "css/dessin.css",
            ),
        )
    )
