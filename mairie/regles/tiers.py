"""Persons and companies: SIREN and SIRET, and the keys by which duplicates are found."""

from __future__ import annotations

import re
import unicodedata

# Of La Poste: its establishments are too many for the key of the others.
SIREN_LA_POSTE = "356000000"
_CHIFFRES = re.compile(r"[\s.\u00a0\u202f-]+")
_MOTS = re.compile(r"[a-z0-9]+")
# Legal forms say nothing of who it is: « SARL Dupont » and « Dupont » may be one company.
FORMES_JURIDIQUES = frozenset(
    [
        *("sarl", "eurl", "sas", "sasu", "sa", "sci", "snc", "scop", "scp", "selarl", "gaec", "earl", "scea"),
        *("ei", "eirl", "gie", "scic", "sem", "spl", "societe", "entreprise", "ets", "etablissements"),
        *("association", "asso", "monsieur", "madame", "m", "mme", "mlle", "mr", "et"),
    ]
)
_PETITS = frozenset(["de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "et"])
ABREGES_VOIE = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "boul": "boulevard",
    "ch": "chemin", "che": "chemin", "chem": "chemin", "imp": "impasse", "pl": "place", "rte": "route",
    "all": "allee", "res": "residence", "lot": "lotissement", "st": "saint", "ste": "sainte",
    "sq": "square", "pass": "passage", "r": "rue", "qu": "quai", "crs": "cours", "ham": "hameau",
    "fg": "faubourg", "sen": "sentier", "vc": "voie communale", "cr": "chemin rural",
}  # fmt: skip


def mots(texte: str) -> list[str]:
    """Words in small letters without accents: « L'Étang-Vieux » → l, etang, vieux."""
    sans_accent = unicodedata.normalize("NFKD", texte.replace("œ", "oe").replace("Œ", "OE"))
    return _MOTS.findall("".join(c for c in sans_accent if not unicodedata.combining(c)).lower())


def chiffres(texte: str) -> str:
    """A number as typed, without spaces, dots and hyphens: « 732 829 320 00074 » → 73282932000074."""
    return _CHIFFRES.sub("", texte)


def _luhn(numero: str) -> bool:
    total = 0
    for rang, chiffre in enumerate(reversed(numero)):
        valeur = int(chiffre) * (2 if rang % 2 else 1)
        total += valeur - 9 if valeur > 9 else valeur
    return total % 10 == 0


def siren_valide(siren: str) -> bool:
    """Nine digits whose key (Luhn) is right; not the empty number 000000000."""
    return bool(re.fullmatch(r"[0-9]{9}", siren)) and siren != "0" * 9 and _luhn(siren)


def siret_valide(siret: str) -> bool:
    """Fourteen digits: a valid SIREN, then the key of the whole (Luhn).

    La Poste's establishments other than its seat: the sum of the digits is a multiple of 5.
    """
    if not re.fullmatch(r"[0-9]{14}", siret) or not siren_valide(siret[:9]):
        return False
    if _luhn(siret):
        return True
    return siret.startswith(SIREN_LA_POSTE) and sum(map(int, siret)) % 5 == 0


def motif_siret(texte: str) -> str:
    """Why this is no SIRET, in a French sentence; empty when it is one."""
    numero = chiffres(texte)
    if not numero.isascii() or not numero.isdigit():
        return "Le SIRET s'écrit avec 14 chiffres, sans lettre."
    if len(numero) != 14:
        return f"Le SIRET compte 14 chiffres ; celui-ci en a {len(numero)}."
    if not siren_valide(numero[:9]):
        return "Les 9 premiers chiffres (le SIREN) ne forment pas un numéro valable : vérifiez la saisie."
    if not siret_valide(numero):
        return "La clé de ce SIRET est fausse : vérifiez les cinq derniers chiffres."
    return ""


def motif_siren(texte: str) -> str:
    """Why this is no SIREN, in a French sentence; empty when it is one."""
    numero = chiffres(texte)
    if not numero.isascii() or not numero.isdigit():
        return "Le SIREN s'écrit avec 9 chiffres, sans lettre."
    if len(numero) != 9:
        return f"Le SIREN compte 9 chiffres ; celui-ci en a {len(numero)}."
    return "" if siren_valide(numero) else "La clé de ce SIREN est fausse : vérifiez la saisie."


def cle_nom(nom: str) -> str:
    """Words of a name in alphabetical order, without titles nor legal forms.

    « SARL Dupont & fils » and « Dupont et Fils » → « dupont fils »; a name made only of such
    words keeps them.
    """
    tous = mots(nom)
    utiles = [m for m in tous if m not in FORMES_JURIDIQUES and m not in _PETITS] or tous
    return " ".join(sorted(utiles))


def cle_adresse(ligne: str, code_postal: str, ville: str) -> str:
    """A postal address without small words and abbreviations; empty without a line or a town."""
    voie = [ABREGES_VOIE.get(m, m) for m in mots(ligne)]
    lieu = [ABREGES_VOIE.get(m, m) for m in mots(ville) if m != "cedex"]
    if not voie or not (lieu or code_postal):
        return ""
    return " ".join(m for m in (*voie, code_postal.strip(), *lieu) if m and m not in _PETITS)


def cle_telephone(telephone: str) -> str:
    """National digits of a number: « +33 (0)6 12 … » and « 06 12 … » are one."""
    seuls = re.sub(r"\D", "", telephone.replace("(0)", ""))
    if seuls.startswith("0033"):
        seuls = "0" + seuls[4:]
    elif seuls.startswith("33") and len(seuls) == 11:
        seuls = "0" + seuls[2:]
    return seuls
