"""Lists and imports of what the street is: surfaces, managers, transfers of police, hydrants, bus lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from domainepublic import formulaires_voirie as f
from domainepublic import perms
from domainepublic.coordination.programmes import FORMES
from domainepublic.models import (
    DossierODP,
    GestionVoirie,
    LigneBus,
    PointEau,
    RevetementVoie,
    TransfertPolice,
)
from mairie.ecrans import (
    Colonne,
    ColonneImport,
    Filtre,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Import,
    Lien,
    Liste,
    Nature,
    declarer,
)

BASE = "domaine-public/voirie/"


@dataclass(frozen=True)
class Genre:
    """One kind of object of the street, with its page, its list and its import."""

    code: str
    titre: str
    nouveau: str
    classe: Any
    cle: tuple[str, ...]
    colonnes: tuple[Colonne, ...]
    filtres: tuple[Filtre, ...] = ()
    synonymes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    aide: str = ""
    dessine: bool = True

    @property
    def modele(self) -> Any:
        """Its table."""
        return self.classe._meta.model

    @property
    def adresse(self) -> str:
        """Of its list, without leading slash."""
        return f"{BASE}{self.code}/"


COMMUNE = Colonne("commune", "Commune", "insee", tri="insee", defaut=False)
SOURCE = Colonne("source", "Source", defaut=False)
GENRES = {
    g.code: g
    for g in (
        Genre(
            "revetements", "Revêtements de voie", "Nouveau revêtement", f.FormulaireRevetement,
            ("insee", "reference"),
            (
                Colonne("reference", "Référence", tri=True),
                Colonne("nature", "Nature", tri=True),
                Colonne("pose_le", "Posé le", nature=Nature.DATE, tri=True),
                SOURCE, COMMUNE,
            ),
            (FiltreDates(code="pose", titre="Posé", chemin="pose_le"),),
            (("pose_le", ("date de pose", "date")), ("reference", ("id", "code"))),
            "Des travaux qui ouvrent un revêtement récent sont signalés (CVR L115-1).",
        ),
        Genre(
            "gestionnaires", "Gestionnaires des voies", "Nouvelle voie", f.FormulaireGestion,
            ("insee", "reference", "du"),
            (
                Colonne("reference", "Référence", tri=True),
                Colonne("domaine", "Domaine", lambda o: o.get_domaine_display(), tri="domaine"),
                Colonne("gestionnaire", "Gestionnaire",
                        lambda o: o.get_gestionnaire_display() or "celui d'usage", tri="gestionnaire"),
                Colonne("en_agglomeration", "En agglomération", nature=Nature.OUI_NON, tri=True),
                Colonne("grande_circulation", "Grande circulation", nature=Nature.OUI_NON, tri=True),
                Colonne("du", "Du", nature=Nature.DATE, tri=True),
                Colonne("au", "Au", nature=Nature.DATE, tri=True),
                SOURCE, COMMUNE,
            ),
            (FiltreChoix(code="domaine", titre="Domaine", choix=DossierODP.Domaine.choices),),
            (("reference", ("nom", "voie", "id")),),
            "Qui gère la voie dit qui signe. Une demande en ligne prend le gestionnaire de son sol.",
        ),
        Genre(
            "transferts", "Transferts de police", "Nouveau transfert", f.FormulaireTransfert,
            ("insee", "du"),
            (
                Colonne("commune", "Commune", "insee", tri="insee"),
                Colonne("epci", "Intercommunalité", tri=True),
                Colonne("circulation", "Circulation", nature=Nature.OUI_NON),
                Colonne("taxis", "Taxis", nature=Nature.OUI_NON),
                Colonne("acte", "Acte"),
                Colonne("du", "Du", nature=Nature.DATE, tri=True),
                Colonne("au", "Au", nature=Nature.DATE, tri=True),
            ),
            aide="La police du maire confiée au président de l'intercommunalité (CGCT L5211-9-2).",
            dessine=False,
        ),
        Genre(
            "pei", "Points d'eau incendie", "Nouveau point d'eau", f.FormulairePei, ("insee", "numero"),
            (
                Colonne("numero", "Numéro", tri=True),
                Colonne("nature", "Nature", tri=True),
                SOURCE, COMMUNE,
            ),
            synonymes=(("numero", ("n°", "id", "code")), ("nature", ("type",))),
            aide="Une occupation tout près d'un point d'eau est signalée à qui l'instruit.",
        ),
        Genre(
            "bus", "Lignes de bus", "Nouvelle ligne", f.FormulaireBus, ("insee", "code"),
            (
                Colonne("code", "Ligne", tri=True),
                Colonne("libelle", "Libellé", tri=True),
                Colonne("largeur", "Passage (m)", nature=Nature.NOMBRE, tri=True),
                SOURCE, COMMUNE,
            ),
            synonymes=(("code", ("ligne", "numéro", "route_id")), ("libelle", ("nom",))),
            aide="Une occupation sur le passage d'un bus demande l'avis du réseau de transports.",
        ),
    )
}  # fmt: skip
# Their model is known by the form; a name for those that the code reads.
MODELES = (RevetementVoie, GestionVoirie, TransfertPolice, PointEau, LigneBus)


def _titre(genre: Genre, champ: str) -> str:
    champ_form = genre.classe.base_fields[champ]
    libelle = str(champ_form.label or champ)
    return libelle[:1].upper() + libelle[1:]


def _colonne(genre: Genre, champ: str) -> ColonneImport:
    synonymes = dict(genre.synonymes).get(champ, ())
    if champ == "geom":
        return ColonneImport("geom", "Tracé", FORMES, obligatoire=True)
    if champ == "insee":
        return ColonneImport("insee", "Commune", ("code INSEE", "code commune"), obligatoire=True)
    return ColonneImport(champ, _titre(genre, champ), synonymes)


def liste(genre: Genre) -> Liste:
    """Its list, open to readers; what changes it, to who keeps the roads."""
    return Liste(
        code=f"domainepublic.voirie_{genre.code}",
        titre=genre.titre,
        requete=genre.modele.objects.visibles_par,
        droit=perms.LIRE,
        adresse=genre.adresse,
        groupe="Domaine public",
        presentation=genre.aide,
        colonnes=genre.colonnes,
        filtres=(FiltreCommune(), *genre.filtres),
        tri=genre.colonnes[0].code,
        adresse_ligne=lambda o: reverse("odp_voirie_objet", args=[genre.code, o.pk]),
        liens=(
            Lien(
                genre.nouveau, "bi-plus-lg", f"/{genre.adresse}nouveau/", perms.REGLER_VOIRIE, principal=True
            ),
            Lien("Importer", "bi-upload", f"/{genre.adresse}importer/", perms.REGLER_VOIRIE),
        ),
        geometrie="geom" if genre.dessine else "",
        titre_carte=str,
        vide="Rien n'est encore saisi.",
        vide_aide="Dessinez-en un, ou importez un fichier CSV ou GeoJSON.",
    )


def importation(genre: Genre) -> Import:
    """Its import: CSV, spreadsheet or GeoJSON; nothing twice by its key."""
    return Import(
        code=f"domainepublic.voirie_{genre.code}",
        titre=f"Importer : {genre.titre.lower()}",
        modele=genre.modele,
        requete=genre.modele.objects.visibles_par,
        droit=perms.REGLER_VOIRIE,
        adresse=genre.adresse,
        liste=f"domainepublic.voirie_{genre.code}",
        colonnes=tuple(_colonne(genre, c) for c in genre.classe._meta.fields),
        cle=genre.cle,
        classe=genre.classe,
    )


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    for genre in GENRES.values():
        declarer(liste(genre), importation(genre))
