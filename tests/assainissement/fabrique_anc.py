"""Installations and controls made through the services, in one line, on the tiny plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assainissement import controles, obligations, observations
from assainissement import installations as services
from assainissement.installations import NouvelElement, NouvelleInstallation
from assainissement.models import Controle, Installation, Obligation, ZonageAssainissement, ZoneEnjeu
from mairie.models import Tiers, Utilisateur
from tests.personnes import INSEE, agent
from tests.plan_factice import point, rectangle

JOUR = date(2026, 3, 2)
IDU = "25999000AB0001"


def acteur(role: str = "responsable", insee: str = INSEE) -> Utilisateur:
    """An agent of the SPANC."""
    return agent(f"assainissement.{role}", codes=(insee,))


def proprietaire(nom: str = "Personne fictive", insee: str = INSEE) -> Tiers:
    """An invented owner."""
    return Tiers.objects.create(collectivite=insee, nom=nom)


def installation(insee: str = INSEE, **options: Any) -> Installation:
    """A house of 2001 with a septic tank and its trenches, on the first parcel."""
    options.setdefault("parcelles", (f"{insee}000AB0001",))
    options.setdefault("proprietaire", proprietaire(insee=insee))
    options.setdefault(
        "elements",
        (
            NouvelElement("PRE", "fosse_toutes_eaux", {"volume_m3": 3}),
            NouvelElement("TRAIT", "tranchees_epandage"),
        ),
    )
    champs = {"geom": point(5, 5), "date_creation": date(2001, 5, 4), "pieces_principales": 5, "eh": 5}
    champs.update(options.pop("champs", {}))
    return services.creer(
        NouvelleInstallation(insee=insee, champs=champs, **options), par=acteur(insee=insee)
    )


def controle(i: Installation | None = None, nature: str = "periodique", **options: Any) -> Controle:
    """A control to plan."""
    i = i or installation()
    return controles.planifier(i, nature, par=acteur("technicien", i.insee), **options)


def faire(
    c: Controle, evenement: str, role: str = "technicien", le: date | None = None,
    donnees: Mapping[str, Any] | None = None,
) -> Controle:  # fmt: skip
    """Apply an event as an agent of that role."""
    c.refresh_from_db()
    controles.agir(
        c, evenement, par=acteur(role, c.insee), version=c.version, date_effet=le, donnees=donnees or {}
    )
    c.refresh_from_db()
    return c


def faire_obligation(
    o: Obligation, evenement: str, role: str = "responsable", le: date | None = None, **donnees: Any
) -> Obligation:
    """The same for an obligation."""
    o.refresh_from_db()
    obligations.agir(
        o, evenement, par=acteur(role, o.insee), version=o.version, date_effet=le, donnees=donnees
    )
    o.refresh_from_db()
    return o


def repondre(c: Controle, nombres: Mapping[str, Any] | None = None, **reponses: str) -> Controle:
    """Answer questions; that an installation exists is said unless told otherwise."""
    if c.existant:
        reponses.setdefault("elements_probants", "oui")
    return observations.enregistrer(c, {k: (v, "") for k, v in reponses.items()}, nombres)


def valide(c: Controle, le: date | None = None, **reponses: str) -> Controle:
    """Visited, written, validated on one day."""
    repondre(c, **reponses)
    faire(c, "saisir_visite", le=le)
    faire(c, "rediger", le=le, donnees={"presence": "signee"})
    return faire(c, "valider", "responsable", le=le)


def notifie(c: Controle, le: date | None = None, recu: date | None = None, **reponses: str) -> Controle:
    """Received by the owner."""
    return faire(valide(c, le, **reponses), "notifier", le=recu or le)


def zone(type_: str = "AC", x: float = 0, largeur: float = 60, **champs: Any) -> ZonageAssainissement:
    """A zone of the plan, from x metres of its corner."""
    valeurs = {"acte": "Délibération 2020-12", "du": date(2020, 1, 1), **champs}
    return ZonageAssainissement.objects.create(
        insee=INSEE, type=type_, geom=rectangle(x, 0, largeur, 30), **valeurs
    )


def zone_enjeu(enjeu: str = "sanitaire", x: float = 0, **champs: Any) -> ZoneEnjeu:
    """A zone with an issue of the plan."""
    valeurs = {"source": "Profil de baignade", "du": date(2020, 1, 1), **champs}
    return ZoneEnjeu.objects.create(insee=INSEE, enjeu=enjeu, geom=rectangle(x, 0, 60, 30), **valeurs)
