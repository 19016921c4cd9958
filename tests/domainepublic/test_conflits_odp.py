"""Conflicts in the application: by the index, levels, waivers that last or fall, signatures that race."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
import shapely
import shapely.affinity
from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, connection, transaction

from domainepublic import conflits
from domainepublic import emprises as sol
from domainepublic.courriers.valeurs import visas
from domainepublic.models import Conflit, DossierODP, Emprise, MesureCirculation
from domainepublic.regles.conflits import detecter_conflits
from mairie.courriers.champs import ContexteFusion
from mairie.models import Evenement
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import (
    DEPOT,
    a_signer,
    accorde,
    acteur,
    delegue,
    dossier,
    emprise,
    faire,
    point,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import INSEE, agent

pytestmark = pytest.mark.usefixtures("aller")
MOTIF = "Le marché s'arrête ce mois-ci"


@pytest.fixture(autouse=True)
def _compatibilites(db):
    conflits.charger_compatibilites()


def test_deux_occupations_fermes_du_meme_sol_bloquent():
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    c = conflits.recalculer(d)[0]
    assert (c.niveau, c.motif, c.aire, c.nb_jours) == ("bloquant", "chevauchement", Decimal("4.00"), 30)
    assert "ODP-25999-2026-00001 (benne, bungalow)" in c.libelle


@pytest.mark.parametrize(
    "champs",
    [
        {"geom": rect(4)},
        {"geom": rect(3.8)},
        {"debut": date(2026, 7, 1), "fin": date(2026, 7, 2)},
        {"creneaux": [{"jours": [], "de": "20:00", "a": "22:00"}]},
    ],
)
def test_ce_qui_se_touche_se_suit_ou_alterne_ne_bloque_pas(champs):
    accorde(dossier(emprise(creneaux=[{"jours": [], "de": "08:00", "a": "18:00"}])))
    assert conflits.recalculer(dossier(emprise(**champs))) == []


def test_une_demande_ne_fait_qu_informer_une_autre():
    dossier()
    assert conflits.recalculer(dossier())[0].niveau == "info"


def test_la_table_des_types_plafonne_le_niveau():
    accorde(dossier(emprise("GRUE", geom=rect().centroid, rayon=Decimal(3))))
    assert conflits.recalculer(dossier())[0].niveau == "alerte"


def test_un_passage_trop_etroit_alerte():
    d = dossier(emprise(largeur_libre=Decimal("1.39")))
    assert [(c.motif, c.niveau) for c in conflits.recalculer(d)] == [("largeur_libre", "alerte")]
    d = dossier(emprise(geom=rect(20), largeur_libre=Decimal("1.40")))
    assert conflits.recalculer(d) == []


def test_l_application_et_la_commande_disent_la_meme_chose():
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    autres = DossierODP.objects.exclude(pk=d.pk)
    cas = {
        "examine": str(d.pk),
        "emprises": [
            *(conflits.en_moteur(e, "en_instruction") for e in d.emprises.all()),
            *(conflits.en_moteur(e, x.etat) for x in autres for e in x.emprises.all()),
        ],
    }
    attendu = detecter_conflits(cas)["conflits"]
    assert conflits.chercher(d) == attendu


def test_un_bloquant_retient_l_acte_jusqu_a_sa_levee_motivee():
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    with pytest.raises(Refus, match="Conflit bloquant"):
        faire(d, "preparer_acte")
    c = conflits.recalculer(d)[0]
    with pytest.raises(Refus, match="15 caractères"):
        conflits.lever(c, "trop court", acteur("responsable"))
    with pytest.raises(Refus, match="réservé"):
        conflits.lever(c, MOTIF, acteur("instructeur"))
    conflits.lever(c, MOTIF, acteur("responsable"))
    assert Evenement.objects.get(type="lever_conflit").donnees["motif"] == MOTIF
    assert faire(d, "preparer_acte").etat == "a_signer"
    with pytest.raises(Refus, match="déjà levé"):
        conflits.lever(c, MOTIF, acteur("responsable"))


def test_une_levee_se_cite_dans_les_visas_si_on_le_demande(client):
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    c = conflits.recalculer(d)[0]
    client_de("responsable").post(f"{d.get_absolute_url()}conflits/{c.pk}/lever/", {"motif": MOTIF})
    assert not [v for v in visas(ContexteFusion(dossier=d, jour=DEPOT)) if MOTIF in v["texte"]]
    Conflit.objects.update(leve_le=None, leve_par=None, motif_levee="")
    client_de("responsable").post(
        f"{d.get_absolute_url()}conflits/{c.pk}/lever/", {"motif": MOTIF, "vise": "1"}
    )
    # Computed again, it stays.
    conflits.recalculer(d)
    (visa,) = [v["texte"] for v in visas(ContexteFusion(dossier=d, jour=DEPOT)) if MOTIF in v["texte"]]
    assert "du 2 mars 2026 levant le conflit" in visa and "ODP-" not in visa


def test_la_premiere_periode_libre_est_proposee_puis_prise():
    """Ours asks ten days of June; the street is taken until the 30th, then on Saturdays of July."""
    accorde(dossier())
    marche = emprise(
        "AMBU", geom=rect(), unite="emplacement", debut=date(2026, 7, 1), fin=date(2026, 7, 31),
        creneaux=[{"jours": ["sam"], "de": "06:00", "a": "14:00"}],
    )  # fmt: skip
    accorde(dossier(marche, faits={"attribution": {"exception": "L2122-1-3_1"}}))
    d = dossier(emprise(geom=rect(2), debut=date(2026, 6, 8), fin=date(2026, 6, 12)))
    MesureCirculation.objects.create(
        dossier=d, type="stationnement_interdit", debut=date(2026, 6, 8), fin=date(2026, 6, 9)
    )
    faire(d, "instruire")
    # Wednesday 1 July to Sunday 5 holds a Saturday: from Sunday 5 to Thursday 9 there is none.
    assert conflits.premiere_periode_libre(d) == (27, date(2026, 7, 5), date(2026, 7, 9))
    client = client_de("responsable")
    page = texte(client.get(d.get_absolute_url()))
    assert "du 05/07/2026 au 09/07/2026" in page and "Modifier l'emprise 1" in page
    adresse = f"{d.get_absolute_url()}decaler/"
    for jours, version, dit in (
        ("0", d.version, "entre un jour et un an"),
        ("27", d.version - 1, "a changé"),
        ("27", d.version, "décalée au 05/07/2026. Plus rien ne bloque."),
    ):
        page = texte(client.post(adresse, {"jours": jours, "version": version}, follow=True))
        assert dit in page, dit
    d.refresh_from_db()
    assert (d.debut, d.fin) == (date(2026, 7, 5), date(2026, 7, 9))
    m = d.mesures.get()
    assert (m.debut, m.fin) == (date(2026, 7, 5), date(2026, 7, 6))
    assert client_de("lecture").post(adresse, {"jours": "1"}).status_code == 403
    assert faire(d, "preparer_acte").etat == "a_signer"


def test_sans_fin_aucune_periode_n_est_proposee():
    borne = emprise("MOBIL", geom=point(3, 32), rayon=Decimal(1), fin=None)
    accorde(dossier(borne, faits={"attribution": {"exception": "L2122-1-3_1"}}))
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    assert conflits.premiere_periode_libre(d) is None
    assert "Aucune période libre de même durée" in texte(client_de("instructeur").get(d.get_absolute_url()))


def test_la_levee_reste_si_les_jours_restent_et_tombe_s_ils_changent():
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    conflits.lever(conflits.recalculer(d)[0], MOTIF, acteur("responsable"))
    assert not conflits.recalculer(d)[0].bloque
    sol.modifier(d.emprises.get(), emprise(geom=rect(2), fin=date(2026, 6, 10)))
    assert conflits.recalculer(d)[0].bloque
    sol.modifier(d.emprises.get(), emprise(geom=rect(30)))
    assert conflits.recalculer(d) == []
    assert not Conflit.objects.exists()


def test_un_conflit_ne_au_parapheur_arrete_la_signature():
    un, deux = a_signer(dossier(emprise(geom=rect(40)))), a_signer(dossier())
    assert un.etat == deux.etat == "a_signer"
    # Drawn again by hand in the base, as another town hall's software could.
    e = un.emprises.get()
    e.geom = rect()
    e.save()
    with pytest.raises(Refus, match="Conflit bloquant"):
        faire(deux, "signer", "signataire")
    deux.refresh_from_db()
    assert deux.etat == "a_signer"
    assert deux.conflits.get().bloque, "le conflit trouvé se voit sur le dossier"


def test_une_prolongation_se_compare_aux_jours_qu_elle_ajoute(aller):
    d = accorde(dossier())
    accorde(dossier(emprise(debut=date(2026, 7, 5), fin=date(2026, 7, 20))))
    aller(date(2026, 6, 10))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    with pytest.raises(Refus, match="Conflit bloquant"):
        faire(d, "accepter_prolongation", "signataire")
    trouve = d.conflits.get()
    assert (trouve.nb_jours, trouve.jours[0]) == (6, date(2026, 7, 5))
    conflits.lever(trouve, MOTIF, acteur("responsable"))
    assert faire(d, "accepter_prolongation", "signataire").fin == date(2026, 7, 10)


def test_la_base_refuse_une_levee_sans_motif():
    accorde(dossier())
    c = conflits.recalculer(dossier(emprise(geom=rect(2))))[0]
    c.leve_le, c.leve_par, c.motif_levee = c.calcule_le, acteur("responsable"), "court"
    with pytest.raises(IntegrityError), transaction.atomic():
        c.save()


def test_les_conflits_se_levent_par_la_page():
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    base = f"/domaine-public/dossiers/{d.pk}/"
    client_de("instructeur").post(f"{base}conflits/")
    page = texte(client_de("responsable").get(base))
    assert "bloquant" in page
    assert "30 jours en commun" in page
    c = Conflit.objects.get()
    assert client_de("instructeur").post(f"{base}conflits/{c.pk}/lever/", {"motif": MOTIF}).status_code == 403
    client_de("responsable").post(f"{base}conflits/{c.pk}/lever/", {"motif": MOTIF})
    assert MOTIF in texte(client_de("lecture").get(base))


def ailleurs(geometrie):
    """The same ground ten kilometres away."""
    deplacee = shapely.affinity.translate(shapely.from_wkb(bytes(geometrie.wkb)), 10_000)
    return GEOSGeometry(memoryview(deplacee.wkb), srid=geometrie.srid)


def test_la_recherche_passe_par_l_index():
    """On a table as a town has it: on a few rows, the planner's choice says nothing."""
    d = dossier()
    autre = dossier().emprises.get()
    ecrits = [f.attname for f in Emprise._meta.concrete_fields if not (f.primary_key or f.generated)]
    champs = {nom: getattr(autre, nom) for nom in ecrits}
    champs["geom"], champs["surface"] = (ailleurs(champs[nom]) for nom in ("geom", "surface"))
    Emprise.objects.bulk_create(Emprise(**{**champs, "rang": rang}) for rang in range(2, 3000))
    requete, parametres = conflits.candidates(d.emprises.get(), d).query.sql_with_params()
    with connection.cursor() as c:
        c.execute(f"ANALYZE {Emprise._meta.db_table}")
        c.execute(f"EXPLAIN {requete}", parametres)
        plan = "\n".join(ligne[0] for ligne in c.fetchall())
    assert "odp_emprise" in plan


