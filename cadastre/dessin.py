"""Outlines of parcels for the drawings of every form."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.gis.geos import Point

from cadastre.models import Parcelle
from cadastre.recherche import contexte
from cadastre.recherche.references import chercher_references
from cadastre.regles.ecritures import libelle
from cadastre.regles.references import Reference, analyser
from gis_data.dessin.parcelles import PARCELLES_MAX, ParcelleDessinee, Trouvees


class ParcellesDuPlan:
    """Parcels in force of the plan loaded."""

    def au_point(self, x: float, y: float) -> Trouvees:
        """The parcel under a point of the legal projection."""
        point = Point(x, y, srid=settings.TERRITOIRE_SRID)
        return Trouvees(_lues(Parcelle.objects.filter(geom__intersects=point, valide_au=None)[:1]))

    def par_references(self, texte: str) -> Trouvees:
        """Parcels named, in every usual writing; what is not found is said."""
        ctx = contexte()
        references = [
            e
            for e in analyser(texte, ctx)
            if isinstance(e, Reference) and e.numero is not None and not e.faible
        ]
        if not references:
            return Trouvees(remarques=[f"« {texte.strip()[:60]} » n'est pas une référence : écrivez AB 12."])
        reponse = chercher_references(references, ctx)
        idus = list(dict.fromkeys(r.idu for r in reponse.resultats if r.idu))[: PARCELLES_MAX + 1]
        en_vigueur = Parcelle.objects.filter(idu__in=idus, valide_au=None, geom__isnull=False)
        par_idu = {p.idu: p for p in _lues(en_vigueur)}
        trouvees = Trouvees([par_idu[i] for i in idus if i in par_idu], list(reponse.erreurs))
        for idu in idus:
            if idu not in par_idu:
                trouvees.remarques.append(f"{libelle(idu)} n'a pas de contour au plan en vigueur.")
        communes = {p.idu[:5] for p in trouvees.parcelles}
        if len(communes) > 1 and len(trouvees.parcelles) > len(references):
            noms = ", ".join(sorted(ctx.communes.get(c, c) for c in communes))
            return Trouvees(
                remarques=[f"Cette référence existe dans plusieurs communes ({noms}) : ajoutez la commune."]
            )
        return trouvees


def _lues(parcelles: Iterable[Parcelle]) -> list[ParcelleDessinee]:
    return [
        ParcelleDessinee(p.idu, libelle(p.idu), bytes(p.geom.wkb))
        for p in parcelles
        if p.idu and p.geom is not None
    ]
