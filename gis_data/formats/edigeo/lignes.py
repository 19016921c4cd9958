"""Lines of an EDIGÉO file as columns: field names, value offsets, blocks.

A line is ``NNN K F LL:value`` without the blanks. All lines of a file are found and checked at once
with numpy; a value is then a slice of the file decoded as ISO 8859-1, where offsets are byte offsets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .modele import AVERTISSEMENT, Anomalie, ErreurEdigeo

Entiers = npt.NDArray[np.int64]
ANOMALIES_MAX_PAR_FICHIER = 50
_BLANCS = b" \t\r\x00\x1a"


def code_champ(nom: str) -> int:
    """Number of a field name of three letters, as found in ``Lignes.champ``."""
    return int.from_bytes(nom.encode("ascii"), "little")


RTY, RID, TEX, NEX, EOM = map(code_champ, ("RTY", "RID", "TEX", "NEX", "EOM"))


@dataclass(frozen=True, eq=False)
class Lignes:
    """Lines of one file that hold a field, in order; ``bloc`` numbers the blocks, -1 before the first.

    ``champ`` and ``rty`` hold three letters as a number (``code_champ``). ``reprises`` holds the values
    that are not the plain slice ``debut:fin`` of ``texte`` (continued by NEXT, or saved as UTF-8).
    ``debut``, ``fin`` and ``bloc`` end with one more entry, an empty value: line -1 is « no line ».
    """

    nom: str
    octets: npt.NDArray[np.uint8]
    texte: str
    champ: npt.NDArray[np.uint32]
    debut: Entiers
    fin: Entiers
    bloc: Entiers
    rty: npt.NDArray[np.uint32]
    complet: bool
    reprises: dict[int, str] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)

    def indices(self, champ: int) -> Entiers:
        """Numbers of the lines of one field."""
        return np.flatnonzero(self.champ == champ)

    def valeurs(self, indices: Entiers | None = None) -> list[str]:
        """Decoded values of the lines given (all of them by default); empty for line -1."""
        texte = self.texte
        if indices is None:
            debut, fin = self.debut[:-1], self.fin[:-1]
        else:
            debut, fin = self.debut[indices], self.fin[indices]
        valeurs = [texte[i:j] for i, j in zip(debut.tolist(), fin.tolist(), strict=True)]
        if self.reprises:
            rangs: Iterable[int] = range(len(valeurs)) if indices is None else indices.tolist()
            for rang, ligne in enumerate(rangs):
                if ligne in self.reprises:
                    valeurs[rang] = self.reprises[ligne]
        return valeurs

    def entiers(self, indices: Entiers) -> Entiers:
        """Whole numbers of the lines given (counts), -1 for what is not one of 1 to 9 digits."""
        debut, longueur = self.debut[indices], self.fin[indices] - self.debut[indices]
        resultat = np.where((longueur > 0) & (longueur < 10), 0, -1)
        for k in range(int(longueur.max(initial=0))):
            present = (resultat >= 0) & (longueur > k)
            chiffre = self.octets[debut + np.where(present, k, 0)] - np.uint8(48)
            resultat = np.where(present, np.where(chiffre < 10, resultat * 10 + chiffre, -1), resultat)
        return resultat

    def comptes_faux(self, blocs: Entiers, compte: int, compte_lignes: int) -> list[tuple[int, int, int]]:
        """(rank in ``blocs``, number announced, number found) where a count does not match its lines."""
        premiers = self.premiers(compte)[blocs]
        annonces = self.entiers(premiers)
        trouves = np.bincount(self.bloc[self.indices(compte_lignes)] + 1, minlength=len(self.rty) + 1)[
            blocs + 1
        ]
        faux = np.flatnonzero((annonces != trouves) & (premiers >= 0))
        return [(i, int(annonces[i]), int(trouves[i])) for i in faux.tolist()]

    def premiers(self, champ: int) -> Entiers:
        """For each block, the number of its first line of a field, -1 where there is none."""
        resultat = np.full(len(self.rty), -1, dtype=np.int64)
        lignes = self.indices(champ)[::-1]
        blocs = self.bloc[lignes]
        resultat[blocs[blocs >= 0]] = lignes[blocs >= 0]
        return resultat


def noms_de_champ(lignes: Lignes) -> list[str]:
    """Field names as texts, for the small descriptive files."""
    return [int(c).to_bytes(4, "little")[:3].decode("latin-1") for c in lignes.champ.tolist()]


def vue_u64(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Eight bytes from each offset as one little-endian number (no copy); needs 8 bytes of padding."""
    return np.ndarray((len(octets) - 7,), dtype="<u8", buffer=octets.data, strides=(1,))


