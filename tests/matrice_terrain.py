"""Examples of the addresses of the field of sanitation."""

from tests.matrice import exemple


def confier(controle):
    """Entrust a control to a firm whose accounts are those of the role « prestataire » here."""
    from datetime import date

    from assainissement.models import Prestataire
    from mairie.models import Utilisateur

    firme, _ = Prestataire.objects.get_or_create(
        insee=controle.insee, siret="73282932000074",
        defaults={
            "nom": "Contrôles fictifs",
            "assurance_jusqu_au": date(2099, 1, 1),
            "agrement_jusqu_au": date(2099, 1, 1),
        },
    )  # fmt: skip
    firme.comptes.set(
        Utilisateur.objects.filter(habilitations__metier="assainissement", habilitations__role="prestataire")
    )
    type(controle).objects.filter(pk=controle.pk).update(prestataire=firme, agent=None)
    return firme


def controle():
    from assainissement.models import Controle
    from assainissement.references import charger_points
    from tests.assainissement.fabrique_anc import controle as fabriquer

    charger_points()
    # Others make controls of article 3, which have other screens.
    c = Controle.objects.filter(nature="periodique").first() or fabriquer()
    confier(c)
    return {"pk": c.pk}


def _tournee():
    from datetime import date

    from assainissement.models import Controle, Tournee

    c = Controle.objects.get(pk=controle()["pk"])
    t, _ = Tournee.objects.get_or_create(insee=c.insee, date=date(2031, 3, 4), prestataire=confier(c))
    t.etapes.get_or_create(controle=c, defaults={"rang": 1})
    return {"pk": t.pk}


def _prestataire():
    from assainissement.models import Controle

    return {"pk": confier(Controle.objects.get(pk=controle()["pk"])).pk}


def _absence():
    from datetime import date

    from assainissement.models import Indisponibilite, Prestataire

    firme = Prestataire.objects.get(pk=_prestataire()["pk"])
    a, _ = Indisponibilite.objects.get_or_create(
        insee=firme.insee, prestataire=firme, du=date(2030, 8, 1), au=date(2030, 8, 15)
    )
    return {"pk": a.pk}


for nom in ("ass_affecter", "ass_rectifier"):
    exemple(nom, creer=controle)
for nom in ("ass_tournee", "ass_tournee_changer", "ass_tournee_feuille"):
    exemple(nom, creer=_tournee)
for nom in ("assainissement_prestataires_fiche", "assainissement_prestataires_modifier"):
    exemple(nom, creer=_prestataire)
for nom in ("assainissement_indisponibilites_fiche", "assainissement_indisponibilites_modifier"):
    exemple(nom, creer=_absence)
