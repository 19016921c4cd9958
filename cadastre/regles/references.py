"""Every usual writing of a cadastral reference, understood without asking the database.

A text that is no reference gives an empty list: it is then an address or a name. The grammar reads a
line once, from left to right; separators count only where they decide between two readings.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

LONGUEUR_MAX = 10_000
PLAGE_MAX = 200
MOTS_COMMUNE_MAX = 10
MOTS_AVANT_COMMUNE_MAX = 5

_FIN_CODE = r"(?P<prefixe>\d{3})(?P<section>[0-9A-Z]{2})(?P<numero>\d{4})"
_CODE_COMPLET = re.compile(rf"(?P<insee>2[AB]\d{{3}}|\d{{5}}){_FIN_CODE}", re.ASCII)
_CODE_FICHIER = re.compile(rf"(?P<com>\d{{3}}){_FIN_CODE}", re.ASCII)
_CODE_MAJIC = re.compile(rf"(?P<dep>2[AB]|\d\d)\d(?P<com>\d{{3}}){_FIN_CODE}", re.ASCII)
_SECTION = re.compile(r"[A-Z]{1,2}")
_JETON = re.compile(
    r"(?<![0-9A-Z])(?P<corse>2[AB]\d{3}(?:\d{3})?)(?!\d)|(?P<mot>[A-Z]+)|(?P<nombre>\d+)|(?P<jusque>→|\.\.)",
    re.ASCII,
)
_NUMERO_DEVANT = re.compile(
    r"^\s*(?:PARCELLE\s+)?(?:N|NO|NUMERO)\s*(\d{1,4})\s*,?\s*(?:DE\s+LA\s+)?SECTION\s+(0?[A-Z]{1,2})\b",
    re.ASCII,
)
_MOTS_SECTION = frozenset({"SECTION", "SECTIONS", "SECT", "SEC"})
_MOTS_NUMERO = frozenset({"NUMERO", "NUMEROS", "NUM", "N", "NO", "NOS", "PARCELLE", "PARCELLES", "DE"})
_MOTS_TETE = frozenset({"PARCELLE", "PARCELLES", "CADASTRE", "CADASTREE", "REFERENCE", "REF", "CADASTRALE"})
_MOTS_ET = frozenset({"ET", "PUIS", "OU"})
_MOTS_JUSQUE = frozenset({"A", "AU"})
_MOTS_AVANT_COMMUNE = frozenset({"A", "DE", "DU", "D", "LA", "COMMUNE", "SUR"})
_ARTICLES = frozenset({"L", "LE", "LA", "LES"})
_VOIES = frozenset(
    [
        *("RUE", "RUELLE", "AVENUE", "AV", "BOULEVARD", "BD", "CHEMIN", "CH", "ROUTE", "RTE", "PLACE", "PL"),
        *("IMPASSE", "ALLEE", "ALLEES", "COURS", "QUAI", "SENTIER", "SQUARE", "VOIE", "PASSAGE", "MONTEE"),
        *("LOTISSEMENT", "RESIDENCE", "HAMEAU", "LIEU", "LIEUDIT", "DIT", "ESPLANADE", "TRAVERSE"),
    ]
)
_COLONNES: dict[str, str] = {
    **dict.fromkeys(("IDU", "ID", "IDENTIFIANT", "PARCELLE ID", "ID PARCELLE", "GEO PARCELLE"), "idu"),
    **dict.fromkeys(("REFERENCE", "REF", "REFERENCE CADASTRALE", "REF CADASTRALE", "PARCELLES"), "idu"),
    **dict.fromkeys(("COMMUNE", "INSEE", "CODE INSEE", "CODE COMMUNE", "CODECOMM", "NOM COMMUNE"), "commune"),
    **dict.fromkeys(("PREFIXE", "PRE", "CCOPRE", "COM ABS"), "prefixe"),
    **dict.fromkeys(("SECTION", "SEC", "CCOSEC"), "section"),
    **dict.fromkeys(("NUMERO", "NUM", "NO", "N", "DNUPLA", "NUMERO PARCELLE"), "numero"),
    "PARCELLE": "parcelle",
}


@dataclass(frozen=True)
class Reference:
    """One parcel (``numero``) or one section (``numero`` null) as typed.

    ``insee`` or ``prefixe`` null: not said. ``plage``: comes from a range, not to be missed where it
    does not exist. ``faible``: a word so short that it may be something else.
    """

    section: str
    numero: int | None
    insee: str | None = None
    prefixe: str | None = None
    ecrit: str = ""
    plage: bool = False
    faible: bool = False

    @property
    def idu(self) -> str | None:
        """The 14 characters when all of them are known."""
        if self.insee is None or self.prefixe is None or self.numero is None:
            return None
        return f"{self.insee}{self.prefixe}{self.section}{self.numero:04d}"

    @property
    def libelle(self) -> str:
        """Usual writing, ``AB 12``; a préfixe other than 000 comes first."""
        tete = f"{self.prefixe} " if self.prefixe not in (None, "000") else ""
        section = self.section.lstrip("0") or self.section
        return f"{tete}{section}" if self.numero is None else f"{tete}{section} {self.numero}"


@dataclass(frozen=True)
class Erreur:
    """What could not be understood: ``message`` in French says what and what to do."""

    code: str
    message: str
    ecrit: str = ""
    faible: bool = False


@dataclass(frozen=True)
class Contexte:
    """Communes of the perimeter (INSEE code → name) and the one on the map, if any."""

    communes: Mapping[str, str] = field(default_factory=dict)
    courante: str | None = None

    @cached_property
    def par_nom(self) -> dict[str, tuple[str, ...]]:
        """INSEE codes by normalised name."""
        index: dict[str, tuple[str, ...]] = {}
        for insee, nom in self.communes.items():
            cle = cle_commune(_JETON_NOM.findall(normaliser(nom)))
            index[cle] = (*index.get(cle, ()), insee)
        return index

    @cached_property
    def par_debut(self) -> dict[str, tuple[str, ...]]:
        """INSEE codes by the first words of the name, where those words are not a whole name."""
        index: dict[str, tuple[str, ...]] = {}
        for cle, insees in self.par_nom.items():
            mots = cle.split()
            for longueur in range(1, len(mots)):
                debut = " ".join(mots[:longueur])
                if len(debut) >= 4 and debut not in self.par_nom and debut not in ("SAINT", "SAINTE"):
                    index[debut] = (*index.get(debut, ()), *insees)
        return index

    @cached_property
    def premiers_mots(self) -> frozenset[str]:
        """First words of the names, to refuse at once what begins by none of them."""
        return frozenset(cle.split()[0] for cle in self.par_nom if cle)

    def communes_nommees(self, mots: list[str]) -> tuple[str, ...]:
        """INSEE codes of the communes so named; accents, hyphens, articles and St/Saint do not count."""
        cle = cle_commune(mots)
        return self.par_nom.get(cle) or self.par_debut.get(cle, ())


_JETON_NOM = re.compile(r"[0-9A-Z]+")


def normaliser(texte: str) -> str:
    """Capitals without accents; ``à`` becomes a range mark, since ``A`` is a section."""
    texte = re.sub(r"(?<!\w)[àÀ](?!\w)", "→", unicodedata.normalize("NFC", texte))
    texte = re.sub(r"[nN]\s?[°º]", " n ", texte).replace("œ", "oe").replace("Œ", "OE")
    decompose = unicodedata.normalize("NFKD", texte)
    return "".join(c for c in decompose if not unicodedata.combining(c)).upper()


def cle_commune(mots: list[str]) -> str:
    """Key of a commune's name: no leading article, ``ST`` written in full."""
    if len(mots) > 1 and mots[0] in _ARTICLES:
        mots = mots[1:]
    longs = {"ST": "SAINT", "STE": "SAINTE"}
    return " ".join(longs.get(mot, mot) for mot in mots)


