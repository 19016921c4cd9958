"""What people type of a place, read once for all forms: parcels, an address of the commune."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cadastre.models import Parcelle
from mairie.models import Adresse, Tiers
from mairie.regles.tiers import cle_adresse, cle_nom, mots
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus

_IDU = re.compile(r"^[0-9][0-9AB][0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}$")
_ECRITE = re.compile(r"^(?:(\d{3})\s+)?([A-Z]{1,2}|\d[A-Z])\s*(\d{1,4})$")
# The last five digits that a town follows, or nothing.
_POSTALE = re.compile(r"^(.*)\b(\d{5})(?:[\s,]+([^\d\s].*))?$")
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


def parcelle_ecrite(texte: str, insee: str) -> str:
    """The identifier of « AB 12 », or « 123 AB 12 » of a merged commune; empty for another writing."""
    lu = _ECRITE.match(texte.strip().upper())
    return f"{insee}{lu[1] or '000'}{lu[2]:0>2}{int(lu[3]):04d}" if lu and insee else ""


def lire_parcelles(texte: str, insee: str) -> list[str]:
    """Identifiers, or parcels as the plan of the commune writes them; ``ValidationError`` names the fault."""
    sortie: list[str] = []
    for morceau in (m.strip() for m in re.split(r"[,;\n]+", texte) if m.strip()):
        mots = morceau.upper().split()
        idu = parcelle_ecrite(morceau, insee)
        if all(est_idu(m) for m in mots):
            sortie += mots
        elif not idu:
            raise forms.ValidationError(
                f"« {morceau} » n'est pas une parcelle : écrivez-la comme sur le plan (AB 12), ou ses 14"
                " caractères (25999000AB0001)."
            )
        elif not Parcelle.objects.filter(idu=idu, valide_au__isnull=True).exists():
            raise forms.ValidationError(
                f"« {morceau} » n'est pas au plan de la commune : vérifiez la section et le numéro."
            )
        else:
            sortie.append(idu)
    return list(dict.fromkeys(sortie))


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
    """Who is named: a sheet of the commune that agrees on name and address, else a new one; null unnamed.

    A name alone identifies nobody: typed without address, it is only a sheet without address nor contact.
    ``Refus`` says what the sheet cannot hold.
    """
    nom = " ".join(nom.split())
    if not nom:
        return None
    champs = _adresse(adresse)
    connues = Tiers.objects.visibles_par(par).actifs().filter(collectivite=insee, cle_nom=cle_nom(nom))
    for t in connues.order_by("pk"):
        contacts = (t.courriel, t.telephone, t.mobile)
        if sorted(mots(str(t))) == sorted(mots(nom)) and _memes(t, champs) and (champs or not any(contacts)):
            trouvee: Tiers = t
            return trouvee
    try:
        return tiers_service.creer({"nom": nom, **champs}, collectivite=insee, par=par)
    except ValidationError as e:
        raise Refus(*e.messages) from e


def _memes(t: Tiers, champs: dict[str, str]) -> bool:
    """The sheet stands at this address; or neither has one."""
    sienne = " ".join(x for x in (t.complement, t.voie, t.lieu_dit) if x)
    tapee = champs.get("voie", "")
    return _cle(sienne, t.code_postal, t.ville) == _cle(
        tapee, champs.get("code_postal", ""), champs.get("ville", "")
    )


def _cle(voie: str, code_postal: str, ville: str) -> str:
    return cle_adresse(voie, code_postal, ville) or " ".join(mots(f"{voie} {code_postal} {ville}"))


def _adresse(texte: str) -> dict[str, str]:
    """« voie, code ville » as the columns of a person."""
    texte = " ".join(texte.split()).strip(" ,")
    if not texte:
        return {}
    lu = _POSTALE.match(texte)
    if lu is None:
        return {"voie": texte}
    return {"voie": lu[1].strip(" ,"), "code_postal": lu[2], "ville": lu[3] or ""}
