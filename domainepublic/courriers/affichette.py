"""The notice to post on the site: large type, days, effects, map, QR code of the check page (spec §10)."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format

from domainepublic.courriers import valeurs as v
from domainepublic.courriers.catalogue import TITRES
from domainepublic.courriers.suites import lettres
from domainepublic.courriers.sujet import emprise
from domainepublic.models import DossierODP
from mairie.courriers import plans
from mairie.courriers.champs import en_texte
from mairie.courriers.entetes import entete_de
from mairie.courriers.page import qr
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.models import Collectivite, Courrier

# Width and height of the map on each size of paper, mm.
PLANS_MM = {"a4": (182.0, 92.0), "a3": (265.0, 132.0)}
SIGNES = ("signe", "en_envoi", "envoye", "presente", "distribue", "consulte", "retourne")


def acte_signe(d: DossierODP) -> Courrier | None:
    """The signed act of the title, that its QR code leads to."""
    return next(iter(lettres(d, TITRES, SIGNES)), None)


def numeros(d: DossierODP) -> list[str]:
    """Numbers of the acts of the title, those of other authorities too."""
    sortie: list[str] = []
    for fait in v.faits(d):
        if fait.type == "signer":
            sortie += [str(n) for n in fait.donnees.get("numeros") or []]
        elif fait.type == "signature_exterieure" and fait.donnees.get("reference"):
            sortie.append(str(fait.donnees["reference"]))
    return list(dict.fromkeys(sortie))


def _en_jour(jour: date | None) -> str:
    """« lundi 1er juin 2026 »."""
    return f"{date_format(jour, 'l')} {en_texte(jour)}" if jour else ""


def composer(d: DossierODP, taille: str) -> tuple[str, dict[str, Ressource]]:
    """(HTML, pictures) of the notice on a size of paper; ``KeyError`` for an unknown size."""
    largeur, hauteur = PLANS_MM[taille]
    ressources: dict[str, Ressource] = {}
    sol = emprise(d)
    reperes = [
        (str(e.rang), shapely.point_on_surface(shapely.from_wkb(bytes(e.surface.wkb))))
        for e in d.emprises.all()
    ]
    plan = plans.dessiner(
        plans.DemandePlan(
            sol, v.periode(d), largeur, hauteur, reperes=tuple(reperes) if len(reperes) > 1 else ()
        )
    )
    if plan is not None:
        ressources["plan"] = Ressource(plan.mime, plan.octets)
    acte = acte_signe(d)
    adresse = settings.ADRESSE_DU_SITE + reverse("acte_public", args=[acte.code]) if acte else ""
    if adresse:
        ressources["qr.svg"] = qr(adresse)
    commune = Collectivite.objects.filter(code=d.insee).first()
    entete = entete_de(commune, "domainepublic") if commune is not None else None
    if entete is not None and entete.logo is not None:
        ressources["logo"] = entete.logo
    executant = d.executant or d.demandeur
    contexte: dict[str, Any] = {
        "d": d,
        "taille": taille,
        "debut": _en_jour(d.debut),
        "fin": _en_jour(d.fin),
        "types": list(dict.fromkeys(e.type.libelle_public for e in v.emprises(d))),
        "emprises": list(v.lignes_emprises(d)),
        "mesures": list(v.mesures(d)),
        "modifie": d.modifie_circulation,
        "numeros": numeros(d),
        # A private person's name is never posted in the street.
        "responsable": str(executant) if executant is not None and executant.morale else "",
        "entete": entete.textes if entete is not None else {},
        "adresse_mairie": entete.lignes("adresse") if entete is not None else [],
        "telephone": commune.telephone if commune is not None else "",
        "logo": "logo" in ressources,
        "plan": plan,
        "verification": adresse.removeprefix("https://").removeprefix("http://").rstrip("/"),
    }
    return render_to_string("domainepublic/affichette.html", contexte), ressources


def affichette(d: DossierODP, taille: str) -> Rendu:
    """The PDF."""
    html, ressources = composer(d, taille)
    return rendre(html, lettre=ressources)
