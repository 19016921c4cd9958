"""What the public side declares to the house: procedure, follow-up, pieces."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.urls import reverse

from domainepublic import perms

GENRE = "domainepublic.demande"
USAGE_SUIVI = "domainepublic.suivi"
# A title lives years; the key is renewed at the counter.
DUREE_CLE = timedelta(days=3 * 365)
CODES_PIECES = (
    ("plan", "Plan, croquis coté"),
    ("photo", "Photographie du lieu"),
    ("kbis", "Extrait Kbis, statuts"),
    ("assurance", "Attestation d'assurance"),
    ("autorisation", "Autorisation d'urbanisme, arrêté"),
    ("autre", "Autre"),
)
_NUMERO = re.compile(r"ODP[\s-]*([0-9][0-9AB][0-9]{3})[\s-]*([0-9]{4})[\s-]*([0-9]{1,5})", re.IGNORECASE)


def par_numero(saisie: str) -> Any:
    """The file of a number in any usual writing; null when there is none."""
    from domainepublic.models import DossierODP

    trouve = _NUMERO.fullmatch(saisie.strip())
    if trouve is None:
        return None
    insee, annee, ordre = trouve.groups()
    return DossierODP.objects.filter(numero=f"ODP-{insee.upper()}-{annee}-{int(ordre):05d}").first()


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from domainepublic.models import Constat, DossierODP, GrilleTarifaire
    from mairie import demarches, portes, suivi_usager
    from mairie.liens import UsageDeLien, declarer_usage
    from mairie.pieces.registre import Porteur
    from mairie.pieces.registre import declarer as declarer_porteur

    declarer_usage(
        UsageDeLien(USAGE_SUIVI, "Suivi d'une occupation par l'usager", DUREE_CLE, lambda jeton: "/suivi/")
    )
    demarches.declarer(
        demarches.Demarche(
            "odp_occuper",
            "Occuper la rue ou le trottoir",
            "Terrasse, benne, échafaudage, déménagement, manifestation : prix et pièces avant de commencer.",
            "bi-cone-striped",
            "/domaine-public/demande/",
            50,
            "Occuper la rue",
        )
    )
    portes.ouvrir(
        "travaux",
        portes.Porte(
            "Pourquoi ma rue est-elle fermée ?",
            "Travaux et rues occupées, jour après jour : quoi, jusqu'à quand, ce que cela gêne.",
            "bi-sign-stop",
            "/domaine-public/travaux/",
            50,
        ),
    )
    suivi_usager.declarer(
        suivi_usager.SuiviUsager(
            "domainepublic",
            "Occupation de la rue",
            USAGE_SUIVI,
            "ODP-25999-2026-00012",
            par_numero,
            lambda d: reverse("odp_suivi", args=[d.numero]),
        )
    )
    declarer_porteur(
        Porteur(
            DossierODP,
            DossierODP.objects.entiers_pour,
            perms.INSTRUIRE,
            lambda d: str(d.get_absolute_url()),
            codes=lambda d: CODES_PIECES,
        )
    )
    declarer_porteur(
        Porteur(
            GrilleTarifaire,
            GrilleTarifaire.objects.visibles_par,
            perms.TARIFER,
            lambda g: str(g.get_absolute_url()),
            codes=lambda g: (("deliberation", "Délibération"), ("autre", "Autre")),
        )
    )
    declarer_porteur(
        Porteur(
            Constat,
            Constat.objects.visibles_par,
            perms.CONSTATER,
            lambda c: str(c.get_absolute_url()),
            codes=lambda c: (("photo", "Photographie"), ("autre", "Autre")),
        )
    )
