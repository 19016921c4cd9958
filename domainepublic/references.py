"""Reference rows of the public domain: the seed of types (spec §5.1)."""

from __future__ import annotations

from domainepublic.models import TypeOccupation
from domainepublic.regles.tables.types import TYPES
from mairie.references import Bilan, declarer

# The rules say how a drawing is entered; the row says which shapes are accepted.
_GENRES = {
    "polygone": "polygone",
    "point": "point",
    "ligne": "ligne",
    "ligne_largeur": "ligne",
    "ligne_trottoir": "ligne",
    "point_rayon": "point",
    "point_rectangle": "point",
}
LIBELLES_PUBLICS = {
    "TERR_O": "Terrasse",
    "TERR_F": "Terrasse fermée",
    "ETAL": "Étalage",
    "AMBU": "Commerce ambulant",
    "ECHAF": "Échafaudage",
    "BENNE": "Benne",
    "PALIS": "Chantier clôturé",
    "DEPOT": "Dépôt de matériaux",
    "GRUE": "Grue",
    "NACEL": "Nacelle ou pompe à béton",
    "DEMEN": "Déménagement",
    "BATEAU": "Entrée charretière",
    "RESEAU": "Travaux de réseau",
    "MOBIL": "Mobilier urbain",
    "ENSEI": "Enseigne",
    "MANIF": "Manifestation",
    "TAXI": "Emplacement de taxi",
    "VEGET": "Végétalisation",
    "CIRC": "Circulation modifiée",
    "SANS": "Occupation constatée",
}


def charger_types() -> Bilan:
    """Add the types of the seed that are missing; what a commune changed stays."""
    connus = set(TypeOccupation.objects.values_list("code", flat=True))
    nouveaux = [
        TypeOccupation(
            code=t.code,
            libelle=t.libelle,
            libelle_public=LIBELLES_PUBLICS[t.code],
            emprise_defaut=t.emprise,
            economique_defaut=t.economique,
            affecte_sol=t.affecte_sol,
            geometries=", ".join(dict.fromkeys(_GENRES[g] for g in t.geometries)),
            unites=", ".join(t.unites),
            periodes=", ".join(t.periodes),
            pieces="\n".join(t.pieces),
            delai_conseille_jours=t.delai_conseille_jours,
            ordre=10 * rang,
        )
        for rang, t in enumerate(TYPES.values(), start=1)
        if t.code not in connus
    ]
    TypeOccupation.objects.bulk_create(nouveaux)
    return Bilan(creees=len(nouveaux), inchangees=len(connus))


def declarer_tables() -> None:
    """From ``AppConfig.ready``."""
    from domainepublic.conflits import charger_compatibilites

    declarer("types d'occupation du domaine public", charger_types)
    declarer("compatibilité des occupations", charger_compatibilites)
