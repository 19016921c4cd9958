"""What an event does besides changing the state: number, frozen dates, bills, domain events (spec §12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from mairie import evenements
from mairie.models import Evenement

UN_JOUR = timedelta(days=1)


def charge(dossier: Any, idus: Sequence[str] | None = None, **plus: Any) -> dict[str, Any]:
    """Payload common to all: number, type, address, parcels, ground, dates; no name.

    ``idus``: neighbour parcels, where they are read for many files at once.
    """
    from domainepublic import riverains

    emprises = dossier.ses_emprises()
    geometries = [e.surface.transform(4326, clone=True).geojson for e in emprises]
    return {
        "numero": dossier.numero,
        "insee": dossier.insee,
        "types": list(dict.fromkeys(e.type.code for e in emprises)),
        "adresse": dossier.lieu,
        "idus": list(riverains.de(dossier) if idus is None else idus),
        "emprises": geometries,
        "debut": dossier.debut.isoformat() if dossier.debut else None,
        "fin": dossier.fin.isoformat() if dossier.fin else None,
        "autorisation": dossier.autorisation,
        **plus,
    }


def _emettre(nom: str, dossier: Any, **plus: Any) -> None:
    evenements.emettre(f"domainepublic.{nom}", charge(dossier, **plus), insee=dossier.insee)


def rien(dossier: Any, evenement: Evenement) -> None:
    """Undone: those who heard of it hear the next event."""


def depose(dossier: Any, evenement: Evenement) -> None:
    """The number, once; then the announcement."""
    from domainepublic.numerotation import numero_dossier

    if dossier.numero is None:
        dossier.numero = numero_dossier(dossier.insee, evenement.date_effet)
        type(dossier)._base_manager.filter(pk=dossier.pk).update(numero=dossier.numero)
    from domainepublic import riverains

    riverains.calculer([dossier.pk])
    _emettre("dossier_depose", dossier)
    if _terrasse(dossier):
        _emettre("terrasse_demandee", dossier, siret=_siret(dossier))


# Kinds that stand in front of an establishment.
TERRASSES = ("TERR_O", "TERR_F", "ETAL")


def _terrasse(dossier: Any) -> bool:
    return any(e.type.code in TERRASSES for e in dossier.ses_emprises())


def _siret(dossier: Any) -> str:
    """Of the company that asks: a number, never a name."""
    return dossier.demandeur.siret if dossier.demandeur is not None else ""


def deposes(passes: Sequence[tuple[Any, Evenement]]) -> None:
    """The same for files made together."""
    from domainepublic.numerotation import numeros_dossiers

    par_serie: dict[tuple[str, date], list[Any]] = {}
    for dossier, evenement in passes:
        if dossier.numero is None:
            par_serie.setdefault((dossier.insee, evenement.date_effet), []).append(dossier)
    for (insee, jour), dossiers in par_serie.items():
        for dossier, numero in zip(dossiers, numeros_dossiers(insee, jour, len(dossiers)), strict=True):
            dossier.numero = numero
        type(dossiers[0])._base_manager.bulk_update(dossiers, ["numero"])
    from domainepublic import riverains

    voisins = riverains.remplir([dossier for dossier, _ in passes])
    communes = dict.fromkeys(dossier.insee for dossier, _ in passes)
    for insee in communes:
        siens = [dossier for dossier, _ in passes if dossier.insee == insee]
        charges = {dossier.pk: charge(dossier, voisins[dossier.pk]) for dossier in siens}
        evenements.emettre_en_masse("domainepublic.dossier_depose", list(charges.values()), insee=insee)
        terrasses = [{**charges[d.pk], "siret": _siret(d)} for d in siens if _terrasse(d)]
        evenements.emettre_en_masse("domainepublic.terrasse_demandee", terrasses, insee=insee)


def constate(dossier: Any, evenement: Evenement) -> None:
    """An occupation without title is numbered as any file; its report was told when it was drawn up."""
    from domainepublic import riverains
    from domainepublic.numerotation import numero_dossier

    if dossier.numero is None:
        dossier.numero = numero_dossier(dossier.insee, evenement.date_effet)
        type(dossier)._base_manager.filter(pk=dossier.pk).update(numero=dossier.numero)
    riverains.calculer([dossier.pk])


def signe(dossier: Any, evenement: Evenement) -> None:
    """Granted once the last authority has signed."""
    if evenement.type == "signer":
        _second_regard(dossier, evenement)
    if evenement.apres["etat"] in ("accorde", "actif", "a_controler"):
        if not evenement.donnees.get("sous_condition"):
            _facturer_titre(dossier)
        _emettre("occupation_accordee", dossier, numeros=evenement.donnees.get("numeros") or [])
    regles = [
        a
        for a in evenement.donnees.get("actes") or []
        if a.get("acte") == "arrete_circulation" and a.get("autorite") == evenement.donnees.get("autorite")
    ]
    if regles:
        mesures = [
            {"type": m.type, "debut": m.debut.isoformat(), "fin": m.fin.isoformat() if m.fin else None}
            for m in dossier.mesures.order_by("pk")
        ]
        _emettre(
            "arrete_circulation_signe", dossier, autorite=evenement.donnees.get("autorite"),
            numeros=evenement.donnees.get("numeros") or [], mesures=mesures,
        )  # fmt: skip
    decide(dossier, evenement)


def _second_regard(dossier: Any, evenement: Evenement) -> None:
    from domainepublic import conflits

    conflits.noter_second_regard(dossier, evenement.auteur)


def _facturer_titre(dossier: Any, depuis: date | None = None) -> None:
    from domainepublic import facturation

    facturation.figer(dossier, depuis)
    # Signed late: the years begun since are due too. Where a tariff lacks, the night tries again.
    rattraper_annees(dossier, timezone.localdate())


def vendu(dossier: Any, evenement: Evenement) -> None:
    """The sale is proved: a title already signed takes effect, and its fee with it (CG3P L2124-33)."""
    if evenement.avant["etat"] != "accorde":
        return
    le = date.fromisoformat(evenement.donnees["le"])
    # What was over before the sale never was the buyer's: it is left as it is, and not billed.
    for emprise in dossier.emprises.filter(debut__lt=le).exclude(fin__lt=le):
        emprise.debut = le
        emprise.save(update_fields=["debut"])
    _dater(dossier)
    _facturer_titre(dossier, le)


def prolonge(dossier: Any, evenement: Evenement) -> None:
    """The emprises that lasted until the end last until the new one; the days added are billed."""
    _second_regard(dossier, evenement)
    _allonger(dossier, evenement)
    decide(dossier, evenement)


def reprend(dossier: Any, evenement: Evenement) -> None:
    """The days of the suspension, as chosen: a longer end at no more cost, or a credit note."""
    from domainepublic import facturation, tarifs

    suspendus = jours_suspendus(_faits(dossier)[:-1], evenement.date_effet - UN_JOUR)
    if evenement.donnees.get("fin"):
        facturation.compenser(_allonger(dossier, evenement, suspendus))
        # Days added to a later year are billed with it: those lost are given back now.
        longues = [e for e in dossier.emprises.filter(fin=dossier.fin) if tarifs.par_annee(dossier, e)]
        if suspendus and longues:
            facturation.indemniser(dossier, *suspendus, emprises=longues)
    elif suspendus and evenement.donnees.get("compensation") == "avoir":
        _indemniser(dossier, *suspendus)


def _indemniser(dossier: Any, du: date, au: date) -> None:
    """A year begun meanwhile is billed first: its days are given back too."""
    from domainepublic import facturation

    rattraper_annees(dossier, au, (du, au))
    facturation.indemniser(dossier, du, au)


def rattraper_annees(
    dossier: Any, jour: date, en_cours: tuple[date, date] | None = None
) -> tuple[list[Any], list[str]]:
    """Bill the years begun, whoever asks for it, and give back in them the days of the suspensions over.

    ``en_cours``: the suspension that the caller gives back by itself. See ``annees.rattraper``.
    """
    from domainepublic import annees, facturation

    lignes, manques = annees.rattraper(dossier, jour)
    for du, au in suspensions_a_rendre(dossier) if lignes else ():
        if en_cours is None or du != en_cours[0]:
            facturation.indemniser(dossier, du, au, lignes=lignes)
    return lignes, manques


def suspensions_a_rendre(dossier: Any) -> list[tuple[date, date]]:
    """First and last day of each suspension over, whose days are given back: for a year billed since."""
    sortie: list[tuple[date, date]] = []
    du: date | None = None
    for f in _faits(dossier):
        if f.type == "suspendre":
            du = f.date_effet
        elif du is not None and f.type == "reprendre_occupation":
            if f.donnees.get("compensation") == "avoir" or f.donnees.get("fin"):
                sortie.append((du, f.date_effet - UN_JOUR))
            du = None
        elif du is not None and f.type in ("retirer", "constater_liberation", "liberer"):
            libre = date.fromisoformat(f.donnees["le"]) if f.donnees.get("le") else f.date_effet
            sortie.append((du, libre - UN_JOUR))
            du = None
    return sortie


def _faits(dossier: Any) -> list[Any]:
    from mairie.workflow import journal

    return [journal.fait(e) for e in journal.vivantes(journal.lignes(dossier))]


def jours_suspendus(faits: Sequence[Any], dernier: date) -> tuple[date, date] | None:
    """First and last day of a suspension still open after these facts; null when none is."""
    tournants = [f for f in faits if f.type in ("suspendre", "reprendre_occupation")]
    if not tournants or tournants[-1].type != "suspendre" or tournants[-1].date_effet > dernier:
        return None
    return tournants[-1].date_effet, dernier


def _finir_suspendu(dossier: Any, libre_le: date) -> None:
    """A title that ends suspended: its end cannot be put off any more, the days are given back."""
    # Days taken after the end of the title are no days of a suspension.
    dernier = min(libre_le - UN_JOUR, dossier.fin) if dossier.fin else libre_le - UN_JOUR
    suspendus = jours_suspendus(_faits(dossier), dernier)
    if suspendus:
        _indemniser(dossier, *suspendus)


def _allonger(dossier: Any, evenement: Evenement, en_cours: tuple[date, date] | None = None) -> list[Any]:
    """Lines of the days added, but those billed year by year, which are brought up to date."""
    fin = evenement.apres["dates"].get("fin_titre")
    if not fin:
        return []
    from domainepublic import facturation

    nouvelle, ancienne = date.fromisoformat(fin), dossier.fin
    if ancienne is None or nouvelle <= ancienne:
        return []
    for emprise in dossier.emprises.filter(fin=ancienne):
        emprise.fin = nouvelle
        emprise.save(update_fields=["fin"])
    _dater(dossier)
    lignes = facturation.completer(dossier, ancienne)
    rattraper_annees(dossier, timezone.localdate(), en_cours)
    return lignes


def clos(dossier: Any, evenement: Evenement) -> None:
    """Nothing will be occupied."""
    if evenement.avant["etat"] in ("accorde", "actif"):
        from domainepublic import facturation

        facturation.annuler(dossier, "caducite")
        _emettre("occupation_terminee", dossier)
    decide(dossier, evenement)


def retire(dossier: Any, evenement: Evenement) -> None:
    """The ground is free from the day said."""
    from domainepublic import facturation

    le = date.fromisoformat(evenement.donnees["le"])
    if evenement.avant["etat"] == "suspendu":
        _finir_suspendu(dossier, le)
    raccourcir(dossier, le)
    facturation.rembourser(dossier, le, evenement.donnees["motif"])
    _emettre("occupation_terminee", dossier)
    decide(dossier, evenement)


def arrete_tot(dossier: Any, evenement: Evenement) -> None:
    """The holder leaves before the end of the title."""
    from domainepublic import facturation

    le = date.fromisoformat(evenement.donnees["le"])
    raccourcir(dossier, le)
    facturation.arreter(dossier, le)


def depasse(dossier: Any, evenement: Evenement) -> None:
    """The ground is still taken: the days since the end are billed as without title."""
    _facturer_depassement(dossier, evenement.date_effet)


def _facturer_depassement(dossier: Any, jusqu_au: date) -> None:
    from domainepublic import facturation

    if dossier.fin is None:
        return
    # Left early, what was to begin later keeps a day of its own, which is not the end of the title.
    departs = [f for f in _faits(dossier) if f.type == "arreter_avant_terme"]
    libre = date.fromisoformat(departs[-1].donnees["le"]) if departs else None
    fin = min(dossier.fin, libre - UN_JOUR) if libre else dossier.fin
    facturation.figer_depassement(dossier, fin, jusqu_au)


def libere(dossier: Any, evenement: Evenement) -> None:
    """Seen free on the ground."""
    le = evenement.donnees.get("le")
    libre = date.fromisoformat(le) if le else evenement.date_effet
    if evenement.type == "liberer":
        _facturer_depassement(dossier, libre - UN_JOUR)
    _finir_suspendu(dossier, libre)
    _emettre("occupation_terminee", dossier)


def raccourcir(dossier: Any, premier_libre: date) -> None:
    """Emprises that would last longer end the day before; what never began keeps its first day."""
    for emprise in dossier.emprises.all():
        fin = max(emprise.debut, premier_libre - UN_JOUR)
        if emprise.fin is None or emprise.fin > fin:
            emprise.fin = fin
            emprise.save(update_fields=["fin"])
    _dater(dossier)


def _dater(dossier: Any) -> None:
    from domainepublic.emprises import dater

    dater(dossier)


def suivre(dossier: Any) -> None:
    """Deadlines follow each time the figures were written."""
    from domainepublic.echeances import publier_toutes

    publier_toutes(dossier, dossier.calcule_au or timezone.localdate())


def suivre_nouveaux(dossiers: Sequence[Any]) -> None:
    """Deadlines of files made together."""
    from domainepublic.echeances import publier_nouvelles

    publier_nouvelles(dossiers)


def instruits(passes: Sequence[tuple[Any, Evenement]]) -> None:
    """As ``instruit``, for many."""
    for dossier, evenement in passes:
        instruit(dossier, evenement)


def proposes(passes: Sequence[tuple[Any, Evenement]]) -> None:
    """As ``propose``, for many."""
    for dossier, evenement in passes:
        propose(dossier, evenement)


def _prendre(dossier: Any, evenement: Evenement) -> None:
    """A request that came on line is that of who begins to study it."""
    if dossier.instructeur_id is None and evenement.auteur_id is not None:
        dossier.instructeur_id = evenement.auteur_id
        type(dossier)._base_manager.filter(pk=dossier.pk).update(instructeur=evenement.auteur_id)


def instruit(dossier: Any, evenement: Evenement) -> None:
    """Conflicts are looked for at once; of a renewal, when the act is proposed the moment after."""
    if evenement.type == "instruire":
        _prendre(dossier, evenement)
        if dossier.annee_renouvelee:
            return
    from domainepublic import conflits

    conflits.recalculer(dossier)


def propose(dossier: Any, evenement: Evenement) -> None:
    """The act is drafted, to be read and completed before it is signed."""
    from domainepublic.courriers import suites

    suites.proposee(dossier, evenement)


def retenu(dossier: Any, evenement: Evenement) -> None:
    """Those who were not kept are answered, with the reasons."""
    from domainepublic.courriers import concurrence

    concurrence.retenu(dossier, evenement)


def renonce(dossier: Any, evenement: Evenement) -> None:
    """The choice is struck out: nobody is told of it."""
    from domainepublic.courriers import concurrence

    concurrence.renonce(dossier, evenement)


def renvoye(dossier: Any, evenement: Evenement) -> None:
    """The draft that waited for its signature is given up."""
    from domainepublic.courriers import suites

    suites.renvoyee(dossier, evenement)


def reponse_au_renouvellement(dossier: Any, evenement: Evenement) -> None:
    """Another answer than yes takes the file back from the signatory: the draft is given up."""
    if (evenement.avant["etat"], evenement.apres["etat"]) == ("a_signer", "en_instruction"):
        renvoye(dossier, evenement)


def decide(dossier: Any, evenement: Evenement) -> None:
    """The document of a decision is sealed in the background: a failing PDF undoes nothing."""
    from domainepublic.courriers import suites

    suites.decidee(dossier, evenement)
