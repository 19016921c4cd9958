"""The audit log on screen: filters, pages, export, monthly counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from gis_data.acces import droit
from mairie import journal
from mairie.exports import reponse_csv, reponse_xlsx
from mairie.journal_actions import CONSULTE, EXPORTE
from mairie.models import Collectivite, JournalActe, JournalTotal
from mairie.perms import LIRE_JOURNAL

PAR_PAGE = 100
PERIODE = timedelta(days=30)
FINALITE = "contrôle des accès"
TITRES = (
    "Date", "Heure", "Nature", "Action", "Qui", "Collectivité", "Objet", "Numéro de l'objet", "Résumé",
    "Finalité", "Données", "Réseau", "Requête",
)  # fmt: skip


@dataclass
class Filtres:
    """What the reader asks; ``fautes`` says what was not understood, and then does not filter."""

    du: date
    au: date | None = None
    personne: str = ""
    action: str = ""
    nature: str = ""
    insee: str = ""
    objet_type: str = ""
    objet_id: str = ""
    fautes: list[str] = field(default_factory=list)

    @classmethod
    def lire(cls, request: HttpRequest) -> Filtres:
        """From the address; by default, the last thirty days."""
        q = {c: request.GET.get(c, "").strip()[:120] for c in (*cls.__dataclass_fields__, "avant")}
        sortie = cls(timezone.localdate() - PERIODE)
        for champ in ("du", "au"):
            jour = _jour(q[champ])
            if jour is not None:
                setattr(sortie, champ, jour)
            elif q[champ]:
                sortie.fautes.append(f"Date invalide : « {q[champ]} ». Écrivez-la AAAA-MM-JJ.")
        for champ in ("personne", "action", "nature", "insee", "objet_type", "objet_id"):
            setattr(sortie, champ, q[champ])
        return sortie

    def appliquer(self, lignes: Any) -> Any:
        """The lines that answer."""
        lignes = lignes.filter(quand__gte=_debut(self.du))
        if self.au and self.au < date.max:
            lignes = lignes.filter(quand__lt=_debut(self.au + timedelta(days=1)))
        if self.personne:
            lignes = lignes.filter(
                Q(utilisateur__nom__icontains=self.personne)
                | Q(utilisateur__email__icontains=self.personne)
                | Q(acteur__icontains=self.personne)
            )
        if self.action:
            lignes = lignes.filter(action=self.action)
        if self.nature:
            lignes = lignes.filter(nature=self.nature)
        if self.insee:
            lignes = lignes.filter(insee=self.insee)
        if self.objet_type:
            app, _, modele = self.objet_type.partition(".")
            lignes = lignes.filter(objet_type__app_label=app, objet_type__model=modele)
        if self.objet_id:
            lignes = lignes.filter(objet_id=self.objet_id)
        return lignes

    def resume(self) -> dict[str, str]:
        """What was asked, for the log's own line; never the name looked for."""
        demande = {"du": self.du.isoformat(), "au": self.au.isoformat() if self.au else ""}
        demande |= {c: getattr(self, c) for c in ("action", "nature", "insee", "objet_type", "objet_id")}
        if self.personne:
            demande["personne"] = "oui"
        return {c: v for c, v in demande.items() if v}


@droit(LIRE_JOURNAL)
@require_safe
def lire(request: HttpRequest) -> HttpResponse:
    """The newest lines first, a hundred a page; looking at them leaves a line."""
    filtres = Filtres.lire(request)
    visibles = JournalActe.objects.visibles_par(request.user)
    lignes = filtres.appliquer(visibles)
    if suite := _rang(request.GET.get("avant", "")):
        lignes = lignes.filter(Q(quand__lt=suite[0]) | Q(quand=suite[0], pk__lt=suite[1]))
    page = list(lignes.select_related("utilisateur", "objet_type")[: PAR_PAGE + 1])
    reste, page = len(page) > PAR_PAGE, page[:PAR_PAGE]
    journal.noter(request, CONSULTE, donnees=filtres.resume(), finalite=FINALITE)
    noms = dict(Collectivite.objects.values_list("code", "nom"))
    parametres = request.GET.copy()
    parametres.pop("avant", None)
    return render(
        request,
        "mairie/journal/journal.html",
        {
            "filtres": filtres,
            "lignes": _habiller(page, noms),
            "suite": f"{page[-1].quand.isoformat()}_{page[-1].pk}" if reste else "",
            "parametres": parametres.urlencode(),
            "debut": not suite,
            **_choix(visibles, noms),
        },
    )


