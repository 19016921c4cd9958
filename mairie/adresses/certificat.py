"""Certificat de numérotage: a letter about an address, on the same engine as all letters.

The commune certifies that a number was given (CGCT, L. 2121-30 and L. 2213-28). It names the place, never a
person: the QR code leads to the public check page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from mairie.adresses.presentation import nom_parcelle
from mairie.courriers import plans
from mairie.courriers.champs import ChampFusion, ContexteFusion, Illustration, ImageFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele, modeles_proposes
from mairie.courriers.sujets import Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.demo import Etape, declarer_etape
from mairie.habilitations import Personne, codes_connus, peut
from mairie.models import Adresse, BaseAdresses, Courrier, ModeleCourrier
from mairie.numerotation import Genre
from mairie.numerotation import declarer as declarer_genre
from mairie.perms import GERER_ADRESSES
from mairie.references import Bilan
from mairie.roles import declarer_metier

METIER, GENRE, MODELE = "adresses", "adresses.numero", "certificat_numerotage"
EN_SERVICE = date(2020, 1, 1)
SERIE = Genre("adresses.certificat", "Certificats de numérotage", lambda s, n: f"{s.annee}-N{n:04d}")
CORPS = (
    "<p>[signataire_qualite],</p>"
    "<p>Vu le code général des collectivités territoriales, notamment ses articles L. 2121-30 et"
    " L. 2213-28, et la Base Adresse Locale de la commune ;</p>"
    "<p><strong>Certifie</strong> que l'immeuble désigné ci-dessous porte l'adresse :"
    " <strong>[adresse_complete]</strong>.</p>"
    "<p>Identifiant dans la Base Adresse Locale : [adresse_cle].[si adresse_parcelles] Références"
    " cadastrales : [adresse_parcelles].[fin]</p>"
    "<p>[plan_adresse]</p>"
    "<p>Le présent certificat est délivré pour servir et valoir ce que de droit.</p>"
)
# The page also bears the signature and the QR code.
PLAN_MM = (170.0, 66.0)


def adresse_complete(adresse: Adresse) -> str:
    """« 12 bis rue du Moulin, Les Essarts, 25999 Valbrune »."""
    base = BaseAdresses.objects.filter(insee=adresse.insee).first()
    commune = codes_connus([adresse.insee]).get(adresse.insee, adresse.insee)
    ville = f"{base.code_postal} {commune}" if base and base.code_postal else commune
    nom = adresse.voie.nom
    # « rue du Moulin » in a sentence, but « Les Essarts ».
    if adresse.voie.type_voie:
        nom = nom[:1].lower() + nom[1:]
    return ", ".join(p for p in (f"{adresse.libelle_numero} {nom}", adresse.complement, ville) if p)


def _visibles(utilisateur: Personne) -> QuerySet[Adresse]:
    adresses: QuerySet[Adresse] = Adresse.objects.visibles_par(utilisateur)
    return adresses.select_related("voie")


def _rediger(utilisateur: Personne, adresse: Adresse) -> bool:
    return peut(utilisateur, GERER_ADRESSES, adresse.insee)


def _avertir(courrier: Courrier, acte: str) -> Sequence[str]:
    """Before a certificate is final: what the commune does not answer for yet."""
    adresse = courrier.dossier
    if acte != "finaliser" or not isinstance(adresse, Adresse):
        return ()
    dits = []
    if not adresse.active:
        dits.append("Cette adresse a été retirée de la base : le certificat attesterait un numéro aboli.")
    elif not adresse.certifiee:
        dits.append("Cette adresse n'est pas certifiée par la commune : vérifiez sa place et ses parcelles.")
    return dits


def modele_pour(utilisateur: Personne, adresse: Adresse, jour: date) -> ModeleCourrier | None:
    """The template of the certificate, where this person may make one of this address now."""
    if not (adresse.active and adresse.position and _rediger(utilisateur, adresse)):
        return None
    proposes = modeles_proposes(METIER, GENRE, adresse.insee, jour)
    return next((m for m in proposes if m.code == MODELE), None)


def charger() -> Bilan:
    """The template that the house ships; left as it is once it exists."""
    avant = ModeleCourrier.objects.count()
    declarer_modele(
        METIER,
        MODELE,
        "Certificat de numérotage",
        objet="[adresse_complete]",
        corps=CORPS,
        le=EN_SERVICE,
        forme="acte",
        public=True,
        serie=SERIE.code,
        genre=GENRE,
        etape="certificat",
    )
    creees = ModeleCourrier.objects.count() - avant
    return Bilan(creees=creees, inchangees=1 - creees)


def _plan(contexte: ContexteFusion) -> Illustration | None:
    largeur, hauteur = PLAN_MM
    return plans.dessiner(plans.DemandePlan(contexte.emprise, contexte.titre_dossier, largeur, hauteur))


def _champ(code: str, libelle: str, exemple: str, valeur: Any, facultatif: bool = False) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, "Adresse")


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from mairie import references
    from mairie.adresses import demo

    declarer_metier(METIER, "Adresses")
    declarer_genre(SERIE)
    declarer_champs(
        METIER,
        _champ(
            "adresse_complete",
            "Adresse entière",
            "12 bis rue du Moulin, 25999 Valbrune",
            adresse_complete,
        ),
        _champ("adresse_numero", "Numéro", "12 bis", lambda a: a.libelle_numero),
        _champ("adresse_voie", "Voie", "Rue du Moulin", lambda a: a.voie.nom),
        _champ("adresse_complement", "Lieu-dit ou complément", "Les Essarts", lambda a: a.complement, True),
        _champ(
            "adresse_parcelles",
            "Références cadastrales",
            "AB 12, AB 13",
            lambda a: ", ".join(nom_parcelle(p) for p in a.parcelles),
            True,
        ),
        _champ("adresse_cle", "Clé d'interopérabilité", "25999_0050_00012_bis", lambda a: a.cle_interop),
        ImageFusion("plan_adresse", "Extrait du plan autour de l'adresse", _plan, True, de_la_lettre=True),
    )
    declarer_sujet(
        Sujet(
            genre=GENRE,
            metier=METIER,
            modele="mairie.Adresse",
            libelle="adresse",
            visibles=_visibles,
            titre=str,
            adresse=lambda a: reverse("adresse", args=[a.pk]),
            rediger=_rediger,
            emprise=lambda a: a.position,
            avertir=_avertir,
        )
    )
    references.declarer("certificat de numérotage", charger)
    # After the letterhead.
    declarer_etape(Etape("adresses.certificat", "Certificat de numérotage", 61, lambda jour: demo.attester()))
