"""How the parts of an address are written for people."""

from __future__ import annotations


def nom_parcelle(idu: str) -> str:
    """« AB 12 » of « 25999000AB0012 »; the merged commune's prefix is kept where there is one."""
    prefixe, section, numero = idu[5:8], idu[8:10].lstrip("0"), idu[10:].lstrip("0")
    return " ".join(p for p in (prefixe if prefixe != "000" else "", section, numero) if p) or idu
