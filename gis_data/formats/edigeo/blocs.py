"""Lines and blocks of an EDIGÉO file being written: exact byte lengths, 80 bytes a line at most, CRLF."""

from __future__ import annotations

VALEUR_MAX = 72


def reference(lot: str, sous_ensemble: str, rty: str, rid: str) -> str:
    """Reference to a block: ``lot;sub-set;RTY;RID``."""
    return f"{lot};{sous_ensemble};{rty};{rid}"


class Fichier:
    """One file: ``bloc`` opens a block, ``champ`` and ``texte`` add its fields, ``fermer`` ends."""

    def __init__(self, nom: str) -> None:
        self.nom = nom
        self._lignes = [f"BOMT {len(nom):02d}:{nom}", "CSET 03:IRV", ""]

    def bloc(self, rty: str, rid: str) -> None:
        """Open a block, closing the one before."""
        if len(rid) > VALEUR_MAX:
            raise ValueError(f"{self.nom} : identifiant de plus de {VALEUR_MAX} octets : {rid}")
        if self._lignes[-1]:
            self._lignes.append("")
        self._lignes += ("RTYSA03:" + rty, f"RIDSA{len(rid):02d}:{rid}", "")

    def champ(self, champ: str, valeur: str) -> None:
        """Add a field (name, nature and format: five letters), continued by NEXT beyond 72 bytes."""
        if len(valeur) <= VALEUR_MAX:
            self._lignes.append(f"{champ}{len(valeur):02d}:{valeur}")
            return
        for debut in range(0, len(valeur), VALEUR_MAX):
            morceau = valeur[debut : debut + VALEUR_MAX]
            self._lignes.append(f"{champ if debut == 0 else 'NEXT '}{len(morceau):02d}:{morceau}")

    def champs(self, lignes: list[str]) -> None:
        """Add lines that are already whole."""
        self._lignes += lignes

    def texte(self, champ: str, valeur: str) -> None:
        """Add a text of ISO 8859-1, announced as such unless empty."""
        if valeur:
            self._lignes.append("TEXT 06:8859-1")
        self.champ(champ, valeur)

    def fermer(self) -> bytes:
        """Bytes of the file. ``ValueError`` (naming the value) for what ISO 8859-1 or a line cannot hold."""
        lignes = self._lignes if not self._lignes[-1] else [*self._lignes, ""]
        contenu = "\r\n".join([*lignes, "EOMT 00:", ""])
        if contenu.count("\n") != len(lignes) + 1 or contenu.count("\r") != len(lignes) + 1:
            fautive = next(ligne for ligne in lignes if "\n" in ligne or "\r" in ligne)
            raise ValueError(f"{self.nom} : une valeur contient un saut de ligne : {fautive!r}")
        try:
            return contenu.encode("latin-1")
        except UnicodeEncodeError as erreur:
            ligne = contenu[: erreur.start].rpartition("\n")[2] + contenu[erreur.start : erreur.start + 20]
            caractere = contenu[erreur.start]
            raise ValueError(
                f"{self.nom} : « {caractere} » n'existe pas en ISO 8859-1 : {ligne.splitlines()[0]}"
            ) from erreur
