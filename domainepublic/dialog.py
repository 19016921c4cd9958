"""Payload for DiaLog of a file's traffic order: built from its measures, shown, downloaded, never sent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import shapely

from domainepublic.instruction.etats import TITRES
from domainepublic.models import DossierODP, MesureCirculation
from domainepublic.regles.dialog import charge_dialog
from domainepublic.regles.tables.dialog import NUMERO_MAX, TITRE_MAX
from mairie.lecture_json import ErreurSaisie
from mairie.models import Collectivite, Evenement

DECIMALES = 7


def arrete_de(d: DossierODP) -> dict[str, Any]:
    """The order in the form of the contract (spec §6.5)."""
    emprises = list(d.emprises.select_related("type"))
    manifestation = any(e.type.code == "MANIF" for e in emprises)
    mesures = list(d.mesures.select_related("voie"))
    return {
        "numero": numero_acte(d)[:NUMERO_MAX],
        "titre": f"Arrêté de circulation, {d.lieu or d.objet or d}"[:TITRE_MAX],
        "nature": "temporaire",
        "objet": "manifestation" if manifestation else "travaux",
        "publier": d.etat in TITRES,
        "mesures": [_mesure(d, m, emprises) for m in mesures],
    }


def numero_acte(d: DossierODP) -> str:
    """Number of the signed act, else that of the file."""
    signatures = Evenement.objects.filter(
        workflow=DossierODP.WORKFLOW, type="signer", dossier_id=d.pk, annule_par__isnull=True
    ).order_by("-id")
    for s in signatures:
        if numeros := s.donnees.get("numeros"):
            return str(numeros[0])
    return str(d)


def _mesure(d: DossierODP, m: MesureCirculation, emprises: list[Any]) -> dict[str, Any]:
    return {
        "type": m.type,
        "debut": m.debut.isoformat(),
        "fin": m.fin.isoformat(),
        "vitesse": m.vitesse,
        "vehicules": m.vehicules or {},
        "creneaux": m.creneaux,
        "localisations": [_lieu(d, m, emprises)],
    }


def _lieu(d: DossierODP, m: MesureCirculation, emprises: list[Any]) -> dict[str, Any]:
    voie = m.voie or d.voie
    if voie is not None:
        lieu: dict[str, Any] = {
            "insee": d.insee,
            "commune": _commune(d.insee),
            "voie": voie.nom,
            "sens": m.sens,
        }
        if m.du_numero:
            lieu |= {"du_numero": m.du_numero, "au_numero": m.au_numero}
        return lieu
    # No named street: the ground itself, in degrees.
    sol = emprises[0].surface.transform(4326, clone=True)
    forme = shapely.set_precision(shapely.from_wkb(bytes(sol.wkb)), 10**-DECIMALES)
    return {
        "libelle": d.lieu or f"emprise du dossier {d}",
        "geometrie": json.loads(shapely.to_geojson(forme), parse_float=Decimal),
    }


def _commune(insee: str) -> str:
    nom = Collectivite.objects.filter(code=insee).values_list("nom", flat=True).first()
    return str(nom or insee)


def preparer(d: DossierODP) -> tuple[dict[str, Any] | None, str]:
    """The answer of the engine, or why there is none."""
    if not d.mesures.exists():
        return None, "Ce dossier n'a aucune mesure de circulation."
    try:
        return charge_dialog({"arrete": arrete_de(d)}), ""
    except ErreurSaisie as e:
        return None, e.message


def en_texte(charge: dict[str, Any]) -> str:
    """As it is shown and downloaded."""
    return json.dumps(charge, ensure_ascii=False, indent=2)