@dataclass(frozen=True, slots=True)
class _Jeton:
    genre: str  # corse, mot, nombre, jusque
    texte: str
    debut: int
    fin: int


@dataclass(frozen=True, slots=True)
class _Groupe:
    """What one section opens: its numbers, with the ranges already spread."""

    references: tuple[Reference, ...]
    erreurs: tuple[Erreur, ...]
    suite: int


class _Ligne:
    """Reads one line; ``lire`` gives null where something of it is no reference."""

    def __init__(self, texte: str, contexte: Contexte) -> None:
        self.texte = _NUMERO_DEVANT.sub(r"SECTION \2 \1", normaliser(texte))
        self.ecrit = texte.strip()
        self.contexte = contexte
        self.jetons = [
            _Jeton(str(m.lastgroup), m.group(), m.start(), m.end()) for m in _JETON.finditer(self.texte)
        ]

    def _mot(self, i: int) -> str:
        return self.jetons[i].texte if i < len(self.jetons) and self.jetons[i].genre == "mot" else ""

    def _nombre(self, i: int) -> str:
        return self.jetons[i].texte if i < len(self.jetons) and self.jetons[i].genre == "nombre" else ""

    def _colles(self, i: int) -> bool:
        """Nothing stands between tokens ``i`` and ``i + 1``."""
        return i + 1 < len(self.jetons) and self.jetons[i].fin == self.jetons[i + 1].debut

    def _separe(self, i: int) -> bool:
        """A comma, a semicolon or the like stands between ``i`` and ``i + 1``."""
        if i < 0 or i + 1 >= len(self.jetons):
            return False
        return any(c in self.texte[self.jetons[i].fin : self.jetons[i + 1].debut] for c in ",;|\t\n")

    def _est_section(self, i: int) -> bool:
        return bool(_SECTION.fullmatch(self._mot(i)))

    def _zero_colle(self, i: int) -> bool:
        """The number at ``i`` ends with the 0 of a section of one letter, « 0A »."""
        return self._nombre(i).endswith("0") and self._colles(i) and len(self._mot(i + 1)) == 1

    def _section_suit(self, i: int) -> bool:
        while self._mot(i) in _MOTS_SECTION:
            i += 1
        return self._est_section(i) or (self._nombre(i) == "0" and self._zero_colle(i))

    # --- Commune -----------------------------------------------------------------------------------
    def _commune(self, i: int) -> tuple[tuple[str, ...], str | None, int] | None:
        """(INSEE codes, préfixe glued to the code, next token) where a commune is named at ``i``."""
        if i >= len(self.jetons):
            return None
        jeton = self.jetons[i]
        if jeton.genre == "corse" or (jeton.genre == "nombre" and len(jeton.texte) in (5, 8, 9)):
            code, reste = jeton.texte[:5], jeton.texte[5:]
            # « 253540000A5 »: the last 0 belongs to the section.
            if len(reste) == 4 and not self._zero_colle(i):
                return None
            return (code,), reste[:3] or None, i + 1
        limite = min(i + MOTS_AVANT_COMMUNE_MAX, len(self.jetons) - 1)
        while i < limite and self._mot(i) in _MOTS_AVANT_COMMUNE:
            trouvees = self._commune_nommee(i)
            if trouvees:
                return trouvees
            i += 1
        if i < len(self.jetons) and self.jetons[i].genre == "jusque":
            i += 1
        if self._nombre(i) and len(self._nombre(i)) == 5:
            return (self._nombre(i),), None, i + 1
        return self._commune_nommee(i)

    def _commune_nommee(self, i: int) -> tuple[tuple[str, ...], None, int] | None:
        debut = i + 1 if self._mot(i) in _ARTICLES else i
        possibles = {cle_commune([j.texte]) for j in self.jetons[i : debut + 1]}
        if possibles.isdisjoint(self.contexte.premiers_mots):
            return None
        for fin in range(min(len(self.jetons), i + MOTS_COMMUNE_MAX), i, -1):
            mots = [j.texte for j in self.jetons[i:fin]]
            insees = self.contexte.communes_nommees(mots)
            if insees:
                return insees, None, fin
        return None

    # --- Section and numbers -----------------------------------------------------------------------
    def _groupe(self, i: int, prefixe: str | None) -> _Groupe | None:
        annoncee = False
        while self._mot(i) in _MOTS_TETE or self._mot(i) in _MOTS_SECTION:
            annoncee = annoncee or self._mot(i) in _MOTS_SECTION
            i += 1
        nombre = self._nombre(i)
        section = ""
        if annoncee and 1 <= len(nombre) <= 2 and not self._colles(i):
            # Numbered sections of Alsace-Moselle are read only where the word says so.
            section, i = nombre.zfill(2), i + 1
        else:
            if len(nombre) == 3 and self._section_suit(i + 1):
                prefixe, i = nombre, i + 1
            elif len(nombre) == 4 and self._zero_colle(i):
                prefixe, i = nombre[:3], i + 1
            while self._mot(i) in _MOTS_SECTION:
                annoncee, i = True, i + 1
            if self._nombre(i) == "0" and self._zero_colle(i):
                i += 1
            if not self._est_section(i):
                return None
            section, i = self._mot(i).zfill(2), i + 1
        return self._numeros(section, prefixe, i, annoncee)

    def _numeros(self, section: str, prefixe: str | None, i: int, annoncee: bool) -> _Groupe:
        modele = Reference(section=section, numero=None, prefixe=prefixe, ecrit=self.ecrit)
        depart = i
        while self._mot(i) in _MOTS_NUMERO:
            i += 1
        if not self._nombre(i):
            return _Groupe((replace(modele, faible=not annoncee),), (), depart)
        references: list[Reference] = []
        erreurs: list[Erreur] = []
        precedent: int | None = None
        while True:
            borne, saut = self._jusque(i, precedent)
            if borne is not None and precedent is not None:
                plage, erreur = _etaler(modele, precedent, borne)
                references.extend(plage)
                erreurs.extend([erreur] if erreur else [])
                precedent, i = None, saut
                continue
            j = i
            while self._mot(j) in _MOTS_ET or (self._mot(j) in _MOTS_NUMERO and self._nombre(j + 1)):
                j += 1
            texte = self._nombre(j)
            if not texte or (references and self._ouvre_un_groupe(j)):
                break
            if len(texte) > 4 and references:
                break
            numero = int(texte[:6])
            if len(texte) > 4 or numero == 0:
                ecrit = f"{modele.libelle} {texte}"
                message = f"« {ecrit} » : un numéro de parcelle va de 1 à 9999. Vérifiez la référence."
                erreurs.append(Erreur("NUMERO_INVALIDE", message, self.ecrit))
                precedent = None
            else:
                references.append(replace(modele, numero=numero))
                precedent = numero
            i = j + 1
        return _Groupe(tuple(references), tuple(erreurs), i)

    def _jusque(self, i: int, precedent: int | None) -> tuple[int | None, int]:
        """(end of the range, next token) where ``i`` is a range mark followed by a greater number."""
        if precedent is None or i >= len(self.jetons):
            return None, i
        jeton = self.jetons[i]
        mot = jeton.genre == "mot" and jeton.texte in _MOTS_JUSQUE and not self._separe(i - 1)
        borne = self._nombre(i + 1)
        if not (mot or jeton.genre == "jusque") or not 1 <= len(borne) <= 4:
            return None, i
        if mot and int(borne) <= precedent:
            return None, i
        return int(borne), i + 2

    def _ouvre_un_groupe(self, i: int) -> bool:
        """The number at ``i`` is the préfixe (or the 0) of the section that follows."""
        if not self._est_section(i + 1) or self._separe(i):
            return False
        if self._mot(i + 1) in _MOTS_ET or (self._mot(i + 1) in _MOTS_JUSQUE and self._nombre(i + 2)):
            return self._colles(i)
        return len(self._nombre(i)) in (3, 4) or (self._nombre(i) == "0" and self._colles(i))

    # --- The line ----------------------------------------------------------------------------------
    def lire(self) -> list[Reference | Erreur] | None:
        """References of the line, or null where a part of it is no reference."""
        sortie: list[Reference | Erreur] = []
        communes: tuple[str, ...] = ()
        libres = 0  # where the references that no commune governs begin in ``sortie``
        i = 0
        while i < len(self.jetons):
            if self._mot(i) in _MOTS_ET and sortie:
                i += 1
                continue
            nommee = self._commune(i)
            prefixe = None
            if nommee is not None:
                insees, prefixe, suite = nommee
                groupe_suit = suite < len(self.jetons) and self._groupe(suite, prefixe) is not None
                if groupe_suit and (not sortie or communes or self._separe(i - 1)):
                    communes, libres, i = insees, len(sortie), suite
                elif sortie and prefixe is None:
                    # Named after: it governs what comes before, back to the last commune.
                    sortie[libres:] = _gouverner(sortie[libres:], insees)
                    libres, communes, i = len(sortie), (), suite
                    continue
                else:
                    nommee = None
            groupe = self._groupe(i, prefixe)
            if groupe is None or groupe.suite <= i:
                return None
            sortie.extend(_gouverner([*groupe.references, *groupe.erreurs], communes))
            if communes:
                libres = len(sortie)
            i = groupe.suite
        return sortie or None

    def commune_inconnue(self) -> Erreur | None:
        """The line reads as a reference but for words that are no commune of the perimeter."""
        mots = [j.texte for j in self.jetons]
        if any(mot in _VOIES for mot in mots):
            return None
        for coupe in range(1, min(len(mots), MOTS_COMMUNE_MAX)):
            for nom, reste in (
                (self.jetons[:coupe], self.jetons[coupe:]),
                (self.jetons[-coupe:], self.jetons[:-coupe]),
            ):
                if any(j.genre != "mot" for j in nom) or not any(len(j.texte) > 3 for j in nom):
                    continue
                partie = self.texte[reste[0].debut : reste[-1].fin]
                lues = _Ligne(partie, Contexte()).lire()
                if lues and all(isinstance(r, Reference) and r.numero for r in lues):
                    ecrit = self.texte[nom[0].debut : nom[-1].fin].capitalize()
                    return Erreur(
                        "COMMUNE_INCONNUE",
                        f"Aucune commune nommée « {ecrit} » dans le plan chargé. "
                        "Essayez la référence seule, ou le code INSEE de la commune.",
                        self.ecrit,
                        faible=True,
                    )
        return None


