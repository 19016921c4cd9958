"""Pages of sales: find the last report, declare, answer the notary in two clicks, import declarations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms, ventes, ventes_choix, ventes_correction, ventes_import, ventes_reseau
from assainissement.circuits.vente import A_REPONDRE, VENTE
from assainissement.formulaires_ventes import (
    FormulaireCorrection,
    FormulaireVente,
    decrire,
    notaires_connus,
    proprietaires,
)
from assainissement.models import ControleAC, DeclarationVente, Installation
from assainissement.mots import TONS
from assainissement.recherche import filtrer
from assainissement.saisies import parcelle_ecrite
from assainissement.suivi import dernier_rapport
from assainissement.ventes import NouvelleVente
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.adresses.presentation import nom_parcelle
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.sujets import sujet_de
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Courrier, Tiers
from mairie.workflow import ConflitEdition, Refus, refus_annulation
from mairie.workflow.edition import version_a_porter, version_vue

# Answered by the letter itself, in two clicks.
MUETTES = ("recevoir", "envoyer_certificat", "demander_controle")
TROUVEES_MAX = 20
AIDES = {
    "signer_acte": "Les délais de travaux du rapport se recalculent d'après la date de l'acte.",
}


def vente_ou_404(request: HttpRequest, pk: int) -> DeclarationVente:
    """The sale, if this person may read it."""
    trouvee: DeclarationVente = get_object_or_404(
        DeclarationVente.objects.visibles_par(request.user).select_related(
            "installation", "controle", "adresse__voie", "notaire", "vendeur", "raccordement"
        ),
        pk=pk,
    )
    return trouvee


@droit(perms.LIRE)
@require_safe
def rechercher(request: HttpRequest) -> HttpResponse:
    """One field: parcel, address, number or owner; the last report of each installation, and till when."""
    texte = request.GET.get("q", "").strip()[:80]
    communes = communes_du_droit(request.user, perms.LIRE)
    # « AB 12 » says which parcel where there is one commune.
    cherche = (parcelle_ecrite(texte, next(iter(communes))) if len(communes) == 1 else "") or texte
    jour = timezone.localdate()
    trouvees: list[tuple[Installation, Any, bool, Any]] = []
    if len(texte) >= 2:
        lignes = (
            Installation.objects.visibles_par(request.user)
            .filter(filtrer(cherche))
            .exclude(etat="")
            .prefetch_related("liens_adresses__adresse__voie", "parcelles")
            .order_by("numero")[:TROUVEES_MAX]
        )
        for i in lignes:
            rapport = dernier_rapport(i)
            # Out of service, it is found and said so; its report answers no sale.
            valable = i.etat != "desactivee" and ventes.valable(i, jour) is not None
            trouvees.append((i, rapport, valable, TONS[rapport.regle] if rapport else None))
    contexte = {
        "q": texte,
        "trouvees": trouvees,
        "maximum": TROUVEES_MAX,
        "raccordements": ventes_reseau.trouver(request.user, cherche, jour, TROUVEES_MAX)
        if len(texte) >= 2
        else [],
        "peut_enregistrer": bool(communes_du_droit(request.user, perms.ENREGISTRER)),
    }
    return render(request, "assainissement/vente_recherche.html", contexte)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: HttpRequest) -> HttpResponse:
    """Declare a sale; what the parcel or the installation says is filled in."""
    communes = communes_du_droit(request.user, perms.ENREGISTRER)
    i = _installation(request)
    initial: dict[str, Any] = {"parcelles": request.GET.get("parcelle", "")}
    if i is not None:
        initial = {
            "insee": i.insee,
            "parcelles": ", ".join(i.parcelles.values_list("reference", flat=True)),
            "adresse": i.lieu,
        }
    envoi = request.method == "POST"
    formulaire = FormulaireVente(
        request.POST if envoi else None,
        communes=communes,
        notaires=notaires_connus(request.user),
        vendeurs=proprietaires([i]) if i is not None else Tiers.objects.none(),
        connue=i is not None,
        initial=initial,
    )
    if envoi and formulaire.is_valid():
        try:
            v = _enregistrer(request, formulaire, i)
            messages.success(request, f"La vente {v} est enregistrée.")
            return redirect(v.get_absolute_url())
        except Refus as e:
            formulaire.add_error(None, str(e))
    contexte = {"formulaire": formulaire, "installation": i, "sans_commune": not communes}
    return render(request, "assainissement/vente_nouvelle.html", contexte, status=422 if envoi else 200)


def _installation(request: HttpRequest) -> Installation | None:
    cle = request.GET.get("installation", "")
    if not (cle.isdecimal() and len(cle) < 19):
        return None
    i = commun.installation_ou_404(request, int(cle))
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    return i


def _enregistrer(
    request: HttpRequest, formulaire: FormulaireVente, i: Installation | None
) -> DeclarationVente:
    par, d = commun.compte(request), formulaire.cleaned_data
    with transaction.atomic():
        return ventes.declarer(
            NouvelleVente(
                insee=d["insee"],
                recue_le=d["recue_le"],
                source=d["source"],
                reference=d["reference"],
                parcelles=d["parcelles"],
                adresse=d["trouvee"],
                installation=i if i is not None and i.insee == d["insee"] else None,
                notaire=formulaire.tiers("notaire", par, d["insee"]),
                vendeur=formulaire.tiers("vendeur", par, d["insee"]),
                client_uuid=d["client_uuid"],
            ),
            par=par,
        )


@droit(perms.LIRE)
@require_safe
def vente(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one sale on one page, the answer first."""
    v = vente_ou_404(request, pk)
    jour = timezone.localdate()
    rapport = ventes.rapport_valable(v, jour)
    i = ventes_choix.installation_de(v)
    dernier = dernier_rapport(i) if i is not None else None
    reseau = ventes.cote_reseau(v, jour)
    doute = ventes_choix.doute(v, jour, reseau)
    lettres = list(Courrier.objects.du_dossier(v).order_by("-pk"))
    certificats = (
        list(ventes.certificats(v, reseau.controle)) if reseau is not None and reseau.controle else []
    )
    contexte = {
        "v": v,
        "dernier": dernier,
        "valable": rapport is not None,
        "par_raccordement": ventes.controle_valable(v, jour) is not None,
        "ton": TONS[dernier.regle] if dernier is not None else None,
        "reseau": reseau,
        "parcelles": [(p, nom_parcelle(p)) for p in v.parcelles],
        "certifiable": reseau is not None and reseau.valable and not reseau.a_choisir and not certificats,
        "a_repondre": v.etat in A_REPONDRE and not doute,
        "installation": i,
        "doute": doute,
        "possibles": [(cle, x, decrire(x)) for cle, x in _possibles(v, reseau)] if doute else [],
        "peut_corriger": v.etat != "sans_suite" and peut(request.user, perms.ENREGISTRER, v.insee),
        "sans_destinataire": ventes.destinataire(v) is None,
        "peut_repondre": peut(request.user, perms.ENREGISTRER, v.insee),
        **commun.contexte_actions(v, request, MUETTES),
        "lettres": [*certificats, *lettres],
        "genre": sujet_de(v).genre,
        "lignes": commun.lignes(v, VENTE),
        "annulation": refus_annulation(v, commun.compte(request)),
        "peut_annuler": peut(request.user, perms.VALIDER, v.insee),
    }
    return render(request, "assainissement/vente.html", contexte)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def repondre(request: HttpRequest, pk: int) -> HttpResponse:
    """First click: what will be written, to whom. Second click: the letter is made, the sale moves on."""
    v = vente_ou_404(request, pk)
    if not peut(request.user, perms.ENREGISTRER, v.insee):
        raise Http404
    if v.etat not in A_REPONDRE:
        messages.error(request, f"Cette vente est « {v.libelle_etat} » : il n'y a plus de réponse à faire.")
        return redirect(v.get_absolute_url())
    jour = timezone.localdate()
    if dit := ventes_choix.doute(v, jour):
        messages.error(request, dit)
        return redirect(v.get_absolute_url())
    raison = ""
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", ""))
        except ValueError:
            version = -1
        try:
            lettre = ventes.repondre(v, par=commun.compte(request), version=version)
            messages.success(request, f"« {lettre.libelle} » est prête : {lettre.numero}.")
            return redirect(v.get_absolute_url())
        except (Refus, ConflitEdition, CourrierRefuse, RenduRefuse) as e:
            raison = f"{e} Rien n'est changé."
        v.refresh_from_db()
    rapport, i = ventes.rapport_valable(v, jour), ventes_choix.installation_de(v)
    contexte = {
        "v": v,
        "installation": i,
        "ouvert": ventes.controle_ouvert(i) if i is not None else None,
        "rapport": rapport,
        "raccordement": ventes.controle_valable(v, jour),
        "dernier": dernier_rapport(i) if i is not None else None,
        "destinataire": ventes.destinataire(v),
        "raison": raison,
    }
    return render(request, "assainissement/vente_reponse.html", contexte, status=422 if raison else 200)


