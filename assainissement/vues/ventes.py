"""Pages of sales: find the last report, declare, answer the notary in two clicks, import declarations."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms, ventes, ventes_import, ventes_reseau
from assainissement.circuits.vente import VENTE
from assainissement.models import DeclarationVente, Installation
from assainissement.mots import TONS
from assainissement.recherche import filtrer
from assainissement.saisies import lire_adresse, lire_parcelles, parcelle_ecrite, personne
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
from mairie.models import Courrier
from mairie.workflow import ConflitEdition, Refus

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
            "installation", "controle", "adresse__voie", "notaire", "vendeur"
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
            valable = bool(rapport and rapport.fin_validite_rapport and rapport.fin_validite_rapport >= jour)
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


class FormulaireVente(forms.Form):
    """A sale in one short form."""

    insee = forms.ChoiceField(label="Commune")
    parcelles = forms.CharField(
        label="Parcelles",
        required=False,
        help_text="Comme sur le plan (AB 12), ou les 14 caractères, séparées par des virgules.",
    )
    adresse = forms.CharField(label="Ou adresse", required=False, help_text="12 rue de l'Essai")
    recue_le = forms.DateField(label="Reçue le")
    source = forms.ChoiceField(label="Origine", choices=DeclarationVente.Source.choices, initial="notaire")
    reference = forms.CharField(label="Référence du demandeur", max_length=60, required=False)
    notaire = forms.CharField(label="Notaire", max_length=150, required=False)
    notaire_adresse = forms.CharField(
        label="Adresse du notaire", required=False, max_length=200,
        help_text="Voie, code postal et ville, séparés par des virgules.",
    )  # fmt: skip
    vendeur = forms.CharField(label="Vendeur", max_length=150, required=False)
    vendeur_adresse = forms.CharField(
        label="Adresse du vendeur", required=False, max_length=200,
        help_text="Voie, code postal et ville, séparés par des virgules.",
    )  # fmt: skip
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, communes: dict[str, str], connue: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        self.connue = connue
        self.fields["client_uuid"].initial = uuid4
        self.fields["recue_le"].initial = timezone.localdate()
        habiller(self)

    def clean_parcelles(self) -> list[str]:
        """Identifiers as a list."""
        return lire_parcelles(self.cleaned_data["parcelles"], self.cleaned_data.get("insee", ""))

    def clean(self) -> dict[str, Any]:
        """A place at least; an address of the commune; a day that is not ahead."""
        d = super().clean() or {}
        d["trouvee"] = None
        if d.get("adresse"):
            try:
                d["trouvee"] = lire_adresse(d.get("insee", ""), d["adresse"])
            except forms.ValidationError as e:
                self.add_error("adresse", e)
        elif not d.get("parcelles") and "parcelles" not in self.errors and not self.connue:
            self.add_error("parcelles", "Dites au moins une parcelle ou une adresse.")
        for qui in ("notaire", "vendeur"):
            if d.get(f"{qui}_adresse") and not (d.get(qui) or "").strip():
                self.add_error(qui, "De qui est cette adresse ? Donnez le nom.")
        if d.get("recue_le") and d["recue_le"] > timezone.localdate():
            self.add_error("recue_le", "La date de réception est dans l'avenir.")
        return d


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
        request.POST if envoi else None, communes=communes, connue=i is not None, initial=initial
    )
    if envoi and formulaire.is_valid():
        try:
            v = _enregistrer(request, formulaire.cleaned_data, i)
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


def _enregistrer(request: HttpRequest, d: dict[str, Any], i: Installation | None) -> DeclarationVente:
    par = commun.compte(request)
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
                notaire=personne(d["notaire"], d["insee"], par, d["notaire_adresse"]),
                vendeur=personne(d["vendeur"], d["insee"], par, d["vendeur_adresse"]),
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
    dernier = dernier_rapport(v.installation) if v.installation is not None else None
    reseau = ventes.cote_reseau(v, jour)
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
        "certifiable": reseau is not None and reseau.valable and not certificats,
        "a_repondre": v.etat in ("recue", "controle_a_faire"),
        "peut_repondre": peut(request.user, perms.ENREGISTRER, v.insee),
        **commun.contexte_actions(v, request, MUETTES),
        "lettres": [*certificats, *lettres],
        "genre": sujet_de(v).genre,
        "lignes": commun.lignes(v, VENTE),
        "peut_annuler": False,
    }
    return render(request, "assainissement/vente.html", contexte)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def repondre(request: HttpRequest, pk: int) -> HttpResponse:
    """First click: what will be written, to whom. Second click: the letter is made, the sale moves on."""
    v = vente_ou_404(request, pk)
    if not peut(request.user, perms.ENREGISTRER, v.insee):
        raise Http404
    if v.etat not in ("recue", "controle_a_faire"):
        messages.error(request, f"Cette vente est « {v.libelle_etat} » : il n'y a plus de réponse à faire.")
        return redirect(v.get_absolute_url())
    jour = timezone.localdate()
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
    rapport = ventes.rapport_valable(v, jour)
    contexte = {
        "v": v,
        "rapport": rapport,
        "raccordement": ventes.controle_valable(v, jour),
        "dernier": dernier_rapport(v.installation) if v.installation is not None else None,
        "destinataire": ventes.destinataire(v),
        "raison": raison,
    }
    return render(request, "assainissement/vente_reponse.html", contexte, status=422 if raison else 200)


@droit(perms.ENREGISTRER)
@require_POST
def certifier(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate of connection, beside the answer on the installation: the sale stays where it is."""
    v = vente_ou_404(request, pk)
    if not peut(request.user, perms.ENREGISTRER, v.insee):
        raise Http404
    cote = ventes.cote_reseau(v, timezone.localdate())
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
