"""Dues and their letters: lists of what waits for one, written in batches after a preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from assainissement import controles, courriers, courriers_ac, perms, redevances
from assainissement.circuits.obligation import VIVANTES
from assainissement.models import Branchement, Controle, LigneRedevance, Obligation
from assainissement.models.relances import LotLettres
from assainissement.regles.tables.echeances import UN_AN_ACTE
from mairie.courriers import services as lettres
from mairie.courriers.erreurs import AConfirmer, CourrierRefuse
from mairie.courriers.modeles import modeles_proposes
from mairie.courriers.sujets import Destinataire, sujet_de
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Courrier, ModeleCourrier, Utilisateur
from mairie.roles import Acteur
from mairie.workflow import ErreurWorkflow

Dossier = Controle | Branchement
Par = Utilisateur | Acteur
# Letters are made while the person waits: a longer list is written in several times.
LETTRES_MAX = 25
AVANT_ECHEANCE = timedelta(days=92)
SANS_LETTRE = timedelta(days=30)


@dataclass(frozen=True)
class ListeDue:
    """A list: which controls, or connections, the letter, and the event that goes with it (empty: none)."""

    code: str
    titre: str
    aide: str
    modele: str
    condition: Callable[[date], Q]
    evenement: str = ""
    genre: str = courriers.GENRE
    # Where the same rows are filtered, sorted and exported.
    liste: str = ""
    # The day that makes it due: shown, the oldest first.
    echeance: str = "echeance_travaux"
    # The state told is that of what is due, not of its control.
    obligation: bool = False


def _obligations(jour: date, **champs: Any) -> Exists:
    return Exists(Obligation.objects.filter(controle=OuterRef("pk"), etat__in=VIVANTES, **champs))


def _majorations(jour: date) -> Q:
    return Q(etat="redevance_majoree") & Q(
        Exists(LigneRedevance.objects.filter(controle=OuterRef("pk"), genre="majoration", etat="a_annoncer"))
    )


LISTES = {
    x.code: x
    for x in (
        ListeDue(
            "periodiques",
            "Contrôles à proposer",
            "Contrôles ouverts sans rendez-vous. La lettre dit le montant et la délibération.",
            "avis_passage",
            lambda jour: Q(etat="a_planifier"),
            "proposer_rdv",
            liste="/assainissement/controles/?etat=a_planifier",
            echeance="installation__prochain_controle",
        ),
        ListeDue(
            "relances",
            "Visites manquées à relancer",
            "Absences, refus et reports dont le délai de relance est passé.",
            "relance",
            lambda jour: Q(etat__in=("absent", "refus", "relance"), relance_le__lte=jour),
            "relancer",
            liste="/assainissement/controles/?suivi=a_relancer",
            echeance="relance_le",
        ),
        ListeDue(
            "majorations",
            "Majorations à notifier",
            "Redevances majorées dont le propriétaire n'est pas encore informé.",
            "majoration",
            _majorations,
        ),
        ListeDue(
            "travaux",
            "Travaux en retard",
            "L'échéance est passée. La lettre rappelle ; elle ne met pas en demeure.",
            "rappel_travaux",
            lambda jour: Q(_obligations(jour, nature="travaux", echeance__lt=jour)),
            liste="/assainissement/obligations/?suivi=retard&nature=travaux",
            obligation=True,
        ),
        ListeDue(
            "absences",
            "Absences à vérifier",
            "Aucune installation n'avait été trouvée : le délai de vérification est passé.",
            "rappel_travaux",
            lambda jour: Q(regle="R0", prochain_controle__lte=jour) & Q(_obligations(jour, nature="absence")),
            echeance="prochain_controle",
            obligation=True,
        ),
        ListeDue(
            "ventes",
            "Suites de ventes",
            "Travaux dus dans l'année de l'acte, dont l'échéance vient dans les trois mois.",
            "rappel_travaux",
            lambda jour: Q(
                _obligations(
                    jour,
                    regle_echeance=UN_AN_ACTE,
                    echeance__gte=jour,
                    echeance__lte=jour + AVANT_ECHEANCE,
                )
            ),
            obligation=True,
        ),
        ListeDue(
            "raccordements",
            "Raccordements en retard",
            "Les deux ans de la mise en service du réseau sont passés, sans raccordement ni dérogation.",
            "rappel_raccordement",
            lambda jour: Q(etat="en_retard"),
            genre=courriers_ac.BRANCHEMENT,
            liste="/assainissement/branchements/?etat=en_retard",
            echeance="raccorder_avant",
        ),
    )
}


def peut_ecrire(utilisateur: Any, insee: str | None = None) -> bool:
    """Whoever writes the letters of a control, or bills."""
    return any(peut(utilisateur, d, insee) for d in (perms.SAISIR, perms.VALIDER, perms.FACTURER))


def communes(utilisateur: Any) -> set[str]:
    """Communes where this person writes them."""
    trouvees: set[str] = set()
    for droit in (perms.SAISIR, perms.VALIDER, perms.FACTURER):
        trouvees |= set(communes_du_droit(utilisateur, droit))
    return trouvees


def objets_de(liste: ListeDue, utilisateur: Any, jour: date) -> Any:
    """What a list holds that waits for a letter: none of that template in the last month."""
    if liste.genre == courriers_ac.BRANCHEMENT:
        lignes = Branchement.objects.visibles_par(utilisateur).avec_etat(jour)
        lignes = lignes.select_related("adresse__voie", "proprietaire").prefetch_related("derogations")
    else:
        lignes = Controle.objects.visibles_par(utilisateur)
    return _sans_lettre(liste, lignes, jour)


def en_attente(liste: ListeDue, insee: str, jour: date) -> Any:
    """The same of one commune, for the house: controls only."""
    return _sans_lettre(liste, Controle.objects.filter(insee=insee), jour)


def _sans_lettre(liste: ListeDue, lignes: Any, jour: date) -> Any:
    branchements = liste.genre == courriers_ac.BRANCHEMENT
    recentes = Courrier.objects.filter(
        dossier_type__app_label="assainissement",
        dossier_type__model="branchement" if branchements else "controle",
        dossier_id=OuterRef("pk"),
        modele__modele__code=liste.modele,
        cree_le__date__gt=jour - SANS_LETTRE,
    ).exclude(etat=Courrier.Etat.ABANDONNE)
    if not branchements:
        lignes = lignes.select_related("installation")
        lignes = lignes.prefetch_related("installation__liens_adresses__adresse__voie")
    return lignes.filter(liste.condition(jour)).filter(~Exists(recentes)).order_by("insee", "numero")


@dataclass(frozen=True)
class Rangee:
    """A row of a list, in words."""

    objet: Dossier
    lieu: str
    etat: str
    echeance: date | None


def rangees(liste: ListeDue, utilisateur: Any, jour: date, combien: int) -> list[Rangee]:
    """The first rows of a list, the oldest due first."""
    lignes = objets_de(liste, utilisateur, jour).order_by(F(liste.echeance).asc(nulls_last=True), "numero")
    if liste.obligation:
        lignes = lignes.prefetch_related("obligations")
    return [_rangee(liste, x) for x in lignes[:combien]]


def _rangee(liste: ListeDue, x: Dossier) -> Rangee:
    if isinstance(x, Branchement):
        return Rangee(x, x.lieu, "à raccorder, en retard", x.raccorder_avant)
    du: Any = x
    for nom in liste.echeance.split("__"):
        du = getattr(du, nom)
    etat = x.libelle_etat
    if liste.obligation:
        etat = ", ".join(o.libelle_etat for o in x.obligations.all() if o.vivante) or etat
    return Rangee(x, x.installation.lieu, etat, du)


def nombres(utilisateur: Any, jour: date) -> dict[str, int]:
    """How many each list holds."""
    return {code: objets_de(x, utilisateur, jour).count() for code, x in LISTES.items()}


@dataclass(frozen=True)
class Ecrite:
    """A letter made, shown or left: ``raison`` says why it was left."""

    objet_de: Dossier
    destinataire: Destinataire | None = None
    html: str = ""
    objet: str = ""
    raison: str = ""
    lettre: Courrier | None = None


class _Retour(Exception):
    """Takes back what a preview wrote."""


def apercus(
    liste: ListeDue, choisis: Sequence[Dossier], par: Utilisateur, jour: date | None = None
) -> list[Ecrite]:
    """What each letter would be; nothing is kept."""
    sortie: list[Ecrite] = []
    for c in choisis[:LETTRES_MAX]:
        ecrite = Ecrite(c)
        try:
            with transaction.atomic():
                ecrite = _ecrire(liste, c, par, jour or timezone.localdate(), None, finale=False)
                raise _Retour
        except _Retour:
            pass
        c.refresh_from_db()
        sortie.append(ecrite)
    return sortie


def envoyer(
    liste: ListeDue, choisis: Iterable[Dossier], par: Par, cle: UUID, jour: date | None = None
) -> list[Ecrite]:
    """Write, number and archive each letter, with its event; one bad letter stops no other.

    No more than ``LETTRES_MAX`` are written: those that cannot be take nobody's place.
    The same key twice writes nothing more: an empty list.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                lot = LotLettres.objects.create(
                    cle=cle, liste=liste.code, cree_par=par if isinstance(par, Utilisateur) else None
                )
        except IntegrityError:
            return []
        sortie: list[Ecrite] = []
        lot.nombre = 0
        for c in choisis:
            sortie.append(_ecrire(liste, c, par, jour or timezone.localdate(), cle, finale=True))
            lot.nombre += sortie[-1].lettre is not None
            if lot.nombre == LETTRES_MAX:
                break
        lot.save(update_fields=["nombre"])
    return sortie


