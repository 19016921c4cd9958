"""Programmes of operators brought in by a file: each row becomes works « au programme », never twice."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import shapely
from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from domainepublic import perms
from domainepublic.coordination import service
from domainepublic.entre_numeros import tracer_entre
from domainepublic.models import DemandeTravaux, LigneProgramme
from domainepublic.models.emprises import SRID
from domainepublic.regles.trace import TraceImpossible
from gis_data.dessin.lecture import DessinRefuse, lire_dessin
from gis_data.dessin.operations import defaut, fusionner, reparer
from mairie.calendrier import jma
from mairie.ecrans import ActionImpossible, ColonneImport, Import, ValeurRefusee
from mairie.ecrans.imports.geojson import GEOMETRIE
from mairie.habilitations import peut
from mairie.models import Tiers, Utilisateur, Voie
from mairie.regles.adresses import cle_voie
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus

# Words of other software for the shape of an object.
FORMES = (GEOMETRIE, "geometrie", "geometry", "geom", "the_geom", "wkt", "tracé", "geojson")
# What may still change: the town hall has not answered.
OUVERT = "programmee"


def _nu(texte: str) -> str:
    """A text without case, accents nor double spaces."""
    plat = unicodedata.normalize("NFKD", texte.casefold())
    return " ".join("".join(c for c in plat if not unicodedata.combining(c)).split())


def lire_annee(texte: str, utilisateur: Any) -> str:
    """« 2027 », « 2027,0 », « Programme 2027 »; ``ValeurRefusee`` when no year is said."""
    trouvee = re.search(r"\b(2\d{3})\b", texte)
    if trouvee is None:
        raise ValeurRefusee(f"« {texte[:40]} » n'est pas une année.")
    return trouvee[1]


def lire_operateur(texte: str, utilisateur: Any) -> str:
    """Spaces as one: the name tells the row."""
    return " ".join(texte.split())[:150]


class FormulaireLigne(forms.ModelForm[LigneProgramme]):
    """One row: what it must say to make works."""

    forme: GEOSGeometry
    la_voie: Voie | None = None

    class Meta:
        model = LigneProgramme
        fields = (
            "insee", "operateur", "annee", "reference", "nature", "voie", "du_numero", "au_numero", "trace",
            "largeur", "debut", "fin", "ouvre_sol", "dt_numero",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Days in order and in the year; a place, drawn or named."""
        d = super().clean() or {}
        debut, fin = d.get("debut"), d.get("fin")
        if debut and fin and fin < debut:
            self.add_error("fin", f"La fin ({jma(fin)}) précède le début ({jma(debut)}).")
        annee = d.get("annee")
        if debut and fin and annee and not debut.year <= annee <= fin.year:
            self.add_error("debut", f"Ces jours ne sont pas de l'année {annee}.")
        if d.get("insee"):
            self._situer(d)
        return d

    def _situer(self, d: dict[str, Any]) -> None:
        nom = d.get("voie") or ""
        if nom:
            voies = list(Voie.objects.filter(insee=d["insee"], cle=cle_voie(nom)[:200], active=True)[:2])
            self.la_voie = voies[0] if len(voies) == 1 else None
        try:
            if d.get("trace"):
                self.forme = lire_trace(d["trace"])
            elif not nom:
                self.add_error("trace", "Dites où : un tracé, ou une voie.")
            elif self.la_voie is None:
                self.add_error("voie", f"« {nom[:60]} » n'est pas une voie de la commune, ou il y en a deux.")
            elif d.get("du_numero"):
                self.forme = tracer_entre(self.la_voie, d["du_numero"], d.get("au_numero") or "")
            elif self.la_voie.axe is None:
                self.add_error("voie", "L'axe de cette voie n'est pas connu : donnez le tracé.")
            else:
                self.forme = self.la_voie.axe
        except (DessinRefuse, TraceImpossible) as e:
            self.add_error("trace" if d.get("trace") else "du_numero", str(e))


def lire_trace(texte: str) -> GEOSGeometry:
    """A line or an area in the legal projection, repaired at need; ``DessinRefuse`` otherwise."""
    forme = lire_dessin(texte)
    if defaut(forme):
        forme = reparer(forme)
    forme = fusionner(forme)
    if "Point" in forme.geom_type:
        raise DessinRefuse("Un point ne suffit pas : donnez une ligne ou une surface.")
    return GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=SRID)


def enregistrer(forme: Any, utilisateur: Utilisateur) -> LigneProgramme:
    """The row and its works: made, or corrected while nobody answered; ``ActionImpossible`` otherwise."""
    r: LigneProgramme = forme.save(commit=False)
    if not peut(utilisateur, perms.COORDONNER, r.insee):
        raise ActionImpossible("Vous n'avez pas ce droit dans cette commune.")
    try:
        with transaction.atomic():
            if r.pk is None:
                r.travaux = _creer(r, forme, utilisateur)
                r.cree_par = utilisateur
            else:
                _corriger(r, forme)
            r.save()
    except Refus as e:
        raise ActionImpossible(" ".join(e.raisons)) from e
    return r