def lire_lignes(nom: str, contenu: bytes) -> Lignes:
    """Lines of a file. Wrong lengths and encodings become anomalies, nothing is refused here."""
    if contenu.startswith(b"\xef\xbb\xbf"):
        contenu = contenu[3:]
    anomalies: list[Anomalie] = []
    contenu = _sans_octet_nul(nom, contenu, anomalies)
    octets = np.frombuffer(contenu + bytes(8), dtype=np.uint8)
    fin = np.flatnonzero(octets[:-8] == 10)
    if not contenu.endswith(b"\n"):
        fin = np.append(fin, len(contenu))
    debut = np.empty_like(fin)
    debut[:1] = 0
    debut[1:] = fin[:-1] + 1
    fin -= (fin > debut) & (octets[fin - 1] == 13)

    pleines = fin - debut >= 8
    numero = np.flatnonzero(pleines)
    courtes = np.flatnonzero((fin > debut) & ~pleines)
    illisibles = [int(i) for i in courtes if contenu[debut[i] : fin[i]].strip(_BLANCS)]
    debut, fin = debut[numero], fin[numero]
    tete = vue_u64(octets)[debut]
    deux_points = (tete >> np.uint64(56)) == ord(":")
    if not deux_points.all():
        mauvaises = np.flatnonzero(~deux_points)
        illisibles += [int(numero[i]) for i in mauvaises if contenu[debut[i] : fin[i]].strip(_BLANCS)]
        numero, debut, fin, tete = (t[deux_points] for t in (numero, debut, fin, tete))
    anomalies += [
        _anomalie_ligne(nom, i, "la ligne n'a pas la forme d'un champ ; elle est ignorée")
        for i in sorted(illisibles)[:ANOMALIES_MAX_PAR_FICHIER]
    ]
    debut = debut + 8
    champ = (tete & np.uint64(0xFFFFFF)).astype(np.uint32)

    dizaine = (tete >> np.uint64(40)).astype(np.uint8) - np.uint8(48)
    unite = (tete >> np.uint64(48)).astype(np.uint8) - np.uint8(48)
    annonce = np.where((dizaine < 10) & (unite < 10), dizaine.astype(np.int64) * 10 + unite, -1)
    ecarts = np.flatnonzero(annonce != fin - debut)
    utf8 = _regler_longueurs(nom, contenu, numero, debut, fin, annonce, ecarts, anomalies)

    est_bloc = champ == RTY
    bloc = np.cumsum(est_bloc) - 1
    rty = (vue_u64(octets)[debut[est_bloc]] & np.uint64(0xFFFFFF)).astype(np.uint32)
    eom = np.flatnonzero(champ == EOM)
    complet = bool(len(eom)) and bool(bloc[eom[-1]] == len(rty) - 1)
    texte = contenu.decode("latin-1")
    reprises: dict[int, str] = {}
    if utf8:
        _decoder_utf8(nom, octets, contenu, debut, fin, reprises, anomalies)
    _joindre_next(texte, champ, debut, fin, reprises)
    debut, fin, bloc = np.append(debut, 0), np.append(fin, 0), np.append(bloc, -1)
    return Lignes(nom, octets, texte, champ, debut, fin, bloc, rty, complet, reprises, anomalies)


def _sans_octet_nul(nom: str, contenu: bytes, anomalies: list[Anomalie]) -> bytes:
    """NUL bytes as blanks: PostgreSQL holds none, in a text or in the report. Padding goes unsaid."""
    if b"\0" not in contenu:
        return contenu
    nombre = contenu.rstrip(_BLANCS).count(b"\0")
    if nombre:
        detail = f"{nom} est abîmé : octets nuls, lus comme des blancs ({nombre}). Téléchargez-le de nouveau."
        anomalies.append(Anomalie("VALEUR_INVALIDE", AVERTISSEMENT, "", nom, detail))
    return contenu.replace(b"\0", b" ")


def _anomalie_ligne(nom: str, numero: int, detail: str) -> Anomalie:
    return Anomalie("LONGUEUR_INCORRECTE", AVERTISSEMENT, "", nom, f"{nom}, ligne {numero + 1} : {detail}.")


