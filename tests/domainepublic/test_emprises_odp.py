"""Ground of occupations: measures, bad input, repair, commune, dates; the same shapes as the engine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import shapely
from django.contrib.gis.geos import Polygon
from django.db import DataError, IntegrityError, transaction

from domainepublic import emprises as sol
from domainepublic.models import Emprise
from domainepublic.regles.geometrie import bande
from mairie.models import JournalActe
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import a_signer, acteur, dossier, emprise, ligne, point, rect
from tests.personnes import INSEE
from tests.plan_factice import X0, Y0

pytestmark = pytest.mark.usefixtures("aller")
PAPILLON = Polygon(
    ((X0, Y0 + 31), (X0 + 8, Y0 + 35), (X0 + 8, Y0 + 31), (X0, Y0 + 35), (X0, Y0 + 31)), srid=2154
)


@pytest.mark.parametrize(
    ("code", "champs", "quantite", "aire"),
    [
        ("DEPOT", {"geom": rect()}, "8.00", 8.0),
        ("ECHAF", {"geom": ligne(), "largeur": Decimal("1.5"), "unite": "ml"}, "10.00", 15.0),
        ("ECHAF", {"geom": ligne(), "largeur": Decimal("1.5"), "unite": "m2"}, "15.00", 15.0),
        ("GRUE", {"geom": point(), "rayon": Decimal("2")}, "1.00", 12.56),
        ("AMBU", {"geom": rect(largeur=6), "unite": "ml"}, "6.00", 12.0),
    ],
)
def test_la_quantite_se_mesure_selon_l_unite(code, champs, quantite, aire):
    e = dossier(emprise(code, **champs)).emprises.get()
    assert e.quantite == Decimal(quantite)
    assert e.surface.area == pytest.approx(aire, abs=0.05)


def test_une_quantite_saisie_l_emporte_et_la_mesure_reste():
    e = dossier(emprise(quantite_saisie=Decimal("6"))).emprises.get()
    assert (e.quantite, e.quantite_geom) == (Decimal("6"), Decimal("8.00"))


def test_la_largeur_d_une_ligne_est_celle_du_moteur():
    e = dossier(
        emprise("ECHAF", geom=ligne(), largeur=Decimal("2"), cote="gauche", unite="ml")
    ).emprises.get()
    attendue = bande(shapely.from_wkb(bytes(e.geom.wkb)), 2.0, "gauche")
    assert shapely.equals(attendue, shapely.from_wkb(bytes(e.surface.wkb)))


def test_un_contour_croise_est_refuse_avec_sa_reparation():
    nouvelle = emprise("DEPOT", geom=PAPILLON)
    examen = sol.examiner(INSEE, nouvelle)
    assert "se croise" in examen.fautes["geom"]
    assert examen.reparee.valid
    with pytest.raises(Refus, match="se croise"):
        dossier(nouvelle)


def test_un_contour_repare_se_garde_et_le_dit():
    e = dossier(emprise("DEPOT", geom=PAPILLON, reparer=True)).emprises.get()
    assert e.reparee
    assert e.geom.valid
    assert e.quantite == Decimal("16.00")


@pytest.mark.parametrize(
    ("champs", "message"),
    [
        ({"fin": date(2026, 5, 31)}, r"La fin \(31/05/2026\) précède le début \(01/06/2026\)"),
        ({"geom": rect(x=5000)}, "hors de la commune"),
        ({"geom": point(), "rayon": Decimal(1)}, "dessinez : polygone"),
        ({"unite": "ml"}, "se compte en"),
        ({"quantite_saisie": Decimal(0)}, "supérieure à 0"),
    ],
)
def test_une_mauvaise_saisie_dit_quoi_faire(champs, message):
    with pytest.raises(Refus, match=message):
        dossier(emprise("DEPOT", **champs))


def test_la_commune_a_un_tampon_de_cinquante_metres():
    assert sol.hors_commune(INSEE, rect(x=351)) is True
    assert sol.hors_commune(INSEE, rect(x=349)) is False


@pytest.mark.parametrize(("geom", "code"), [(ligne(), "largeur"), (point(), "rayon")])
def test_une_ligne_veut_une_largeur_un_point_un_rayon(geom, code):
    nouvelle = emprise("ENSEI", geom=geom)
    assert code in sol.examiner(INSEE, nouvelle).fautes


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"debut": date(2026, 3, 1)}, "régularisation"),
        ({"debut": date(2031, 3, 3), "fin": date(2031, 4, 1)}, "plus de cinq ans"),
        ({"fin": date(2031, 3, 3)}, "La fin (03/03/2031) est à plus de cinq ans"),
        ({"geom": rect(-100, -100, 150, 70)}, "10 500 m²"),
    ],
)
def test_ce_qui_est_inhabituel_se_confirme(champs, phrase):
    examen = sol.examiner(INSEE, emprise("DEPOT", confirmee=False, **champs))
    assert phrase in " ".join(examen.a_confirmer)
    assert sol.examiner(INSEE, emprise("DEPOT", **champs)).a_confirmer == ()


def test_une_ligne_large_se_mesure_avec_sa_largeur_et_une_trop_courte_le_dit():
    large = emprise("ECHAF", geom=ligne(-100, -50, 200), largeur=Decimal(60), unite="ml", confirmee=False)
    assert "12 000 m²" in " ".join(sol.examiner(INSEE, large).a_confirmer)
    for longueur, dite in ((0.5, False), (0.49, True)):
        courte = emprise("ECHAF", geom=ligne(0, 31, longueur), largeur=Decimal(1), unite="ml")
        assert ("mesure 0,49 m" in sol.examiner(INSEE, courte).fautes.get("geom", "")) is dite


def test_une_demande_venue_apres_son_debut_est_marquee_regularisation():
    assert dossier(emprise(debut=date(2026, 3, 1))).regularisation
    assert not dossier(emprise(debut=date(2026, 3, 2))).regularisation


def test_les_emprises_changent_jusqu_a_la_signature_proposee():
    d = dossier()
    sol.ajouter(d, emprise("DEPOT", geom=rect(20), fin=date(2026, 7, 31)))
    d.refresh_from_db()
    assert (d.emprises.count(), d.fin) == (2, date(2026, 7, 31))
    par = acteur("instructeur")
    sol.modifier(d.emprises.get(rang=2), emprise("DEPOT", geom=rect(30), fin=date(2026, 7, 31)), par=par)
    sol.retirer(d.emprises.get(rang=2), par=par)
    # Each change made by a person is a line of the log.
    dites = JournalActe.objects.filter(action__contains=".emprise_").order_by("id")
    assert [ligne.action for ligne in dites] == [sol.MODIFIEE, sol.RETIREE]
    d.refresh_from_db()
    assert d.fin == date(2026, 6, 30)
    with pytest.raises(Refus, match="garde au moins une emprise"):
        sol.retirer(d.emprises.get())
    a_signer(d)
    with pytest.raises(Refus, match="ne changent plus"):
        sol.modifier(d.emprises.get(), emprise())


@pytest.mark.parametrize(
    "champs", [{"fin": date(2026, 5, 1)}, {"unite": "pied"}, {"largeur": Decimal("-1")}, {"rang": 1}]
)
def test_la_base_refuse_une_emprise_fausse(champs):
    d = dossier()
    modele = d.emprises.get()
    valeurs = {"rang": 2, "debut": modele.debut, "fin": modele.fin, "unite": "m2", **champs}
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Emprise.objects.create(dossier=d, type=modele.type, geom=modele.geom, **valeurs)


def test_l_index_porte_sur_le_lieu_et_le_temps():
    from django.db import connection

    with connection.cursor() as c:
        c.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'odp_emprise_lieu_temps'")
        assert "USING gist (surface, periode)" in c.fetchone()[0]


def test_deux_agents_sur_une_emprise_le_second_voit_les_deux_versions_et_ne_perd_rien():
    from tests.domainepublic.test_ecrans_odp import client_de, texte

    d = dossier()
    adresse = f"/domaine-public/dossiers/{d.pk}/emprises/1/"
    client = client_de("instructeur")
    page = client.get(adresse).content.decode()
    assert f'name="version" value="{d.version}"' in page
    e = d.emprises.get()
    champs = {
        "type": e.type_id, "geom": e.geom.transform(4326, clone=True).geojson,
        "debut": "2026-06-01", "fin": "2026-06-20", "unite": "m2", "confirmee": "on",
    }  # fmt: skip
    assert client.post(adresse, {**champs, "version": d.version}).status_code == 302
    d.refresh_from_db()
    assert (d.version, d.fin) == (2, date(2026, 6, 20))
    # A fault of entry does not make the older state pass for the newer.
    faute = client.post(adresse, {**champs, "fin": "2026-05-25", "version": 1})
    assert faute.status_code == 422 and 'name="version" value="1"' in faute.content.decode()
    second = client.post(adresse, {**champs, "fin": "2026-06-25", "repere": "devant le 7", "version": 1})
    assert second.status_code == 422
    lu = texte(second)
    assert "Ce dossier a changé depuis que vous l'avez ouvert" in lu
    assert "Emprise 1, benne, bungalow, du 01/06/2026 au 20/06/2026" in lu
    assert "devant le 7" in second.content.decode(), "la saisie reste"
    assert client.post(adresse, {**champs, "fin": "2026-06-25", "version": 2}).status_code == 302
    # The same for the facts, and for an event entered on an old page.
    faits = f"/domaine-public/dossiers/{d.pk}/faits/"
    ancien = client.post(faits, {"domaine": "voie_communale", "occupant": "ordinaire", "version": 1})
    assert "Enregistré maintenant" in texte(ancien)


def test_une_emprise_de_plusieurs_creneaux_les_garde_tous_quand_on_la_modifie():
    """Three slots: changing the place loses no hour, and midnight stays midnight."""
    from domainepublic.formulaires import FormulaireEmprise
    from tests.domainepublic.test_ecrans_odp import client_de, texte

    matin = {"jours": ["sam"], "de": "06:00", "a": "24:00"}
    soir = {"jours": ["ven", "sam"], "de": "18:00", "a": "24:00"}
    nuit = {"jours": [], "de": "22:00", "a": "02:00"}
    d = dossier(emprise(creneaux=[matin, soir, nuit]))
    e = d.emprises.get()
    adresse, client = f"{d.get_absolute_url()}emprises/1/", client_de("instructeur")
    page = client.get(adresse)
    assert "vendredi et samedi, 18:00 – 24:00" in texte(page) and "22:00 – 02:00" in texte(page)
    initial = page.context["emprise"].initial
    assert (initial["de"], initial["a"]) == ("06:00", "00:00")
    champs = {
        "type": e.type_id, "geom": e.geom.transform(4326, clone=True).geojson, "unite": "m2",
        "debut": "2026-06-01", "fin": "2026-06-30", "confirmee": "on", "repere": "devant le 7",
        "jours": ["sam"], "de": "06:00", "a": "00:00",
    }  # fmt: skip
    # Sent as the page gives it, and by a page that does not know the boxes: all are kept.
    for plus in ({"autres": initial["autres"], "autres_lus": "True"}, {}):
        d.refresh_from_db()
        assert client.post(adresse, {**champs, **plus, "version": d.version}).status_code == 302
        e.refresh_from_db()
        assert e.creneaux == [matin, soir, nuit], plus
    # One unticked goes; what is no slot is refused with the rest kept.
    d.refresh_from_db()
    un = {"autres": initial["autres"][1:], "autres_lus": "True", "version": d.version}
    assert client.post(adresse, {**champs, **un}).status_code == 302
    e.refresh_from_db()
    assert e.creneaux == [matin, nuit]
    faux = client.post(adresse, {**champs, "autres": ["sam 25:00 26:00"], "autres_lus": "True"})
    assert faux.status_code == 422
    # Days alone mean the whole day: no hour is made up for it.
    e.creneaux = [{"jours": ["dim"], "de": "00:00", "a": "24:00"}]
    jour_entier = FormulaireEmprise(emprise=e).initial
    assert (jour_entier["jours"], jour_entier["de"], jour_entier["a"]) == (["dim"], "", "")
