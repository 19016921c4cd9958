"""Fee lines, what leaves for the finance software, contracts billed for a year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import avoirs, contrats, perms, redevances
from assainissement.circuits.redevance import REDEVANCE
from assainissement.models import AvoirRedevance, LigneRedevance, LotRedevance
from assainissement.vues import commun
from gis_data.acces import droit
from mairie import finances
from mairie.habilitations import communes_du_droit, peut
from mairie.montants import texte_francais
from mairie.paiements import lire_montant
from mairie.vues import paiements
from mairie.workflow import ErreurWorkflow, Refus

MUETTES = ("ouvrir", "retirer_annonce", "suspendre", "exporter", "crediter")
AIDES = {
    "annoncer": "La date est celle où la lettre ou le courriel est parti : avant la visite.",
    "facturer_sans_annonce": "Le motif reste au journal et se montre à qui le demande.",
    "encaisser": "La date est celle du paiement. Le contrôle se clôt avec elle.",
    "annuler": "La ligne reste au journal ; une autre pourra s'ouvrir.",
    "retirer_paiement": "Un paiement enregistré par erreur : la ligne redevient due. Dites pourquoi.",
}


def ligne_ou_404(request: HttpRequest, pk: int) -> LigneRedevance:
    """The line, if this person bills in its commune."""
    trouvee: LigneRedevance = get_object_or_404(
        LigneRedevance.objects.visibles_par(request.user).select_related(
            "controle", "controle_ac", "contrat", "installation", "lot"
        ),
        pk=pk,
    )
    return trouvee


@droit(perms.FACTURER)
@require_safe
def ligne(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, by which vote, where it stands and what may be done."""
    x = ligne_ou_404(request, pk)
    contexte = {
        "x": x,
        "payeur": redevances.payeur(x),
        **commun.contexte_actions(x, request, MUETTES),
        "lignes": commun.lignes(x, REDEVANCE),
        "avoirs": x.avoirs.select_related("lot"),
        "reste": avoirs.corrigeable(x),
    }
    return render(request, "assainissement/redevances/ligne.html", contexte)


