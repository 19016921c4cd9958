"""Files of a roll for the finance software: CSV and JSON (spec §8). Euros."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal

from domainepublic import types_locaux
from domainepublic.models import LigneFacturable, Role
from mairie import finances
from mairie.calendrier import jma
from mairie.montants import texte_francais


def octets_csv(role: Role) -> bytes:
    """The file as finance receives it: UTF-8 with BOM."""
    return finances.octets(role.export_csv)


def rangees(role: Role) -> Iterable[tuple[dict[str, str], LigneFacturable]]:
    """Each line as the columns of the finance software, in the order of the claims."""
    lignes = (
        LigneFacturable.objects.filter(titre__role=role)
        .select_related("titre__payeur", "dossier", "emprise__type", "origine__titre")
        .order_by("titre__reference", "debut", "pk")
    )
    comptes = types_locaux.imputations(role.insee)
    for x in lignes:
        assert x.titre is not None  # noqa: S101
        t = x.titre.payeur
        yield (
            {
                "role": role.numero,
                "exercice": str(x.exercice),
                "reference_titre": x.titre.reference,
                "numero_dossier": x.dossier.numero or "",
                **finances.payeur(t),
                "objet": x.libelle,
                "imputation": comptes.get(x.emprise.type_id) or x.emprise.type.imputation,
                "periode_du": jma(x.debut),
                "periode_au": jma(x.fin),
                "montant_ht": texte_francais(x.montant),
                "taux_tva": "0,00",
                "montant_ttc": texte_francais(x.montant),
                "echeance": jma(role.echeance) if role.echeance else "",
                "avoir_de": x.origine.titre.reference if x.origine and x.origine.titre else "",
            },
            x,
        )


def en_csv(role: Role) -> str:
    """The table of the claims."""
    return finances.ecrire(rangee for rangee, _ in rangees(role))


def en_json(role: Role) -> str:
    """The same data, with the detail of each line and the total."""
    lignes = [
        {
            **rangee,
            "periode_du": x.debut.isoformat(),
            "periode_au": x.fin.isoformat(),
            "echeance": role.echeance.isoformat() if role.echeance else None,
            "montant_ht": str(x.montant),
            "montant_ttc": str(x.montant),
            "taux_tva": "0.00",
            "detail": x.detail,
        }
        for rangee, x in rangees(role)
    ]
    total = sum((x.montant for _, x in rangees(role)), Decimal(0))
    contenu = {"role": role.numero, "exercice": role.annee, "total": str(total), "lignes": lignes}
    return json.dumps(contenu, ensure_ascii=False, indent=1)