def _modele(liste: ListeDue, insee: str, jour: date) -> ModeleCourrier | None:
    proposes = modeles_proposes(courriers.METIER, liste.genre, insee, jour)
    return next((m for m in proposes if m.code == liste.modele), None)


def _ecrire(liste: ListeDue, x: Dossier, par: Par, jour: date, cle: UUID | None, *, finale: bool) -> Ecrite:
    if isinstance(par, Utilisateur) and not peut_ecrire(par, x.insee):
        return Ecrite(x, raison="Vous n'écrivez pas de lettre dans cette commune.")
    modele = _modele(liste, x.insee, jour)
    destinataire = next(iter(sujet_de(x).destinataires(x)), None)
    if modele is None:
        return Ecrite(x, raison="Le modèle de lettre n'est pas en service.")
    if destinataire is None:
        qui = "au branchement" if isinstance(x, Branchement) else "à l'installation"
        return Ecrite(x, raison=f"Aucune personne n'est rattachée {qui}.")
    if not destinataire.adresse.strip():
        return Ecrite(x, destinataire, raison="Le destinataire n'a pas d'adresse.")
    try:
        with transaction.atomic():
            if liste.evenement and isinstance(x, Controle):
                controles.agir(
                    x, liste.evenement, par=par, version=x.version, date_effet=jour, aujourdhui=jour,
                    cle=uuid5(cle, str(x.pk)) if cle else None,
                )  # fmt: skip
            lettre = lettres.preparer(x, modele, par=par, destinataire=destinataire, jour=jour)
            compose = lettres.composer(lettre, jour)
            if finale:
                lettre = lettres.finaliser(lettre, par=par, version=lettre.version, confirmer=True, jour=jour)
                if liste.code == "majorations" and isinstance(x, Controle):
                    redevances.majoration_annoncee(x, jour, lettre.numero)
            return Ecrite(x, destinataire, str(compose.html), compose.objet, lettre=lettre)
    except (ErreurWorkflow, CourrierRefuse, AConfirmer) as e:
        x.refresh_from_db()
        return Ecrite(x, destinataire, raison=str(e))
