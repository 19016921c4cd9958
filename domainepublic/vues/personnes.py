"""Correct who and where of a file; take it, or give it to an instructeur."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from domainepublic import perms, personnes
from domainepublic.models import DossierODP
from domainepublic.vues.depot import nouveau_tiers
from domainepublic.vues.dossier import compte, dossier_a_instruire
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.models import Tiers, Voie
from mairie.workflow import ConflitEdition, Refus
from mairie.workflow.edition import version_a_porter, version_vue

# As the form of the deposit names them: one function writes the sheet for both.
NOUVEAU = ("nom", "prenoms", "adresse_tiers", "code_postal", "ville", "courriel")


class FormulairePersonnes(forms.Form):
    """Who asks, builds, pays, where and for what: only the fields that may still change."""

    demandeur = forms.ModelChoiceField(
        label="Demandeur", queryset=Tiers.objects.none(), required=False, empty_label="non renseigné"
    )
    beneficiaire = forms.ChoiceField(
        label="Le demandeur est",
        choices=DossierODP.Beneficiaire.choices,
        help_text="La redevance peut en dépendre.",
    )
    nom = forms.CharField(label="Nom ou raison sociale", max_length=150, required=False)
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    adresse_tiers = forms.CharField(label="Numéro et voie", max_length=200, required=False)
    code_postal = forms.CharField(label="Code postal", max_length=10, required=False)
    ville = forms.CharField(label="Commune du demandeur", max_length=120, required=False)
    courriel = forms.EmailField(label="Courriel", required=False)
    executant = forms.ModelChoiceField(
        label="Entreprise qui occupe pour lui",
        queryset=Tiers.objects.none(),
        required=False,
        empty_label="aucune",
    )
    payeur = forms.ModelChoiceField(
        label="Payeur, si ce n'est pas le demandeur",
        queryset=Tiers.objects.none(),
        required=False,
        empty_label="le demandeur",
        help_text="La redevance lui sera demandée. Il ne change plus une fois une somme portée dans un rôle.",
    )
    voie = forms.ModelChoiceField(
        label="Voie", queryset=Voie.objects.none(), required=False, empty_label="non précisée"
    )
    adresse = forms.CharField(label="Au droit de", max_length=200, required=False)
    objet = forms.CharField(label="Objet", max_length=200, required=False)

    def __init__(self, *args: Any, dossier: DossierODP, personne: Any, **options: Any) -> None:
        offerts = personnes.modifiables(dossier)
        self.connu = dossier.demandeur_id is not None
        options["initial"] = {n: getattr(dossier, n) for n in offerts}
        super().__init__(*args, **options)
        visibles = Tiers.objects.visibles_par(personne)
        connus = [t.pk for t in visibles.actifs().order_by("-modifie_le")[:200]]
        nommes = [dossier.demandeur_id, dossier.executant_id, dossier.payeur_id]
        for nom in ("demandeur", "executant", "payeur"):
            champ = self.fields[nom]
            assert isinstance(champ, forms.ModelChoiceField)  # noqa: S101
            champ.queryset = Tiers.objects.filter(
                Q(pk__in=visibles.filter(pk__in=connus)) | Q(pk__in=[n for n in nommes if n])
            )
        voie = self.fields["voie"]
        assert isinstance(voie, forms.ModelChoiceField)  # noqa: S101
        voie.queryset = Voie.objects.filter(insee=dossier.insee).order_by("nom")
        for nom in list(self.fields):
            if nom not in offerts and not (nom in NOUVEAU and "demandeur" in offerts):
                del self.fields[nom]
        if self.connu and "demandeur" in self.fields:
            demandeur = self.fields["demandeur"]
            assert isinstance(demandeur, forms.ModelChoiceField)  # noqa: S101
            demandeur.empty_label = None
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """A person known, or a new one: the new one wins where a name is written."""
        donnees = super().clean() or {}
        ecrits = [n for n in NOUVEAU if n != "nom" and donnees.get(n)]
        if ecrits and not donnees.get("nom"):
            self.add_error("nom", "Écrivez le nom de cette personne, ou videz ces champs.")
        if self.connu and "demandeur" in self.fields and not (donnees.get("demandeur") or donnees.get("nom")):
            self.add_error("demandeur", "Ce dossier garde un demandeur : choisissez-le, ou écrivez son nom.")
        return donnees

    @property
    def nouvelle(self) -> bool:
        """A person not known yet is written."""
        return bool(self.cleaned_data.get("nom"))


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger(request: HttpRequest, pk: int) -> HttpResponse:
    """The page « Personnes et lieu »; what is typed is kept on an error."""
    d = dossier_a_instruire(request, pk)
    if not personnes.modifiables(d):
        messages.error(
            request, f"Le dossier est « {d.libelle_etat} » : ses personnes et son lieu ne changent plus."
        )
        return redirect(f"{d.get_absolute_url()}#personnes")
    donnees = request.POST if request.method == "POST" else None
    formulaire = FormulairePersonnes(donnees, dossier=d, personne=request.user)
    concurrent = False
    if donnees is not None and formulaire.is_valid():
        try:
            changes = _enregistrer(request, d, formulaire)
        except (Refus, ConflitEdition) as e:
            formulaire.add_error(None, str(e))
            concurrent = isinstance(e, ConflitEdition)
            d.refresh_from_db()
        except ValidationError as e:
            formulaire.add_error("nom", e.messages)
        else:
            _dire(request, d, changes)
            return redirect(f"{d.get_absolute_url()}#personnes")
    contexte = {
        "d": d,
        "formulaire": formulaire,
        "concurrent": concurrent,
        "version": version_a_porter(request, d, concurrent=concurrent),
        "infraction": d.etat in personnes.INFRACTIONS and d.demandeur_id is None,
    }
    statut = 422 if donnees is not None else 200
    return render(request, "domainepublic/personnes.html", contexte, status=statut)


def _enregistrer(request: HttpRequest, d: DossierODP, formulaire: FormulairePersonnes) -> list[str]:
    lus = formulaire.cleaned_data
    valeurs = {n: lus[n] for n in formulaire.fields if n not in NOUVEAU}
    with transaction.atomic():
        if formulaire.nouvelle:
            tiers = {n: lus[n] for n in (*NOUVEAU, "beneficiaire")}
            valeurs["demandeur"] = nouveau_tiers({**tiers, "insee": d.insee}, compte(request))
        return personnes.corriger(d, valeurs, par=compte(request), version=version_vue(request))


def _dire(request: HttpRequest, d: DossierODP, changes: list[str]) -> None:
    if not changes:
        messages.info(request, "Rien n'a changé.")
        return
    messages.success(request, "Les personnes et le lieu sont enregistrés.")
    if "demandeur" in changes:
        messages.info(
            request,
            "Le demandeur a changé : une clé de suivi déjà remise ouvre encore le dossier. Donnez-en une"
            " nouvelle, l'ancienne ne servira plus.",
        )


@droit(perms.INSTRUIRE)
@require_POST
def affecter(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the file, or give it to a colleague who studies requests there."""
    d = dossier_a_instruire(request, pk)
    cle = request.POST.get("instructeur", "")
    choisi = next((u for u in personnes.instructeurs(d.insee) if str(u.pk) == cle), None)
    if choisi is None:
        messages.error(request, "Choisissez qui instruit ce dossier dans la liste.")
    else:
        personnes.affecter(d, choisi, par=compte(request))
        messages.success(request, f"Le dossier est confié à {choisi}.")
    return redirect(d.get_absolute_url())
