"""Requests as subjects of letters: who writes, sends and signs them, to whom they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from mairie.consultations import de_dossier
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.delegations import TypeActe, signature_de
from mairie.models import Courrier
from urba import perms
from urba.courriers import suites
from urba.courriers.catalogue import DECISION, INSTRUCTION, lettre_de
from urba.courriers.situation import Situation
from urba.courriers.valeurs import zone_plu
from urba.models import DemandeurDossier, DossierInstruction

GENRE = "urba.dossier"
PREFET = "Préfecture, contrôle de légalité"
TYPES_ACTES = (
    TypeActe(DECISION, "Décisions d'urbanisme : arrêtés, certificats, retraits"),
    TypeActe(INSTRUCTION, "Lettres d'instruction : pièces, délais (L. 423-1)"),
)
_ORDRE = (
    DemandeurDossier.Role.MANDATAIRE,
    DemandeurDossier.Role.PETITIONNAIRE,
    DemandeurDossier.Role.CO_DEMANDEUR,
)


def destinataires(d: DossierInstruction) -> Iterator[Destinataire]:
    """Mandataire first, then petitioners, then the services whose answer is awaited."""
    lignes = list(d.demandeurs.filter(jusqu_a__isnull=True).select_related("tiers"))
    for role in _ORDRE:
        for x in lignes:
            if x.role == role:
                tiers = x.tiers
                courriel = tiers.courriel if x.accepte_electronique else ""
                yield Destinataire(
                    tiers.appel, "\n".join(tiers.lignes_adresse), courriel, x.get_role_display(), tiers
                )
    for c in de_dossier(d):
        if c.envoyee_le and not c.avis and not c.close_le:
            yield Destinataire(str(c.service), c.service.adresse, c.service.courriel, "service consulté")
    yield prefecture(d)


def prefecture(d: DossierInstruction) -> Destinataire:
    """Who controls the legality of the acts, at the address last written for this commune."""
    ecrite = (
        Courrier.objects.filter(insee=d.insee, metier="urba", destinataire=PREFET)
        .exclude(destinataire_adresse="")
        .order_by("-id")
        .values_list("destinataire_adresse", flat=True)
        .first()
    )
    return Destinataire(PREFET, ecrite or "", "", "contrôle de légalité")


def _visibles(utilisateur: Any) -> Any:
    return DossierInstruction.objects.visibles_par(utilisateur)


def _rediger_modele(utilisateur: Any, d: DossierInstruction, code: str) -> bool:
    """The counter writes receipts, who visits the works their report."""
    lettre = lettre_de(code)
    if lettre is None:
        return False
    return (lettre.guichet and utilisateur.has_perm(perms.DEPOSER, d.insee)) or (
        lettre.recole and utilisateur.has_perm(perms.CONTROLER, d.insee)
    )


def _expedier(utilisateur: Any, d: DossierInstruction) -> bool:
    return bool(utilisateur.has_perm(perms.DEPOSER, d.insee))


def peut_signer(utilisateur: Any, d: DossierInstruction) -> bool:
    """Holds today a title to sign some act of the permits of this commune."""
    jour = timezone.localdate()
    return any(signature_de(utilisateur, d.insee, t.code, jour) is not None for t in TYPES_ACTES)


def _mots(d: DossierInstruction) -> Iterator[str]:
    s = Situation(d)
    yield from (f"type:{d.type_detail}", f"type:{s.type}", f"nature:{d.nature}")
    yield from (f"majoration:{m.code}" for m in (s.demande.majorations if s.demande else ()))
    yield from (f"zone:{z.partition(' (')[0]}" for z in zone_plu(d))


SUJET = Sujet(
    genre=GENRE,
    metier="urba",
    modele="urba.DossierInstruction",
    libelle="dossier d'urbanisme",
    visibles=_visibles,
    adresse=lambda d: f"/urba/dossiers/{d.pk}/#courriers",
    rediger=perms.peut_instruire,
    rediger_modele=_rediger_modele,
    expedier=_expedier,
    signer=peut_signer,
    emprise=lambda d: d.terrain.emprise if getattr(d, "terrain", None) else None,
    destinataires=destinataires,
    mots=_mots,
    avertir=suites.avertir,
    suivre=suites.suivre,
    figer=suites.figer,
)