def _gouverner(elements: list[Reference | Erreur], insees: tuple[str, ...]) -> list[Reference | Erreur]:
    """Give their commune to references that have none; one copy a commune of the same name."""
    sortie: list[Reference | Erreur] = []
    for element in elements:
        if isinstance(element, Reference) and element.insee is None and insees:
            sortie.extend(replace(element, insee=insee) for insee in insees)
        else:
            sortie.append(element)
    return sortie


def _etaler(modele: Reference, debut: int, fin: int) -> tuple[list[Reference], Erreur | None]:
    """Numbers after ``debut`` up to ``fin``, 200 in all at most."""
    nom = modele.libelle
    if fin < debut:
        message = (
            f"« {nom} {debut} à {fin} » : la fin de la plage vient avant son début. Inversez les numéros."
        )
        return [], Erreur("PLAGE_INVERSEE", message, modele.ecrit)
    derniere = min(fin, debut + PLAGE_MAX - 1)
    references = [replace(modele, numero=n, plage=True) for n in range(debut + 1, derniere + 1)]
    if derniere == fin:
        return references, None
    message = (
        f"« {nom} {debut} à {fin} » : une plage donne {PLAGE_MAX} numéros au plus ; "
        f"la recherche s'arrête à {derniere}. Continuez par « {nom} {derniere + 1} à {fin} »."
    )
    return references, Erreur("PLAGE_TROP_LONGUE", message, modele.ecrit)


