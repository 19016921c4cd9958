"""Run by ``bench.odp`` on a throw-away database: makes the commune, or measures it as it stands."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from datetime import date
from types import SimpleNamespace
from typing import Any

INSEE = "25999"
RECHERCHES = 60
SANS_INDEX = ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan")


def _django() -> None:
    import django

    django.setup()


def _annee() -> int:
    from django.utils import timezone

    return timezone.localdate().year


def preparer() -> dict[str, Any]:
    """The commune, its signatory, types, templates and tariffs of two years."""
    from domainepublic import tarifs
    from domainepublic.models import TypeOccupation
    from mairie.models import Collectivite, Delegation, EnTete, Habilitation, Tiers, Utilisateur
    from mairie.references import charger

    commune = Collectivite.objects.create(
        code=INSEE, nom="Commune fictive", nature=Collectivite.Nature.COMMUNE
    )
    charger()
    EnTete.objects.create(collectivite=commune, nom="Commune fictive", lieu="Commune fictive")
    compte = Utilisateur.objects.create_user("agent@exemple.invalid", nom="Agent fictif")
    for role in ("instructeur", "signataire", "finances"):
        habilitation = Habilitation.objects.create(
            utilisateur=compte, metier="domainepublic", role=role, du=date(2015, 1, 1)
        )
        habilitation.collectivites.set([commune])
    Delegation.objects.create(collectivite=commune, delegataire=compte, titulaire=True, du=date(2015, 1, 1))
    annee = _annee()
    for an in (annee, annee + 1):
        g = tarifs.creer_grille(
            insee=INSEE, libelle=f"Tarifs {an}", deliberation=str(an), deliberation_le=date(an - 1, 12, 1),
            du=date(an, 1, 1), au=date(an, 12, 31),
        )  # fmt: skip
        tarifs.enregistrer_tarif(g, "T", {"type": "TERR_O", "unite": "m2", "periode": "an", "prix": "24.00"})
    types = TypeOccupation.objects.filter(code__in=("BENNE", "DEPOT", "PALIS", "TERR_O", "MANIF"))
    tiers = Tiers.objects.create(collectivite=INSEE, nom="Personne fictive", voie="1 rue Fictive",
                                 code_postal="25999", ville="Commune fictive")  # fmt: skip
    return {"types": list(types.values_list("pk", flat=True)), "tiers": tiers.pk}


def conflits() -> dict[str, Any]:
    """Milliseconds of the search of candidates for files taken all over the town, then of the whole."""
    from django.db import connection

    from domainepublic import conflits as recherche
    from domainepublic.models import DossierODP

    pas = max(1, DossierODP.objects.count() // RECHERCHES)
    dossiers = list(DossierODP.objects.order_by("pk").select_related("voie")[::pas][:RECHERCHES])
    emprises = [e for d in dossiers for e in d.emprises.select_related("type", "dossier")]

    def candidats() -> list[float]:
        durees = []
        for e in emprises:
            debut = time.perf_counter()
            list(recherche.candidates(e, e.dossier))
            durees.append(1000 * (time.perf_counter() - debut))
        return durees

    candidats()
    par_index = candidats()
    entier = []
    for d in dossiers:
        debut = time.perf_counter()
        recherche.chercher(d)
        entier.append(1000 * (time.perf_counter() - debut))
    with connection.cursor() as curseur:
        for reglage in SANS_INDEX:
            curseur.execute(f"SET {reglage} = off")
    emprises = emprises[: max(5, RECHERCHES // 6)]
    sans = candidats()
    return {
        "index_ms": statistics.median(par_index),
        "index_p95_ms": sorted(par_index)[int(0.95 * len(par_index))],
        "sans_index_ms": statistics.median(sans),
        "entier_ms": statistics.median(entier),
        "trouves": sum(len(recherche.chercher(d)) for d in dossiers[:5]),
    }


def _terrasses(nombre: int, rang: int = 0) -> list[int]:
    """Yearly titles of this year, away from the rest of the town; ``rang``: another street of them."""
    from django.contrib.gis.geos import Polygon

    from domainepublic.models import DossierODP, Emprise, TypeOccupation
    from domainepublic.models.emprises import SRID
    from mairie.models import Tiers

    annee = _annee()
    tiers = Tiers.objects.bulk_create(
        [Tiers(collectivite=INSEE, nom=f"Commerce fictif {n}", voie=f"{n} rue Fictive", code_postal="25999",
               ville="Commune fictive") for n in range(nombre)]
    )  # fmt: skip
    dossiers = DossierODP.objects.bulk_create(
        [
            DossierODP(
                insee=INSEE, etat="actif", version=4, numero=f"ODP-{INSEE}-{2019 - rang}-{n:05d}",
                demandeur=t, beneficiaire="entreprise", adresse=f"{n} rue Fictive", debut=date(annee, 1, 1),
                fin=date(annee, 12, 31), attribution={"exception": "L2122-1-3_1"},
            )
            for n, t in enumerate(tiers)
        ]
    )  # fmt: skip
    type_ = TypeOccupation.objects.get(code="TERR_O")
    for n, d in enumerate(dossiers):
        x, y = 880_000 + 12 * (n % 50), 6_640_000 + 2_000 * rang + 12 * (n // 50)
        Emprise.objects.create(
            dossier=d, type=type_, unite="m2", debut=date(annee, 1, 1), fin=date(annee, 12, 31),
            geom=Polygon(((x, y), (x + 6, y), (x + 6, y + 2), (x, y + 2), (x, y)), srid=SRID),
        )  # fmt: skip
    return [d.pk for d in dossiers]


def renouveler(nombre: int) -> dict[str, Any]:
    """Seconds of the whole run: files, conflicts, prices, acts drafted; letters wait in the queue."""
    from domainepublic.renouvellement import renouveler as tache
    from mairie.models import Utilisateur
    from mairie.taches import Suivi

    cles = _terrasses(nombre)
    compte = Utilisateur.objects.get(email="agent@exemple.invalid")
    debut = time.perf_counter()
    bilan = tache.func(Suivi(SimpleNamespace(pk=1, essais=1, reprise={})), _annee() + 1, cles, compte.pk)
    return {"duree_s": time.perf_counter() - debut, "crees": bilan["crees"], "a_signer": bilan["a_signer"],
            "echecs": bilan["echecs"][:3]}  # fmt: skip


def action(nombre: int) -> dict[str, Any]:
    """Seconds of the whole yearly renewal in one action: preview, files, signatures, roll; then once more."""
    from domainepublic.apercu_renouvellement import proposer
    from domainepublic.models import LigneFacturable, Role
    from domainepublic.renouvellement import renouveler as tache
    from mairie.models import Utilisateur
    from mairie.taches import Suivi

    cles, annee = _terrasses(nombre, 1), _annee() + 1
    compte = Utilisateur.objects.get(email="agent@exemple.invalid")
    debut = time.perf_counter()
    apercu = [p for p in proposer(INSEE, annee) if p.dossier.pk in set(cles)]
    vu = time.perf_counter()
    bilans = []
    for rang in range(2):
        suivi = Suivi(SimpleNamespace(pk=10 + rang, essais=1, reprise={}))
        bilans.append(tache.func(suivi, annee, cles, compte.pk, signer=True, facturer=True))
        bilans[-1]["fini"] = time.perf_counter()
    un, deux = bilans
    return {
        "apercu_s": vu - debut, "apercu": len(apercu), "duree_s": un["fini"] - vu, "crees": un["crees"],
        "signes": un["signes"], "encore_s": deux["fini"] - un["fini"], "encore": deux["crees"],
        "roles": Role.objects.count(),
        "lignes": LigneFacturable.objects.filter(exercice=annee, etat="en_role").count(),
        "echecs": [*un["echecs"], *deux["echecs"]][:3],
    }  # fmt: skip


def lettres(nombre: int) -> dict[str, Any]:
    """Seconds a letter, PDF and numbering, and of the file that holds them all."""
    from django.conf import settings

    from domainepublic.models import DossierODP
    from domainepublic.renouvellement import lettres as tache
    from mairie.models import Utilisateur
    from mairie.taches import Suivi

    annee = _annee() + 1
    cles = list(
        DossierODP.objects.filter(annee_renouvelee=annee).order_by("pk").values_list(
            "dossier_origine_id", flat=True
        )[:nombre]
    )  # fmt: skip
    compte = Utilisateur.objects.get(email="agent@exemple.invalid")
    with tempfile.TemporaryDirectory() as dossier:
        settings.MEDIA_ROOT = dossier
        debut = time.perf_counter()
        bilan = tache.func(Suivi(SimpleNamespace(pk=2, essais=1, reprise={})), annee, cles, compte.pk)
        duree = time.perf_counter() - debut
    return {
        "par_lettre_s": duree / max(1, bilan["lettres"]),
        "lettres": bilan["lettres"],
        "pages": bilan.get("pages"),
    }


def main(arguments: list[str]) -> None:
    """One verb; the answer is one line of JSON."""
    _django()
    verbe, *plus = arguments
    actes: dict[str, Any] = {
        "preparer": preparer,
        "conflits": conflits,
        "renouveler": lambda: renouveler(int(plus[0])),
        "action": lambda: action(int(plus[0])),
        "lettres": lambda: lettres(int(plus[0])),
    }
    print(json.dumps(actes[verbe]()))


if __name__ == "__main__":
    main(sys.argv[1:])
