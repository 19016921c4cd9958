"""Reference tables: list, page, form and import from one declaration, all found at /reglages/tables/."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from mairie.ecrans import registre
from mairie.ecrans.declaration import Colonne, Fiche, Formulaire, Lien, Liste, Section
from mairie.ecrans.droits import partout
from mairie.ecrans.filtres import Filtre, FiltreOuiNon
from mairie.ecrans.imports.declaration import ColonneImport, Import
from mairie.ecrans.valeurs import Nature
from mairie.habilitations import portee
from mairie.perms import ADMINISTRER

COMMUNE_A_TOUS = (
    "Cette table est commune à toutes les collectivités : seul qui les administre toutes peut la changer."
)
_BASE = ("code", "libelle", "valide_du", "valide_au", "ordre", "actif")
_NATURES: tuple[tuple[type[models.Field[Any, Any]], Nature], ...] = (
    (models.BooleanField, Nature.OUI_NON),
    (models.DateTimeField, Nature.INSTANT),
    (models.DateField, Nature.DATE),
    (models.DecimalField, Nature.NOMBRE),
    (models.FloatField, Nature.NOMBRE),
    (models.IntegerField, Nature.NOMBRE),
)


@dataclass(frozen=True)
class TableDeclaree:
    """A reference table and its screens. ``groupe``: trade under which it is shown."""

    code: str
    titre: str
    groupe: str
    modele: type[models.Model]
    liste: Liste
    formulaire: Formulaire
    importation: Import


_tables: dict[str, TableDeclaree] = {}


def tables() -> tuple[TableDeclaree, ...]:
    """All reference tables in the order of their declaration."""
    return tuple(_tables.values())


def declarer_table_reference(
    modele: type[models.Model],
    *,
    code: str,
    titre: str,
    groupe: str,
    champs: tuple[str, ...] = (),
    cle: tuple[str, ...] = (),
    collectivite: str = "",
    presentation: str = "",
    droit: str = ADMINISTRER,
    filtres: tuple[Filtre, ...] = (),
    classe: Any = None,
    enregistrer: Callable[[Any, Any], Any] | None = None,
) -> TableDeclaree:
    """Give a reference table its screens under ``/reglages/tables/<code>/``, from ``AppConfig.ready``.

    Columns: those of ``TableReference`` that the model has, then ``champs``. ``cle``: fields by which a file
    finds its rows (code and start of validity by default). ``collectivite``: foreign key or code of the
    collectivité a row belongs to; without it the table is common to all, and only who administers all of
    them may change it. Rows are switched off (« proposé »), never deleted.
    """
    presents = {f.name for f in modele._meta.get_fields()}
    noms = [*([collectivite] if collectivite else []), *(n for n in _BASE if n in presents), *champs]
    if inconnus := set(noms) - presents:
        raise ImproperlyConfigured(f"Table {code} : champs inconnus {sorted(inconnus)}")
    adresse = f"reglages/tables/{code.replace('.', '-').replace('_', '-')}/"
    nom = code.replace(".", "_")
    requete = _requete(modele, collectivite, droit)
    gele = None if collectivite else _gele(droit)
    liste = Liste(
        code=code,
        titre=titre,
        requete=requete,
        droit=droit,
        adresse=adresse,
        groupe=groupe,
        presentation=presentation,
        colonnes=tuple(_colonne(modele, n) for n in noms),
        filtres=(*_filtre_actif(presents), *filtres),
        recherche=tuple(n for n in ("code", "libelle") if n in presents),
        recherche_aide="code ou libellé",
        tri="ordre" if "ordre" in noms else noms[0],
        adresse_ligne=lambda o: reverse(f"{nom}_fiche", args=[o.pk]),
        liens=(
            Lien("Nouvelle ligne", "bi-plus-lg", f"/{adresse}nouveau/", droit, principal=True),
            Lien("Importer", "bi-upload", f"/{adresse}importer/", droit),
        ),
        vide="Cette table est vide.",
        vide_aide="Saisissez une ligne, ou importez un fichier CSV ou XLSX.",
    )
    formulaire = Formulaire(
        code=code,
        modele=modele,
        requete=requete,
        droit=droit,
        adresse=adresse,
        liste=code,
        titre=f"{titre} : modifier une ligne",
        titre_nouveau=f"{titre} : nouvelle ligne",
        sections=(Section("La ligne", tuple(noms)),),
        classe=classe,
        enregistrer=enregistrer,
        preparer=_restreindre(collectivite, droit) if collectivite else None,
        empechement=(lambda objet, u: gele(u)) if gele else None,
        empechement_nouveau=gele,
    )
    fiche = Fiche(
        code=code,
        requete=requete,
        droit=droit,
        adresse=adresse,
        liste=code,
        sections=(Section("La ligne", tuple(noms)),),
        formulaire=formulaire,
    )
    importation = Import(
        code=code,
        titre=f"Importer : {titre}",
        modele=modele,
        requete=requete,
        droit=droit,
        adresse=adresse,
        liste=code,
        colonnes=tuple(_colonne_import(modele, n, collectivite) for n in noms),
        cle=cle or _cle(presents, collectivite),
        classe=classe,
        enregistrer=enregistrer,
        preparer=_restreindre(collectivite, droit) if collectivite else None,
        empechement=gele,
    )
    table = TableDeclaree(code, titre, groupe, modele, liste, formulaire, importation)
    if _tables.setdefault(code, table) is not table:
        raise ImproperlyConfigured(f"La table de référence {code} est déclarée deux fois")
    registre.declarer(liste, fiche, importation)
    return table


def _requete(modele: type[models.Model], collectivite: str, droit: str) -> Callable[[Any], QuerySet[Any]]:
    relation = bool(collectivite) and modele._meta.get_field(collectivite).is_relation
    chemin = f"{collectivite}__code" if relation else collectivite

    def requete(utilisateur: Any) -> QuerySet[Any]:
        lignes = modele._default_manager.all()
        p = portee(utilisateur, droit)
        if not p:
            return lignes.none()
        if relation:
            lignes = lignes.select_related(collectivite)
        return lignes.filter(p.filtre(chemin)) if collectivite else lignes

    return requete


def _gele(droit: str) -> Callable[[Any], str | None]:
    return lambda utilisateur: None if partout(utilisateur, droit) else COMMUNE_A_TOUS


def _restreindre(collectivite: str, droit: str) -> Callable[[Any, Any], None]:
    """Only the collectivités where the person holds the right are offered."""

    def preparer(forme: Any, utilisateur: Any) -> None:
        champ = forme.fields.get(collectivite)
        if champ is not None and hasattr(champ, "queryset"):
            p = portee(utilisateur, droit)
            condition = Q() if p.totale else Q(code__in=p.codes)
            champ.queryset = champ.queryset.filter(condition, active=True)

    return preparer


def _colonne(modele: type[models.Model], nom: str) -> Colonne:
    champ = modele._meta.get_field(nom)
    titre = str(getattr(champ, "verbose_name", nom))
    nature = next((n for classe, n in _NATURES if isinstance(champ, classe)), Nature.TEXTE)
    if nom == "code":
        nature = Nature.TEXTE
    return Colonne(nom, f"{titre[:1].upper()}{titre[1:]}", nature=nature, tri=not champ.is_relation)


def _filtre_actif(presents: set[str]) -> tuple[Filtre, ...]:
    return (FiltreOuiNon(code="actif", titre="Proposée"),) if "actif" in presents else ()


def _colonne_import(modele: type[models.Model], nom: str, collectivite: str) -> ColonneImport:
    champ = modele._meta.get_field(nom)
    if nom == collectivite and champ.is_relation:
        return ColonneImport(nom, synonymes=("commune", "insee", "code INSEE"), lire=_cle_collectivite)
    obligatoire = not getattr(champ, "blank", False) and not champ.has_default()  # type: ignore[union-attr]
    return ColonneImport(nom, obligatoire=obligatoire)


def _cle_collectivite(texte: str, utilisateur: Any) -> str:
    """The key of a collectivité from its INSEE or SIREN code."""
    from mairie.models import Collectivite

    return str(Collectivite.objects.get(code=texte).pk)


def _cle(presents: set[str], collectivite: str) -> tuple[str, ...]:
    return tuple(c for c in (collectivite, "code", "valide_du") if c and c in presents)
