"""Occupations as subjects of letters: who writes, sends and signs them, to whom they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from domainepublic import perms
from domainepublic.courriers import concurrence, suites
from domainepublic.courriers import valeurs as v
from domainepublic.courriers.catalogue import FINANCES, TERRAIN, lettre_de
from domainepublic.courriers.modeles import GENRE
from domainepublic.models import DossierODP
from domainepublic.models.emprises import SRID
from domainepublic.publicites import rivaux
from mairie.consultations import de_dossier
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.models import Tiers

AFFICHAGE = Destinataire("À afficher et à publier", "En mairie et sur le site de la commune", "", "affichage")
_REDACTEURS = {FINANCES: perms.FACTURER, TERRAIN: perms.CONSTATER}


def vers(tiers: Tiers, qualite: str) -> Destinataire:
    """A person of the file as a recipient; by mail only where she agreed to it."""
    courriel = tiers.courriel if tiers.accepte_electronique else ""
    return Destinataire(tiers.appel, "\n".join(tiers.lignes_adresse), courriel, qualite, tiers)


def destinataires(d: DossierODP) -> Iterator[Destinataire]:
    """Holder, payer, builder, the public of a notice, then the services whose answer is awaited."""
    vus: set[int] = set()
    for tiers, qualite in ((d.demandeur, "demandeur"), (d.payeur, "payeur"), (d.executant, "exécutant")):
        if tiers is not None and tiers.pk not in vus:
            vus.add(tiers.pk)
            yield vers(tiers, qualite)
    if d.etat == "publicite":
        yield AFFICHAGE
    if v.dernier(d, "retenir") is not None:
        yield from map(concurrence.vers, rivaux(d))
    for c in de_dossier(d):
        if c.envoyee_le and not c.avis and not c.close_le:
            yield Destinataire(str(c.service), c.service.adresse, c.service.courriel, "service consulté")


def emprise(d: DossierODP) -> GEOSGeometry | None:
    """All the ground of the file."""
    sols = [shapely.from_wkb(bytes(e.surface.wkb)) for e in d.emprises.all()]
    if not sols:
        return None
    return GEOSGeometry(memoryview(shapely.to_wkb(shapely.union_all(sols))), srid=SRID)


def _rediger_modele(utilisateur: Any, d: DossierODP, code: str) -> bool:
    """Finance writes the letters of the bills; the sworn agent, those that follow what he saw."""
    lettre = lettre_de(code)
    droit = _REDACTEURS.get(lettre.redacteurs) if lettre is not None else None
    return droit is not None and bool(utilisateur.has_perm(droit, d.insee))


def _expedier(utilisateur: Any, d: DossierODP) -> bool:
    return any(utilisateur.has_perm(droit, d.insee) for droit in (perms.INSTRUIRE, perms.FACTURER))


def peut_signer(utilisateur: Any, d: DossierODP) -> bool:
    """Holds today a title to sign acts in this commune, for it or for its EPCI."""
    from domainepublic import signataires

    return signataires.peut_signer(
        utilisateur, d.insee, (signataires.MAIRE, signataires.PRESIDENT), timezone.localdate()
    )


SUJET = Sujet(
    genre=GENRE,
    metier="domainepublic",
    modele="domainepublic.DossierODP",
    libelle="occupation du domaine public",
    visibles=DossierODP.objects.lettres_pour,
    adresse=lambda d: f"/domaine-public/dossiers/{d.pk}/#courriers",
    rediger=perms.peut_instruire,
    rediger_modele=_rediger_modele,
    expedier=_expedier,
    signer=peut_signer,
    emprise=emprise,
    destinataires=destinataires,
    mots=lambda d: [f"type:{e.type.code}" for e in d.emprises.select_related("type")],
    avertir=suites.avertir,
    suivre=suites.suivre,
    figer=suites.figer,
)