def _regler_longueurs(
    nom: str,
    contenu: bytes,
    numero: Entiers,
    debut: Entiers,
    fin: Entiers,
    annonce: Entiers,
    ecarts: Entiers,
    anomalies: list[Anomalie],
) -> bool:
    """Check the lines whose length differs; cut trailing blanks in ``fin``. True = saved as UTF-8."""
    utf8 = False
    fausses = []
    for i in ecarts.tolist():
        valeur, longueur = contenu[debut[i] : fin[i]], int(annonce[i])
        if longueur >= 0 and not valeur[longueur:].strip(_BLANCS) and len(valeur) > longueur:
            fin[i] = debut[i] + longueur
        elif not valeur.isascii() and _est_utf8(valeur):
            utf8 = True
        else:
            fausses.append(i)
            fin[i] = debut[i] + len(valeur.rstrip(_BLANCS))
    for i in fausses[:ANOMALIES_MAX_PAR_FICHIER]:
        lu = fin[i] - debut[i]
        texte = f"longueur annoncée {annonce[i]}, valeur lue de {lu} octets, prise telle quelle"
        anomalies.append(_anomalie_ligne(nom, int(numero[i]), texte))
    if len(fausses) > ANOMALIES_MAX_PAR_FICHIER:
        texte = f"{len(fausses)} longueurs incorrectes dans ce fichier, seules les premières sont citées"
        anomalies.append(Anomalie("LONGUEUR_INCORRECTE", AVERTISSEMENT, "", nom, f"{nom} : {texte}."))
    return utf8


def _est_utf8(valeur: bytes) -> bool:
    try:
        valeur.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoder_utf8(
    nom: str,
    octets: npt.NDArray[np.uint8],
    contenu: bytes,
    debut: Entiers,
    fin: Entiers,
    reprises: dict[int, str],
    anomalies: list[Anomalie],
) -> None:
    """Decode every non-ASCII value of the file as UTF-8 (a length may be right by chance)."""
    hauts = np.flatnonzero(octets > 127)
    lignes = np.unique(np.searchsorted(debut, hauts, side="right") - 1)
    nombre = 0
    for i in lignes.tolist():
        valeur = contenu[debut[i] : fin[i]] if i >= 0 else b""
        if not valeur.isascii() and _est_utf8(valeur):
            reprises[i] = valeur.decode("utf-8").rstrip()
            nombre += 1
    detail = f"{nom} a été réenregistré en UTF-8 (lignes décodées ainsi : {nombre})."
    anomalies.append(Anomalie("ENCODAGE_UTF8", AVERTISSEMENT, "", nom, detail))


def _joindre_next(
    texte: str, champ: npt.NDArray[np.uint32], debut: Entiers, fin: Entiers, reprises: dict[int, str]
) -> None:
    """Append the values of NEXT lines to the value they continue."""
    for i in np.flatnonzero(champ == NEX).tolist():
        origine = i - 1
        while origine >= 0 and champ[origine] in (NEX, TEX):
            origine -= 1
        if origine < 0:
            continue
        avant = reprises.get(origine, texte[debut[origine] : fin[origine]])
        reprises[origine] = avant + reprises.get(i, texte[debut[i] : fin[i]])


def exiger_complet(lignes: Lignes) -> Lignes:
    """The same lines, or ``ErreurEdigeo`` FICHIER_TRONQUE: no end mark, or neither beginning nor block."""
    if not lignes.complet:
        raise _tronque(lignes.nom)
    if not len(lignes.rty) and not lignes.texte.lstrip().startswith("BOMT"):
        # Any bytes followed by an end mark would otherwise be a file that says nothing.
        raise _tronque(lignes.nom, "ni début BOMT ni aucun bloc")
    return lignes


def exiger_fin(nom: str, contenu: bytes) -> bytes:
    """The same for a file whose lines are not read now."""
    if contenu.rfind(b"\nEOMT") <= contenu.rfind(b"\nRTYSA"):
        raise _tronque(nom)
    return contenu


def _tronque(nom: str, manque: str = "pas de fin EOMT") -> ErreurEdigeo:
    return ErreurEdigeo(
        "FICHIER_TRONQUE",
        f"le fichier {nom} est tronqué ({manque}). Téléchargez la feuille de nouveau.",
        nom,
    )
