"""Persons found by name, SIRET, mail: for agents, each in her collectivités."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.urls import reverse

from mairie.habilitations import codes_connus, peut
from mairie.models import Tiers
from mairie.perms import LIRE
from mairie.recherche import Demande, Reponse, Resultat
from mairie.regles.tiers import chiffres, cle_nom, mots

RANG = 30
LETTRES_MIN = 2


def condition(texte: str) -> Q:
    """Rows whose name, SIREN, SIRET or mail answers ``texte``: every word found, or a likeness."""
    propre = texte.replace("\0", " ").strip()[:200]
    numero = chiffres(propre)
    if re.fullmatch(r"[0-9]{9}|[0-9]{14}", numero):
        return Q(siren=numero) if len(numero) == 9 else Q(siret=numero)
    if "@" in propre:
        return Q(courriel__iexact=propre)
    cherches = mots(propre)
    if not cherches or max(map(len, cherches)) < LETTRES_MIN:
        return Q(pk__in=())
    tous = Q()
    for mot in cherches:
        tous &= Q(cherche__contains=mot)
    return tous | Q(cherche__trigram_word_similar=" ".join(cherches))


def filtrer(fiches: Any, texte: str) -> QuerySet[Tiers]:
    """Those that answer ``texte``, the nearest first; all of them without text."""
    phrase = " ".join(mots(texte))
    if not texte.strip():
        return fiches.order_by("raison_sociale", "nom", "prenoms", "pk")
    return (
        fiches.annotate(proche=TrigramWordSimilarity(phrase, "cherche"))
        .filter(condition(texte))
        .order_by("-proche", Length("cherche"), "cherche", "pk")
    )


def chercher(demande: Demande) -> Reponse:
    """Provider of the search box: nothing for who may not read persons."""
    reponse = Reponse()
    texte = demande.texte.strip()[:200]
    utile = "@" in texte or chiffres(texte).isdigit() or len(cle_nom(texte)) > LETTRES_MIN
    if not utile or "\n" in texte or not peut(demande.utilisateur, LIRE):
        return reponse
    fiches = list(filtrer(Tiers.objects.visibles_par(demande.utilisateur).actifs(), texte)[: demande.limite])
    noms = codes_connus({t.collectivite for t in fiches})
    reponse.resultats = [
        Resultat(
            type="tiers",
            titre=str(t),
            sous_titre=" · ".join(
                x for x in ("Personne morale" if t.morale else "Personne", t.ville, t.siret_lisible) if x
            ),
            url=reverse("mairie_tiers_fiche", args=[t.pk]),
            rang=RANG,
            score=min(1.0, getattr(t, "proche", 1.0)),
            groupe=noms.get(t.collectivite, t.collectivite),
        )
        for t in fiches
    ]
    return reponse