@pytest.mark.django_db(transaction=True)
def test_deux_signatures_qui_se_heurtent_une_seule_passe():
    """Two connections sign at the same second two files of the same ground."""
    conflits.charger_compatibilites()
    delegue()
    deux = [dossier(), dossier()]
    for d in deux:
        faire(d, "instruire")
    # Both proposed while the other is only a project.
    faire(deux[0], "preparer_acte")
    c = conflits.recalculer(deux[1])
    assert c[0].niveau == "bloquant"
    conflits.lever(c[0], MOTIF, agent("domainepublic.responsable", codes=(INSEE,)))
    faire(deux[1], "preparer_acte")
    # The waiver is taken back: the click must look again.
    Conflit.objects.update(leve_le=None, leve_par=None, motif_levee="")
    depart, resultats = threading.Barrier(2), []

    def signer(d: DossierODP) -> None:
        try:
            depart.wait(10)
            faire(d, "signer", "signataire")
            resultats.append("oui")
        except Refus as e:
            resultats.append(str(e)[:16])
        finally:
            connection.close()

    fils = [threading.Thread(target=signer, args=(d,)) for d in deux]
    for f in fils:
        f.start()
    for f in fils:
        f.join(30)
    assert "Conflit bloquant" in resultats
    assert resultats.count("oui") <= 1