def _code(texte: str, contexte: Contexte) -> list[Reference | Erreur] | None:
    """The coded identifiers of 14, 12, 15 characters and INSPIRE's, however spaced."""
    compact = re.sub(r"[\s\-_/.]", "", normaliser(texte))
    if compact.startswith("FR"):
        compact = compact[2:]
    if len(compact) not in (12, 14, 15):
        return None
    ecrit = texte.strip()
    if trouve := _CODE_COMPLET.fullmatch(compact) or _CODE_MAJIC.fullmatch(compact):
        parts = trouve.groupdict()
        insee = parts.get("insee") or parts["dep"] + parts["com"]
        return _reference_codee(insee, parts, ecrit)
    if not (trouve := _CODE_FICHIER.fullmatch(compact)):
        return None
    parts = trouve.groupdict()
    possibles = [insee for insee in contexte.communes if insee[2:] == parts["com"]]
    if not possibles:
        message = (
            f"« {ecrit} » : aucune commune du plan chargé n'a un code finissant par {parts['com']}. "
            "Ajoutez le département devant."
        )
        return [Erreur("COMMUNE_INCONNUE", message, ecrit)]
    if contexte.courante in possibles:
        possibles = [str(contexte.courante)]
    sortie = [r for insee in possibles for r in _reference_codee(insee, parts, ecrit)]
    if len(possibles) > 1:
        noms = ", ".join(f"{contexte.communes[insee]} ({insee})" for insee in possibles[:5])
        message = f"« {ecrit} » : plusieurs communes possibles, {noms}. Choisissez ci-dessous."
        sortie.append(Erreur("COMMUNE_AMBIGUE", message, ecrit))
    return sortie