def _possibles(
    v: DeclarationVente, cote: ventes_reseau.CoteReseau | None
) -> list[tuple[str, Installation | ControleAC]]:
    """What may answer a sale at its place, with the key of the form that chooses."""
    controles = list(cote.choix) if cote is not None else []
    if v.raccordement is not None and v.raccordement not in controles:
        controles.append(v.raccordement)
    installations = ventes_choix.en_service(v.insee, v.parcelles, v.adresse)
    if v.installation is not None and v.installation not in installations:
        installations.append(v.installation)
    return [(f"i{i.pk}", i) for i in installations] + [(f"r{c.pk}", c) for c in controles]


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger(request: HttpRequest, pk: int) -> HttpResponse:
    """Say right who buys and sells, where, and what answers."""
    v = vente_ou_404(request, pk)
    if not peut(request.user, perms.ENREGISTRER, v.insee):
        raise Http404
    if v.etat == "sans_suite":
        messages.error(request, "Cette vente est sans suite : annulez d'abord cet événement.")
        return redirect(v.get_absolute_url())
    possibles = [x for _, x in _possibles(v, ventes.cote_reseau(v, timezone.localdate()))]
    installations = [x for x in possibles if isinstance(x, Installation)]
    envoi, concurrent = request.method == "POST", False
    formulaire = FormulaireCorrection(
        request.POST if envoi else None,
        vente=v,
        installations=installations,
        controles=[x for x in possibles if isinstance(x, ControleAC)],
        repond=request.GET.get("repond", ""),
        notaires=notaires_connus(request.user) | Tiers.objects.filter(pk=v.notaire_id or 0),
        vendeurs=proprietaires(installations) | Tiers.objects.filter(pk=v.vendeur_id or 0),
    )
    if envoi and formulaire.is_valid():
        try:
            ouvert = v.controle if v.etat == "controle_a_faire" else None
            change = _corriger(request, v, formulaire)
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            concurrent = True
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, "La vente est corrigée." if change else "Rien n'a changé.")
            if ouvert is not None and ouvert.ouvert and ouvert.installation_id != v.installation_id:
                messages.warning(request, f"{ouvert} reste ouvert : annulez-le s'il ne sert plus.")
            if change and v.repondu_le:
                messages.warning(request, "La lettre déjà faite n'a pas changé : faites-en une autre.")
            return redirect(v.get_absolute_url())
    contexte = {
        "v": v,
        "formulaire": formulaire,
        "version": version_a_porter(request, v, concurrent=concurrent),
    }
    return render(request, "assainissement/vente_corriger.html", contexte, status=422 if envoi else 200)


