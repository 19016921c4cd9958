"""Panels of the public domain on a parcel, an address, a person, a permit: occupations, and reports.

Near a place: within five metres, now and before. The public sees the titles that are not over, without number
nor name, and no report.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.gis.db.models import Union
from django.db.models import Q, QuerySet
from django.utils import timezone

from cadastre.models import Parcelle
from domainepublic import perms
from domainepublic.facturation import impayes_de
from domainepublic.models import Constat, DossierODP, Emprise
from domainepublic.publication import emprises_publiques
from domainepublic.riverains import DISTANCE_M
from mairie.habilitations import peut
from mairie.panneaux import Panneau

TITRE, ICONE = "Occupations du domaine public", "bi-cone-striped"
GABARIT = "domainepublic/_panneau.html"
ICI = "Aucune occupation du domaine public à moins de cinq mètres."
MAXIMUM = 50


def parcelle(fiche: Any, utilisateur: Any) -> Panneau:
    """What stands, stood or will stand in front of a parcel."""
    version = fiche.version
    return _lieu(version.geom, version.commune, utilisateur)


def adresse(une: Any, utilisateur: Any) -> Panneau:
    """In front of the parcels of an address; round its point where it has none."""
    parcelles = Parcelle.objects.filter(idu__in=une.parcelles, valide_au__isnull=True, geom__isnull=False)
    sol = parcelles.aggregate(sol=Union("geom"))["sol"] if une.parcelles else None
    return _lieu(sol or une.position, une.insee, utilisateur)


def tiers(personne: Any, utilisateur: Any) -> Panneau | None:
    """Occupations asked, carried out or paid by a person, the newest first; what she owes, for finance."""
    if not peut(utilisateur, perms.LIRE):
        return None
    siens = (
        DossierODP.objects.visibles_par(utilisateur)
        .filter(Q(demandeur=personne) | Q(executant=personne) | Q(payeur=personne))
        .exclude(etat="")
    )
    constats = Constat.objects.visibles_par(utilisateur).filter(dossier__in=siens.values("pk"))
    emprises = Emprise.objects.filter(dossier__in=siens.values("pk"))
    contexte = {"occupations": _lignes(emprises, agent=True), "constats": constats[:MAXIMUM]}
    contexte["vide"] = "Cette personne n'a ni demandé, ni exécuté, ni payé d'occupation."
    if peut(utilisateur, perms.FACTURER):
        contexte["impaye"] = impayes_de(personne, utilisateur)
    return Panneau(TITRE, ICONE, siens.count(), GABARIT, contexte)


def permis(dossier: Any, utilisateur: Any) -> Panneau | None:
    """On the page of a permit: occupations that name it, or that stand in front of its ground."""
    if not peut(utilisateur, perms.LIRE, dossier.insee):
        return None
    numeros = [n for n in (dossier.da.numero, dossier.numero) if n]
    # Each search by its own index, then put together.
    trouvees = Emprise.objects.filter(dossier__autorisation__in=numeros).values("pk")
    terrain = getattr(dossier, "terrain", None)
    if terrain is not None and terrain.emprise is not None:
        devant = Emprise.objects.filter(
            surface__dwithin=(terrain.emprise, DISTANCE_M), dossier__insee=dossier.insee
        )
        trouvees = trouvees.union(devant.values("pk"))
    visibles = DossierODP.objects.visibles_par(utilisateur).exclude(etat="")
    emprises = Emprise.objects.filter(pk__in=trouvees, dossier__in=visibles.values("pk"))
    lignes = _lignes(emprises, agent=True, permis=numeros)
    contexte: dict[str, Any] = {"occupations": lignes, "vide": "Aucune occupation pour ces travaux."}
    if peut(utilisateur, perms.INSTRUIRE, dossier.insee):
        contexte["preparer"] = "/domaine-public/deposer/?" + urlencode({"permis": dossier.da.numero})
    return Panneau(TITRE, ICONE, len(lignes), GABARIT, contexte)


def _lieu(sol: Any, insee: str, utilisateur: Any) -> Panneau:
    if sol is None:
        return Panneau(TITRE, ICONE, 0, GABARIT, {"occupations": [], "vide": ICI})
    agent = peut(utilisateur, perms.LIRE, insee)
    constats: Any = ()
    if agent:
        visibles = DossierODP.objects.visibles_par(utilisateur).exclude(etat="")
        base = Emprise.objects.filter(dossier__in=visibles.values("pk"))
        constats = Constat.objects.visibles_par(utilisateur).filter(geom__dwithin=(sol, DISTANCE_M))[:MAXIMUM]
    else:
        base = emprises_publiques().exclude(fin__lt=timezone.localdate())
    proches = base.filter(dossier__insee=insee, surface__dwithin=(sol, DISTANCE_M))
    lignes = _lignes(proches, agent=agent)
    return Panneau(
        TITRE, ICONE, len(lignes), GABARIT, {"occupations": lignes, "constats": constats, "vide": ICI}
    )


def _lignes(
    emprises: QuerySet[Emprise], *, agent: bool, permis: list[str] | None = None
) -> list[dict[str, Any]]:
    jour = timezone.localdate()
    trouvees = emprises.select_related("type", "dossier", "dossier__voie").order_by("-debut", "-id")[:MAXIMUM]
    return [
        {
            "libelle": e.type.libelle if agent else e.type.libelle_public,
            "numero": str(e.dossier) if agent else "",
            "adresse": e.dossier.get_absolute_url() if agent else "",
            "lieu": e.dossier.lieu if agent else str(e.dossier.voie or ""),
            "debut": e.debut,
            "fin": e.fin,
            "etat": e.dossier.libelle_etat if agent else "",
            "quand": _quand(e, jour),
            "nomme": permis is not None and e.dossier.autorisation in permis,
        }
        for e in trouvees
    ]


def _quand(e: Emprise, jour: date) -> str:
    if e.couvre(jour):
        return "en cours"
    return "à venir" if e.debut > jour else "passée"
