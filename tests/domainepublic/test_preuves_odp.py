"""Proofs that cross several subjects: one fee everywhere, true scale on paper, no private name in public."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import subprocess
from datetime import date
from decimal import Decimal
from email.utils import parsedate_to_datetime
from html import unescape
from xml.etree import ElementTree

import icalendar
import numpy as np
import pyogrio
import pytest
from django.contrib.gis.geos import MultiPolygon
from django.test import Client
from PIL import Image

from cadastre.plan import DESSINS
from domainepublic import emprises as sol
from domainepublic import facturation, tarifs
from domainepublic.courriers import modeles, suites
from domainepublic.detail import lignes_du_detail
from domainepublic.models import DossierODP
from gis_data.couches import couches
from gis_data.plans.cadre import UNITES_PAR_MM
from mairie.courriers import rendu
from mairie.courriers.envois import lire_pdf
from mairie.models import Courrier, EnTete, Evenement, Tiers, Voie
from tests.domainepublic.fabrique_odp import a_signer, accorde, acteur, delegue, dossier, emprise, faire, rect
from tests.domainepublic.test_demande_odp import suivre
from tests.domainepublic.test_ecrans_odp import client_de
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.gis_data.test_tuiles import tuile_de
from tests.mairie.courriers.fabrique import texte_pdf
from tests.personnes import INSEE, commune

pytestmark = pytest.mark.usefixtures("aller")


def lisible(texte: str) -> str:
    """One line, ordinary spaces, no tag."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", texte)).replace("\u202f", " ")).strip()


