"""Pages of an installation: its sheet, its entry, its changes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import controles, installations, perms, suivi
from assainissement.circuits.controle import CONTROLE
from assainissement.circuits.installation import INSTALLATION
from assainissement.entretiens import alerte
from assainissement.formulaires import (
    FormulaireElement,
    FormulaireElementCorrige,
    FormulaireInstallation,
    FormulaireNouvelle,
    FormulairePlanifier,
)
from assainissement.installations import NouvelleInstallation
from assainissement.models import DeclarationVente, Element, Installation, Obligation
from assainissement.mots import PHRASES, TONS
from assainissement.vues import commun
from cadastre.models import Parcelle
from gis_data.acces import droit
from mairie.habilitations import agents_du_droit, communes_du_droit, peut
from mairie.models import Courrier, Tiers, Utilisateur
from mairie.tiers import service as tiers_service
from mairie.workflow import ConflitEdition, Refus, refus_annulation
from mairie.workflow.edition import version_a_porter, version_vue

MUETTES = ("creer",)
COURRIERS_MONTRES = 100


@droit(perms.LIRE)
@require_safe
def installation(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one installation on one page."""
    i = commun.installation_ou_404(request, pk)
    passes = list(i.controles.exclude(etat="").select_related("agent").order_by("-date_visite", "-pk"))
    # Postgres puts those without a visit first: they are those to come.
    a_venir = [c for c in passes if c.date_visite is None]
    faits = [c for c in passes if c.date_visite is not None]
    dernier = suivi.dernier_rapport(i)
    parcelles = list(i.parcelles.all())
    vivantes = set(
        Parcelle.objects.filter(idu__in=[p.reference for p in parcelles], valide_au__isnull=True).values_list(
            "idu", flat=True
        )
    )
    dues = list(
        Obligation.objects.filter(controle__installation=i).exclude(etat="").select_related("controle")
    )
    prolongees = [e for o in dues if o.regle_echeance == "prolongation" for e in o.explication[-1:]]
    contexte: dict[str, Any] = {
        "i": i,
        "explication": [*(dernier.explication if dernier else []), *prolongees],
        **commun.contexte_actions(i, request, MUETTES),
        "ton": TONS[i.derniere_regle],
        "phrase": PHRASES.get(i.derniere_regle, ""),
        "dernier": dernier,
        "a_venir": [(c, CONTROLE.etat(c.etat).libelle) for c in a_venir],
        "faits": [(c, TONS[c.regle] if c.regle else None) for c in faits],
        "obligations": dues,
        "elements": i.filiere,
        "retires": list(i.elements.filter(retire_le__isnull=False).order_by("-retire_le", "pk")),
        "entretiens": [(e, alerte(e)) for e in i.entretiens.select_related("vidangeur")],
        "adresses": list(i.liens_adresses.select_related("adresse__voie")),
        "parcelles": [(p.reference, p.reference in vivantes) for p in parcelles],
        "personnes": list(i.personnes.select_related("tiers")),
        "plan": commun.plan_de(i),
        "courriers": _courriers(i),
        "lignes": commun.lignes(i, INSTALLATION),
        "annulation": refus_annulation(i, commun.compte(request)),
        "peut_annuler": peut(request.user, perms.VALIDER, i.insee),
        "peut_enregistrer": perms.peut_enregistrer(request.user, i) and i.etat != "desactivee",
    }
    return render(request, "assainissement/installation.html", contexte)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: HttpRequest) -> HttpResponse:
    """Nothing typed is lost on an error, and a double click makes one installation."""
    offertes = communes_du_droit(request.user, perms.ENREGISTRER)
    recents = Tiers.objects.visibles_par(request.user).actifs().order_by("-modifie_le")[:200]
    tiers = Tiers.objects.visibles_par(request.user).filter(pk__in=[t.pk for t in recents])
    donnees = request.POST if request.method == "POST" else None
    fichiers = request.FILES if request.method == "POST" else None
    formulaire = FormulaireNouvelle(
        donnees, fichiers, communes=offertes, tiers=tiers, initial=commun.depuis_parcelle(request, "adresse")
    )
    if donnees is not None and formulaire.is_valid():
        try:
            i = _creer(formulaire, commun.compte(request))
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, f"L'installation {i} est enregistrée.")
            return redirect(i.get_absolute_url())
    contexte = {"formulaire": formulaire, "sans_commune": not offertes}
    return render(
        request, "assainissement/nouvelle.html", contexte, status=422 if donnees is not None else 200
    )


def _courriers(i: Installation) -> list[Courrier]:
    """Letters of all that lives on an installation, the last first."""
    dossiers = (
        ("controle", i.controles.values("pk")),
        ("obligation", Obligation.objects.filter(controle__installation=i).values("pk")),
        ("projetanc", i.projets.values("pk")),
        ("declarationvente", DeclarationVente.objects.filter(installation=i).values("pk")),
    )
    conditions = Q()
    for modele, cles in dossiers:
        conditions |= Q(
            dossier_type__app_label="assainissement", dossier_type__model=modele, dossier_id__in=cles
        )
    return list(Courrier.objects.filter(conditions).order_by("-pk")[:COURRIERS_MONTRES])


