"""First step of the cadastre: the sheets of each commune are there, and not too old."""

from __future__ import annotations

from django.db.models import Min
from django.utils import timezone
from django.utils.formats import date_format

from cadastre.bureau import AGE_ANCIEN_JOURS
from cadastre.models import Feuille
from mairie.premiers_pas import Avancement, Etape, Etat, declarer
from mairie.premiers_pas_socle import communes_de, par_collectivite


def plan(codes: frozenset[str]) -> Etat:
    """Sheets of the communes administered; the oldest vintage in force tells the age."""
    communes = communes_de(codes)
    feuilles = Feuille.objects.filter(commune__in=communes, version__isnull=False)
    chargees = set(feuilles.values_list("commune", flat=True))
    ancienne = feuilles.aggregate(jour=Min("version__millesime"))["jour"]
    dit = f"{feuilles.count()} feuilles" + (
        f", la plus ancienne du {date_format(ancienne, 'j F Y')}." if ancienne else "."
    )
    etat = par_collectivite(chargees, communes, "Aucune feuille n'est chargée.", dit)
    if etat.avancement is Avancement.FAIT and (timezone.localdate() - ancienne).days > AGE_ANCIEN_JOURS:
        return Etat(Avancement.EN_PARTIE, f"{dit} La DGFiP en publie de nouvelles chaque trimestre.")
    return etat


def declarer_etape() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        Etape(
            "edigeo", "Plan cadastral (EDIGÉO)", 20, plan, "/cadastre/",
            "Téléchargez les feuilles de la commune sur cadastre.data.gouv.fr, puis importez leur dossier.",
            "urbanisme-gerer importer_edigeo DOSSIER --travailleurs 2",
        )
    )  # fmt: skip