@pytest.fixture
def mairie(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    modeles.charger()
    EnTete.objects.create(collectivite=commune(), nom="Commune de Valbrune", lieu="Valbrune")
    delegue()
    yield
    rendu.atelier.fermer()


# --- one fee ------------------------------------------------------------------------------------


def deux_zones() -> DossierODP:
    """Two skips, the first one over two zones and two years' grids; costs, minimum and free days."""
    for annee, prix in ((2026, "1.35"), (2027, "1.45")):
        g = grille(annee, frais_dossier="10.60", plafond="5000.00")
        for zone, x, facteur in (("1", -50, 1), ("2", 3, 2)):
            tarifs.ajouter_zone(g, zone, MultiPolygon(rect(x, 0, 53 if x < 0 else 100, 60), srid=2154))
            tarifs.enregistrer_tarif(
                g, f"BENNE-{zone}",
                {"type": "BENNE", "zone": zone, "unite": "m2", "periode": "jour",
                 "prix": str(Decimal(prix) * facteur), "arrondi_quantite": "demi_superieur"},
            )  # fmt: skip
    return dossier(
        emprise(geom=rect(0, 31, 6.3, 2.1), debut=date(2026, 12, 20), fin=date(2027, 1, 10)),
        emprise(geom=rect(20), debut=date(2026, 6, 1), fin=date(2026, 6, 3)),
        demandeur=payeur(siret="12345678200010"),
    )


def etapes_a_l_ecran(page: str) -> list[list[str]]:
    """Steps of each computation shown by a page, as read: « label (quantity × periods) amount »."""
    return [
        [lisible(li) for li in re.findall(r"<li.*?</li>", bloc, re.S)]
        for bloc in re.findall(r'<ol class="odp-etapes">(.*?)</ol>', page, re.S)
    ]


def test_le_detail_est_egal_a_l_ecran_dans_le_pdf_au_suivi_et_dans_l_export(mairie):
    """Issue 6, « done when »: step by step, on the text that the PDF itself gives back."""
    d = deux_zones()
    faire(a_signer(d), "signer", "signataire")
    lignes = list(d.lignes.order_by("debut", "pk"))
    assert len(lignes) == 2
    attendus = [
        [
            f"{e.libelle}{f' ( {e.calcul} )' if e.calcul else ''}"
            f"{f' {e.montant_lisible}' if e.montant is not None else ''}".replace("\u00a0", " ")
            for e in lignes_du_detail(x.detail)
        ]
        for x in d.lignes.all()
    ]
    assert max(len(e) for e in attendus) >= 8, "deux zones, deux grilles, frais et total"

    def ecrans(page: str) -> list[list[str]]:
        return [[re.sub(r"\( ?(.*?) ?\)", r"( \1 )", t) for t in bloc] for bloc in etapes_a_l_ecran(page)]

    attendus = [[re.sub(r"\( ?(.*?) ?\)", r"( \1 )", t) for t in bloc] for bloc in attendus]
    # The agent's screen, then the holder's.
    assert ecrans(client_de("lecture").get(d.get_absolute_url()).content.decode()) == attendus
    assert ecrans(suivre(d).get(f"/domaine-public/suivi/{d.numero}/").content.decode()) == attendus
    # The sealed act, as its own bytes are read back.
    evenement = Evenement.objects.filter(type="signer").latest("pk")
    suites.sceller.func(evenement.pk)
    # The holder downloads the very file; nobody else does.
    acte = Courrier.objects.latest("pk")
    adresse = f"/domaine-public/suivi/{d.numero}/acte/{acte.pk}/"
    titulaire = suivre(d)
    assert adresse in titulaire.get(f"/domaine-public/suivi/{d.numero}/").content.decode()
    telecharge = titulaire.get(adresse)
    assert telecharge.content == lire_pdf(acte) and "no-store" in telecharge["Cache-Control"]
    assert Client().get(adresse).status_code == 302
    assert titulaire.get(f"/domaine-public/suivi/{d.numero}/acte/999999/").status_code == 404
    autre = dossier(emprise(geom=rect(60)))
    assert suivre(autre).get(adresse.replace(d.numero, autre.numero)).status_code == 404
    papier = lisible(texte_pdf(lire_pdf(Courrier.objects.latest("pk"))))
    place = 0
    for bloc in lignes:
        for e in lignes_du_detail(bloc.detail):
            for morceau in (e.libelle, e.calcul, e.montant_lisible):
                voulu = lisible(morceau)
                trouve = papier.find(voulu, place)
                assert trouve >= 0, (voulu, papier[place : place + 200])
                place = trouve + len(voulu) if voulu else place
    # The file for finance: the same steps in JSON, the same amounts in CSV.
    role = facturation.exporter(facturation.valider(facturation.preparer_role(INSEE, acteur("finances"))))
    exportees = json.loads(role.export_json)["lignes"]
    assert [x["detail"] for x in exportees] == [x.detail for x in lignes]
    fichier = facturation.octets_csv(role).decode("utf-8-sig")
    rangees = list(csv.DictReader(io.StringIO(fichier), delimiter=";"))
    assert [r["montant_ttc"] for r in rangees] == [f"{x.montant:.2f}".replace(".", ",") for x in lignes]
    for x in lignes:
        assert lignes_du_detail(x.detail)[-1].montant == x.montant


def test_trois_emprises_deux_zones_deux_periodes_sans_parcelle_ni_courriel_vont_jusqu_au_bout(aller):
    """§14.14: from the deposit to the ground given back and the claim paid."""
    d = deux_zones()
    sol.ajouter(d, emprise(geom=rect(40), debut=date(2026, 6, 1), fin=date(2026, 6, 3)))
    assert not d.demandeur.courriel and d.emprises.count() == 3
    assert len({(e.debut, e.fin) for e in d.emprises.all()}) == 2
    delegue()
    faire(a_signer(d), "signer", "signataire")
    lignes = list(d.lignes.all())
    zones = {e.get("zone") for x in lignes for e in x.detail if e["etape"] == "ligne"}
    assert (len(lignes), zones) == (3, {"1", "2"})
    role = facturation.exporter(facturation.valider(facturation.preparer_role(INSEE, acteur("finances"))))
    titre = role.titres.get()
    assert titre.montant == sum(x.montant for x in lignes)
    facturation.encaisser(titre, titre.montant, date(2026, 3, 10))
    aller(date(2027, 1, 11))
    faire(d, "constater_liberation", "assermente", donnees={"le": "2027-01-11"})
    assert d.etat == "termine" and {x.etat for x in d.lignes.all()} == {"soldee"}
    assert {e.type for e in Evenement.objects.filter(dossier_id=d.pk, workflow=d.WORKFLOW)} == {
        "deposer", "instruire", "preparer_acte", "signer", "constater_liberation",
    }  # fmt: skip


# --- true scale ---------------------------------------------------------------------------------

PIXELS_PAR_POUCE = 300
OCRE = (180, 97, 26)
# The ochre outline of the emprise.
EPAISSEUR_MM = DESSINS["choisie"]["stroke_width"] / UNITES_PAR_MM


def test_l_extrait_d_un_arrete_au_1_500_se_mesure_juste_sur_l_image(mairie, tmp_path):
    """§14.10: fifty metres of ground are a hundred millimetres of paper, to 0.2 mm, on the pixels printed."""
    d = a_signer(dossier(emprise("PALIS", geom=rect(5, 31, 50, 8), unite="m2", fin=date(2026, 6, 30)),
                         faits={"ancrage": True}))  # fmt: skip
    faire(d, "signer", "signataire")
    suites.sceller.func(Evenement.objects.filter(type="signer").latest("pk").pk)
    acte = Courrier.objects.latest("pk")
    octets = lire_pdf(acte)
    assert "1/500" in lisible(texte_pdf(octets))
    source = tmp_path / "arrete.pdf"
    source.write_bytes(octets)
    subprocess.run(
        ["pdftoppm", "-r", str(PIXELS_PAR_POUCE), "-aa", "no", str(source), str(tmp_path / "page")],
        check=True,
    )
    largeurs = []
    for image in sorted(tmp_path.glob("page*.ppm")):
        pixels = np.asarray(Image.open(image).convert("RGB")).astype(int)
        ocre = np.all(np.abs(pixels - OCRE) <= 12, axis=2)
        # The outline of the emprise: the row of ochre pixels that is the longest.
        longueurs = [np.flatnonzero(rang) for rang in ocre if rang.sum() > PIXELS_PAR_POUCE]
        largeurs += [(int(x[-1]) - int(x[0]) + 1) for x in longueurs]
    assert largeurs, "aucun trait ocre sur l'arrêté"
    # From the outer edge of the outline on one side to that of the other: its width counts once.
    mesure = max(largeurs) * 25.4 / PIXELS_PAR_POUCE
    assert mesure - EPAISSEUR_MM == pytest.approx(100, abs=0.2)


# --- no private name ----------------------------------------------------------------------------

SECRETS = ("Zoé Secrète", "Secrète", "Xavier Discret", "Discret", "zoe@exemple.invalid", "0399887766",
           "Objet à taire", "Repère à taire", "Société à taire")  # fmt: skip


def rue_pleine() -> tuple[Voie, DossierODP, DossierODP]:
    """A street with an announced title, a granted one and a pending one, all of private persons."""
    v = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050")
    zoe = Tiers.objects.create(
        collectivite=INSEE, nom="Secrète", prenoms="Zoé", courriel="zoe@exemple.invalid",
        telephone="0399887766", voie="1 rue Cachée", code_postal="25999", ville="Valbrune",
    )  # fmt: skip
    xavier = Tiers.objects.create(collectivite=INSEE, nom="Discret", prenoms="Xavier")
    tous = {"demandeur": zoe, "executant": xavier, "voie": v, "objet": "Objet à taire"}
    accordee = accorde(dossier(emprise(repere="Repère à taire"), **tous))
    dossier(emprise(geom=rect(20)), **tous)
    annoncee = dossier(emprise("TERR_O", geom=rect(40), unite="m2", operateur="Société à taire"), **tous)
    faire(annoncee, "ouvrir_publicite", donnees={"au": "2026-03-20", "lieu": "site", "texte": "Une saison."})
    client = Client()
    client.post(
        f"/domaine-public/publicite/{annoncee.pk}/",
        {"nom": "Xavier Discret", "courriel": "zoe@exemple.invalid", "message": "Objet à taire"},
    )
    assert annoncee.interets.count() == 1
    return v, accordee, annoncee


def test_aucun_nom_prive_dans_ce_que_chacun_lit_et_les_flux_se_relisent(aller):
    """§14.9: every public layer, feed and page, read as somebody without account."""
    v, accordee, annoncee = rue_pleine()
    aller(date(2026, 3, 10))
    client, e = Client(), accordee.emprises.get()
    rue = f"/domaine-public/flux/voie/{INSEE}0050"
    adresses = [
        "/", "/domaine-public/travaux/?jour=2026-06-10", f"/domaine-public/travaux/?voie={v.id_ban}",
        f"/domaine-public/travaux/{e.pk}/", "/domaine-public/publicite/",
        f"/domaine-public/publicite/{annoncee.pk}/", "/domaine-public/demande/",
        "/domaine-public/flux/chantiers.geojson?du=2026-01-01&au=2026-12-31", f"{rue}.ics", f"{rue}.rss",
        "/recherche/?q=Secrète", "/recherche/?q=Discret", f"/recherche/?q={accordee.numero}",
        f"/suivi/?numero={accordee.numero}",
    ]  # fmt: skip
    publiques = [c for c in couches() if c.publique]
    assert {"odp_occupations"} <= {c.nom for c in publiques}
    for c in publiques:
        adresses.append(f"/ogc/collections/{c.nom}/items?limit=1000&f=json")
        z, x, y = tuile_de(10, 31, 18)
        adresses.append(f"/tuiles/{c.nom}/{z}/{x}/{y}.pbf")
    lus = {}
    for adresse in adresses:
        reponse = client.get(adresse)
        assert reponse.status_code in (200, 204), (adresse, reponse.status_code)
        octets = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
        lus[adresse] = gzip.decompress(octets) if octets[:2] == b"\x1f\x8b" else octets
        vu = unescape(lus[adresse].decode("utf-8", "replace"))
        # The page of a search says again the words that one wrote.
        fautes = [s for s in SECRETS if s in vu and s not in adresse]
        assert not fautes, (adresse, fautes)
    # Nothing is so private that it is not there.
    assert b"Terrasse" in lus["/domaine-public/publicite/"]
    # Parsers that are not ours: GDAL, icalendar, the XML of RSS 2.0.
    geojson = lus["/domaine-public/flux/chantiers.geojson?du=2026-01-01&au=2026-12-31"]
    meta, _, formes, _ = pyogrio.raw.read(io.BytesIO(geojson))
    assert meta["crs"] in ("EPSG:4326", "OGC:CRS84") and len(formes) == 1
    agenda = icalendar.Calendar.from_ical(lus[f"{rue}.ics"])
    assert agenda["version"] == "2.0" and agenda["prodid"]
    for evenement in agenda.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(evenement)
    canal = ElementTree.fromstring(lus[f"{rue}.rss"]).find("channel")
    assert canal is not None and all(canal.findtext(n) for n in ("title", "link", "description"))
    (element,) = canal.findall("item")
    assert element.findtext("link").startswith("http") and element.findtext("guid")
    assert parsedate_to_datetime(element.findtext("pubDate")).date() == date(2026, 3, 2), "jour de l'acte"