def _creer(formulaire: FormulaireNouvelle, par: Utilisateur) -> Installation:
    d = formulaire.cleaned_data
    with transaction.atomic():
        proprietaire = d["connu"]
        if proprietaire is None and d["nom"]:
            proprietaire = tiers_service.creer(
                {"nom": d["nom"], "prenoms": d["prenoms"]}, collectivite=d["insee"], par=par
            )
        return installations.creer(
            NouvelleInstallation(
                insee=d["insee"],
                parcelles=d["parcelles"],
                adresses=d.get("adresses", ()),
                proprietaire=proprietaire,
                elements=formulaire.elements(),
                projet=d["projet"],
                champs={n: d[n] for n in FormulaireInstallation.Meta.fields}
                | ({} if d["electromecanique"] else {"electromecanique": _moteur(formulaire)}),
                client_uuid=d["client_uuid"],
            ),
            par=par,
        )


def _moteur(formulaire: FormulaireNouvelle) -> bool:
    from assainissement.regles.tables.filiere import ELECTROMECANIQUES

    return any(e.type in ELECTROMECANIQUES for e in formulaire.elements())


def _a_enregistrer(request: HttpRequest, pk: int) -> Installation:
    """The installation, if this person may change it there: 404 otherwise."""
    i = commun.installation_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    return i


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what an installation is."""
    i = _a_enregistrer(request, pk)
    donnees = request.POST if request.method == "POST" else None
    formulaire = FormulaireInstallation(donnees, request.FILES or None, instance=i)
    concurrent = False
    if donnees is not None and formulaire.is_valid():
        champs = {n: formulaire.cleaned_data[n] for n in FormulaireInstallation.Meta.fields}
        try:
            installations.modifier(i, champs, par=commun.compte(request), version=version_vue(request))
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            concurrent = True
        else:
            messages.success(request, "L'installation est corrigée.")
            return redirect(i.get_absolute_url())
    contexte = {
        "i": i,
        "formulaire": formulaire,
        "version": version_a_porter(request, i, concurrent=concurrent),
    }
    return render(
        request, "assainissement/modifier.html", contexte, status=422 if donnees is not None else 200
    )


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def element(request: HttpRequest, pk: int) -> HttpResponse:
    """One more element of the filière."""
    i = _a_enregistrer(request, pk)
    formulaire = FormulaireElement(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and formulaire.is_valid():
        installations.ajouter_element(i, formulaire.element())
        messages.success(request, "L'élément est ajouté à la filière.")
        return redirect(f"{i.get_absolute_url()}#filiere")
    contexte = {"i": i, "formulaire": formulaire}
    return render(
        request, "assainissement/element.html", contexte, status=422 if request.method == "POST" else 200
    )


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def element_corrige(request: HttpRequest, pk: int, element: int) -> HttpResponse:
    """Correct an element, or say that it was taken out."""
    i = _a_enregistrer(request, pk)
    e = get_object_or_404(Element.objects.filter(installation=i), pk=element)
    envoi = request.method == "POST"
    formulaire = FormulaireElementCorrige(
        request.POST if envoi else None, request.FILES or None, instance=e,
        initial={"genre": f"{e.famille}:{e.type}"},
    )  # fmt: skip
    concurrent = False
    if envoi and formulaire.is_valid():
        try:
            installations.modifier_element(
                e, formulaire.champs(), par=commun.compte(request), version=version_vue(request)
            )
        except ConflitEdition as erreur:
            formulaire.add_error(None, str(erreur))
            concurrent = True
        except Refus as erreur:
            formulaire.add_error("retire_le", str(erreur))
        else:
            messages.success(request, "L'élément est corrigé.")
            i.refresh_from_db()
            if installations.sans_moteur(i):
                messages.warning(
                    request,
                    "Aucun élément en place n'est électromécanique, mais l'installation est dite l'être :"
                    " corrigez-la, la fréquence de ses contrôles en dépend.",
                )
            return redirect(f"{i.get_absolute_url()}#filiere")
    contexte = {
        "i": i,
        "formulaire": formulaire,
        "corrige": True,
        "version": version_a_porter(request, i, concurrent=concurrent),
    }
    return render(request, "assainissement/element.html", contexte, status=422 if envoi else 200)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def planifier(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a control on this installation."""
    i = _a_enregistrer(request, pk)
    agents = agents_du_droit(perms.SAISIR, i.insee)
    initial = {"nature": "periodique" if i.derniere_regle else "diagnostic_initial"}
    if i.etat == "projet":
        initial = {"nature": "conception_neuf"}
    formulaire = FormulairePlanifier(
        request.POST if request.method == "POST" else None, agents=agents, initial=initial
    )
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            c = controles.planifier(
                i, d["nature"], par=commun.compte(request), agent=d["agent"], vente=d["vente"],
                motif=d["motif"], client_uuid=d["client_uuid"],
            )  # fmt: skip
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, f"Le contrôle {c} est ouvert.")
            return redirect(c.get_absolute_url())
    contexte = {"i": i, "formulaire": formulaire}
    return render(
        request, "assainissement/planifier.html", contexte, status=422 if request.method == "POST" else 200
    )


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of an installation."""
    i = commun.installation_ou_404(request, pk)
    return commun.saisir_evenement(
        request, i, code, INSTALLATION, installations.agir, muettes=MUETTES, retour=i.get_absolute_url()
    )


@droit(perms.VALIDER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out its last event."""
    i = commun.installation_ou_404(request, pk)
    return commun.annuler(request, i, i.get_absolute_url())
