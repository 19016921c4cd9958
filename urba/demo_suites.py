"""What follows some permits of the demonstration: lots, transfers, a withdrawal, appeals, tied dossiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Polygon

from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Tiers
from mairie.workflow import ErreurWorkflow
from urba import lies, lots
from urba.demo import Jeu, Vie, jeu_du
from urba.instruction.etats import ACCORDES
from urba.models import DossierInstruction, LienDossier, Lot
from urba.regles.numeros import NatureDossier
from urba.services import Demandeur, NouveauDossier, demander

LOTS = 6
# Days from the notification of the permit to its later request, and from there to its decision notified.
DEMANDE, DECISION = 25, 18
ACTES = ("qualification", "rapport_pret", "finaliser_decision", "signature", "notification_decision")


def declarer() -> None:
    """From ``AppConfig.ready``: after the dossiers, before their letters."""
    declarer_etape(Etape("urba.suites", "Lots, transferts, recours, dossiers liés", 305, jouer))


def jouer(jour: date) -> str:
    """Once: a commune that has lots or ties keeps them."""
    if Lot.objects.filter(dossier__insee=INSEE).exists() or LienDossier.objects.exists():
        return "déjà là"
    jeu = jeu_du(jour)
    permis = _permis(jour)
    fait = {"lots": 0, "transferts": 0, "recours": 0, "liens": 0}
    lotissement = next((d for d in permis if d.type_detail == "PA"), None)
    if lotissement is not None:
        siens = _lotir(lotissement, jeu)
        fait["lots"] = len(siens)
        fait["transferts"] += (
            _transferer(lotissement, jeu, "Acquéreur fictif de deux lots", siens[:2]) is not None
        )
    maisons = [d for d in permis if d.type_detail in ("PCMI", "PC") and d.da.etat == "valide"]
    if maisons:
        fait["transferts"] += _transferer(maisons[0], jeu, "Repreneuse fictive") is not None
    if len(maisons) > 1 and (retire := _transferer(maisons[1], jeu, "Repreneur évincé")) is not None:
        fait["transferts"] += 1
        _retirer(retire, jeu)
    if len(maisons) > 2:
        _demander(maisons[2], NatureDossier.PROROGATION, jour - timedelta(days=10), jeu)
    fait["recours"] = _recours(maisons[3:7], jeu)
    fait["liens"] = _lier(permis, jeu)
    return ", ".join(f"{n} {quoi}" for quoi, n in fait.items())


def _permis(jour: date) -> list[DossierInstruction]:
    """Permits granted long enough ago for what follows to be past, the newest first."""
    recul = jour - timedelta(days=DEMANDE + DECISION + 40)
    granted = DossierInstruction.objects.filter(
        insee=INSEE, nature="INITIAL", etat__in=ACCORDES, date_notification__lte=recul
    )
    return list(granted.select_related("da").order_by("-date_notification", "id"))


def _bandes(emprise: GEOSGeometry, nombre: int) -> Iterator[GEOSGeometry]:
    """The ground cut in strips of the same width, those that keep a surface."""
    ouest, sud, est, nord = emprise.extent
    pas = (est - ouest) / nombre
    for rang in range(nombre):
        bande = Polygon.from_bbox((ouest + rang * pas, sud, ouest + (rang + 1) * pas, nord))
        bande.srid = emprise.srid
        morceau = emprise.intersection(bande)
        if morceau.area > 1:
            yield morceau


def _lotir(d: DossierInstruction, jeu: Jeu) -> list[Lot]:
    terrain = d.terrain
    if terrain.emprise is None:
        return []
    siens = []
    for rang, forme in enumerate(_bandes(terrain.emprise, LOTS), start=1):
        try:
            siens.append(lots.ajouter(d, str(rang), round(forme.area), forme, par=jeu.chef))
        except lots.LotRefuse:
            continue
    return siens


def _demander(
    d: DossierInstruction,
    nature: NatureDossier,
    le: date,
    jeu: Jeu,
    nom: str = "",
    choisis: Sequence[Lot] = (),
) -> DossierInstruction | None:
    demandeurs = (
        [Demandeur(Tiers.objects.create(collectivite=INSEE, nom=nom, ville="Commune fictive"))] if nom else []
    )
    try:
        return demander(
            d.da, nature, NouveauDossier(INSEE, d.type_detail, le, demandeurs, objet=d.objet), par=jeu.chef,
            accords_signes=True, lots=choisis, aujourdhui=jeu.jour,
        )  # fmt: skip
    except ErreurWorkflow:
        return None


def _transferer(
    d: DossierInstruction, jeu: Jeu, nom: str, choisis: Sequence[Lot] = ()
) -> DossierInstruction | None:
    """A transfer asked and granted; null where the permit does not allow it."""
    assert d.date_notification is not None  # noqa: S101 - chosen by it
    le = d.date_notification + timedelta(days=DEMANDE)
    suite = _demander(d, NatureDossier.TRANSFERT, le, jeu, nom, choisis)
    if suite is None:
        return None
    vie = Vie(jeu, suite, le)
    acte = {"sens": "accord", "motifs": "", "prescriptions": ""}
    donnees = {"qualification": {"type_detail": suite.type_detail}, "finaliser_decision": acte}
    for rang, nom_acte in enumerate(ACTES):
        par = jeu.elu if nom_acte == "signature" else jeu.chef
        if not vie.faire(nom_acte, par, 2 + 4 * rang, donnees.get(nom_acte, {})):
            return None
    return suite


def _retirer(transfert: DossierInstruction, jeu: Jeu) -> None:
    """The signed agreement was not: the transfer is withdrawn after its holder was heard."""
    transfert.refresh_from_db()
    assert transfert.date_notification is not None  # noqa: S101 - just granted
    lettre = transfert.date_notification + timedelta(days=3)
    vie = Vie(jeu, transfert, lettre)
    vie.faire(
        "retrait", jeu.elu, 20,
        {"contradictoire_le": lettre.isoformat(), "motif": "L'ancien titulaire n'avait pas signé."},
    )  # fmt: skip


def _recours(permis: Sequence[DossierInstruction], jeu: Jeu) -> int:
    """A suit that waits, one rejected, a gracious appeal answered, a hierarchical one."""
    faits: tuple[tuple[tuple[str, int, dict[str, Any]], ...], ...] = (
        (("recours_depose", 40, {"genre": "contentieux", "juridiction": "Tribunal administratif fictif"}),),
        (
            ("recours_depose", 30, {"genre": "contentieux", "juridiction": "Tribunal administratif fictif"}),
            ("recours_juge", 60, {"sens": "rejet"}),
        ),
        (("recours_depose", 20, {"genre": "gracieux"}), ("recours_repondu", 45, {})),
        (("recours_depose", 25, {"genre": "hierarchique"}),),
    )
    nombre = 0
    for d, evenements in zip(permis, faits, strict=False):
        assert d.date_notification is not None  # noqa: S101 - chosen by it
        vie = Vie(jeu, d, d.date_notification)
        nombre += (
            sum(vie.faire(nom, jeu.chef, apres, dict(donnees)) for nom, apres, donnees in evenements) > 0
        )
    return nombre


def _lier(permis: Sequence[DossierInstruction], jeu: Jeu) -> int:
    """A division and the house built on it; a demolition and what takes its place."""
    nombre = 0
    for premier, second, motif in (
        ("DPLT", "PCMI", "Maison construite sur un lot de la division"),
        ("PD", "PC", "Démolition préalable à la construction"),
    ):
        un = next((d for d in permis if d.type_detail == premier), None)
        autre = next((d for d in permis if d.type_detail == second), None)
        if un is not None and autre is not None:
            lies.lier(un, autre.numero, motif, par=jeu.chef)
            nombre += 1
    return nombre