def _nouveaux(r: LigneProgramme, forme: Any, mo: Tiers) -> service.Nouveaux:
    return service.Nouveaux(
        insee=r.insee, regime="programme", maitre_ouvrage=mo, nature=r.nature, geom=forme.forme,
        debut=r.debut, fin=r.fin, recue_le=timezone.localdate(), voie=forme.la_voie, largeur=r.largeur,
        annee=r.annee, ouvre_sol=r.ouvre_sol, dt_numero=r.dt_numero,
    )  # fmt: skip


def _creer(r: LigneProgramme, forme: Any, utilisateur: Utilisateur) -> DemandeTravaux:
    return service.enregistrer(_nouveaux(r, forme, operateur(r, utilisateur)), par=utilisateur)


def _corriger(r: LigneProgramme, forme: Any) -> None:
    """What the operator sends again, while the works wait for an answer."""
    if r.travaux_id is None:
        raise ActionImpossible("Les travaux de cette ligne ne sont plus là.")
    t: DemandeTravaux = DemandeTravaux.objects.select_for_update(of=("self",)).get(pk=r.travaux_id)
    if t.etat != OUVERT:
        raise ActionImpossible(
            f"Les travaux {t} sont « {t.libelle_etat} » : le programme ne les change plus."
        )
    nouveaux = _nouveaux(r, forme, t.maitre_ouvrage)
    if trouvees := service.fautes(nouveaux, timezone.localdate()):
        raise Refus(*trouvees.values())
    for champ in ("nature", "geom", "debut", "fin", "voie", "largeur", "annee", "ouvre_sol", "dt_numero"):
        setattr(t, champ, getattr(nouveaux, champ))
    t.save()


def operateur(r: LigneProgramme, utilisateur: Utilisateur) -> Tiers:
    """The firm of that name in the commune, however written; a new sheet where there is none."""
    connues = Tiers.objects.actifs().filter(collectivite=r.insee, nature="morale")
    nom = _nu(r.operateur)
    for t in connues.filter(raison_sociale__iexact=r.operateur):
        return t
    for t in connues.order_by("pk"):
        if _nu(t.raison_sociale) == nom:
            return t
    return tiers_service.creer(
        {"nature": "morale", "raison_sociale": r.operateur}, collectivite=r.insee, par=utilisateur
    )


IMPORT = Import(
    code="domainepublic.programmes",
    titre="Importer un programme de travaux",
    modele=LigneProgramme,
    requete=LigneProgramme.objects.visibles_par,
    droit=perms.COORDONNER,
    adresse="domaine-public/programmes/",
    liste="domainepublic.travaux",
    colonnes=(
        ColonneImport("insee", "Commune", ("code commune", "code INSEE"), obligatoire=True),
        ColonneImport(
            "operateur", "Maître d'ouvrage", ("opérateur", "concessionnaire", "exploitant", "mo"),
            obligatoire=True, lire=lire_operateur,
        ),
        ColonneImport("annee", "Année", ("programme", "exercice"), obligatoire=True, lire=lire_annee),
        ColonneImport(
            "reference", "Référence", ("n°", "numéro", "code", "id", "identifiant"), obligatoire=True
        ),
        ColonneImport("nature", "Nature", ("travaux", "nature des travaux", "objet"), obligatoire=True),
        ColonneImport("voie", "Voie", ("rue", "adresse", "localisation")),
        ColonneImport("du_numero", "Du numéro", ("n° début", "de")),
        ColonneImport("au_numero", "Au numéro", ("n° fin", "à")),
        ColonneImport("trace", "Tracé", FORMES),
        ColonneImport("largeur", "Largeur (m)", ("largeur",)),
        ColonneImport("debut", "Début", ("du", "date de début", "début prévu"), obligatoire=True),
        ColonneImport("fin", "Fin", ("au", "date de fin", "fin prévue"), obligatoire=True),
        ColonneImport("ouvre_sol", "Ouvre le sol", ("tranchée", "fouille")),
        ColonneImport("dt_numero", "DT", ("n° DT", "numéro de DT")),
    ),
    cle=("insee", "operateur", "annee", "reference"),
    classe=FormulaireLigne,
    enregistrer=enregistrer,
    lignes_directes=200,
    aide=(
        "Une ligne par chantier ; CSV, tableur ou GeoJSON. Le lieu est un tracé, ou une voie, ou une voie et"
        " deux numéros. La même référence du même maître d'ouvrage ne fait jamais deux chantiers : un second"
        " envoi corrige ceux auxquels la mairie n'a pas encore répondu."
    ),
)  # fmt: skip
