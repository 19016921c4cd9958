"""Map layers of the public domain: the public one with kinds and dates only, the agents' one with files."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FloatField,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Concat, Trim

from domainepublic import perms
from domainepublic.instruction.etats import FINALS, LIBELLES
from domainepublic.models import DossierODP, Emprise, LigneFacturable, MesureCirculation
from domainepublic.publication import emprises_publiques
from domainepublic.regles.effets import MESURES_LISIBLES
from gis_data.couches import Aplat, Attribut, Couche, Element, Forme, Genre, Rang, Texte, enregistrer
from gis_data.couches.ecritures import ecritures
from mairie.habilitations import peut
from mairie.models import Evenement

OCRE = "#b4611a"
THEME = "Domaine public"
# What is built, dug or moved: shown with its measures; shops and terraces are not works.
TYPES_TRAVAUX = (
    "ECHAF", "BENNE", "PALIS", "DEPOT", "GRUE", "NACEL", "DEMEN", "BATEAU", "RESEAU", "CIRC",
)  # fmt: skip


def version() -> str:
    """Changes with every event of a file, and with every change of its ground."""
    chiffres = DossierODP.objects.aggregate(n=Count("id"), v=Sum("version"), j=Max("calcule_au"))
    sols = Emprise.objects.aggregate(n=Count("id"), m=Max("id"), x=ecritures(Emprise))
    return "|".join(str(v) for v in (*chiffres.values(), *sols.values()))


def des_mesures(expression: Any, sortie: Any) -> Subquery:
    """A figure over the measures of the file of an emprise."""
    lignes = MesureCirculation.objects.filter(dossier=OuterRef("dossier")).order_by().values("dossier")
    return Subquery(lignes.annotate(v=expression).values("v"), output_field=sortie)


def mesures_en_mots() -> Any:
    """Each measure once, as people say it."""
    mots = Case(
        *(When(type=code, then=Value(mot)) for code, mot in MESURES_LISIBLES.items()),
        output_field=CharField(),
    )
    return StringAgg(mots, Value(", "), distinct=True)


def publiques(utilisateur: Any) -> QuerySet[Any]:
    """Public emprises with what everybody may know: effect, number of the act, page, firm of the works.

    A firm is named on works only; a private person never is.
    """
    signature = (
        Evenement.objects.filter(
            dossier_type__app_label="domainepublic", dossier_type__model="dossierodp",
            dossier_id=OuterRef("dossier"), type="signer", annule_par__isnull=True,
        )
        .order_by("-date_effet", "-id")
        .annotate(numero=KeyTextTransform("0", KeyTransform("numeros", "donnees")))
        .values("numero")[:1]
    )  # fmt: skip
    firme = Case(
        When(
            dossier__demandeur__nature="morale", type__code__in=TYPES_TRAVAUX,
            then=F("dossier__demandeur__raison_sociale"),
        ),
        default=Value(""),
        output_field=CharField(),
    )  # fmt: skip
    page = Concat(Value("/domaine-public/travaux/"), Cast("pk", CharField()), Value("/"))
    return emprises_publiques().annotate(
        mesures_dites=Coalesce(des_mesures(mesures_en_mots(), CharField()), Value("")),
        numero_acte=Coalesce(Subquery(signature, output_field=CharField()), Value("")),
        firme=firme,
        page=page,
    )


FAITS_PUBLICS = (
    Attribut("voie", "Voie", "dossier__voie__nom"),
    Attribut("effet", "Ce qui change", "mesures_dites"),
    Attribut("acte", "N° d'acte", "numero_acte"),
    Attribut("societe", "Société", "firme"),
    Attribut("lien", "Page", "page"),
)


def _internes(utilisateur: Any) -> QuerySet[Any]:
    visibles = DossierODP.objects.visibles_par(utilisateur).exclude(etat__in=("", *FINALS))
    lignes = LigneFacturable.objects.filter(emprise=OuterRef("pk")).exclude(etat="annulee")
    nom = Trim(Concat("dossier__demandeur__prenoms", Value(" "), "dossier__demandeur__nom"))
    qui: Any = Case(
        When(dossier__demandeur__nature="morale", then=F("dossier__demandeur__raison_sociale")),
        default=nom,
        output_field=CharField(),
    )
    montant: Any = Subquery(lignes.order_by().values("emprise").annotate(s=Sum("montant")).values("s"))
    if not peut(utilisateur, perms.LIRE_TOUT):
        # On the field: the ground and its days, neither who asked nor the price.
        qui, montant = Value("", CharField()), Value(None, FloatField())
    return Emprise.objects.filter(dossier__in=visibles.values("pk")).annotate(
        qui=qui,
        # Real numbers, as every format of a map knows them: nothing is computed from them.
        facturee=Cast(
            Case(When(quantite_source="saisie", then=F("quantite_saisie")), default=F("quantite_geom")),
            FloatField(),
        ),
        montant=Cast(montant, FloatField()),
    )


OCCUPATIONS = Couche(
    nom="odp_occupations",
    libelle="Occupations du domaine public",
    objets=publiques,
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie="surface",
    geometrie_tuile="surface_3857",
    version=version,
    comparee=True,
    theme=THEME,
    source="Service de la voirie",
    visible=False,
    voisinage=True,
    attributs=(
        Attribut("type", "Occupation", "type__libelle_public", tuile=14),
        Attribut("du", "Du", "debut", Genre.DATE, tuile=14),
        Attribut("au", "Au", "fin", Genre.DATE, tuile=14),
        *FAITS_PUBLICS,
    ),
    filtres=("type", "du"),
    dates=("du", "au"),
    elements=(Element("odp_occupations", 14),),
    dessins=(
        Aplat(
            element="odp_occupations",
            rang=Rang.METIER,
            zoom_min=14,
            remplissage=OCRE,
            opacite=0.3,
            contour=OCRE,
            epaisseur=1.5,
            legende="Occupation autorisée",
            sur_photo=True,
        ),
        Texte(
            element="odp_occupations",
            rang=Rang.TEXTE,
            zoom_min=18,
            champ="type",
            couleur=OCRE,
            taille=11,
            exemple="Terrasse",
        ),
    ),
    titre=lambda a: str(a.get("type") or "Occupation"),
    adresse=lambda a: a.get("lien") or None,
)

EMPRISES = Couche(
    nom="odp_emprises",
    libelle="Emprises et demandes (agents)",
    reference="dossier__numero",
    objets=_internes,
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie="surface",
    geometrie_tuile="surface_3857",
    version=version,
    theme=THEME,
    source="Service de la voirie",
    publique=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    attributs=(
        Attribut("numero", "Numéro", "dossier__numero", tuile=15),
        Attribut("type", "Type", "type__libelle", tuile=14),
        Attribut("etat", "État", "dossier__etat", tuile=14, valeurs=LIBELLES),
        Attribut("du", "Du", "debut", Genre.DATE, tuile=14),
        Attribut("au", "Au", "fin", Genre.DATE, tuile=14),
        Attribut("quantite", "Quantité", "facturee", Genre.REEL),
        Attribut("unite", "Unité"),
        Attribut("demandeur", "Demandeur", "qui"),
        Attribut("montant", "Redevance (€)", "montant", Genre.REEL),
        Attribut("pk", "Clé", "dossier_id", Genre.ENTIER),
    ),
    filtres=("etat", "type", "du"),
    dates=("du", "au"),
    elements=(Element("odp_emprises", 14),),
    dessins=(
        Aplat(
            element="odp_emprises",
            rang=Rang.METIER,
            zoom_min=14,
            filtre=(
                "in",
                ("get", "etat"),
                (
                    "literal",
                    ("accorde", "actif", "prolongation_demandee", "a_controler", "a_signer", "infraction"),
                ),
            ),
            remplissage=OCRE,
            opacite=0.45,
            contour=OCRE,
            epaisseur=2.0,
            legende="Occupation ferme",
            sur_photo=True,
        ),
        Aplat(
            element="odp_emprises",
            rang=Rang.METIER,
            zoom_min=14,
            filtre=(
                "!",
                (
                    "in",
                    ("get", "etat"),
                    (
                        "literal",
                        (
                            "accorde",
                            "actif",
                            "prolongation_demandee",
                            "a_controler",
                            "a_signer",
                            "infraction",
                        ),
                    ),
                ),
            ),
            remplissage=OCRE,
            opacite=0.12,
            contour=OCRE,
            epaisseur=1.5,
            tirets=(3, 2),
            legende="Demande, projet",
            sur_photo=True,
        ),
        Texte(
            element="odp_emprises",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="numero",
            couleur=OCRE,
            taille=11,
            exemple="ODP-…",
        ),
    ),
    titre=lambda a: str(a.get("numero") or "brouillon"),
    adresse=lambda a: f"/domaine-public/dossiers/{a['pk']}/" if a.get("pk") else None,
)


def declarer() -> None:
    """Add the layers, from ``AppConfig.ready``."""
    enregistrer(OCCUPATIONS, EMPRISES)
