"""Services of opinions on connections: asked by the permits, answered with the PDF (spec §14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.models import AvisReseau, ZonageAssainissement
from cadastre.models import Parcelle
from mairie import evenements
from mairie.calendrier import jma
from mairie.courriers import services as lettres
from mairie.models import Courrier, Evenement, ModeleCourrier, Utilisateur
from mairie.roles import Acteur
from mairie.workflow import appliquer, journal

Par = Utilisateur | Acteur
RESEAU = "ASSAINISSEMENT"


def _sol(parcelles: Sequence[str]) -> GEOSGeometry | None:
    sols = Parcelle.objects.filter(idu__in=list(parcelles), valide_au__isnull=True, geom__isnull=False)
    trouve: GEOSGeometry | None = sols.aggregate(x=Union("geom"))["x"]
    return trouve


def zones(insee: str, parcelles: Sequence[str], jour: date) -> list[ZonageAssainissement]:
    """Zones of the zoning that hold a part of the ground worth saying; rain water apart."""
    sol = _sol(parcelles)
    if sol is None:
        return []
    ici = ZonageAssainissement.objects.en_vigueur(jour).filter(insee=insee, geom__intersects=sol.buffer(-0.5))
    return list(ici.exclude(type=ZonageAssainissement.Type.EP).order_by("type", "pk"))


def en_zone_collective(insee: str, parcelles: Sequence[str], jour: date) -> bool:
    """Whether the ground lies in a zone that a sewer serves, and in no other."""
    types = {z.type for z in zones(insee, parcelles, jour)}
    return types == {ZonageAssainissement.Type.AC}


def demander(
    insee: str,
    *,
    par: Par,
    autorisation: str,
    dossier_urba: str,
    service: str,
    parcelles: Sequence[str] = (),
    objet: str = "",
    recu_le: date | None = None,
    limite: date | None = None,
    aujourdhui: date | None = None,
) -> AvisReseau:
    """One opinion a permit and service; a later request on the same authorisation asks again."""
    jour = aujourdhui or timezone.localdate()
    recu = min(recu_le or jour, jour)
    donnees: dict[str, Any] = {"dossier": dossier_urba, **({"limite": limite} if limite else {})}
    connu = AvisReseau.objects.filter(autorisation=autorisation, service=service).first()
    if connu is not None:
        if connu.dossier_urba != dossier_urba:
            AvisReseau.objects.filter(pk=connu.pk).update(dossier_urba=dossier_urba)
            connu.refresh_from_db()
            redemander(connu, f"Demande {dossier_urba}", recu, limite, par=par, dossier=dossier_urba)
        return connu
    ici = zones(insee, parcelles, jour)
    try:
        with transaction.atomic():
            avis: AvisReseau = AvisReseau.objects.create(
                insee=insee, parcelles=[p for p in parcelles if len(p) == 14], autorisation=autorisation,
                dossier_urba=dossier_urba, service=service, objet=objet[:200],
                zonage=" ; ".join(f"{z.get_type_display()} ({z.acte}, {jma(z.du)})" for z in ici)[:200],
            )  # fmt: skip
            appliquer(avis, "demander", par=par, version=0, date_effet=recu, donnees=donnees, aujourdhui=jour)
    except IntegrityError:
        return AvisReseau.objects.get(autorisation=autorisation, service=service)
    return avis


def redemander(
    a: AvisReseau, motif: str, jour: date, limite: date | None = None, *, par: Par, dossier: str = ""
) -> bool:
    """The project changed after the answer: the service looks again; false when it had not answered.

    ``dossier``: a later request of the authorisation asks, whatever became of the former one.
    """
    if a.etat != "rendu" and not dossier:
        return False
    donnees: dict[str, Any] = {"motif": motif, **({"limite": limite} if limite else {})}
    if dossier:
        donnees["dossier"] = dossier
    le = max([jour, *(e.date_effet for e in journal.vivantes(journal.lignes(a)))])
    appliquer(
        a, "redemander", par=par, version=a.version, date_effet=le, donnees=donnees,
        aujourdhui=max(le, a.calcule_au or le),
    )  # fmt: skip
    return True


def demandeur(a: AvisReseau) -> str:
    """Number of the request that asked first: the opinion lives as long as it does."""
    faits = [e for e in journal.vivantes(journal.lignes(a)) if e.type in ("demander", "redemander")]
    premier = str(faits[0].donnees.get("dossier") or "") if faits else ""
    # Not told by the oldest rows: the authorisation bears the number of its first request.
    return premier or (a.dossier_urba if len(faits) < 2 else a.autorisation)


def _en_attente(a: AvisReseau) -> list[str]:
    """Requests that the answer just given answers: those that asked since the former one."""
    faits = journal.vivantes(journal.lignes(a))
    rendus = [n for n, e in enumerate(faits) if e.type == "rendre_avis"]
    depuis = rendus[-2] if len(rendus) > 1 else 0
    numeros = [str(e.donnees.get("dossier") or "") for e in faits[depuis:]]
    return list(dict.fromkeys(n for n in (*numeros, a.dossier_urba) if n))


def abandonner(a: AvisReseau, motif: str, jour: date, *, par: Par) -> None:
    """The permit is dropped."""
    if a.etat in ("demande", "rendu"):
        le = max(x for x in (jour, a.avis_le) if x is not None)
        appliquer(
            a, "abandonner", par=par, version=a.version, date_effet=le, donnees={"motif": motif},
            aujourdhui=max(le, a.calcule_au or le),
        )  # fmt: skip


def agir(
    a: AvisReseau, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event: the only door of the screens. The answer leaves with its letter, or not at all."""
    with transaction.atomic():
        connu = Evenement.objects.filter(cle=cle).first() if cle else None
        if connu is not None:
            return connu
        fait = appliquer(
            a, evenement, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
            aujourdhui=aujourdhui,
        )  # fmt: skip
        if evenement == "rendre_avis":
            a.refresh_from_db()
            lettre = _document(a, par, aujourdhui)
            for numero in _en_attente(a):
                evenements.emettre(
                    "assainissement.avis_rendu",
                    {
                        "dossier": numero,
                        "autorisation": a.autorisation,
                        "insee": a.insee,
                        "service": a.service.lower(),
                        "parcelles": list(a.parcelles),
                        "date": fait.date_effet.isoformat(),
                        "sens": a.sens,
                        "motif": motivation(a),
                        "besoin": a.besoin,
                        "courrier": lettre.pk,
                    },
                    insee=a.insee,
                )
    return fait


