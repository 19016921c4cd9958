"""What people type of a place, read once for all forms: parcels, an address of the commune."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from mairie.models import Adresse, Tiers
from mairie.tiers import service as tiers_service

_IDU = re.compile(r"^[0-9][0-9AB][0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}$")
_ADRESSE = re.compile(r"^\s*(\d{1,4})\s*(bis|ter|quater|[a-z])?[\s,]+(.+)$", re.IGNORECASE)


def est_idu(texte: str) -> bool:
    """Whether it is a parcel as the plan writes it."""
    return bool(_IDU.match(texte))


def lire_idus(texte: str) -> list[str]:
    """Identifiers, as the plan writes them; ``ValidationError`` names the first that is none."""
    lus = [p.strip().upper() for p in re.split(r"[,;\s]+", texte) if p.strip()]
    fautes = [p for p in lus if not _IDU.match(p)]
    if fautes:
        raise forms.ValidationError(
            f"« {fautes[0]} » n'est pas un identifiant de parcelle : 14 caractères, comme 25999000AB0001."
        )
    return list(dict.fromkeys(lus))


def lire_adresse(insee: str, texte: str) -> Adresse:
    """The only address of the commune that answers; ``ValidationError`` says what to do otherwise."""
    lu = _ADRESSE.match(texte)
    trouvees: list[Adresse] = []
    if lu:
        trouvees = list(
            Adresse.objects.filter(
                insee=insee, active=True, numero=int(lu[1]), suffixe=(lu[2] or "").lower(),
                voie__nom__icontains=lu[3].strip(),
            ).select_related("voie")[:3]
        )  # fmt: skip
    exactes = [a for a in trouvees if lu and a.voie.nom.lower() == lu[3].strip().lower()]
    if len(exactes or trouvees) != 1:
        raise forms.ValidationError(
            "Plusieurs adresses répondent : écrivez le nom entier de la voie."
            if trouvees
            else "Cette adresse n'est pas dans la base de la commune : corrigez-la, ou laissez vide."
        )
    return (exactes or trouvees)[0]


def personne(nom: str, insee: str, par: Any, adresse: str = "") -> Tiers | None:
    """The person of that name already known in the commune, else a new one; null without name."""
    nom = " ".join(nom.split())
    if not nom:
        return None
    connue: Tiers | None = (
        Tiers.objects.visibles_par(par).actifs().filter(collectivite=insee, nom__iexact=nom).first()
    )
    if connue is not None and not (adresse and not connue.lignes_adresse):
        return connue
    return tiers_service.creer({"nom": nom, **_adresse(adresse)}, collectivite=insee, par=par)


def _adresse(texte: str) -> dict[str, str]:
    """« voie, code ville » as the columns of a person."""
    morceaux = [m.strip() for m in texte.split(",") if m.strip()]
    if not morceaux:
        return {}
    fin = morceaux[-1].split(" ", 1)
    if len(fin[0]) == 5 and fin[0].isdigit():
        voie = ", ".join(morceaux[:-1])
        return {"voie": voie, "code_postal": fin[0], "ville": fin[1] if len(fin) > 1 else ""}
    return {"voie": ", ".join(morceaux)}
