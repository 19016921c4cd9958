"""Connections to the sewer and their controls, made through the services on the tiny plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from assainissement import controles_ac, raccordements
from assainissement.models import Branchement, ControleAC
from tests.assainissement.fabrique_anc import acteur, proprietaire
from tests.personnes import INSEE
from tests.plan_factice import point

POINTS = {"type_reseau": "separatif", "raccordement_total": "oui", "separation": "oui", "ecoulement": "oui"}


def branchement(insee: str = INSEE, **champs: Any) -> Branchement:
    """A connection to make, on the second parcel; the sewer came in January 2025."""
    parcelles = champs.pop("parcelles", (f"{insee}000AB0002",))
    raccorde_le = champs.pop("raccorde_le", None)
    cle = champs.pop("client_uuid", None)
    valeurs = {
        "geom": point(40, 5),
        "mise_en_service_le": date(2025, 1, 15),
        "proprietaire": proprietaire(insee=insee),
        **champs,
    }
    return raccordements.creer(
        insee, par=acteur(insee=insee), champs=valeurs, parcelles=parcelles, raccorde_le=raccorde_le,
        client_uuid=cle,
    )  # fmt: skip


def controle_ac(b: Branchement | None = None, motif: str = "vente", **options: Any) -> ControleAC:
    """A control asked, given to a technician."""
    b = b or branchement()
    agent = acteur("technicien", b.insee)
    return controles_ac.demander(b.insee, motif, par=agent, branchement=b, agent=agent, **options)


def faire(c: ControleAC, evenement: str, role: str = "technicien", le: date | None = None, **donnees: Any):
    """Apply an event as an agent of that role."""
    c.refresh_from_db()
    controles_ac.agir(
        c, evenement, par=acteur(role, c.insee), version=c.version, date_effet=le, donnees=donnees
    )
    c.refresh_from_db()
    return c


def valide(c: ControleAC, visite: date, **points: str) -> ControleAC:
    """Filled, received and validated."""
    controles_ac.repondre(c, {**POINTS, **points})
    faire(c, "recevoir_formulaire", visite=visite)
    return faire(c, "valider", "responsable")