def _corriger(request: HttpRequest, v: DeclarationVente, formulaire: FormulaireCorrection) -> list[str]:
    d, par, choisi = formulaire.cleaned_data, commun.compte(request), formulaire.repondant()
    ici = ventes_choix.en_service(v.insee, d["parcelles"], d["trouvee"])
    autre_lieu = d["parcelles"] != list(v.parcelles) or d["trouvee"] != v.adresse
    if choisi is not None and choisi == v.installation and autre_lieu and choisi not in ici:
        avant = ventes_choix.en_service(v.insee, v.parcelles, v.adresse)
        if choisi in avant or choisi.etat == "desactivee":
            raise Refus(
                f"{choisi} n'est pas au nouveau lieu : choisissez ce qui est vendu, ou « ce que disent les"
                " parcelles et l'adresse »."
            )
    installation = choisi if isinstance(choisi, Installation) else None
    if choisi is None:
        installation = ventes_choix.seule(v.insee, d["parcelles"], d["trouvee"])
    with transaction.atomic():
        voulue = ventes_correction.Correction(
            notaire=formulaire.tiers("notaire", par, v.insee),
            vendeur=formulaire.tiers("vendeur", par, v.insee),
            parcelles=d["parcelles"],
            adresse=d["trouvee"],
            installation=installation,
            raccordement=choisi if isinstance(choisi, ControleAC) else None,
        )
        return ventes_correction.corriger(v, voulue, par=par, version=version_vue(request))


