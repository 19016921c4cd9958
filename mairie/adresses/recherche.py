"""Addresses that the plan does not show: from the national base or by hand. ``cadastre`` finds the others."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q
from django.urls import reverse

from gis_data.liens import adresse_carte
from mairie.habilitations import codes_connus, peut
from mairie.models import Adresse, Collectivite, Voie
from mairie.perms import LIRE
from mairie.recherche import Boite, Demande, Point, Reponse, Resultat, boite, centre
from mairie.regles.adresses import Numero, cle_voie, lire_numero
from mairie.regles.tiers import mots

RANG = 10
RESSEMBLANCE = 0.6
LETTRES_MIN = 3
# « 7 r du Moulin » is in the rue: r is no suffix.
_ADRESSE = re.compile(
    r"\s*(\d{1,4}\s*(?:bis|ter|quater|[a-qs-z](?![a-z'’]))?)[\s,]+(\D*[^\W\d_]{2}.*)",
    re.IGNORECASE | re.DOTALL,
)
# Around a point, in degrees: some fifty metres.
_AUTOUR = (0.0006, 0.0004)


def chercher(demande: Demande) -> Reponse:
    """Provider of the search box: numbers and streets of the base that are not on the plan."""
    texte = demande.texte.strip()[:200]
    if "\n" in texte:
        return Reponse()
    trouve = _ADRESSE.fullmatch(texte)
    numero = lire_numero(trouve[1]) if trouve else None
    cherche, insee = _sans_commune(cle_voie(trouve[2] if trouve else texte))
    if len(cherche) < LETTRES_MIN:
        return Reponse()
    voies = (
        Voie.objects.filter(active=True, **({"insee": insee} if insee else {}))
        .annotate(proche=TrigramWordSimilarity(cherche, "cherche"))
        .filter(Q(cherche__trigram_word_similar=cherche), proche__gte=RESSEMBLANCE)
        .order_by("-proche", "nom", "pk")
    )
    if numero is None:
        return Reponse(_voies(demande, list(voies.filter(au_plan=False)[: demande.limite])))
    return Reponse(_numeros(demande, list(voies[: demande.limite]), numero))


def _sans_commune(cherche: str) -> tuple[str, str]:
    """(text without the commune and its postal code at the end, code of that commune)."""
    communes = Collectivite.objects.filter(nature=Collectivite.Nature.COMMUNE, active=True)
    for insee, nom in communes.values_list("code", "nom"):
        fin = " ".join(mots(nom))
        if fin and cherche.endswith(f" {fin}"):
            reste = cherche.removesuffix(f" {fin}").split()
            if reste and re.fullmatch(r"[0-9]{5}", reste[-1]):
                reste.pop()
            if reste and reste[-1] == "a":
                reste.pop()
            return " ".join(reste), insee
    return cherche, ""


def _droits(demande: Demande, voies: list[Voie]) -> tuple[dict[str, str], dict[str, bool]]:
    codes = {v.insee for v in voies}
    return codes_connus(codes), {c: peut(demande.utilisateur, LIRE, c) for c in codes}


def _numeros(demande: Demande, voies: list[Voie], numero: Numero) -> list[Resultat]:
    noms, agent = _droits(demande, voies)
    rangs: dict[int, float] = {v.pk: getattr(v, "proche", 1.0) for v in voies}
    adresses = Adresse.objects.filter(
        voie__in=voies, numero=numero.numero, suffixe=numero.suffixe, active=True, au_plan=False
    ).select_related("voie")
    sortie = []
    for a in adresses:
        point, cadre = _place(a)
        commune = noms.get(a.insee, a.insee)
        if agent[a.insee]:
            url = reverse("adresse", args=[a.pk])
        else:
            # The parcel page belongs to a higher app: its address is a fixed point of the design.
            url = f"/parcelles/{a.parcelles[0]}/" if a.parcelles else adresse_carte(bbox=cadre)
        sortie.append(
            Resultat(
                type="numero",
                titre=str(a),
                sous_titre=commune,
                url=url,
                bbox=cadre,
                point=point,
                idu=a.parcelles[0] if a.parcelles else None,
                rang=RANG,
                score=min(1.0, rangs[a.voie_id]),
                groupe=commune,
            )
        )
    return sortie


def _voies(demande: Demande, voies: list[Voie]) -> list[Resultat]:
    noms, agent = _droits(demande, voies)
    sortie = []
    for v in voies:
        cadre = boite(v.axe.transform(4326, clone=True).extent) if v.axe else None
        commune = noms.get(v.insee, v.insee)
        genre = "Lieu-dit" if v.nature == Voie.Nature.LIEU_DIT else "Voie"
        sortie.append(
            Resultat(
                type="voie",
                titre=v.nom,
                sous_titre=f"{genre} · {commune}",
                url=reverse("voie", args=[v.pk]) if agent[v.insee] else adresse_carte(bbox=cadre),
                bbox=cadre,
                point=centre(cadre),
                rang=RANG,
                score=min(1.0, getattr(v, "proche", 1.0)),
                groupe=commune,
            )
        )
    return sortie


def _place(adresse: Adresse) -> tuple[Point | None, Boite | None]:
    if adresse.position is None:
        return None, None
    degres: Any = adresse.position.transform(4326, clone=True)
    x, y = degres.x, degres.y
    dx, dy = _AUTOUR
    return (x, y), (x - dx, y - dy, x + dx, y + dy)
