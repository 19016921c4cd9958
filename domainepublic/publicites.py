"""Publicity of economic titles: what is announced, who else is interested, what was exempted and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from domainepublic.actes import EXCEPTIONS
from domainepublic.instruction.etats import PUBLICS
from domainepublic.models import DossierODP, Interet
from domainepublic.models.conflits import MOTIF_MIN
from mairie import journal
from mairie.calendrier import jma
from mairie.models import Evenement, Utilisateur
from mairie.workflow import Refus

# Their reasons are published with the title (CG3P L2122-1-3).
MOTIVEES = tuple(code for code in EXCEPTIONS if code.startswith("L2122-1-3_"))
ECARTE, RETABLI = "domainepublic.interet_ecarte", "domainepublic.interet_retabli"


@dataclass(frozen=True)
class Annonce:
    """A publicity as everybody may read it: no name of a person."""

    dossier: DossierODP
    quoi: tuple[str, ...]
    surface_m2: int
    ouverte_le: date
    au: date
    lieu: str
    texte: str

    @property
    def ouverte(self) -> bool:
        """One may still declare an interest."""
        return timezone.localdate() <= self.au


def annonces(dossiers: Any = None) -> list[Annonce]:
    """Publicities under way, the one that ends first on top."""
    choisis = DossierODP.objects.all() if dossiers is None else dossiers
    liste = list(choisis.filter(etat="publicite").select_related("voie").prefetch_related("emprises__type"))
    ouvertures: dict[int, Evenement] = {}
    for e in Evenement.objects.filter(
        dossier_type=ContentType.objects.get_for_model(DossierODP),
        dossier_id__in=[d.pk for d in liste], type="ouvrir_publicite", annule_par__isnull=True,
    ).order_by("date_effet", "id"):  # fmt: skip
        ouvertures[e.dossier_id] = e
    sortie = [_annonce(d, ouvertures[d.pk]) for d in liste if d.pk in ouvertures]
    return sorted(sortie, key=lambda a: (a.au, a.dossier.pk))


def fut_annoncee(pk: int) -> bool:
    """Whether a file, no longer announced, once was."""
    return Evenement.objects.filter(
        dossier_type=ContentType.objects.get_for_model(DossierODP), dossier_id=pk,
        type="ouvrir_publicite", annule_par__isnull=True,
    ).exists()  # fmt: skip


def _annonce(d: DossierODP, e: Evenement) -> Annonce:
    emprises = list(d.emprises.all())
    return Annonce(
        d,
        tuple(dict.fromkeys(x.type.libelle_public for x in emprises)),
        round(sum(x.surface.area for x in emprises)),
        e.date_effet,
        date.fromisoformat(e.donnees["au"]),
        str(e.donnees.get("lieu") or ""),
        str(e.donnees.get("texte") or ""),
    )


def dispenses(jour: date) -> list[tuple[DossierODP, tuple[str, ...], str]]:
    """Titles of a year given without competition, with the reason that the law wants published."""
    accordes = (
        DossierODP.objects.filter(
            etat__in=PUBLICS, attribution__exception__in=MOTIVEES,
            date_decision__gte=jour - timedelta(days=365),
        )
        .select_related("voie")
        .prefetch_related("emprises__type")
        .order_by("-date_decision", "-id")[:100]
    )  # fmt: skip
    return [
        (
            d,
            tuple(dict.fromkeys(e.type.libelle_public for e in d.emprises.all())),
            EXCEPTIONS[d.attribution["exception"]],
        )
        for d in accordes
    ]


@dataclass(frozen=True)
class Resultat:
    """How a publicity ended, as everybody may read it: no name. ``motifs``: as the agent published them."""

    dossier: DossierODP
    quoi: tuple[str, ...]
    interets: int
    motifs: str

    @property
    def phrase(self) -> str:
        """Why this one, and how many others there were."""
        if self.motifs:
            dit = self.motifs
        else:
            dit = (
                "Choisie parmi plusieurs projets."
                if self.interets
                else "Personne d'autre ne s'est fait connaître."
            )
        if not self.interets:
            return dit
        pluriel = "s" if self.interets > 1 else ""
        return f"{dit} ({self.interets} autre{pluriel} intérêt{pluriel} déclaré{pluriel})"


def resultats(jour: date, dossiers: Any = None) -> list[Resultat]:
    """Titles of a year given after a publicity, newest first: how many others came, why this one was kept."""
    choisis = DossierODP.objects.all() if dossiers is None else dossiers
    accordes = {
        d.pk: d
        for d in choisis.filter(etat__in=PUBLICS, date_decision__gte=jour - timedelta(days=365))
        .filter(pk__in=_tenues().values("dossier_id"))
        .select_related("voie")
        .prefetch_related("emprises__type")
        .annotate(autres=Count("interets", filter=Q(interets__ecarte_le__isnull=True)))
        .order_by("-date_decision", "-id")[:100]
    }
    motifs = {
        e.dossier_id: str(e.donnees.get("publie") or "")
        for e in _tenues().filter(dossier_id__in=list(accordes)).order_by("date_effet", "id")
    }
    return [
        Resultat(
            d, tuple(dict.fromkeys(e.type.libelle_public for e in d.emprises.all())), d.autres, motifs[d.pk]
        )
        for d in accordes.values()
    ]


def _tenues() -> Any:
    """Live events by which a publicity ended."""
    return Evenement.objects.filter(
        dossier_type=ContentType.objects.get_for_model(DossierODP), annule_par__isnull=True,
        type__in=("clore_publicite", "retenir"),
    )  # fmt: skip


def declarer_interet(d: DossierODP, **champs: Any) -> Interet:
    """Record an interest while the publicity runs, the same message once. ``Refus`` once it is over.

    Two persons may bear one name, and one may write again to say more: only the same words from the same
    address, or the same number, are a form sent twice.
    """
    with transaction.atomic():
        verrou = DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk)
        annonce = next(iter(annonces(DossierODP.objects.filter(pk=verrou.pk))), None)
        if annonce is None or not annonce.ouverte:
            fin = f" depuis le {jma(annonce.au)}" if annonce else ""
            raise Refus(f"Cette publicité est close{fin} : écrivez à la mairie.")
        connu: Interet | None = verrou.interets.filter(
            courriel__iexact=champs.get("courriel", ""),
            telephone=champs.get("telephone", ""),
            message=champs.get("message", ""),
        ).first()
        if connu is not None:
            return connu
        interet: Interet = Interet.objects.create(dossier=verrou, **champs)
        return interet


def rivaux(dossier: Any) -> Sequence[Interet]:
    """Those who declared an interest, but for what an agent set aside."""
    return list(dossier.interets.filter(ecarte_le__isnull=True))


def ecarter(interet: Interet, motif: str, par: Utilisateur) -> Interet:
    """Count it no more, with a reason of 15 characters at least. ``Refus`` once the publicity is over."""
    motif = motif.strip()
    if len(motif) < MOTIF_MIN:
        raise Refus(f"Dites pourquoi cet intérêt est écarté, en {MOTIF_MIN} caractères au moins.")
    with transaction.atomic():
        tenu = _tenir(interet)
        if tenu.ecarte_le is not None:
            raise Refus("Cet intérêt est déjà écarté.")
        tenu.ecarte_le, tenu.ecarte_par, tenu.motif_ecart = timezone.now(), par, motif[:300]
        tenu.save(update_fields=["ecarte_le", "ecarte_par", "motif_ecart"])
        journal.noter(par, ECARTE, tenu.dossier, insee=tenu.dossier.insee, donnees={"interet": tenu.pk})
    return tenu


def retablir(interet: Interet, par: Utilisateur) -> Interet:
    """Count again one that was set aside. ``Refus`` once the publicity is over."""
    with transaction.atomic():
        tenu = _tenir(interet)
        tenu.ecarte_le, tenu.ecarte_par, tenu.motif_ecart = None, None, ""
        tenu.save(update_fields=["ecarte_le", "ecarte_par", "motif_ecart"])
        journal.noter(par, RETABLI, tenu.dossier, insee=tenu.dossier.insee, donnees={"interet": tenu.pk})
    return tenu


def _tenir(interet: Interet) -> Interet:
    # The file first, as whoever closes the publicity.
    dossier = DossierODP.objects.select_for_update(of=("self",)).get(pk=interet.dossier_id)
    if dossier.etat != "publicite":
        raise Refus("La publicité est finie : ce qui a été déclaré ne change plus.")
    tenu: Interet = Interet.objects.select_for_update(of=("self",)).get(pk=interet.pk)
    return tenu


def declarer() -> None:
    """The log knows what is done to the interests, from ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(ECARTE, "Intérêt déclaré écarté"), journal.Action(RETABLI, "Intérêt écarté rétabli")
    )
