"""Demonstration: what a person does with the addresses of the fictional commune."""

from __future__ import annotations

from django.contrib.gis.geos import Point

from mairie.adresses import certificat
from mairie.adresses.service import enregistrer_adresse
from mairie.courriers.services import finaliser, preparer
from mairie.demo import INSEE
from mairie.models import Adresse, BaseAdresses, Courrier, ModeleCourrier, Utilisateur, Voie


def retoucher(insee: str) -> str:
    """Certify the street that has most numbers, move one number of another by hand; once."""
    par = Utilisateur.objects.filter(email="secretaire@demo.invalid").first()
    if par is None or Adresse.objects.filter(insee=insee, certifiee=True).exists():
        return "déjà retouchées"
    BaseAdresses.objects.update_or_create(insee=insee, defaults={"code_postal": insee})
    rues = sorted(
        Voie.objects.filter(insee=insee, active=True).prefetch_related("adresses"),
        key=lambda v: (-len(v.adresses.all()), v.pk),
    )
    if len(rues) < 2:
        return "trop peu de voies"
    certifiees = rues[0].adresses.filter(active=True, position__isnull=False)
    for adresse in certifiees:
        enregistrer_adresse(adresse, {"certifiee": True}, par=par)
    deplacee = rues[1].adresses.filter(active=True, position__isnull=False).order_by("numero").first()
    if deplacee is not None:
        p = deplacee.position
        enregistrer_adresse(deplacee, {"position": Point(p.x + 12, p.y + 6, srid=p.srid)}, par=par)
    return f"{len(certifiees)} certifiées, 1 déplacée"


def attester() -> str:
    """One certificate of a certified number, final and not yet signed; once."""
    par = Utilisateur.objects.get(email="secretaire@demo.invalid")
    adresse = Adresse.objects.filter(insee=INSEE, certifiee=True).order_by("voie", "numero").first()
    if adresse is None or Courrier.objects.du_dossier(adresse).exists():
        return "déjà en place, ou aucune adresse certifiée"
    certificat.charger()
    modele = ModeleCourrier.objects.get(metier=certificat.METIER, code=certificat.MODELE, collectivite=None)
    projet = preparer(adresse, modele, par=par)
    return str(finaliser(projet, par=par, version=projet.version))