def _reference_codee(insee: str, parts: dict[str, str], ecrit: str) -> list[Reference | Erreur]:
    numero = int(parts["numero"])
    if numero == 0:
        return [Erreur("NUMERO_INVALIDE", f"« {ecrit} » : un numéro de parcelle va de 1 à 9999.", ecrit)]
    return [Reference(parts["section"], numero, insee, parts["prefixe"], ecrit)]


def _element(texte: str, contexte: Contexte) -> list[Reference | Erreur] | None:
    """One writing, coded or not."""
    if not texte.strip():
        return []
    return _code(texte, contexte) or _Ligne(texte, contexte).lire()


def _ligne(texte: str, contexte: Contexte) -> tuple[list[Reference | Erreur], bool]:
    """(what the line gives, whether something of it is a reference)."""
    for separateurs in (r";", r"[;,]"):
        parties = [p for p in re.split(separateurs, texte) if p.strip()]
        if len(parties) > 1 or separateurs == ";":
            lues = [_element(p, contexte) for p in parties]
            if lues and all(lue is not None for lue in lues):
                return [e for lue in lues if lue for e in lue], True
            if separateurs == ";":
                entiere = _Ligne(texte, contexte).lire()
                if entiere is not None:
                    return entiere, True
    parties = [p for p in re.split(r"[;,\t|]", texte) if p.strip()]
    lues = [_element(p, contexte) for p in parties]
    sures = [lue for lue in lues if lue and not all(e.faible for e in lue)]
    if not sures:
        # A row pasted without its header: the first cells that make a reference are taken for it.
        cellules = re.split(r"[;\t]", texte)
        for fin in range(2, min(len(cellules), 5)):
            lue = _element(" ".join(cellules[:fin]), contexte)
            if lue and all(isinstance(e, Reference) and e.numero for e in lue):
                return lue, True
        inconnue = _Ligne(texte, contexte).commune_inconnue()
        return ([inconnue], False) if inconnue else ([], False)
    sortie: list[Reference | Erreur] = []
    for partie, lue in zip(parties, lues, strict=True):
        sortie.extend([_illisible(partie)] if lue is None else lue)
    return sortie, True