@droit(perms.FACTURER)
@require_POST
def avoir(request: HttpRequest, pk: int) -> HttpResponse:
    """Give back what a line sent to finance asked too much."""
    x = ligne_ou_404(request, pk)
    try:
        montant, reste = (lire_montant(request.POST.get(nom, "")) for nom in ("montant", "reste"))
        emis = avoirs.emettre(
            x, montant, request.POST.get("raison", ""), reste_lu=reste, par=commun.compte(request)
        )
        messages.success(
            request, f"Avoir de {texte_francais(emis.montant_ttc)} € émis : il part au prochain envoi."
        )
    except (Refus, ErreurWorkflow) as e:
        messages.error(request, str(e))
    return redirect(x.get_absolute_url())


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of a line."""
    x = ligne_ou_404(request, pk)
    return commun.saisir_evenement(
        request, x, code, REDEVANCE, redevances.agir, muettes=MUETTES, retour=x.get_absolute_url(),
        aide=AIDES.get(code, ""),
    )  # fmt: skip


def _somme(requete: QuerySet[Any]) -> Decimal:
    total: Decimal | None = requete.aggregate(total=Sum("montant_ttc"))["total"]
    return total or Decimal(0)


@droit(perms.FACTURER)
@require_safe
def envois(request: HttpRequest) -> HttpResponse:
    """What waits in each commune, and the files already sent."""
    attente = []
    for insee, nom in communes_du_droit(request.user, perms.FACTURER).items():
        pretes = LigneRedevance.objects.filter(insee=insee, etat="a_facturer")
        dues = LigneRedevance.objects.filter(insee=insee, etat="exportee")
        notes = AvoirRedevance.objects.filter(insee=insee)
        rendu = _somme(notes.filter(ligne__etat="exportee"))
        attente.append(
            (
                insee,
                nom,
                pretes.aggregate(n=Count("pk"), total=Sum("montant_ttc")),
                {"n": dues.count(), "total": _somme(dues) - rendu},
                notes.filter(lot__isnull=True).count(),
            )
        )
    lots = list(
        LotRedevance.objects.visibles_par(request.user)
        .annotate(n=Count("lignes"), total=Sum("lignes__montant_ttc"))
        .order_by("-annee", "-numero")
    )
    rendus = {
        r["lot"]: r
        for r in AvoirRedevance.objects.filter(lot__in=lots)
        .order_by()
        .values("lot")
        .annotate(n=Count("pk"), total=Sum("montant_ttc"))
    }
    for lot in lots:
        if (r := rendus.get(lot.pk)) is not None:
            lot.n, lot.total = lot.n + r["n"], (lot.total or 0) - r["total"]
    contexte = {"attente": attente, "lots": lots}
    return render(request, "assainissement/redevances/envois.html", contexte)


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def transmettre(request: HttpRequest, insee: str) -> HttpResponse:
    """See what leaves, with what finance would refuse; then confirm."""
    if not peut(request.user, perms.FACTURER, insee):
        raise Http404
    if request.method == "POST":
        try:
            lot = redevances.transmettre(insee, par=commun.compte(request))
        except ErreurWorkflow as e:
            messages.error(request, str(e))
            return redirect("ass_envois")
        messages.success(request, f"{lot} est prêt : téléchargez le fichier.")
        return redirect(lot.get_absolute_url())
    lignes = [(x, redevances.payeur(x)) for x in redevances.a_transmettre(insee)]
    notes = [(a, redevances.payeur(a.ligne)) for a in avoirs.a_transmettre(insee)]
    contexte = {
        "insee": insee,
        "lignes": lignes,
        "partent": sum(1 for _, p in lignes if p is not None),
        "total": sum(x.montant_ttc for x, p in lignes if p is not None),
        "avoirs": notes,
        "partants": [*(p for _, p in lignes if p), *(p for _, p in notes if p)],
        "rejets": redevances.rejets(insee),
    }
    return render(request, "assainissement/redevances/transmettre.html", contexte)


def _lot_ou_404(request: HttpRequest, pk: int) -> LotRedevance:
    trouve: LotRedevance = get_object_or_404(LotRedevance.objects.visibles_par(request.user), pk=pk)
    return trouve


@droit(perms.FACTURER)
@require_safe
def lot(request: HttpRequest, pk: int) -> HttpResponse:
    """One file with its lines."""
    envoi = _lot_ou_404(request, pk)
    lignes = list(
        envoi.lignes.select_related("installation", "controle", "controle_ac").order_by("reference")
    )
    notes = list(envoi.avoirs.select_related("ligne").order_by("reference"))
    contexte = {
        "envoi": envoi,
        "lignes": lignes,
        "avoirs": notes,
        "total": sum(x.montant_ttc for x in lignes) - sum(a.montant_ttc for a in notes),
    }
    return render(request, "assainissement/redevances/envoi.html", contexte)


@droit(perms.FACTURER)
@require_safe
def fichier(request: HttpRequest, pk: int) -> HttpResponse:
    """The same bytes each time."""
    envoi = _lot_ou_404(request, pk)
    reponse = HttpResponse(finances.octets(envoi.contenu), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="{envoi.numero}.csv"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def facturer_contrats(request: HttpRequest) -> HttpResponse:
    """The contracts of a year become lines; run again, nothing more."""
    communes = communes_du_droit(request.user, perms.FACTURER)
    annee_courante = timezone.localdate().year
    insee = request.POST.get("commune") or next(iter(communes), "")
    if insee not in communes:
        raise Http404
    texte = request.POST.get("annee", str(annee_courante))
    annee = int(texte) if texte.isdecimal() and len(texte) == 4 else 0
    bilan = None
    if request.method == "POST":
        try:
            if not annee:
                raise Refus("Donnez l'année en quatre chiffres.")
            bilan = contrats.facturer(insee, annee)
        except Refus as e:
            messages.error(request, str(e))
    contexte = {
        "communes": communes,
        "insee": insee,
        "annee": annee or annee_courante,
        "nombre": contrats.actifs(insee, annee).count() if annee else 0,
        "bilan": bilan,
        "liste": reverse("assainissement_redevances"),
    }
    statut = 422 if request.method == "POST" and bilan is None else 200
    return render(request, "assainissement/redevances/contrats_facturer.html", contexte, status=statut)


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def lire_paiements(request: HttpRequest) -> HttpResponse:
    """Choose the file of payments; then the verdict of each line."""
    return paiements.page(
        request,
        perms.FACTURER,
        lambda insee, octets: redevances.lire_paiements(insee, octets, commun.compte(request)),
        "assainissement/redevances/paiements.html",
    )


@droit(perms.FACTURER)
@require_POST
def paiements_rejetes(request: HttpRequest) -> HttpResponse:
    """The rejected lines, as the page showed them, to be corrected and read again."""
    return paiements.rejets(request)
