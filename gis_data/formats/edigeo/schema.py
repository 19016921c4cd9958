"""DIC and SCD files of a lot: its classes, attributes and relations."""

from __future__ import annotations

from collections.abc import Iterable

from .blocs import Fichier, reference
from .nomenclature import (
    LIGNE,
    POINT,
    SURFACE,
    TYPE_ECRITURE,
    Attribut,
    Classe,
    Nomenclature,
    identifiant_attribut,
    identifiant_type,
)

PRIMITIVES = {"NOD": "ID_S_PRI_NOD", "ARC": "ID_S_PRI_ARC", "FAC": "ID_S_PRI_FAC"}
_GENRE = {SURFACE: ("IDB", "FAC"), POINT: ("IDB", "NOD"), LIGNE: ("IDR", "ARC")}
# Attributes whose category is general, beside those of the writing.
_GENERAUX = {"DIS", "IDU", "INP", "SUPF"}
# Links between primitives: name, kind, members, occurrences.
_CONSTRUCTIONS = (
    ("ID_S_RCO_FAC_GCHE", "LPO", ("ARC", "FAC"), (0, 0), 0),
    ("ID_S_RCO_FAC_DRTE", "RPO", ("ARC", "FAC"), (0, 0), 0),
    ("ID_S_RCO_NOD_INI", "IND", ("ARC", "NOD"), (0, 1), 1),
    ("ID_S_RCO_NOD_FIN", "FND", ("ARC", "NOD"), (0, 1), 1),
    ("ID_S_RCO_NOD_INCLUS_DANS", "ILI", ("NOD", "FAC"), (0, 0), 0),
    ("ID_S_RCO_NOD_APPT_A", "BET", ("NOD", "ARC"), (0, 0), 0),
)


def construction(type_: str) -> str:
    """Name of the link from a class to its primitives."""
    return f"ID_S_RCO_{'Z_1_2_2' if type_ == TYPE_ECRITURE else identifiant_type(type_)}"


def _definition_objet(classe: Classe, type_: str) -> str:
    return f"ID_N_OBJ_{classe.cnig or type_}"


def ecrire_dic(nom: str, nomenclature: Nomenclature, ecritures: set[str]) -> bytes:
    """DIC file: definitions of classes, attributes (with their coded values) and relations."""
    fichier = Fichier(nom)
    vues = set()
    for type_, classe in nomenclature.classes.items():
        definition = _definition_objet(classe, type_)
        if definition in vues:
            continue
        vues.add(definition)
        fichier.bloc("DID", definition)
        fichier.champ("LABSA", classe.cnig or type_)
        fichier.champ("DEFST", "")
        fichier.champ("ORIST", "CNIG")
    for nom_attribut, attribut in nomenclature.attributs.items():
        fichier.bloc("DIA", f"ID_N_ATT_{nom_attribut}")
        fichier.champ("LABSA", nom_attribut)
        fichier.champ("DEFST", "")
        fichier.champ("ORIST", "CNIG")
        fichier.champ("CATSA", "G" if nom_attribut in ecritures | _GENERAUX else "P")
        fichier.champ("TYPSA", attribut.format)
        fichier.champ("UNIST", "m2" if nom_attribut == "SUPF" else "")
        fichier.champ("AVCSN", str(len(attribut.valeurs)))
        for code, libelle in attribut.valeurs.items():
            fichier.champ("AVLSA", code)
            fichier.texte("AVDST", libelle)
    for relation, libelle in (("IWW", ""), ("APP", "APPARTIENT A")):
        fichier.bloc("DIR", f"ID_N_REL_{relation}")
        fichier.champ("LABSA", relation)
        fichier.texte("DEFST", libelle)
        fichier.champ("ORIST", "CNIG")
        fichier.champ("CATSA", "G")
    return fichier.fermer()