def _illisible(texte: str) -> Erreur:
    court = texte.strip()
    court = court if len(court) <= 60 else court[:57] + "…"
    return Erreur(
        "ILLISIBLE", f"« {court} » n'est pas une référence. Écrivez par exemple « AB 12 ».", texte.strip()
    )


def _tableau(lignes: list[str], contexte: Contexte) -> list[Reference | Erreur] | None:
    """Rows under a header that names the columns; null where the first line is no such header."""
    separateur = max(";\t,|", key=lignes[0].count)
    if separateur not in lignes[0]:
        titre = " ".join(_JETON_NOM.findall(normaliser(lignes[0])))
        if titre not in _COLONNES:
            return None
        colonnes = [_COLONNES[titre]]
    else:
        titres = next(csv.reader([lignes[0]], delimiter=separateur))
        colonnes = [_COLONNES.get(" ".join(_JETON_NOM.findall(normaliser(t))), "") for t in titres]
    if "section" not in colonnes:
        colonnes = ["idu" if c == "parcelle" else c for c in colonnes]
    elif "numero" not in colonnes:
        colonnes = ["numero" if c == "parcelle" else c for c in colonnes]
    if "idu" not in colonnes and not {"section", "numero"} <= set(colonnes):
        return None
    sortie: list[Reference | Erreur] = []
    for cellules in csv.reader(lignes[1:], delimiter=separateur):
        valeurs = dict(zip(colonnes, cellules, strict=False))
        if "idu" in colonnes:
            texte = valeurs.get("idu", "")
        else:
            texte = " ".join(valeurs.get(c, "") for c in ("commune", "prefixe", "section", "numero"))
            if re.fullmatch(r"\s*\d{1,2}\s*", valeurs.get("section", "")):
                texte = " ".join(
                    (valeurs.get("commune", ""), "section", valeurs["section"], valeurs.get("numero", ""))
                )
        if texte.strip():
            sortie.extend(_element(texte, contexte) or [_illisible(" ".join(cellules))])
    return sortie


def analyser(texte: str, contexte: Contexte) -> list[Reference | Erreur]:
    """References typed or pasted in ``texte`` (10 000 characters at most), in the order typed, once each.

    Empty where nothing of the text is a reference. Never raises.
    """
    if len(texte) > LONGUEUR_MAX:
        message = f"Texte de {len(texte)} caractères : {LONGUEUR_MAX} au plus. Cherchez en plusieurs fois."
        return [Erreur("TEXTE_TROP_LONG", message)]
    texte = texte.replace("\x00", " ")
    lignes = [ligne for ligne in texte.splitlines() if ligne.strip()]
    if len(lignes) > 1:
        try:
            tableau = _tableau(lignes, contexte)
        except csv.Error:
            tableau = None
        if tableau is not None:
            return list(dict.fromkeys(tableau))
    lues = [_ligne(ligne, contexte) for ligne in lignes]
    if not any(reussie for _, reussie in lues):
        return list(dict.fromkeys(e for elements, _ in lues for e in elements))
    sortie: list[Reference | Erreur] = []
    for ligne, (elements, reussie) in zip(lignes, lues, strict=True):
        sortie.extend(elements if reussie or elements else [_illisible(ligne)])
    return list(dict.fromkeys(sortie))
