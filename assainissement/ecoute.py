"""What the other apps tell (spec §14): permits that need an opinion, works finished, cadastre renewed.

Each function is a subscriber of one domain event; an event that says nothing of ours does nothing.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from assainissement import avis_reseau, projets, rattachements, ventes
from assainissement.models import AvisReseau, DeclarationVente, ProjetAnc
from assainissement.projets import NouveauProjet
from assainissement.regles.tables.projets import PLANS
from assainissement.saisies import est_idu
from assainissement.ventes import NouvelleVente
from mairie.models import EvenementDomaine, Piece
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.service import deposer
from mairie.roles import systeme
from mairie.workflow import Refus

trace = logging.getLogger(__name__)
URBANISME = systeme("demande d'urbanisme")
SERVICE = "SPANC"
PIECES_MAX = 40


def _jour(e: EvenementDomaine) -> date:
    return timezone.localdate(e.emis_le)


def _demander(e: EvenementDomaine, *, consultation: bool) -> ProjetAnc:
    charge = e.charge
    connu = ProjetAnc.objects.filter(autorisation=charge.get("autorisation") or "-").first()
    limite = parse_date(charge.get("limite") or "")
    nouveau = NouveauProjet(
        insee=charge["insee"],
        parcelles=charge.get("idus") or [],
        recu_le=_jour(e),
        limite=limite,
        autorisation=charge.get("autorisation") or "",
        dossier_urba=charge.get("numero") or "",
        consultation=consultation,
        objet=charge.get("objet") or "",
    )
    projet = projets.demander(nouveau, par=URBANISME)
    suivant = projet.dossier_urba != nouveau.dossier_urba
    if connu is not None and projet.etat == "abandonne":
        # A later request of the permit, or its own taken up, asks anew for what was given up.
        if suivant or projets.abandonne_avant(projet, e.emis_le):
            ProjetAnc.objects.filter(pk=projet.pk).update(dossier_urba=nouveau.dossier_urba)
            projet.refresh_from_db()
            projets.reprendre(projet, nouveau, f"Demande {nouveau.dossier_urba}", _jour(e))
    elif connu is not None and suivant:
        # A later request on the same authorisation (modificatif): the project is looked at again.
        ProjetAnc.objects.filter(pk=projet.pk).update(dossier_urba=charge.get("numero") or "")
        projet.refresh_from_db()
        projets.modifier(projet, f"Demande {charge.get('numero')}", _jour(e), limite)
    elif connu is not None and limite and limite != projet.limite:
        projets.preciser(projet, limite, _jour(e))
    if consultation and not projet.consultation:
        ProjetAnc.objects.filter(pk=projet.pk).update(consultation=True)
    copier_pieces(projet, charge.get("fichiers") or [])
    return projet


def copier_pieces(projet: ProjetAnc | AvisReseau, cles: list[Any]) -> int:
    """Copy the pieces that the permit shows to services; those already here stay. How many now."""
    siennes = Piece.objects.courantes().filter(
        pk__in=[c for c in cles if isinstance(c, int)][:PIECES_MAX],
        collectivite=projet.insee,
        visible_services=True,
    )
    for piece in siennes.order_by("depose_le", "pk"):
        try:
            with piece.fichier.open("rb") as flux:
                deposer(
                    projet, flux, par=URBANISME, nom=piece.nom, code=piece.code, libelle=piece.libelle,
                    origine=piece.origine,
                )  # fmt: skip
        except (PieceRefusee, OSError):
            # The permit keeps it: an opinion is not lost for one file.
            trace.warning("Projet %s : pièce %s non copiée", projet.pk, piece.pk)
    return int(Piece.objects.du_dossier(projet).courantes().count())


def permis_qualifie(e: EvenementDomaine) -> None:
    """A permit that needs an installation of its own."""
    if e.charge.get("anc"):
        _demander(e, consultation=False)


def avis_demande(e: EvenementDomaine) -> None:
    """The urbanism service asks ours: about the sewer in a collective zone, else about an installation."""
    service = str(e.charge.get("service", "")).upper()
    if service == avis_reseau.RESEAU or (service == SERVICE and _au_reseau(e)):
        _demander_avis(e, service)
    elif service == SERVICE:
        _demander(e, consultation=True)


def _au_reseau(e: EvenementDomaine) -> bool:
    """The ground is in a collective zone, and nobody said that the project has its own installation."""
    if _projet(e) is not None:
        return False
    return avis_reseau.en_zone_collective(e.charge["insee"], e.charge.get("idus") or [], _jour(e))


def _demander_avis(e: EvenementDomaine, service: str) -> None:
    charge = e.charge
    a = avis_reseau.demander(
        charge["insee"], par=URBANISME, autorisation=charge.get("autorisation") or charge.get("numero") or "",
        dossier_urba=charge.get("numero") or "", service=service, parcelles=charge.get("idus") or [],
        objet=charge.get("objet") or "", recu_le=_jour(e), limite=parse_date(charge.get("limite") or ""),
    )  # fmt: skip
    copier_pieces(a, charge.get("fichiers") or [])


def _avis(e: EvenementDomaine) -> list[AvisReseau]:
    numero = e.charge.get("autorisation") or ""
    return list(AvisReseau.objects.filter(autorisation=numero)) if numero else []


def _projet(e: EvenementDomaine) -> ProjetAnc | None:
    numero = e.charge.get("autorisation") or ""
    trouve: ProjetAnc | None = ProjetAnc.objects.filter(autorisation=numero).first() if numero else None
    return trouve


def piece_ajoutee(e: EvenementDomaine) -> None:
    """Plans that came after the opinion reopen the project, and the opinion on the sewer."""
    for a in _avis(e):
        copier_pieces(a, e.charge.get("fichiers") or [])
        plans = [str(c) for c in e.charge.get("pieces") or [] if c in PLANS]
        if plans:
            motif = f"Pièces ajoutées au permis : {', '.join(plans)}"
            avis_reseau.redemander(a, motif, _jour(e), par=URBANISME)
    projet = _projet(e)
    if projet is None:
        return
    copier_pieces(projet, e.charge.get("fichiers") or [])
    codes = [str(c) for c in e.charge.get("pieces") or []]
    if projet.etat == "incomplet" or any(c in PLANS for c in codes):
        projets.modifier(projet, f"Pièces ajoutées au permis : {', '.join(codes)}", _jour(e))


def travaux_acheves(e: EvenementDomaine) -> None:
    """The works are declared finished."""
    projet = _projet(e)
    if projet is not None:
        jour = parse_date(e.charge.get("le") or "") or _jour(e)
        projets.achever(projet, f"Achèvement déclaré, {e.charge.get('numero')}", max(jour, _dernier(projet)))


def _dernier(projet: ProjetAnc) -> date:
    return projet.avis_le or date.min


def permis_retire(e: EvenementDomaine) -> None:
    """The permit is dropped: so is what it asked."""
    for a in _avis(e):
        # A later request dropped leaves the opinion as it was.
        if avis_reseau.demandeur(a) == e.charge.get("numero"):
            avis_reseau.abandonner(a, f"Permis {e.charge.get('numero')} abandonné", _jour(e), par=URBANISME)
    projet = _projet(e)
    # A later request dropped leaves the first one as it was.
    if projet is not None and projets.demandeur(projet) == e.charge.get("numero"):
        projets.abandonner(projet, f"Permis {e.charge.get('numero')} abandonné", _jour(e))


def dia_recue(e: EvenementDomaine) -> None:
    """A declaration of intended sale known elsewhere: the same row as one entered here, once."""
    insee = str(e.charge.get("insee") or e.insee)
    idus = [str(p) for p in e.charge.get("idus") or e.charge.get("parcelles") or []]
    recue = parse_date(str(e.charge.get("date") or e.charge.get("le") or "")) or _jour(e)
    try:
        ventes.declarer(
            NouvelleVente(
                insee=insee,
                recue_le=min(recue, timezone.localdate()),
                source=DeclarationVente.Source.DIA,
                reference=str(e.charge.get("numero") or "")[:60],
                parcelles=[p for p in idus if est_idu(p) and p[:5] == insee],
            ),
            par=URBANISME,
        )
    except Refus as refus:
        trace.warning("Déclaration %s sans suite : %s", e.charge.get("numero"), refus)


def parcelles_renumerotees(e: EvenementDomaine) -> None:
    """Links to parcels follow the cadastre where there is no doubt."""
    rattachements.suivre(e.charge.get("insee") or e.insee)


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from mairie.evenements import abonner

    for nom, fonction, abonne in (
        ("urba.dossier_qualifie", permis_qualifie, "assainissement.projet_qualifie"),
        ("urba.consultation_demandee", avis_demande, "assainissement.projet_demande"),
        ("urba.piece_ajoutee", piece_ajoutee, "assainissement.projet_modifie"),
        ("urba.daact_recue", travaux_acheves, "assainissement.projet_acheve"),
        ("urba.dossier_retire", permis_retire, "assainissement.projet_retire"),
        ("urba.dia_recue", dia_recue, "assainissement.vente_declaree"),
        ("cadastre.parcelles_renumerotees", parcelles_renumerotees, "assainissement.rattachements"),
    ):
        abonner(nom, fonction, abonne=abonne)