def test_une_prolongation_se_verifie_sur_les_jours_qu_elle_ajoute(aller):
    d = accorde(dossier(emprise(debut=date(2026, 6, 1), fin=date(2026, 6, 10))))
    # Another file holds the same ground once the first title is over.
    accorde(dossier(emprise(debut=date(2026, 6, 11), fin=date(2026, 6, 20))))
    aller(date(2026, 6, 5))
    faire(d, "demander_prolongation", donnees={"fin": "2026-06-15"})
    (c,) = d.conflits.all()
    assert (c.niveau, c.jours[0], c.nb_jours) == ("bloquant", date(2026, 6, 11), 5)
    with pytest.raises(Refus, match="Conflit bloquant"):
        faire(d, "accepter_prolongation", "signataire")
    d.refresh_from_db()
    assert (d.etat, d.fin) == ("prolongation_demandee", date(2026, 6, 10))
    conflits.lever(d.conflits.get(), "Les deux bennes se partagent la place.", acteur("responsable"))
    faire(d, "accepter_prolongation", "signataire")
    assert (d.etat, d.fin) == ("actif", date(2026, 6, 15))


def test_une_prolongation_sans_voisin_passe_malgre_un_conflit_leve_sur_les_jours_deja_accordes(aller):
    accorde(dossier(emprise(debut=date(2026, 6, 1), fin=date(2026, 6, 10))))
    d = dossier(emprise(debut=date(2026, 6, 1), fin=date(2026, 6, 10)))
    delegue()
    faire(d, "instruire")
    conflits.lever(d.conflits.get(), "Les deux bennes se partagent la place.", acteur("responsable"))
    faire(d, "preparer_acte")
    faire(d, "signer", "signataire")
    aller(date(2026, 6, 5))
    faire(d, "demander_prolongation", donnees={"fin": "2026-06-15"})
    faire(d, "accepter_prolongation", "signataire")
    assert d.etat == "actif"
    assert d.conflits.get().leve_le is not None, "la levée reste"
