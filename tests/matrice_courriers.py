"""Examples of the addresses of letters and mail."""

from __future__ import annotations

from typing import Any

from mairie.courriers.services import Libre, preparer
from mairie.models import EnTete, ModeleCourrier, Phrase, VersionModele
from mairie.roles import systeme
from tests.matrice import exemple
from tests.personnes import INSEE, commune


def _lettre() -> dict[str, Any]:
    courrier = preparer(commune(), Libre("Essai", "Essai", "<p>Bonjour</p>"), par=systeme("matrice"))
    return {"pk": courrier.pk}


def _modele() -> dict[str, Any]:
    modele, _ = ModeleCourrier.objects.get_or_create(metier="mairie", code="matrice", libelle="Matrice")
    VersionModele.objects.get_or_create(modele=modele, numero=1, defaults={"objet": "x", "corps": "<p>x</p>"})
    commune()
    return {"pk": modele.pk}


def _phrase() -> dict[str, Any]:
    phrase = Phrase.objects.get_or_create(
        metier="mairie", collectivite=commune(), categorie="x", libelle="x", defaults={"texte": "<p>x</p>"}
    )[0]
    return {"pk": phrase.pk}


def _entete() -> None:
    EnTete.objects.get_or_create(collectivite=commune(), metier="", defaults={"nom": "Essai"})


# A right held somewhere opens the address; a letter, a dossier or a collectivité beyond it is not found.
HORS_PORTEE = (200, 302, 404, 405)
exemple("courriels_relancer", parametres={"pk": 1})
exemple("courriels_abandonner", parametres={"pk": 1})
exemple("acte_public", parametres={"code": "A" * 22}, attendu=(404,))
exemple(
    "courriers_dossier",
    parametres={"genre": "mairie.general"},
    creer=lambda: {"pk": commune().pk},
    attendu=HORS_PORTEE,
)
exemple("courriers_preparer", parametres={"genre": "mairie.general", "pk": 1})
exemple("courrier", creer=_lettre, attendu=HORS_PORTEE)
exemple("courrier_pdf", creer=_lettre, attendu=HORS_PORTEE)
exemple("courrier_agir", parametres={"pk": 1, "acte": "signer"})
exemple("modele_courrier", creer=_modele, attendu=HORS_PORTEE)
exemple("modele_courrier_agir", parametres={"pk": 1, "acte": "publier"})
exemple("modele_courrier_apercu", parametres={"numero": 1}, creer=_modele, attendu=HORS_PORTEE)
exemple("mairie_phrases_modifier", creer=_phrase, attendu=HORS_PORTEE)
exemple("entete", parametres={"code": INSEE}, creer=_entete, attendu=HORS_PORTEE)
exemple("entete_logo", parametres={"code": INSEE}, creer=_entete, attendu=(404,))
exemple("entete_metier", parametres={"code": INSEE, "metier": "urba"}, creer=_entete, attendu=HORS_PORTEE)
exemple("entete_metier_logo", parametres={"code": INSEE, "metier": "urba"}, attendu=(404,))