@droit(LIRE_JOURNAL)
@require_safe
def exporter(request: HttpRequest) -> HttpResponseBase:
    """The filtered lines as CSV or XLSX; too many are refused, never cut in silence."""
    filtres = Filtres.lire(request)
    lignes = filtres.appliquer(JournalActe.objects.visibles_par(request.user))
    maximum = settings.JOURNAL_EXPORT_MAX
    nombre = lignes[: maximum + 1].count()
    if nombre > maximum:
        messages.warning(
            request, f"L'export est limité à {maximum} lignes : réduisez la période ou ajoutez un filtre."
        )
        return redirect(f"/journal/?{request.GET.urlencode()}")
    forme = "xlsx" if request.GET.get("forme") == "xlsx" else "csv"
    # Read before the line of this export is written: the file shows what the screen showed.
    page = list(lignes.select_related("utilisateur", "objet_type"))
    journal.noter(
        request,
        EXPORTE,
        donnees={**filtres.resume(), "forme": forme, "lignes": len(page)},
        finalite=FINALITE,
    )
    noms = dict(Collectivite.objects.values_list("code", "nom"))
    rangs = (_rangee(e) for e in _habiller(page, noms))
    nom = f"journal-{timezone.localdate():%Y%m%d}"
    if forme == "xlsx":
        return reponse_xlsx(f"{nom}.xlsx", TITRES, rangs, feuille="Journal")
    return reponse_csv(f"{nom}.csv", TITRES, rangs)


@droit(LIRE_JOURNAL)
@require_safe
def totaux(request: HttpRequest) -> HttpResponse:
    """Lines by month and action: those purged and those still there, together."""
    comptes: dict[tuple[date, str, str], int] = {}
    for t in JournalTotal.objects.visibles_par(request.user):
        cle = (t.mois, t.nature, t.action)
        comptes[cle] = comptes.get(cle, 0) + t.nombre
    restent = (
        JournalActe.objects.visibles_par(request.user)
        .order_by()
        .annotate(mois=TruncMonth("quand"))
        .values_list("mois", "nature", "action")
        .annotate(nombre=Count("pk"))
    )
    for mois, nature, action, nombre in restent:
        cle = (mois.date(), nature, action)
        comptes[cle] = comptes.get(cle, 0) + nombre
    natures = dict(JournalActe.Nature.choices)
    lignes = [
        {"mois": m, "nature": natures.get(n, n), "action": journal.libelle(a), "nombre": comptes[m, n, a]}
        for m, n, a in sorted(comptes, key=lambda c: (-c[0].toordinal(), c[1], journal.libelle(c[2])))
    ]
    return render(request, "mairie/journal/totaux.html", {"lignes": lignes})


def _jour(texte: str) -> date | None:
    try:
        return parse_date(texte)
    except ValueError:
        return None


def _debut(jour: date) -> datetime:
    return timezone.make_aware(datetime.combine(jour, time.min))


def _rang(texte: str) -> tuple[datetime, int] | None:
    """(moment, id) of the last line already shown; null when the address says none."""
    moment, _, pk = texte.rpartition("_")
    try:
        quand = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (quand, int(pk)) if quand.tzinfo and pk.isdecimal() and len(pk) < 19 else None


def _habiller(lignes: Iterable[JournalActe], noms: dict[str, str]) -> list[JournalActe]:
    """Words beside codes."""
    sortie = []
    for e in lignes:
        habillee: Any = e
        habillee.action_libelle = journal.libelle(e.action)
        habillee.commune = noms.get(e.insee, e.insee)
        habillee.objet_libelle = _type(e.objet_type) if e.objet_type_id else ""
        habillee.details = ", ".join(f"{c} : {v}" for c, v in e.donnees.items())
        sortie.append(habillee)
    return sortie


def _type(type_: ContentType | None) -> str:
    modele = type_.model_class() if type_ else None
    return str(modele._meta.verbose_name) if modele else (type_.model if type_ else "")


def _rangee(e: Any) -> tuple[Any, ...]:
    quand = timezone.localtime(e.quand)
    return (
        f"{quand:%d/%m/%Y}", f"{quand:%H:%M:%S}", e.get_nature_display(), e.action_libelle, e.par, e.commune,
        e.objet_libelle, e.objet_id, e.resume, e.finalite, e.details, e.adresse, e.requete,
    )  # fmt: skip


def _choix(visibles: Any, noms: dict[str, str]) -> dict[str, Any]:
    """What the lists of the form offer: declared actions, kinds of objects of declared models, communes."""
    types = ContentType.objects.filter(
        pk__in=visibles.filter(objet_type__isnull=False).order_by().values("objet_type").distinct()
    )
    codes = set(visibles.exclude(insee="").order_by().values_list("insee", flat=True).distinct()[:500])
    return {
        "actions": sorted(journal.actions().values(), key=lambda a: a.libelle),
        "natures": JournalActe.Nature.choices,
        "types": sorted(((f"{t.app_label}.{t.model}", _type(t)) for t in types), key=lambda c: c[1]),
        "communes": sorted(((c, noms.get(c, c)) for c in codes), key=lambda c: c[1]),
    }
