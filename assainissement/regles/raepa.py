"""Quality control of network records in RAEPA form: a bad record is an anomaly, not an error of the case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from assainissement.regles.lecture import Objet
from assainissement.regles.tables import raepa as table
from assainissement.regles.tables.raepa import AVERTISSEMENT, ERREUR
from mairie.lecture_json import ErreurSaisie

CHAMPS = ("couche", "version", "srid", "annee_reference", "identifiants", "enregistrements")
REJETE, AVEC_RESERVES, VALIDE = "rejete", "avec_reserves", "valide"
_NOMBRE = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_QUATRE_CHIFFRES = re.compile(r"[0-9]{4}")
_DATE = re.compile(r"([0-9]{4})(?P<separateur>[-/]?)([0-9]{2})(?P=separateur)([0-9]{2})")
_COMPOSE = re.compile(r"([0-9]{2})-[0-9]{2}")
_UN_CHIFFRE = re.compile(r"[0-9]")

Valeur = str | Decimal | int


@dataclass(frozen=True)
class Anomalie:
    """One fault of a record; ``champ`` None when it is the record as a whole."""

    code: str
    champ: str | None
    gravite: str

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        return {"code": self.code, "champ": self.champ, "gravite": self.gravite}


@dataclass(frozen=True)
class Lot:
    """Records of one layer and the identifiers that they may refer to (None: not checked)."""

    couche: str
    srid: int
    annee_reference: int
    identifiants: Mapping[str, frozenset[str] | None]
    enregistrements: tuple[Any, ...]

    @property
    def champs(self) -> tuple[table.Champ, ...]:
        """Fields of the layer, in order."""
        return table.COUCHES[self.couche]

    @property
    def champ_identifiant(self) -> str:
        """Field that identifies a record: the first."""
        return self.champs[0].nom


@dataclass(frozen=True)
class Resultat:
    """What the control of one record says."""

    index: int
    identifiant: str | None
    anomalies: tuple[Anomalie, ...]

    @property
    def statut(self) -> str:
        """Rejected by an error, accepted with reserves by a warning."""
        if any(anomalie.gravite == ERREUR for anomalie in self.anomalies):
            return REJETE
        return AVEC_RESERVES if self.anomalies else VALIDE

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        return {
            "index": self.index,
            "identifiant": self.identifiant,
            "anomalies": [anomalie.en_json() for anomalie in self.anomalies],
            "statut": self.statut,
        }


@dataclass
class _Lecture:
    """One record being read: usable values by field, and the faults found so far."""

    valeurs: dict[str, Valeur] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)

    def signaler(self, code: str, champ: str | None, gravite: str = AVERTISSEMENT) -> None:
        self.anomalies.append(Anomalie(code, champ, gravite))


def controler_raepa(cas: Any, annee_courante: int) -> dict[str, Any]:
    """Answer of one case of the command; ``annee_courante`` stands for an absent ``annee_reference``."""
    return controler(lire_lot(Objet.ouvrir(cas, "", CHAMPS), annee_courante))


def lire_lot(objet: Objet, annee_courante: int) -> Lot:
    """Case checked completely; any element is taken as a record."""
    couche = objet.choix("couche", tuple(table.COUCHES))
    objet.choix("version", table.VERSIONS, table.VERSIONS[0])
    srid = objet.entier("srid", table.SRID_DEFAUT, minimum=table.SRID_MIN, maximum=table.SRID_MAX)
    annee = objet.entier(
        "annee_reference",
        annee_courante,
        minimum=table.ANNEE_REFERENCE_MIN,
        maximum=table.ANNEE_REFERENCE_MAX,
    )
    listes = objet.objet("identifiants", table.LISTES_IDENTIFIANTS)
    identifiants = {nom: _lire_identifiants(listes, nom) for nom in table.LISTES_IDENTIFIANTS}
    objet.exiger("enregistrements")
    enregistrements = tuple(element for _, element in objet.liste("enregistrements"))
    return Lot(couche, srid, annee, identifiants, enregistrements)


def _lire_identifiants(objet: Objet | None, nom: str) -> frozenset[str] | None:
    if objet is None or not objet.present(nom):
        return None
    lus = set()
    for chemin, valeur in objet.liste(nom):
        if not isinstance(valeur, str):
            raise ErreurSaisie(chemin, "Un identifiant est un texte, entre guillemets.")
        lus.add(valeur.strip())
    return frozenset(lus)


class Controle:
    """Records of one layer examined one at a time, so that a long file never stands whole in memory.

    ``propres``: identifiers of the whole file, that its own records may cite before they come. ``vus``:
    those met already in another part of the same file.
    """

    def __init__(self, lot: Lot, propres: frozenset[str], vus: set[str] | None = None) -> None:
        self.lot = lot
        self.presents: set[str] = set()
        self._noms: tuple[Any, ...] = ()
        self.vus: set[str] = set() if vus is None else vus
        self._connus = _connus(lot, propres)

    def examiner(self, index: int, brut: Any) -> tuple[Resultat, dict[str, Valeur]]:
        """Faults of a record, and its usable values by field."""
        if isinstance(brut, Mapping) and (noms := tuple(brut)) != self._noms:
            # Records of one file name the same attributes: looked at once.
            self._noms = noms
            self.presents.update(normaliser_attributs(brut))
        lecture, identifiant = lire_enregistrement(brut, self.lot)
        _verifier_coherence(lecture)
        _verifier_references(lecture, self.lot, self._connus)
        if identifiant is not None:
            if identifiant in self.vus:
                lecture.signaler("IDENTIFIANT_DOUBLE", self.lot.champ_identifiant, ERREUR)
            self.vus.add(identifiant)
        return Resultat(index, identifiant, tuple(lecture.anomalies)), lecture.valeurs


def controler(lot: Lot) -> dict[str, Any]:
    """Every record in order, then the summary and the attributes missing or unknown."""
    lus = (identifiant_de(brut, lot) for brut in lot.enregistrements)
    controle = Controle(lot, frozenset(identifiant for identifiant in lus if identifiant is not None))
    resultats = [controle.examiner(index, brut)[0] for index, brut in enumerate(lot.enregistrements)]
    statuts = Counter(resultat.statut for resultat in resultats)
    presents = frozenset(controle.presents)
    return {
        "resultats": [resultat.en_json() for resultat in resultats],
        "synthese": {
            "total": len(resultats),
            "valides": statuts[VALIDE],
            "avec_reserves": statuts[AVEC_RESERVES],
            "rejetes": statuts[REJETE],
        },
        "champs_absents": champs_absents(lot, presents),
        "champs_inconnus": champs_inconnus(lot, presents),
    }


def identifiant_de(brut: Any, lot: Lot) -> str | None:
    """Identifier of a record alone; null when it has none."""
    valeur = normaliser_attributs(brut).get(lot.champ_identifiant) if isinstance(brut, Mapping) else None
    return None if est_absent(valeur) else en_texte(valeur)


def champs_absents(lot: Lot, presents: frozenset[str]) -> list[str]:
    """Structural and expected fields that no record names; nothing to say of an empty file."""
    if not lot.enregistrements:
        return []
    return [
        champ.nom for champ in lot.champs if champ.presence != table.FACULTATIF and champ.nom not in presents
    ]


def champs_inconnus(lot: Lot, presents: frozenset[str]) -> list[str]:
    """Attributes that the layer does not have, technical ones apart, sorted."""
    return sorted(presents - {champ.nom for champ in lot.champs} - table.TECHNIQUES)


def normaliser_attributs(brut: Mapping[str, Any]) -> dict[str, Any]:
    """Names trimmed, in capitals, usual variants corrected; of two attributes of one name the last counts."""
    attributs = {}
    for nom, valeur in brut.items():
        propre = nom.strip().upper()
        attributs[table.VARIANTES.get(propre, propre)] = valeur
    return attributs


def est_absent(valeur: Any) -> bool:
    """Null, blank text, or the word NULL."""
    return valeur is None or (isinstance(valeur, str) and valeur.strip().upper() in ("", table.MOT_ABSENT))


def en_texte(valeur: Any) -> str | None:
    """Trimmed text of a text or number (an integral number without decimals); None for anything else."""
    if isinstance(valeur, str):
        return valeur.strip()
    if isinstance(valeur, bool) or not isinstance(valeur, int | Decimal):
        return None
    nombre = Decimal(valeur)
    if not nombre.is_finite() or abs(nombre.adjusted()) > _ECRITURE_MAX:
        return None
    return str(int(nombre)) if nombre == nombre.to_integral_value() else f"{nombre.normalize():f}"


_ECRITURE_MAX = 1000  # digits that a number may need to be written


def lire_enregistrement(brut: Any, lot: Lot) -> tuple[_Lecture, str | None]:
    """Values of one record field by field, and its identifier as text."""
    lecture = _Lecture()
    if not isinstance(brut, Mapping):
        lecture.signaler("ENREGISTREMENT_INVALIDE", None, ERREUR)
        return lecture, None
    attributs = normaliser_attributs(brut)
    for champ in lot.champs:
        valeur = attributs.get(champ.nom)
        if est_absent(valeur):
            gravite = table.GRAVITE_ABSENCE[champ.presence]
            if gravite is not None:
                lecture.signaler("OBLIGATOIRE_ABSENT", champ.nom, gravite)
            continue
        texte = en_texte(valeur)
        if texte is None:
            lecture.signaler("TYPE_INVALIDE", champ.nom, ERREUR)
        else:
            _lire_champ(lecture, champ.nom, texte, lot)
    identifiant = lecture.valeurs.get(lot.champ_identifiant)
    return lecture, None if identifiant is None else str(identifiant)


def _lire_champ(lecture: _Lecture, nom: str, texte: str, lot: Lot) -> None:
    if nom in table.LISTES:
        _lire_code(lecture, nom, texte)
    elif nom in table.ENTIERS or nom in table.NOMBRES:
        _lire_nombre(lecture, nom, texte, lot)
    elif nom in table.ANNEES:
        _lire_annee(lecture, nom, texte, lot)
    else:
        if nom in table.DATES and not est_une_date(texte):
            lecture.signaler("DATE_INVALIDE", nom)
        lecture.valeurs[nom] = texte


def _lire_code(lecture: _Lecture, nom: str, texte: str) -> None:
    codes = table.LISTES[nom]
    compose = _COMPOSE.fullmatch(texte) if nom in table.COMPOSES else None
    if texte in codes or (compose is not None and compose[1] in codes):
        lecture.valeurs[nom] = texte
        return
    normalise = texte.zfill(2) if _UN_CHIFFRE.fullmatch(texte) else texte.upper()
    if normalise in codes:
        lecture.signaler("CODE_NON_NORMALISE", nom)
        lecture.valeurs[nom] = normalise
    elif nom in table.LISTES_OUVERTES:
        lecture.signaler("CODE_INCONNU", nom)
        lecture.valeurs[nom] = texte
    else:
        lecture.signaler("CODE_INCONNU", nom, ERREUR)


def _lire_nombre(lecture: _Lecture, nom: str, texte: str, lot: Lot) -> None:
    nombre = Decimal(texte) if _NOMBRE.fullmatch(texte) else None
    if nombre is None or (nom in table.ENTIERS and nombre != nombre.to_integral_value()):
        lecture.signaler("TYPE_INVALIDE", nom, ERREUR)
        return
    if nom in table.BORNES and not table.BORNES[nom].contient(nombre):
        lecture.signaler("VALEUR_HORS_BORNES", nom)
    emprise = table.EMPRISES.get(lot.srid, {})
    if nom in emprise and not emprise[nom].contient(nombre):
        lecture.signaler("COORDONNEES_HORS_EMPRISE", nom)
    lecture.valeurs[nom] = nombre


def _lire_annee(lecture: _Lecture, nom: str, texte: str, lot: Lot) -> None:
    if not _QUATRE_CHIFFRES.fullmatch(texte):
        lecture.signaler("TYPE_INVALIDE", nom, ERREUR)
        return
    annee = int(texte)
    if not table.ANNEE_MIN <= annee <= lot.annee_reference:
        lecture.signaler("ANNEE_HORS_BORNES", nom)
    lecture.valeurs[nom] = annee


def est_une_date(texte: str) -> bool:
    """Real date written AAAA-MM-JJ, AAAA/MM/JJ or AAAAMMJJ."""
    trouve = _DATE.fullmatch(texte)
    if trouve is None:
        return False
    try:
        date(int(trouve[1]), int(trouve[3]), int(trouve[4]))
    except ValueError:
        return False
    return True


def _verifier_coherence(lecture: _Lecture) -> None:
    """Faults between two fields; a value refused above is not there any more."""
    valeurs = lecture.valeurs
    if {"ANDEBPOSE", "ANFINPOSE"} <= valeurs.keys() and int(valeurs["ANDEBPOSE"]) > int(valeurs["ANFINPOSE"]):
        lecture.signaler("ANNEES_INCOHERENTES", "ANDEBPOSE")
    if "IDNTERM" in valeurs and valeurs["IDNTERM"] == valeurs.get("IDNINI"):
        lecture.signaler("NOEUDS_IDENTIQUES", "IDNTERM")
    contenu, reseau = valeurs.get("CONTCANASS"), valeurs.get("TYPRESEAU")
    if contenu in table.CONTENUS_PRECIS and reseau is not None and contenu != reseau:
        lecture.signaler("RESEAU_INCOHERENT", "CONTCANASS")
    amont, aval = valeurs.get("ZAMONT"), valeurs.get("ZAVAL")
    gravitaire = valeurs.get("MODECIRC") == table.GRAVITAIRE
    if gravitaire and isinstance(amont, Decimal) and isinstance(aval, Decimal) and aval > amont:
        lecture.signaler("PENTE_INVERSEE", "ZAVAL")


def _connus(lot: Lot, propres: frozenset[str]) -> dict[str, frozenset[str] | None]:
    """By field, the identifiers that it may cite; null: not checked."""
    connus = {}
    for nom, liste in table.REFERENCES.items():
        permis = lot.identifiants[liste]
        if permis is not None and lot.couche == table.CANALISATIONS and liste == table.CANAS:
            permis |= propres
        connus[nom] = permis
    return connus


def _verifier_references(lecture: _Lecture, lot: Lot, connus: Mapping[str, frozenset[str] | None]) -> None:
    """Identifiers that no list given knows, in field order."""
    for nom, valeur in _references(lecture, lot):
        permis = connus[nom]
        if permis is None:
            continue
        cites = valeur.split(table.SEPARATEUR) if nom in table.REFERENCES_MULTIPLES else [valeur]
        if any(cite.strip() and cite.strip() not in permis for cite in cites):
            lecture.signaler("REFERENCE_INCONNUE", nom)


def _references(lecture: _Lecture, lot: Lot) -> Iterator[tuple[str, str]]:
    """Fields that refer to another object: never the identifier of the record itself."""
    for champ in lot.champs:
        if champ.nom in table.REFERENCES and champ.nom != lot.champ_identifiant:
            valeur = lecture.valeurs.get(champ.nom)
            if valeur is not None:
                yield champ.nom, str(valeur)
