"""The life of one file: kept, tried, applied once; its refused lines given back as a file alike."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from mairie import journal
from mairie.ecrans.declaration import ActionImpossible
from mairie.ecrans.imports import correspondance as colonnes
from mairie.ecrans.imports import geojson
from mairie.ecrans.imports.declaration import Import
from mairie.ecrans.imports.execution import Bilan, executer
from mairie.ecrans.imports.lecture import Table, lire
from mairie.exports import lignes_csv
from mairie.models import CorrespondanceImport, ImportTable, Utilisateur
from mairie.tableurs import ecrire_ods, ecrire_xlsx

# Longer files are a task of the worker.
LIGNES_DIRECTES = 1_000
# A file that nobody applied, and the refused lines of those applied, are kept so long.
CONSERVATION = timedelta(days=30)
IMPORTEE = "mairie.table_importee"
MOTIFS_GARDES = 50


def deposer(declaration: Import, fichier: Any, nom: str, utilisateur: Utilisateur) -> ImportTable:
    """Keep a file once it is read as a table; ``FichierRefuse`` otherwise, and nothing is kept."""
    table = lire(fichier, nom)
    fichier.seek(0)
    octets = fichier.read()
    ligne = ImportTable(
        ecran=declaration.code,
        auteur=utilisateur,
        nom_fichier=nom.replace("\0", " ")[-200:] or "fichier",
        sha256=hashlib.sha256(octets).hexdigest(),
        correspondance=proposee(declaration, table),
    )
    ligne.fichier.save("import", ContentFile(octets), save=False)
    ligne.save()
    return ligne


def table_de(ligne: ImportTable) -> Table:
    """The file read again."""
    with ligne.fichier.open("rb") as fichier:
        return lire(fichier, ligne.nom_fichier)


def proposee(declaration: Import, table: Table) -> colonnes.Correspondance:
    """The correspondence chosen last time for the same headings, else by the names."""
    retenue = CorrespondanceImport.objects.filter(
        ecran=declaration.code, empreinte=colonnes.empreinte(table.titres)
    ).first()
    return colonnes.proposer(declaration, table.titres, retenue.champs if retenue else None)


def retenir(declaration: Import, table: Table, choix: colonnes.Correspondance) -> None:
    """Keep the correspondence for the next file with these headings."""
    CorrespondanceImport.objects.update_or_create(
        ecran=declaration.code,
        empreinte=colonnes.empreinte(table.titres),
        defaults={"champs": {champ: table.titres[rang] for champ, rang in choix.items()}},
    )


def passer(
    declaration: Import,
    ligne: ImportTable,
    *,
    appliquer: bool,
    progres: Callable[[int, int], None] | None = None,
) -> Bilan:
    """Try the file, or apply it for good; ``ActionImpossible`` when it is applied already, or not now."""
    with transaction.atomic():
        tenue = ImportTable.objects.select_for_update(of=("self",)).get(pk=ligne.pk)
        if tenue.etat == ImportTable.Etat.APPLIQUE:
            raise ActionImpossible("Cet import est déjà appliqué.")
        if declaration.empechement and (raison := declaration.empechement(tenue.auteur)):
            raise ActionImpossible(raison)
        table = table_de(tenue)
        choix = {champ: int(rang) for champ, rang in tenue.correspondance.items()}
        bilan = executer(declaration, table, choix, tenue.auteur, appliquer=appliquer, progres=progres)
        tenue.bilan = resume(bilan)
        tenue.etat = ImportTable.Etat.APPLIQUE if appliquer else ImportTable.Etat.ESSAYE
        tenue.applique_le = timezone.now() if appliquer else None
        _garder_rejets(tenue, table, bilan)
        tenue.save()
        if appliquer:
            journal.noter(
                tenue.auteur, IMPORTEE, donnees={"import": declaration.code, **bilan.comptes()}, insee=""
            )
    ligne.refresh_from_db()
    return bilan


def resume(bilan: Bilan) -> dict[str, Any]:
    """What the page shows of a run, as JSON."""
    return {
        **bilan.comptes(),
        "motifs": bilan.motifs()[:MOTIFS_GARDES],
        "premiers": [[r.ligne.numero, r.motif] for r in bilan.rejets[:MOTIFS_GARDES]],
        "exemples": bilan.exemples,
    }


def _garder_rejets(ligne: ImportTable, table: Table, bilan: Bilan) -> None:
    """Write the refused lines as a file with the same columns and the reason, which may be imported again."""
    if ligne.rejets:
        ligne.rejets.delete(save=False)
    if not bilan.rejets:
        return
    gardees = [i for i, t in enumerate(table.titres) if colonnes.cle(t) != colonnes.cle(colonnes.MOTIF)]
    titres = [*(table.titres[i] for i in gardees), colonnes.MOTIF]
    rangs = ([*(r.ligne.cellules[i] for i in gardees), r.motif] for r in bilan.rejets)
    if table.format == "geojson":
        octets = geojson.ecrire(titres, rangs)
    elif table.format in ("xlsx", "ods"):
        tampon = io.BytesIO()
        (ecrire_xlsx if table.format == "xlsx" else ecrire_ods)(tampon, "Lignes refusées", titres, rangs)
        octets = tampon.getvalue()
    else:
        octets = "".join(lignes_csv(titres, rangs)).encode()
    ligne.rejets.save("rejets", ContentFile(octets), save=False)


def purger(maintenant: datetime | None = None) -> int:
    """Take away files older than thirty days; how many. The counts of what was applied stay."""
    limite = (maintenant or timezone.now()) - CONSERVATION
    anciens = ImportTable.objects.filter(depose_le__lt=limite).exclude(fichier="")
    for ligne in anciens:
        ligne.fichier.delete(save=False)
        if ligne.rejets:
            ligne.rejets.delete(save=False)
        if ligne.etat == ImportTable.Etat.APPLIQUE:
            # Reasons and examples quote the lines.
            ligne.bilan = {c: v for c, v in ligne.bilan.items() if isinstance(v, int)}
            ligne.save()
        else:
            ligne.delete()
    return len(anciens)
