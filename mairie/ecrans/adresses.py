"""Addresses made from the declarations."""

from __future__ import annotations

from django.urls import URLPattern, path

from mairie.ecrans.declaration import Fiche, Formulaire, Liste
from mairie.ecrans.imports.declaration import Import
from mairie.ecrans.imports.vues import vue_deposer, vue_import, vue_rejets
from mairie.ecrans.registre import Ecran
from mairie.ecrans.vues_fiche import vue_fiche, vue_modifier, vue_nouveau
from mairie.ecrans.vues_liste import vue_liste


def adresses(*ecrans: Ecran) -> list[URLPattern]:
    """URL patterns of screens: lists, then forms, then pages, so that words win over keys."""
    motifs = [path(e.adresse, vue_liste(e), name=e.nom) for e in ecrans if isinstance(e, Liste)]
    for e in ecrans:
        if isinstance(e, Formulaire):
            if e.nouveau:
                motifs.append(path(f"{e.adresse}nouveau/", vue_nouveau(e), name=f"{e.nom}_nouveau"))
            motifs.append(path(f"{e.adresse}<int:pk>/modifier/", vue_modifier(e), name=f"{e.nom}_modifier"))
        elif isinstance(e, Import):
            motifs += [
                path(f"{e.adresse}importer/", vue_deposer(e), name=f"{e.nom}_importer"),
                path(f"{e.adresse}importer/<int:pk>/", vue_import(e), name=f"{e.nom}_import"),
                path(f"{e.adresse}importer/<int:pk>/rejets/", vue_rejets(e), name=f"{e.nom}_rejets"),
            ]
    motifs += [
        path(f"{e.adresse}<{e.convertisseur}:pk>/", vue_fiche(e), name=e.nom)
        for e in ecrans
        if isinstance(e, Fiche)
    ]
    return motifs
