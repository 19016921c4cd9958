"""Tariff grids: list, new one, lines, zones, copy with a raise."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domainepublic import banc, perms, tarifs
from domainepublic.models import GrilleTarifaire, TypeOccupation
from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.regles.tables import redevance as table
from gis_data.acces import droit
from gis_data.dessin.champ import ChampDessin
from mairie.ecrans.formulaires import habiller
from mairie.ecrans.imports.refus import FichierRefuse
from mairie.habilitations import communes_du_droit, peut
from mairie.montants import texte_francais
from mairie.workflow import Refus

PERIODES = {
    "demi_journee": "par demi-journée",
    "jour": "par jour",
    "semaine": "par semaine commencée",
    "mois_commence": "par mois commencé",
    "mois_30": "par 30 jours commencés",
    "an": "par an",
    "operation": "par opération",
    "forfait": "au forfait",
}
UNITE_PRIX = {
    "m2": "m²",
    "ml": "m",
    "unite": "unité",
    "place": "place",
    "emplacement": "emplacement",
    "forfait": "forfait",
}
ZONE_MODES = {
    "repartition": "chaque part au prix de sa zone",
    "zone_centroide": "tout au prix de la zone du milieu de l'emprise",
    "plus_chere": "tout au prix de la zone la plus chère",
}
ARRONDIS_FINAUX = {"centime": "au centime", "euro": "à l'euro"}
REGLES = (
    "minimum_perception", "plafond", "frais_dossier", "majoration_sans_titre", "seuil_recouvrement",
)  # fmt: skip


class FormulaireGrille(forms.Form):
    """A deliberation and its days."""

    insee = forms.ChoiceField(label="Commune")
    libelle = forms.CharField(label="Libellé", max_length=120)
    deliberation = forms.CharField(label="Délibération n°", max_length=40)
    deliberation_le = forms.DateField(label="du")
    du = forms.DateField(label="En vigueur du")
    au = forms.DateField(label="Au (compris)", required=False)
    minimum_perception = forms.DecimalField(label="Minimum de perception (€)", required=False, min_value=0)
    plafond = forms.DecimalField(label="Plafond (€)", required=False, min_value=0)
    frais_dossier = forms.DecimalField(label="Frais de dossier (€)", required=False, min_value=0)
    majoration_sans_titre = forms.DecimalField(label="Majoration sans titre (%)", required=False, min_value=0)
    seuil_recouvrement = forms.DecimalField(label="Seuil de recouvrement (€)", required=False, min_value=0)
    remboursement_renonciation = forms.BooleanField(label="Une renonciation se rembourse", required=False)
    zone_mode = forms.ChoiceField(
        label="Une emprise sur plusieurs zones", choices=list(ZONE_MODES.items()), required=False
    )
    arrondi_final = forms.ChoiceField(
        label="Montant dû arrondi", choices=list(ARRONDIS_FINAUX.items()), required=False
    )

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        habiller(self)

    def champs(self) -> dict[str, Any]:
        """Fields of the grid."""
        d = self.cleaned_data
        regles: dict[str, Any] = {n: str(d[n]) for n in REGLES if d.get(n) is not None}
        if d["remboursement_renonciation"]:
            regles["remboursement_renonciation"] = True
        for nom, usuel in (("zone_mode", "repartition"), ("arrondi_final", "centime")):
            if d[nom] not in ("", usuel):
                regles[nom] = d[nom]
        noms = ("insee", "libelle", "deliberation", "deliberation_le", "du", "au")
        return {**{n: d[n] for n in noms}, "regles": regles}


class FormulaireTarif(forms.Form):
    """One line; what is unusual is written as the contract writes it."""

    code = forms.CharField(label="Code", max_length=20)
    type = forms.ChoiceField(label="Type d'occupation")
    zone = forms.ChoiceField(label="Zone", required=False)
    beneficiaire = forms.ChoiceField(
        label="Bénéficiaire", required=False, choices=[("", "tous"), *((b, b) for b in table.BENEFICIAIRES)]
    )
    unite = forms.ChoiceField(label="Unité", choices=[(u, UNITES_LISIBLES[u]) for u in table.UNITES])
    periode = forms.ChoiceField(label="Période", choices=list(PERIODES.items()))
    prorata = forms.ChoiceField(
        label="Prorata d'une année",
        required=False,
        choices=[("", "aucun"), ("mois_commence", "par mois commencé"), ("jour", "par jour")],
    )
    prix = forms.DecimalField(label="Prix (€)", required=False, min_value=0, max_digits=10, decimal_places=4)
    arrondi_quantite = forms.ChoiceField(
        label="Quantité arrondie",
        required=False,
        choices=[
            ("", "non"),
            ("unite_superieure", "à l'unité supérieure"),
            ("demi_superieur", "à la demie supérieure"),
        ],
    )
    autre = forms.CharField(
        label="Forfaits, tranches, franchise (JSON)",
        required=False,
        widget=forms.Textarea(),
        help_text='Par exemple {"franchise_jours": 2}.',
    )

    def __init__(self, *args: Any, grille: GrilleTarifaire, **options: Any) -> None:
        super().__init__(*args, **options)
        type_, zone = self.fields["type"], self.fields["zone"]
        assert isinstance(type_, forms.ChoiceField) and isinstance(zone, forms.ChoiceField)  # noqa: S101
        type_.choices = list(TypeOccupation.objects.order_by("ordre").values_list("code", "libelle"))
        zone.choices = [("", "toutes"), *((z.code, str(z)) for z in grille.zones.all())]
        habiller(self)

    def clean_autre(self) -> dict[str, Any]:
        """A JSON object, or nothing."""
        texte = self.cleaned_data["autre"].strip()
        if not texte:
            return {}
        try:
            valeur = json.loads(texte)
        except (ValueError, RecursionError):
            raise forms.ValidationError("Ce texte n'est pas du JSON.") from None
        if not isinstance(valeur, dict):
            raise forms.ValidationError("Un objet JSON est attendu, entre accolades.")
        return valeur

    def ligne(self) -> dict[str, Any]:
        """As the engine reads it."""
        d = self.cleaned_data
        noms = ("type", "zone", "beneficiaire", "unite", "periode", "prorata", "arrondi_quantite")
        ligne: dict[str, Any] = {n: d[n] for n in noms if d.get(n)}
        if d.get("prix") is not None:
            ligne["prix"] = str(d["prix"])
        return {**ligne, **d["autre"]}


class FormulaireZone(forms.Form):
    """A zone drawn."""

    code = forms.CharField(label="Code de la zone", max_length=12)
    libelle = forms.CharField(label="Libellé", max_length=120, required=False)
    geom = ChampDessin(label="Contour", genres=("surface",), plusieurs=True, reparer=True)


class FormulaireZonesFichier(forms.Form):
    """Zones of a file; nothing is written in a dry run."""

    fichier = forms.FileField(
        label="Fichier GeoJSON", help_text="Un objet par zone, avec les propriétés « code » et « libelle »."
    )
    essai = forms.BooleanField(label="Essayer seulement, sans rien écrire", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["fichier"].widget.attrs["accept"] = ".geojson,.json"
        habiller(self)


class FormulaireCopie(forms.Form):
    """The same grid for the days that follow."""

    libelle = forms.CharField(label="Libellé", max_length=120)
    deliberation = forms.CharField(label="Délibération n°", max_length=40)
    deliberation_le = forms.DateField(label="Délibération du")
    du = forms.DateField(label="En vigueur du")
    au = forms.DateField(label="Au (compris)", required=False)
    hausse = forms.DecimalField(label="Hausse (%)", initial=Decimal(0), max_digits=6, decimal_places=2)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)


def grille_ou_404(request: HttpRequest, pk: int) -> GrilleTarifaire:
    """The grid, if this person may read it."""
    trouvee: GrilleTarifaire = get_object_or_404(GrilleTarifaire.objects.visibles_par(request.user), pk=pk)
    return trouvee


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def liste(request: HttpRequest) -> HttpResponse:
    """All grids, and a new one for who may."""
    offertes = communes_du_droit(request.user, perms.TARIFER)
    formulaire = FormulaireGrille(request.POST or None, communes=offertes) if offertes else None
    if request.method == "POST":
        if formulaire is None:
            return HttpResponse(status=403)
        if formulaire.is_valid():
            try:
                grille = tarifs.creer_grille(**formulaire.champs())
                return redirect(grille.get_absolute_url())
            except Refus as e:
                formulaire.add_error(None, str(e))
    grilles = GrilleTarifaire.objects.visibles_par(request.user)
    statut = 422 if request.method == "POST" else 200
    contexte = {"grilles": grilles, "formulaire": formulaire}
    return render(request, "domainepublic/tarifs.html", contexte, status=statut)


@droit(perms.LIRE)
@require_safe
def grille(request: HttpRequest, pk: int) -> HttpResponse:
    """One grid with its lines and zones."""
    return _page(request, grille_ou_404(request, pk))


def _page(request: HttpRequest, g: GrilleTarifaire, statut: int = 200, **formulaires: Any) -> HttpResponse:
    libelles = dict(TypeOccupation.objects.values_list("code", "libelle"))
    lignes = [
        {
            "code": t.code,
            "type": libelles.get(t.ligne.get("type", ""), t.ligne.get("type")),
            "zone": t.ligne.get("zone") or "toutes",
            "beneficiaire": t.ligne.get("beneficiaire") or "tous",
            "unite": UNITE_PRIX.get(t.ligne.get("unite", ""), ""),
            "periode": PERIODES.get(t.ligne.get("periode", ""), ""),
            "prix": texte_francais(str(t.ligne["prix"])) if t.ligne.get("prix") else "",
        }
        for t in g.tarifs.all()
    ]
    modifiable = peut(request.user, perms.TARIFER, g.insee)
    contexte = {
        "g": g,
        "lignes": lignes,
        "zones": g.zones.all(),
        "modifiable": modifiable,
        "zone_mode": ZONE_MODES.get(g.regles.get("zone_mode", "")),
        "arrondi_final": ARRONDIS_FINAUX.get(g.regles.get("arrondi_final", "")),
        "tarif": formulaires.get("tarif") or FormulaireTarif(grille=g),
        "zone": formulaires.get("zone") or FormulaireZone(),
        "zones_fichier": formulaires.get("zones_fichier") or FormulaireZonesFichier(),
        "rejets": formulaires.get("rejets", []),
        "copie": formulaires.get("copie") or FormulaireCopie(initial={"libelle": f"{g.libelle} (suite)"}),
    }
    return render(request, "domainepublic/grille.html", contexte, status=statut)


@droit(perms.LIRE)
@require_safe
def banc_d_essai(request: HttpRequest, pk: int) -> HttpResponse:
    """Ten cases by this grid and by the one before; nothing is written."""
    g = grille_ou_404(request, pk)
    contexte = {"g": g, "avant": banc.precedente(g), "cas": banc.cas(g, request.GET)}
    return render(request, "domainepublic/banc.html", contexte)


@droit(perms.TARIFER)
@require_POST
def importer_zones(request: HttpRequest, pk: int) -> HttpResponse:
    """Zones of a GeoJSON file: each taken or refused with its rank and reason."""
    g = grille_ou_404(request, pk)
    if not peut(request.user, perms.TARIFER, g.insee):
        return HttpResponse(status=403)
    formulaire = FormulaireZonesFichier(request.POST, request.FILES)
    if not formulaire.is_valid():
        return _page(request, g, 422, zones_fichier=formulaire)
    recu, essai = formulaire.cleaned_data["fichier"], formulaire.cleaned_data["essai"]
    try:
        prises, rejets = tarifs.importer_zones(g, recu, recu.name or "", appliquer=not essai)
    except FichierRefuse as e:
        formulaire.add_error("fichier", str(e))
        return _page(request, g, 422, zones_fichier=formulaire)
    un, plusieurs = ("serait prise", "seraient prises") if essai else ("est prise", "sont prises")
    accord = f"{prises} zone {un}" if prises == 1 else f"{prises} zones {plusieurs}"
    messages.success(request, f"{accord}, {len(rejets)} refusée{'s' if len(rejets) > 1 else ''}.")
    if rejets:
        return _page(request, g, 422, rejets=rejets)
    return redirect(g.get_absolute_url())


@droit(perms.TARIFER)
@require_POST
def modifier(request: HttpRequest, pk: int, quoi: str) -> HttpResponse:
    """Add a line or a zone, take one away, or copy the grid."""
    g = grille_ou_404(request, pk)
    if not peut(request.user, perms.TARIFER, g.insee):
        return HttpResponse(status=403)
    formulaires: dict[str, Any] = {
        "tarif": lambda: FormulaireTarif(request.POST, grille=g),
        "zone": lambda: FormulaireZone(request.POST, request.FILES or None),
        "copie": lambda: FormulaireCopie(request.POST),
    }
    if quoi == "retirer":
        g.tarifs.filter(code=request.POST.get("code", "")).delete()
        messages.success(request, "La ligne est retirée.")
        return redirect(g.get_absolute_url())
    if quoi not in formulaires:
        return HttpResponse(status=404)
    formulaire = formulaires[quoi]()
    if formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            if quoi == "tarif":
                tarifs.enregistrer_tarif(g, d["code"], formulaire.ligne())
            elif quoi == "zone":
                geom = d["geom"]
                multi = MultiPolygon(geom, srid=geom.srid) if isinstance(geom, Polygon) else geom
                tarifs.ajouter_zone(g, d["code"], multi, d["libelle"])
            else:
                g = tarifs.dupliquer(g, d.pop("hausse"), **d)
            messages.success(request, "C'est enregistré.")
            return redirect(g.get_absolute_url())
        except Refus as e:
            formulaire.add_error(None, str(e))
    return _page(request, g, 422, **{quoi: formulaire})
