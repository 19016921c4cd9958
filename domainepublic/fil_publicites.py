"""What is announced and why it was given, for a reader (RSS 2.0): the reasons that are published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from django.utils import timezone

from domainepublic import fils_de_rue, publicites
from domainepublic.models import DossierODP
from mairie.calendrier import jma


def nouvelles(jour: date, page: str, soi: str) -> bytes:
    """Announcements, results and exemptions, the last known first. ``page``: theirs; ``soi``: this feed."""
    lues = sorted(_lues(jour), key=lambda x: (x[4], x[0]), reverse=True)
    elements = "".join(
        fils_de_rue.element(f"odp-{cle}", _titre(d, quoi), texte.strip(), page, _midi(le))
        for cle, d, quoi, texte, le in lues
    )
    return fils_de_rue.canal("Occupations annoncées et motifs publiés", elements, page=page, soi=soi)


def _lues(jour: date) -> Iterator[tuple[str, DossierODP, tuple[str, ...], str, date]]:
    for a in publicites.annonces():
        texte = f"Annoncée jusqu'au {jma(a.au)}. {a.texte}"
        yield f"annonce-{a.dossier.pk}", a.dossier, a.quoi, texte, a.ouverte_le
    for r in publicites.resultats(jour):
        texte = f"Accordée après publicité. {r.phrase}"
        yield f"resultat-{r.dossier.pk}", r.dossier, r.quoi, texte, r.dossier.date_decision or jour
    for d, quoi, motif in publicites.dispenses(jour):
        texte = f"Accordée sans mise en concurrence : {motif}."
        yield f"dispense-{d.pk}", d, quoi, texte, d.date_decision or jour


def _titre(d: DossierODP, quoi: tuple[str, ...]) -> str:
    dit = ", ".join(filter(None, [*quoi, d.lieu_public]))
    return dit[:1].upper() + dit[1:]


def _midi(jour: date) -> datetime:
    return timezone.make_aware(datetime.combine(jour, time(12)))
