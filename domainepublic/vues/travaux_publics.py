"""Public map of the works: a day, a list, a map; the page of one of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from domainepublic import travaux_publics as travaux
from domainepublic.courriers import suites
from domainepublic.courriers.catalogue import TITRES
from domainepublic.instruction.etats import EN_ATTENTE
from domainepublic.instruction.gardes import SIGNATURES
from domainepublic.models import Emprise
from domainepublic.plans import plan_du_sol
from domainepublic.publication import TYPES_INTERNES, emprises_publiques
from domainepublic.regles.effets import EFFETS
from domainepublic.vues.flux import trouver_voie
from gis_data.acces import public
from gis_data.emprise import emprise_lonlat
from mairie.models import Collectivite, Courrier, Evenement

# Weeks that the slider covers, from the first day shown.
SEMAINES = 8
# « Les 30 jours qui suivent » : the day shown and the twenty-nine after it.
PERIODE_JOURS = 30


def _jour(brut: str) -> date | None:
    try:
        return parse_date(brut)
    except ValueError:
        return None


@public
@require_safe
def carte(request: HttpRequest) -> HttpResponse:
    """Works of a day, filtered by street and by hindrance; the list says all that the map shows."""
    aujourdhui = timezone.localdate()
    jour = _jour(request.GET.get("jour", "")) or aujourdhui
    debut = min(jour, aujourdhui) if jour <= aujourdhui else aujourdhui
    if jour > debut + timedelta(weeks=SEMAINES):
        debut = jour
    fin = debut + timedelta(weeks=SEMAINES)
    periode = PERIODE_JOURS if request.GET.get("periode") == str(PERIODE_JOURS) else 1
    dernier = jour + timedelta(days=periode - 1)
    voie = trouver_voie(code) if (code := request.GET.get("voie", "")) else None
    effet = request.GET.get("effet", "")
    if effet and effet not in travaux.LIBELLES:
        effet = ""
    tous = travaux.entre(debut, fin + timedelta(days=periode - 1))
    montres = [c for c in tous if voie is None or c.emprise.dossier.voie_id == voie.pk]
    ce_jour = [
        {
            "c": c,
            "principal": c.principal(jour, dernier),
            "icone": travaux.ICONES[c.principal(jour, dernier)],
            "effets": [EFFETS[e] for e in c.effets(jour, dernier)] or [travaux.LIBELLES[travaux.SANS_GENE]],
        }
        for c in montres
        if c.rencontre(jour, dernier)
        and (not effet or c.principal(jour, dernier) == effet or effet in c.effets(jour, dernier))
    ]
    ordre = list(travaux.LIBELLES)
    ce_jour.sort(key=lambda x: ordre.index(str(x["principal"])))
    donnees: dict[str, Any] = {
        "debut": debut.isoformat(),
        "fin": fin.isoformat(),
        "jour": jour.isoformat(),
        "periode": periode,
        "voie": voie.nom if voie else "",
        "effet": effet,
        "emprise": emprise_lonlat(),
        "effets": [
            {"code": c, "libelle": t, "icone": travaux.ICONES[c]} for c, t in travaux.LIBELLES.items()
        ],
        "chantiers": travaux.en_json(montres),
        "semaines": travaux.semaines(montres),
    }
    contexte = {
        "jour": jour,
        "aujourdhui": aujourdhui,
        "lien_aujourdhui": _sans_jour(request),
        "dernier": dernier,
        "periode": periode,
        "hier": jour - timedelta(days=1),
        "demain": jour + timedelta(days=1),
        "semaine": jour + timedelta(days=7),
        "voie": voie,
        "voies": travaux.voies_de(tous),
        "effet": effet,
        "effets": [(c, t, travaux.ICONES[c]) for c, t in travaux.LIBELLES.items()],
        "chantiers": ce_jour,
        "donnees": donnees,
        "du": debut,
        "au": fin,
    }
    return render(request, "domainepublic/travaux.html", contexte)


def _sans_jour(request: HttpRequest) -> str:
    """The same page, with its filters, on the day of today."""
    reste = request.GET.copy()
    reste.pop("jour", None)
    return f"{request.path}?{reste.urlencode()}" if reste else request.path


@public
@require_safe
def chantier(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what, where, effect, days, act; no name. What is over or not granted is not found."""
    e = (
        emprises_publiques()
        .filter(pk=pk)
        .select_related("type", "dossier", "dossier__voie")
        .prefetch_related("dossier__mesures")
        .first()
    )
    if not isinstance(e, Emprise):
        return _finie(request, pk)
    c = travaux.en_chantier(e)
    jour = timezone.localdate()
    numeros = [n for s in _signatures(e.dossier_id) for n in s.donnees.get("numeros") or []]
    mesures = list(e.dossier.mesures.select_related("voie"))
    contexte = {
        "c": c,
        "e": e,
        "jour": jour,
        "icone": travaux.ICONES[c.principal()],
        "principal": c.principal(),
        "effets": [EFFETS[x] for x in c.effets()] or [travaux.LIBELLES[travaux.SANS_GENE]],
        "mesures": mesures,
        "numeros": numeros,
        "actes": [
            c
            for c in suites.lettres(e.dossier, TITRES, Courrier.Etat.values)
            if c.public and c.signe_le is not None and c.etat != Courrier.Etat.ABANDONNE
        ],
        "plan": plan_du_sol(e.dossier.insee, [e]),
        "mairie": Collectivite.objects.filter(code=e.dossier.insee).first(),
    }
    return render(request, "domainepublic/chantier.html", contexte)


def _finie(request: HttpRequest, pk: int) -> HttpResponse:
    """Who kept the address of what was public once is told that it is over; of the rest nothing is said."""
    e = (
        Emprise.objects.exclude(type__code__in=TYPES_INTERNES)
        .filter(pk=pk)
        .select_related("dossier__voie")
        .first()
    )
    # Signed by one authority of two, or asked for again: not granted yet, still less over.
    if e is None or e.dossier.etat in EN_ATTENTE or not _signatures(e.dossier_id).exists():
        raise Http404
    return render(request, "domainepublic/usager/finie.html", {"voie": e.dossier.voie}, status=404)


def _signatures(dossier: int) -> QuerySet[Evenement]:
    requete: QuerySet[Evenement] = Evenement.objects.filter(
        workflow="domainepublic.dossier", type__in=SIGNATURES, dossier_id=dossier, annule_par__isnull=True
    ).order_by("id")
    return requete
