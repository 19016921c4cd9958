"""Entry of a new occupation by an agent: who, where, what, when, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from domainepublic import perms, propositions
from domainepublic.copies import modele
from domainepublic.emprises import Examen, NouvelleEmprise, examiner
from domainepublic.formulaires import (
    FormulaireDepot,
    FormulaireEmprise,
    FormulaireFaits,
    depot_initial,
    faits_initiaux,
)
from domainepublic.models import DossierODP, TypeOccupation
from domainepublic.services import NouveauDossier, deja_depose, deposer
from domainepublic.types_locaux import fermes
from domainepublic.voirie import Constat
from domainepublic.vues.apercu import avant_apres
from domainepublic.vues.voirie import constat_du_dessin
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit
from mairie.models import Tiers, Utilisateur, Voie
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest) -> HttpResponse:
    """Nothing typed is lost on an error, and a double click makes one file."""
    offertes = communes_du_droit(request.user, perms.INSTRUIRE)
    recents = Tiers.objects.visibles_par(request.user).actifs().order_by("-modifie_le")[:200]
    options: dict[str, Any] = {
        "communes": offertes,
        "tiers": Tiers.objects.visibles_par(request.user).filter(pk__in=[t.pk for t in recents]),
        "voies": Voie.objects.filter(insee__in=offertes, active=True).order_by("nom"),
    }
    donnees: QueryDict | None = request.POST if request.method == "POST" else None
    constat: Constat | None = None
    if donnees is not None and "proposer" in donnees:
        # Without script: the street is read on the map, the rest of the page stays as typed.
        constat, donnees = _lire_la_rue(request, offertes)
    permis = request.GET.get("permis", "")[:30]
    connu = propositions.preremplir(permis, request.GET.get("type", ""), request.user) if permis else None
    copie = modele(request.GET.get("copie", ""), request.user)
    if copie is not None and copie.dossier.insee not in offertes:
        copie = None
    initial = connu or {}
    if copie is not None:
        initial = {**depot_initial(copie.dossier), **faits_initiaux(copie.dossier)}
    nommes = [t.pk for t in (initial.get("demandeur"), initial.get("executant")) if t is not None]
    if nommes:
        visibles = Tiers.objects.visibles_par(request.user)
        options["tiers"] = visibles.filter(pk__in=[*(t.pk for t in recents), *nommes])
    demande = FormulaireDepot(donnees, initial=initial, **options)
    communes = communes_du_droit(request.user, perms.INSTRUIRE)
    seule = next(iter(communes)) if len(communes) == 1 else ""
    emprise = FormulaireEmprise(donnees, request.FILES or None, initial=initial, copie=copie, insee=seule)
    faits = FormulaireFaits(donnees, initial=initial)
    examen: Examen | None = None
    dessine = None
    # Every form says its faults at once.
    envoye = donnees is not None and constat is None
    valides = [f.is_valid() for f in (demande, emprise, faits)] if envoye else [False]
    if all(valides) and fermes(demande.cleaned_data["insee"]).filter(type=emprise.cleaned_data["type"]):
        emprise.add_error("type", "Cette commune ne propose plus ce type d'occupation.")
        valides = [False]
    if all(valides):
        type_ = emprise.cleaned_data["type"].code
        valides = [faits.convient(demande.cleaned_data["beneficiaire"], (type_,))]
    if all(valides):
        # An error takes the drawing out of what is clean.
        nouvelle = emprise.emprise()
        dessine = nouvelle.geom
        examen = examiner(demande.cleaned_data["insee"], nouvelle)
        for champ, faute in examen.fautes.items():
            emprise.add_error(champ, faute)
        if not examen.fautes and not examen.a_confirmer:
            try:
                d = _deposer(demande.cleaned_data, nouvelle, faits, request.user)
            except Refus as e:
                for raison in e.raisons:
                    demande.add_error(None, raison)
            else:
                messages.success(request, f"Le dossier {d} est enregistré.")
                return redirect(d.get_absolute_url())
    contexte = {
        "demande": demande,
        "emprise": emprise,
        "faits": faits,
        "examen": examen,
        "apercu": avant_apres(dessine, examen.reparee) if examen else None,
        "sans_commune": not offertes,
        "permis": initial.get("autorisation", ""),
        "permis_inconnu": bool(permis) and connu is None,
        "types_proposes": TypeOccupation.objects.filter(code__in=propositions.TYPES, actif=True).values_list(
            "code", "libelle"
        ),
        "copie": copie,
        "constat": constat,
    }
    statut = 422 if envoye else 200
    return render(request, "domainepublic/deposer.html", contexte, status=statut)


def _lire_la_rue(request: HttpRequest, offertes: Mapping[str, str]) -> tuple[Constat, QueryDict]:
    """What the map of managers says of the drawing, and the form with it filled in."""
    insee = request.POST.get("insee", "")
    lu = FormulaireEmprise(request.POST, request.FILES or None, insee=insee)
    constat = constat_du_dessin(insee if insee in offertes else "", lu)
    donnees = request.POST.copy()
    for nom, valeur in constat.faits.items():
        if valeur is False:
            donnees.pop(nom, None)
        else:
            donnees[nom] = "on" if valeur is True else valeur
    return constat, donnees


def _deposer(
    donnees: dict[str, Any], emprise: NouvelleEmprise, faits: FormulaireFaits, utilisateur: Any
) -> DossierODP:
    assert isinstance(utilisateur, Utilisateur)  # noqa: S101
    if (deja := deja_depose(donnees["client_uuid"])) is not None:
        # Before its holder is written a second time.
        return deja
    with transaction.atomic():
        demandeur = donnees.get("demandeur") or nouveau_tiers(donnees, utilisateur)
        dossier = deposer(
            NouveauDossier(
                insee=donnees["insee"],
                depose_le=donnees["depose_le"],
                demandeur=demandeur,
                executant=donnees["executant"],
                beneficiaire=donnees["beneficiaire"],
                emprises=[emprise],
                canal=donnees["canal"],
                objet=donnees["objet"],
                voie=donnees["voie"],
                adresse=donnees["adresse"],
                faits=faits.faits(),
                client_uuid=donnees["client_uuid"],
            ),
            par=utilisateur,
        )
        propositions.reprendre(dossier, utilisateur)
        return dossier


def nouveau_tiers(donnees: dict[str, Any], par: Utilisateur) -> Tiers:
    """The person of a form, written down; ``ValidationError`` by field."""
    morale = donnees["beneficiaire"] != DossierODP.Beneficiaire.PARTICULIER
    commun = {
        "nature": Tiers.Nature.MORALE if morale else Tiers.Nature.PERSONNE,
        "voie": donnees["adresse_tiers"],
        "code_postal": donnees["code_postal"],
        "ville": donnees["ville"],
        "courriel": donnees["courriel"],
    }
    noms = (
        {"raison_sociale": donnees["nom"]}
        if morale
        else {"nom": donnees["nom"], "prenoms": donnees["prenoms"]}
    )
    return tiers_service.creer({**commun, **noms}, collectivite=donnees["insee"], par=par)