@droit(perms.VALIDER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out its last event: a deed or an end entered by mistake."""
    v = vente_ou_404(request, pk)
    return commun.annuler(request, v, v.get_absolute_url())


@droit(perms.ENREGISTRER)
@require_POST
def certifier(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate of connection, beside the answer on the installation: the sale stays where it is."""
    v = vente_ou_404(request, pk)
    if not peut(request.user, perms.ENREGISTRER, v.insee):
        raise Http404
    cote = ventes.cote_reseau(v, timezone.localdate())
    if cote is not None and cote.a_choisir:
        messages.error(request, "Dites d'abord quel contrôle est celui du logement vendu.")
        return redirect(v.get_absolute_url())
    if cote is None or cote.controle is None:
        messages.error(request, "Aucun contrôle de raccordement n'est validé pour cet immeuble.")
        return redirect(v.get_absolute_url())
    try:
        lettre = ventes.certifier_raccordement(v, cote.controle, par=commun.compte(request))
        messages.success(request, f"« {lettre.libelle} » est prête : {lettre.numero}.")
    except (Refus, CourrierRefuse, RenduRefuse) as e:
        messages.error(request, f"{e} Rien n'est changé.")
    return redirect(v.get_absolute_url())


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of a sale; a deed that the report does not cover is said, not refused."""
    v = vente_ou_404(request, pk)

    def agir(objet: DeclarationVente, evenement: str, **options: Any) -> Any:
        fait = ventes.agir(objet, evenement, **options)
        if evenement == "signer_acte" and (mot := _avertir(objet, options["donnees"])):
            messages.warning(request, mot)
        return fait

    return commun.saisir_evenement(
        request, v, code, VENTE, agir, muettes=MUETTES, retour=v.get_absolute_url(), aide=AIDES.get(code, "")
    )


def _avertir(v: DeclarationVente, donnees: dict[str, Any]) -> str:
    return ventes.avertissement_acte(v, donnees["le"])


class FormulaireFichier(forms.Form):
    """A file of declarations."""

    fichier = forms.FileField(label="Fichier CSV")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def importer(request: HttpRequest) -> HttpResponse:
    """Read a CSV of declarations: each line is taken or refused with its reason, none twice."""
    envoi = request.method == "POST"
    formulaire = FormulaireFichier(request.POST if envoi else None, request.FILES if envoi else None)
    bilan = None
    if envoi and formulaire.is_valid():
        try:
            bilan = ventes_import.importer(
                formulaire.cleaned_data["fichier"].read(ventes_import.TAILLE_MAX + 1),
                par=commun.compte(request),
                communes=set(communes_du_droit(request.user, perms.REGLER)),
            )
        except ventes_import.FichierRefuse as e:
            formulaire.add_error("fichier", str(e))
    contexte = {"formulaire": formulaire, "bilan": bilan, "colonnes": ventes_import.COLONNES}
    statut = 422 if envoi and bilan is None else 200
    return render(request, "assainissement/ventes_import.html", contexte, status=statut)
