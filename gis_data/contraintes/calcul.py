"""``contraintes(geometrie, jour)``: what the documents in force say of a ground; one query a family."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import shapely
from django.db.models import Q

from gis_data.contraintes.droits import peut_lire
from gis_data.contraintes.liens import lien_de_piece
from gis_data.contraintes.models import CoucheDeclaree, DocumentUrbanisme, PieceEcrite
from gis_data.contraintes.regles.parts import Morceau, Tolerance, repartir
from gis_data.contraintes.rencontres import (
    TOLERANCE,
    Mesure,
    Rencontre,
    Terrain,
    concerne,
    etat_de,
    mesure_de,
    rencontres,
    terrain_de,
    trier,
)
from gis_data.contraintes.resultat import Consultee, Contrainte, Etat, Resultat, Source, Zonage, Zone
from gis_data.formats.cnig import codes

NATURES = {"risque": "risque", "patrimoine": "patrimoine"}


def contraintes(geometrie: Any, jour: date, utilisateur: Any = None) -> Resultat:
    """What holds on ``jour`` for a shapely geometry in the legal projection (surface, line or point).

    ``utilisateur`` null: public layers only. ``ValueError`` for an empty shape.
    """
    terrain = terrain_de(geometrie)
    documents = _documents(jour)
    pieces = _pieces(documents)
    consultees = [
        _plu(terrain, documents, pieces, "plu_prescriptions", jour),
        _plu(terrain, documents, pieces, "plu_informations", jour),
        *_servitudes(terrain, documents, pieces),
        *_declarees(terrain, utilisateur),
    ]
    return Resultat(
        jour,
        round(terrain.forme.area),
        terrain.communes or (),
        _zonage(terrain, documents, pieces),
        tuple(consultees),
    )


def _documents(jour: date) -> list[DocumentUrbanisme]:
    """Versions in force on a day; few, whatever the territory."""
    return list(
        DocumentUrbanisme.objects.filter(valide_du__lte=jour).filter(
            Q(valide_au__isnull=True) | Q(valide_au__gt=jour)
        )
    )


def _pieces(documents: Iterable[DocumentUrbanisme]) -> dict[tuple[int, str], int]:
    """(document, lower-case name) → id of the written piece kept."""
    lignes = PieceEcrite.objects.filter(document__in=list(documents)).values_list("document_id", "nom", "pk")
    return {(document, nom.lower()): pk for document, nom, pk in lignes}


def source_de(document: DocumentUrbanisme) -> Source:
    """The version, as shown."""
    return Source(document.libelle, document.identifiant, document.valide_du, document.valide_au)


def _zonage(
    terrain: Terrain, documents: list[DocumentUrbanisme], pieces: dict[tuple[int, str], int]
) -> Zonage:
    par_id = {d.pk: d for d in documents if d.famille != DocumentUrbanisme.Famille.SUP}
    colonnes = ("id", "document_id", "libelle", "libelong", "typezone", "nomfic", "urlfic")
    trouvees = rencontres(
        terrain, "gis_data_pluzone", colonnes, "o.document_id = ANY(%s)", [list(par_id)]
    ) if par_id else []  # fmt: skip
    morceaux: list[Morceau] = []
    formes: list[Any] = []
    lignes: dict[Any, tuple[Any, ...]] = {}
    for ligne, forme, _ in trouvees:
        mesure = mesure_de(forme, terrain.dimension) if terrain.dimension else 1.0
        if mesure <= 0:
            continue
        cle = (ligne[1], ligne[2], ligne[4])
        lignes.setdefault(cle, ligne)
        morceaux.append(Morceau(cle, mesure, float(forme.length) if terrain.dimension == 2 else 0.0))
        formes.append(forme)
    ensemble = shapely.union_all(formes)
    couvert = mesure_de(ensemble, terrain.dimension) if terrain.dimension else float(bool(formes))
    tolerance = TOLERANCE if terrain.dimension == 2 else Tolerance(0.5, 1.0, 0.0)
    repartition = repartir(terrain.mesure, morceaux, couvert, tolerance)
    etat, ailleurs = etat_de(terrain, list(par_id.values()), bool(repartition.parts))

    def zone(part: Any) -> Zone:
        _, document_id, libelle, libelong, typezone, nomfic, urlfic = lignes[part.cle]
        return Zone(
            libelle,
            typezone,
            codes.famille_zone(typezone),
            libelong or codes.libelle_zone(typezone),
            part.mesure,
            part.pct,
            source_de(par_id[document_id]),
            lien_de_piece(document_id, nomfic, urlfic, pieces),
        )

    utiles = {cle[0] for cle in lignes}
    consultee = Consultee(
        "plu_zones",
        "Zonage du document d'urbanisme",
        "plu",
        etat,
        tuple(source_de(d) for d in par_id.values() if d.pk in utiles)
        or tuple(source_de(d) for d in par_id.values() if concerne(d, terrain)),
        ailleurs=ailleurs,
    )
    return Zonage(
        consultee, repartition, tuple(map(zone, repartition.parts)), tuple(map(zone, repartition.eclats))
    )


_PLU: dict[str, tuple[str, str, str, Callable[[str, str], str]]] = {
    "plu_prescriptions": (
        "gis_data_pluprescription",
        "Prescriptions",
        "PRESCRIPTION_",
        codes.libelle_prescription,
    ),
    "plu_informations": (
        "gis_data_pluinformation",
        "Périmètres d'information",
        "INFO_",
        codes.libelle_information,
    ),
}


def _plu(
    terrain: Terrain,
    documents: list[DocumentUrbanisme],
    pieces: dict[tuple[int, str], int],
    nom: str,
    jour: date,
) -> Consultee:
    table, libelle, prefixe, nommer = _PLU[nom]
    # A package that held no such layer says nothing of it.
    par_id = {
        d.pk: d
        for d in documents
        if d.famille != DocumentUrbanisme.Famille.SUP and any(c.startswith(prefixe) for c in d.couches)
    }
    colonnes = ("id", "document_id", "libelle", "type_code", "sous_type", "txt", "nature", "nomfic", "urlfic")
    trouvees = (
        rencontres(terrain, table, colonnes, "o.document_id = ANY(%s)", [list(par_id)]) if par_id else []
    )
    gardes, eclats = trier(terrain, trouvees)

    def contrainte(element: Mesure) -> Contrainte:
        ligne, genre, mesure, pct = element
        pk, document_id, texte, code, sous, txt, nature, nomfic, urlfic = ligne
        details = tuple((k, v) for k, v in (("Étiquette", txt), ("Nature", nature)) if v)
        return Contrainte(
            nom,
            f"{nom}:{pk}",
            f"{code}-{sous}",
            texte or nommer(code, sous),
            nommer(code, sous),
            "plu",
            genre,
            mesure,
            pct,
            source_de(par_id[document_id]),
            lien_de_piece(document_id, nomfic, urlfic, pieces),
            details,
        )

    etat, ailleurs = etat_de(terrain, list(par_id.values()), bool(gardes))
    return Consultee(
        nom,
        libelle,
        "plu",
        etat,
        tuple(source_de(d) for d in par_id.values() if concerne(d, terrain)),
        tuple(map(contrainte, gardes)),
        tuple(map(contrainte, eclats)),
        ailleurs,
    )


def _servitudes(
    terrain: Terrain, documents: list[DocumentUrbanisme], pieces: dict[tuple[int, str], int]
) -> list[Consultee]:
    """One layer a category, loaded or expected: one that is missing is said so."""
    par_id = {d.pk: d for d in documents if d.famille == DocumentUrbanisme.Famille.SUP}
    colonnes = (
        "id",
        "document_id",
        "libelle",
        "categorie",
        "type_assiette",
        "servitude",
        "actes",
        "nomfic",
        "urlfic",
    )
    trouvees = rencontres(
        terrain, "gis_data_supassiette", colonnes, "o.document_id = ANY(%s)", [list(par_id)]
    ) if par_id else []  # fmt: skip
    categories = dict.fromkeys([*codes.SERVITUDES_ATTENDUES, *sorted(d.categorie for d in par_id.values())])
    consultees = []
    for categorie in categories:
        siens = [d for d in par_id.values() if d.categorie == categorie]
        gardes, eclats = trier(terrain, [t for t in trouvees if t[0][3] == categorie])
        etat, ailleurs = etat_de(terrain, siens, bool(gardes))
        nature = NATURES.get(codes.nature_servitude(categorie), "servitude")
        consultees.append(
            Consultee(
                f"sup_{categorie.lower()}",
                codes.libelle_servitude(categorie),
                nature,
                etat,
                tuple(source_de(d) for d in siens if concerne(d, terrain)),
                tuple(_servitude(g, nature, par_id, pieces) for g in gardes),
                tuple(_servitude(e, nature, par_id, pieces) for e in eclats),
                ailleurs,
            )
        )
    return consultees


def _servitude(
    element: Mesure,
    nature: str,
    par_id: dict[int, DocumentUrbanisme],
    pieces: dict[tuple[int, str], int],
) -> Contrainte:
    ligne, genre, mesure, pct = element
    pk, document_id, libelle, categorie, type_assiette, servitude, actes, nomfic, urlfic = ligne
    liste = json.loads(actes) if isinstance(actes, str) else actes
    details = [("Servitude", servitude), ("Assiette", type_assiette)]
    lien = lien_de_piece(document_id, nomfic, urlfic, pieces)
    for acte in liste:
        jour = f" du {date.fromisoformat(acte['date']):%d/%m/%Y}" if acte.get("date") else ""
        details.append((acte.get("type") or "Acte", f"{acte.get('nom', '')}{jour}"))
        lien = lien or lien_de_piece(document_id, acte.get("fichier", ""), acte.get("lien", ""), pieces)
    return Contrainte(
        f"sup_{categorie.lower()}",
        f"sup_assiettes:{pk}",
        categorie,
        libelle or servitude or codes.libelle_servitude(categorie),
        codes.libelle_servitude(categorie),
        nature,
        genre,
        mesure,
        pct,
        source_de(par_id[document_id]),
        lien,
        tuple((k, v) for k, v in details if v and v != libelle),
    )


def _declarees(terrain: Terrain, utilisateur: Any) -> list[Consultee]:
    """Layers that technicians declared as constraints."""
    ici = None if terrain.communes is None else {insee for insee, _ in terrain.communes}
    couches = {
        c.pk: c
        for c in CoucheDeclaree.objects.filter(contrainte=True)
        # One declared for other communes says nothing of this ground, not even that it is missing.
        if (not c.communes or ici is None or ici.intersection(c.communes))
        and (c.publique or peut_lire(utilisateur, c.communes))
    }
    chargees = [pk for pk, c in couches.items() if c.chargee_le is not None]
    trouvees = rencontres(
        terrain, "gis_data_objetdeclare", ("id", "couche_id", "titre", "attributs"), "o.couche_id = ANY(%s)",
        [chargees],
    ) if chargees else []  # fmt: skip
    return [_declaree(terrain, c, [t for t in trouvees if t[0][1] == pk]) for pk, c in couches.items()]


FAMILLES = {"risques": "risque", "patrimoine": "patrimoine", "sig": "autre"}


def _declaree(terrain: Terrain, couche: CoucheDeclaree, trouvees: list[Rencontre]) -> Consultee:
    gardes, eclats = trier(terrain, trouvees)
    famille = FAMILLES[couche.theme]
    source = Source(couche.source, couche.nom, couche.millesime)

    def contrainte(element: Mesure) -> Contrainte:
        (pk, _, titre, attributs), genre, mesure, pct = element
        valeurs = json.loads(attributs) if isinstance(attributs, str) else attributs
        details = tuple(
            (c["libelle"], str(valeurs[c["champ"]]))
            for c in couche.champs
            if valeurs.get(c["champ"]) not in (None, "")
        )
        return Contrainte(
            couche=couche.nom,
            cle=f"{couche.nom}:{pk}",
            code=couche.nom,
            libelle=titre or couche.libelle,
            categorie=couche.libelle,
            nature=famille,
            genre=genre,
            mesure=mesure,
            pct=pct,
            source=source,
            details=details,
        )

    if couche.chargee_le is None:
        return Consultee(couche.nom, couche.libelle, famille, Etat.NON_CHARGEE)
    etat = Etat.TROUVE if gardes else Etat.RIEN
    return Consultee(
        couche.nom,
        couche.libelle,
        famille,
        etat,
        (source,),
        tuple(map(contrainte, gardes)),
        tuple(map(contrainte, eclats)),
        tuple(
            nom for insee, nom in terrain.communes or () if couche.communes and insee not in couche.communes
        ),
    )