def ecrire_scd(
    lot: str, nom: str, nomenclature: Nomenclature, relations: dict[str, list[str]], ecritures: set[str]
) -> bytes:
    """SCD file. ``relations`` gives the classes of each semantic relation, ``ecritures`` the attributes
    of the writing class, whose ids have another form."""
    fichier = Fichier(nom)
    for type_, classe in nomenclature.classes.items():
        fichier.bloc("OBJ", identifiant_type(type_))
        fichier.champ("DIPCP", reference(lot, "SeNM", "DID", _definition_objet(classe, type_)))
        fichier.champ("KNDSA", classe.nature)
        fichier.champ("AACSN", str(len(classe.attributs)))
        for attribut in classe.attributs:
            identifiant = identifiant_attribut(type_, attribut)
            fichier.champ("AAPCP", reference(lot, "SeSD", "ATT", identifiant))
        fichier.champ("QACSN", "0")
    for genre, identifiant in PRIMITIVES.items():
        fichier.bloc("PGE", identifiant)
        fichier.champ("KNDSA", genre)
        fichier.champ("AACSN", "0")
        fichier.champ("QACSN", "0")
    for attribut, definition in nomenclature.attributs.items():
        type_ = TYPE_ECRITURE if attribut in ecritures else ""
        fichier.bloc("ATT", identifiant_attribut(type_, attribut))
        _decrire_attribut(fichier, lot, attribut, definition)
    for relation, membres in relations.items():
        genre = "IWW" if relation == "IS_S_REL_IWW" else "APP"
        fichier.bloc("ASS", relation)
        fichier.champ("DIPCP", reference(lot, "SeNM", "DIR", f"ID_N_REL_{genre}"))
        occurrences = [1, *[0] * (len(membres) - 1)] if genre == "IWW" else [0, *[1] * (len(membres) - 1)]
        objets = [("OBJ", identifiant_type(membre)) for membre in membres]
        _membres(fichier, lot, objets, occurrences, (0, 1 if relation == "DETOPO_COMMUNE" else 0))
    for type_, classe in nomenclature.classes.items():
        genre, primitive = _GENRE.get(classe.nature, _GENRE[POINT])
        fichier.bloc("REL", construction(type_))
        fichier.champ("KNDSA", genre)
        objets = [("OBJ", identifiant_type(type_)), ("PGE", PRIMITIVES[primitive])]
        _membres(fichier, lot, objets, (1, 0), (1, 0))
    for relation, genre, noms, occurrences_, maximum in _CONSTRUCTIONS:
        fichier.bloc("REL", relation)
        fichier.champ("KNDSA", genre)
        _membres(fichier, lot, [("PGE", PRIMITIVES[n]) for n in noms], occurrences_, (0, maximum))
    return fichier.fermer()


def _decrire_attribut(fichier: Fichier, lot: str, nom: str, attribut: Attribut) -> None:
    fichier.champ("DIPCP", reference(lot, "SeNM", "DIA", f"ID_N_ATT_{nom}"))
    fichier.champ("CANSN", str(attribut.largeur))
    if attribut.decimales is not None:
        fichier.champ("CADSN", str(attribut.decimales))
    fichier.champ("UNIST", "")
    nature = "C" if attribut.format == "P" else "S"
    for borne in ("AV1", "AV2"):
        fichier.champ(f"{borne}{nature}{attribut.format}", "")


def _membres(
    fichier: Fichier,
    lot: str,
    objets: list[tuple[str, str]],
    occurrences: Iterable[int],
    cardinalites: tuple[int, int],
) -> None:
    fichier.champ("CA1SN", str(cardinalites[0]))
    fichier.champ("CA2SN", str(cardinalites[1]))
    fichier.champ("SCCSN", str(len(objets)))
    for (rty, identifiant), occurrence in zip(objets, occurrences, strict=True):
        fichier.champ("SCPCP", reference(lot, "SeSD", rty, identifiant))
        fichier.champ("OCCSN", str(occurrence))
    fichier.champ("AACSN", "0")
    fichier.champ("QACSN", "0")
