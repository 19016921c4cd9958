"""Letter of the sewer service's opinion on a permit (spec §11, §14)."""

from __future__ import annotations

from datetime import date
from typing import Any

from assainissement import avis_reseau, perms
from assainissement.courriers import EN_SERVICE, METIER
from assainissement.models import AvisReseau
from assainissement.regles.tables.avis_reseau import PHRASES
from assainissement.regles.tables.projets import SENS
from mairie.adresses.presentation import nom_parcelle
from mairie.courriers.champs import ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer
from mairie.workflow import journal

GENRE, CODE = "assainissement.avis_reseau", "avis_reseau"
_CORPS = (
    "<p>Dossier d'urbanisme : [reseau_dossier].[si reseau_parcelles] Parcelles : [reseau_parcelles].[fin]"
    "[si reseau_objet] Projet : [reseau_objet].[fin]</p>"
    "<p>[si reseau_zonage]</p><p>Zonage d'assainissement : [reseau_zonage].</p><p>[fin]</p>"
    "<p>Le service public d'assainissement a examiné la demande reçue le [reseau_recu].</p>"
    "<h2>Avis</h2>"
    "<p><strong>Avis [reseau_sens]</strong>, rendu le [reseau_avis_le][si reseau_signataire] par"
    " [reseau_signataire][fin].</p>"
    "<h2>Branchement</h2>"
    "<p>[reseau_branchement]</p>"
    "<p>[si reseau_conditions]</p><h2>Conditions</h2><p>[reseau_conditions]</p><p>[fin]</p>"
    "<p>Cet avis est donné pour ce projet et ce plan : tout changement appelle un nouvel examen.</p>"
)


def _rediger(utilisateur: Any, a: AvisReseau) -> bool:
    return bool(utilisateur.has_perm(perms.SAISIR, a.insee) or utilisateur.has_perm(perms.VALIDER, a.insee))


def _dernier(a: AvisReseau, *types: str) -> Any:
    faits = [e for e in journal.vivantes(journal.lignes(a)) if e.type in types]
    return faits[-1] if faits else None


def _recu(a: AvisReseau) -> date | None:
    fait = _dernier(a, "demander", "redemander")
    return fait.date_effet if fait is not None else None


def _signataire(a: AvisReseau) -> str:
    fait = _dernier(a, "rendre_avis")
    return str(fait.auteur or "") if fait is not None else ""


def charger() -> Bilan:
    """The template that the house ships; left as it is once it exists."""
    avant = ModeleCourrier.objects.filter(metier=METIER, code=CODE).count()
    declarer_modele(
        METIER, CODE, "Avis sur un raccordement", objet="Raccordement d'un projet, [reseau_dossier]",
        corps=_CORPS, le=EN_SERVICE, forme="acte", a_signer=False, genre=GENRE, etape="avis",
    )  # fmt: skip
    creees = ModeleCourrier.objects.filter(metier=METIER, code=CODE).count() - avant
    return Bilan(creees=creees, inchangees=1 - creees)


def declarer_courriers() -> None:
    """From ``AppConfig.ready``."""

    def champ(code: str, libelle: str, exemple: Any, valeur: Any, facultatif: bool = False) -> ChampFusion:
        return ChampFusion(f"reseau_{code}", libelle, exemple, valeur, facultatif, "Avis sur un raccordement")

    declarer_champs(
        METIER,
        champ("dossier", "Dossier d'urbanisme", "PC 025 999 26 00012", lambda a: a.dossier_urba),
        champ("parcelles", "Parcelles", "AB 12", lambda a: [nom_parcelle(p) for p in a.parcelles], True),
        champ("objet", "Projet", "Maison individuelle", lambda a: a.objet, True),
        champ("zonage", "Zonage", "assainissement collectif", lambda a: a.zonage, True),
        champ("recu", "Demande reçue le", date(2026, 3, 2), _recu),
        champ("sens", "Sens de l'avis", "favorable", lambda a: SENS.get(a.sens, "")),
        champ("avis_le", "Avis rendu le", date(2026, 3, 20), lambda a: a.avis_le),
        champ("branchement", "Branchement", PHRASES["existant"], lambda a: PHRASES.get(a.besoin, "")),
        champ("conditions", "Conditions ou motif", "Poser une boîte en limite de propriété.",
              lambda a: avis_reseau.avis_de(a).get("motif", ""), True),
        champ("signataire", "Qui rend l'avis", "Camille Martin", _signataire, True),
    )  # fmt: skip
    declarer_sujet(
        Sujet(
            genre=GENRE,
            metier=METIER,
            modele="assainissement.AvisReseau",
            libelle="avis sur un raccordement",
            visibles=AvisReseau.objects.visibles_par,
            adresse=lambda a: f"{a.get_absolute_url()}#courriers",
            rediger=_rediger,
            convient=lambda a, code: code != CODE or a.avis_le is not None,
        )
    )
    declarer("modèle d'avis du service d'assainissement", charger)