def avis_de(a: AvisReseau) -> dict[str, Any]:
    """What the last opinion says; empty before the first."""
    for e in reversed(journal.vivantes(journal.lignes(a))):
        if e.type == "rendre_avis":
            return dict(e.donnees)
    return {}


def motivation(a: AvisReseau) -> str:
    """What the permits are told in words: the connection, then the conditions."""
    besoin = a.get_besoin_display() if a.besoin else ""
    conditions = str(avis_de(a).get("motif") or "").strip()
    dit = f"{besoin[:1].upper()}{besoin[1:]}."
    return f"{dit} {conditions}".strip()


def _document(a: AvisReseau, par: Par, aujourdhui: date | None) -> Courrier:
    from assainissement import courriers_avis

    code = courriers_avis.CODE
    modele = ModeleCourrier.objects.filter(metier="assainissement", code=code, collectivite=None).first()
    if modele is None:
        courriers_avis.charger()
        modele = ModeleCourrier.objects.get(metier="assainissement", code=code, collectivite=None)
    local = ModeleCourrier.objects.filter(
        metier="assainissement", code=code, collectivite__code=a.insee
    ).first()
    lettre = lettres.preparer(a, local or modele, par=par, jour=aujourdhui)
    return lettres.finaliser(lettre, par=par, version=lettre.version, confirmer=True, jour=aujourdhui)
