"""From a letter (or a template tried on a dossier) to its page: values of the fields, merge, composition."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from mairie.courriers import typographie
from mairie.courriers.champs import (
    Champ,
    ContexteFusion,
    Illustration,
    champs_de,
    en_texte,
    valeur_exemple,
    valeur_gelee,
)
from mairie.courriers.champs_communs import NUMERO_A_VENIR
from mairie.courriers.entetes import EnTeteLettre, entete_de, signe_par
from mairie.courriers.fusion import fusionner, fusionner_ligne
from mairie.courriers.page import Lettre, composer
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.courriers.sujets import Sujet
from mairie.models import Collectivite, Courrier, Delegation, FormeCourrier, ModeCourrier


@dataclass(frozen=True)
class Projet:
    """What a page is made from: columns of a letter, or a template with a dossier chosen to try it."""

    sujet: Sujet | None
    dossier: Any
    metier: str
    emetteur: Collectivite
    libelle: str
    objet: str
    corps: str
    forme: str = FormeCourrier.LETTRE
    mode: str = ModeCourrier.SIMPLE
    a_signer: bool = True
    public: bool = False
    code: str = ""
    destinataire: str = ""
    destinataire_adresse: str = ""
    copies: str = ""
    redacteur: str = ""
    numero: str = ""
    definitif: bool = False
    delegation: Delegation | None = None


@dataclass(frozen=True)
class Compose:
    """A page ready to render: fields left empty (labels), values to freeze."""

    html: str
    objet: str
    ressources: dict[str, Ressource]
    manquants: list[str]
    valeurs: dict[str, Any]
    piece: Callable[[int], Ressource | None] | None = None

    def rendre(self) -> Rendu:
        """The PDF."""
        return rendre(self.html, lettre=self.ressources, piece=self.piece)


@dataclass
class _Valeurs:
    """Values of the fields, each computed once and only when the text names it."""

    champs: Mapping[str, Champ]
    contexte: ContexteFusion | None
    lues: dict[str, Any] = field(default_factory=dict)

    def __call__(self, code: str) -> Any:
        if code not in self.lues:
            champ = self.champs[code]
            self.lues[code] = (
                valeur_exemple(champ) if self.contexte is None else valeur_gelee(champ, self.contexte)
            )
        return self.lues[code]


def projet_de(courrier: Courrier, sujet: Sujet, numero: str = "") -> Projet:
    """The project of a letter."""
    repris = (
        *("dossier", "metier", "emetteur", "libelle", "objet", "corps", "forme", "mode", "a_signer"),
        *("public", "code", "destinataire", "destinataire_adresse", "copies", "delegation"),
    )
    return Projet(
        sujet=sujet,
        redacteur=str(courrier.modifie_par or courrier.cree_par or ""),
        numero=numero,
        definitif=bool(numero),
        **{c: getattr(courrier, c) for c in repris},
    )


def composer_projet(projet: Projet, jour: date) -> Compose:
    """Merge and compose. Without dossier, the declared examples stand for the values."""
    champs = champs_de(projet.metier)
    entete = entete_de(projet.emetteur, projet.metier)
    if projet.delegation is not None:
        entete = signe_par(entete, projet.delegation)
    valeurs = _Valeurs(champs, _contexte(projet, entete, jour))
    objet, manquants = fusionner_ligne(projet.objet, champs, valeurs)
    fusion = fusionner(projet.corps, champs, valeurs, typographie.francaise)
    manquants = list(dict.fromkeys([*manquants, *fusion.manquants]))
    images = {c: i for c in fusion.images if isinstance(i := valeurs(c), Illustration)}
    lettre = _lettre(projet, entete, jour, typographie.francaise(objet), fusion.html, images)
    html, ressources = composer(lettre)
    return Compose(
        html,
        objet,
        ressources,
        [f"[{c}] {champs[c].libelle}" for c in manquants],
        {"champs": _geler(valeurs.lues), "entete": entete.textes},
        _pieces(projet),
    )


def _pieces(projet: Projet) -> Callable[[int], Ressource | None] | None:
    sujet = projet.sujet
    if sujet is None or sujet.piece is None or projet.dossier is None:
        return None
    piece = sujet.piece
    return lambda numero: piece(projet.dossier, numero)


def _contexte(projet: Projet, entete: EnTeteLettre, jour: date) -> ContexteFusion | None:
    if projet.dossier is None or projet.sujet is None:
        return None
    return ContexteFusion(
        dossier=projet.dossier,
        jour=jour,
        entete=entete.textes,
        objet=projet.objet,
        numero=projet.numero or NUMERO_A_VENIR,
        destinataire=projet.destinataire,
        destinataire_adresse=projet.destinataire_adresse,
        redacteur=projet.redacteur,
        emprise=projet.sujet.emprise(projet.dossier),
        titre_dossier=projet.sujet.titre(projet.dossier),
        emetteur=projet.emetteur,
    )


def _lettre(
    projet: Projet,
    entete: EnTeteLettre,
    jour: date,
    objet: str,
    corps: str,
    images: Mapping[str, Illustration],
) -> Lettre:
    titre = projet.sujet.titre(projet.dossier) if projet.sujet and projet.dossier else "(exemple)"
    acte = projet.forme == FormeCourrier.ACTE
    nature = "Courrier" if not acte else "Acte" if projet.a_signer else "Document"
    references = [
        (nature, projet.numero or NUMERO_A_VENIR),
        ("Dossier", titre),
        ("Suivi par", projet.redacteur),
    ]
    verification = ""
    if projet.public and projet.code:
        verification = settings.ADRESSE_DU_SITE + reverse("acte_public", args=[projet.code])
    date_lettre = en_texte(jour)
    textes = entete.textes
    return Lettre(
        libelle=projet.libelle,
        numero=projet.numero,
        objet=objet,
        corps=corps,
        forme=projet.forme,
        emetteur=textes["nom"],
        sous_titre=textes.get("sous_titre", ""),
        adresse=entete.lignes("adresse"),
        pied=textes.get("pied", ""),
        logo=entete.logo,
        references=[(t, v) for t, v in references if v],
        destinataire=[projet.destinataire, *projet.destinataire_adresse.splitlines()],
        mode="" if projet.mode == ModeCourrier.SIMPLE else ModeCourrier(projet.mode).label.upper(),
        copies=projet.copies,
        lieu=textes.get("lieu", ""),
        date="" if acte else date_lettre,
        # What is put up on a wall is signed by nobody.
        signature=projet.a_signer or not acte,
        # An act to be signed bears the day of its signature, not yet known.
        date_signature="" if projet.a_signer else date_lettre,
        signataire=textes.get("signataire_nom", ""),
        qualite=textes.get("signataire_qualite", ""),
        delegation=textes.get("signataire_delegation", ""),
        verification=verification,
        projet=not projet.definitif,
        images=images,
    )


def _geler(lues: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON: of a picture, what it was and its hash."""
    return {
        code: {
            "image": hashlib.sha256(valeur.octets).hexdigest(),
            "alt": valeur.alt,
            "legende": valeur.legende,
            "largeur_mm": valeur.largeur_mm,
        }
        if isinstance(valeur, Illustration)
        else valeur
        for code, valeur in sorted(lues.items())
    }
