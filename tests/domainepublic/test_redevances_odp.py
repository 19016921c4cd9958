"""Bills: grids with dates and zones, frozen lines, credit notes, rolls, export, payments, rights."""

from __future__ import annotations

import csv
import io
import json
import threading
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import IntegrityError, connection, transaction
from django.test import Client

from domainepublic import facturation, tarifs
from domainepublic.models import GrilleTarifaire, LigneFacturable, Role, Tarif
from domainepublic.regles.redevance import simuler_redevance
from mairie.models import Tiers
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import (
    a_signer,
    accorde,
    acteur,
    dossier,
    emprise,
    faire,
    photographie,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE, agent, habiliter

pytestmark = pytest.mark.usefixtures("aller")


def grille(annee: int = 2026, prix: str = "1.00", au: date | None = None, **regles) -> GrilleTarifaire:
    g = tarifs.creer_grille(
        insee=INSEE,
        libelle=f"Tarifs {annee}",
        deliberation=f"{annee}-12",
        deliberation_le=date(annee - 1, 12, 10),
        du=date(annee, 1, 1),
        au=au or date(annee, 12, 31),
        regles=regles,
    )
    tarifs.enregistrer_tarif(g, "BENNE", {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": prix})
    return g


def payeur(**champs) -> Tiers:
    valeurs = {"nature": "morale", "raison_sociale": "=Société fictive", "siret": "12345678200010", **champs}
    return Tiers.objects.create(
        collectivite=INSEE, siren=valeurs["siret"][:9], voie="1 rue Fictive",
        code_postal="25000", ville="Essai",
        **valeurs,
    )  # fmt: skip


# --- grids --------------------------------------------------------------------------------------


def test_deux_grilles_ne_valent_jamais_le_meme_jour():
    grille()
    with pytest.raises(Refus, match="Une autre grille est en vigueur"):
        grille()
    with pytest.raises(IntegrityError), transaction.atomic():
        GrilleTarifaire.objects.create(
            insee=INSEE,
            libelle="X",
            deliberation="1",
            deliberation_le=date(2026, 1, 1),
            du=date(2026, 12, 31),
        )
    assert grille(2027).pk


def test_un_tarif_faux_est_refuse_par_le_validateur_du_moteur():
    g = grille()
    with pytest.raises(Refus, match="Donnez un prix"):
        tarifs.enregistrer_tarif(g, "X", {"type": "BENNE", "unite": "m2", "periode": "jour"})
    with pytest.raises(Refus, match="plafond"):
        tarifs.verifier_regles({"minimum_perception": "10", "plafond": "5"})
    assert Tarif.objects.count() == 1


def test_la_fin_d_une_grille_suit_son_debut():
    with pytest.raises(Refus, match="précède le début"):
        grille(au=date(2025, 12, 31))


def test_les_zones_ne_se_recouvrent_pas():
    g = grille()
    tarifs.ajouter_zone(g, "1", MultiPolygon(rect(0, 30, 50, 10), srid=2154))
    with pytest.raises(Refus, match="recouvre la zone 1"):
        tarifs.ajouter_zone(g, "2", MultiPolygon(rect(49, 30, 50, 10), srid=2154))
    tarifs.ajouter_zone(g, "2", MultiPolygon(rect(50, 30, 50, 10), srid=2154))


def test_une_copie_augmente_chaque_prix_au_centime():
    g = grille(prix="3.33")
    copie = tarifs.dupliquer(
        g, Decimal("2.5"), libelle="2027", deliberation="27", deliberation_le=date(2026, 12, 1),
        du=date(2027, 1, 1), au=None,
    )  # fmt: skip
    assert copie.tarifs.get().ligne["prix"] == "3.41"
    assert g.tarifs.get().ligne["prix"] == "3.33"


# --- prices -------------------------------------------------------------------------------------


def test_le_prix_du_dossier_est_celui_de_la_commande():
    grille(prix="1.20", frais_dossier="10.60")
    p = tarifs.previsions(dossier())[0]
    assert p.montant == Decimal("298.60")  # 8 m² × 30 jours × 1,20 + frais
    assert simuler_redevance(json.loads(json.dumps(p.entree)))["montant_du"] == "298.60"


def test_chaque_jour_a_le_tarif_de_sa_grille():
    grille(2026, "1.00"), grille(2027, "2.00")
    p = tarifs.previsions(dossier(emprise(debut=date(2026, 12, 30), fin=date(2027, 1, 2))))[0]
    assert p.montant == Decimal("48.00")


def test_une_emprise_sur_deux_zones_se_partage():
    g = grille()
    g.tarifs.all().delete()
    for code, prix in (("1", "1.00"), ("2", "3.00")):
        ligne = {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": prix, "zone": code}
        tarifs.enregistrer_tarif(g, f"B{code}", ligne)
    tarifs.ajouter_zone(g, "1", MultiPolygon(rect(0, 30, 1, 10), srid=2154))
    tarifs.ajouter_zone(g, "2", MultiPolygon(rect(1, 30, 49, 10), srid=2154))
    p = tarifs.previsions(dossier(emprise(fin=date(2026, 6, 1))))[0]
    assert [z["quantite"] for z in p.entree["occupation"]["zones"]] == ["2.00", "6.00"]
    assert p.montant == Decimal("20.00")


def test_la_zone_du_centroide_est_celle_du_milieu_non_la_plus_grande_part():
    g = grille(zone_mode="zone_centroide")
    g.tarifs.all().delete()
    for code, prix in (("1", "1.00"), ("2", "3.00"), ("3", "1.00")):
        ligne = {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": prix, "zone": code}
        tarifs.enregistrer_tarif(g, f"B{code}", ligne)
    # 4 m from x = 0: 1.9 m in zone 1, 0.2 m in the middle, 1.9 m in zone 3.
    for code, x, largeur in (("1", -9, 10.9), ("2", 1.9, 0.2), ("3", 2.1, 50)):
        tarifs.ajouter_zone(g, code, MultiPolygon(rect(x, 30, largeur, 10), srid=2154))
    p = tarifs.previsions(dossier(emprise(fin=date(2026, 6, 1))))[0]
    assert (p.entree["occupation"]["zone_centroide"], p.montant) == ("2", Decimal("24.00"))


def test_les_frais_de_dossier_ne_se_comptent_qu_une_fois():
    grille(frais_dossier="10.00")
    d = dossier(emprise(fin=date(2026, 6, 1)), emprise(geom=rect(20), fin=date(2026, 6, 1)))
    assert [p.montant for p in tarifs.previsions(d)] == [Decimal("18.00"), Decimal("8.00")]


def test_un_jour_sans_tarif_est_dit_et_retient_la_signature():
    grille(2026)
    d = dossier(emprise(debut=date(2026, 12, 30), fin=date(2027, 1, 2)))
    faire(d, "instruire")
    with pytest.raises(Refus, match=r"Aucun tarif pour le type BENNE \(m2\), sans zone, le 01/01/2027"):
        faire(d, "preparer_acte")
    d = dossier(emprise("DEPOT", geom=rect(20)))
    faire(d, "instruire")
    with pytest.raises(Refus, match="Aucun tarif pour le type DEPOT"):
        faire(d, "preparer_acte")


def test_la_redevance_d_une_autre_collectivite_n_est_pas_la_notre():
    grille()
    d = dossier(faits={"domaine": "route_departementale", "en_agglomeration": False})
    assert tarifs.previsions(d) == []


def test_aucun_montant_n_est_un_flottant():
    grille()
    d = accorde(dossier())
    ligne = d.lignes.get()

    def flottants(x):
        if isinstance(x, dict):
            return [y for v in x.values() for y in flottants(v)]
        if isinstance(x, list):
            return [y for v in x for y in flottants(v)]
        return [x] if isinstance(x, float) else []

    assert isinstance(ligne.montant, Decimal)
    assert flottants(ligne.entree) == flottants(ligne.resultat) == []


# --- frozen lines -------------------------------------------------------------------------------


def test_la_signature_fige_la_redevance_avec_son_detail():
    grille()
    d = accorde(dossier())
    ligne = d.lignes.get()
    assert (ligne.montant, ligne.etat, ligne.nature) == (Decimal("240.00"), "figee", "redevance")
    assert [e["etape"] for e in ligne.detail] == ["quantite", "ligne", "sous_total", "total"]
    page = texte(client_de("lecture").get(f"/domaine-public/dossiers/{d.pk}/"))
    assert page.count("240,00 €") >= 3


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE domainepublic_lignefacturable SET montant = 1",
        "UPDATE domainepublic_lignefacturable SET resultat = '{}'",
        "UPDATE domainepublic_lignefacturable SET entree = '{}'",
        "DELETE FROM domainepublic_lignefacturable",
    ],
)
def test_une_ligne_figee_ne_change_pas_meme_par_sql(sql):
    grille()
    accorde(dossier())
    with (
        pytest.raises(IntegrityError, match="ligne facturable"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute(sql)


def test_la_meme_emprise_ne_se_facture_pas_deux_fois():
    grille()
    d = accorde(dossier())
    with pytest.raises(Refus, match="déjà facturée"):
        facturation.figer(d)
    assert d.lignes.count() == 1


def test_sous_le_seuil_la_ligne_attend():
    grille(prix="0.05")
    ligne = accorde(dossier()).lignes.get()
    assert (ligne.montant, ligne.etat) == (Decimal("12.00"), "sous_seuil")
    with pytest.raises(Refus, match="Rien à mettre en recouvrement"):
        facturation.preparer_role(INSEE, acteur("finances"))


def test_une_prolongation_ne_facture_que_le_complement(aller):
    grille(frais_dossier="10.00")
    d = accorde(dossier())
    aller(date(2026, 6, 10))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    solde = d.lignes.get(nature="solde")
    assert (solde.montant, solde.debut, solde.fin) == (Decimal("80.00"), date(2026, 7, 1), date(2026, 7, 10))


def prolonge(aller):
    """June (240 € and 10 € of costs), then ten days more (80 €)."""
    grille(frais_dossier="10.00")
    d = accorde(dossier())
    aller(date(2026, 6, 10))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    return d


@pytest.mark.parametrize(
    ("le", "rendus"),
    [
        # 120 € and the costs stay due for fifteen days: the days added are given back whole.
        ("2026-06-16", {"redevance": "-120.00", "solde": "-80.00"}),
        ("2026-07-06", {"solde": "-40.00"}),
    ],
)
def test_une_fin_anticipee_apres_prolongation_se_compte_sur_le_tout(aller, le, rendus):
    d = prolonge(aller)
    faire(d, "arreter_avant_terme", donnees={"le": le})
    avoirs = d.lignes.filter(nature="avoir").values_list("origine__nature", "montant")
    assert {nature: str(montant) for nature, montant in avoirs} == rendus


def test_un_retrait_apres_prolongation_rembourse_sur_le_tout_les_frais_une_fois(aller):
    d = prolonge(aller)
    aller(date(2026, 6, 30))
    donnees = {"motif": "interet_general", "le": "2026-07-01", "contradictoire_le": "2026-06-20"}
    faire(d, "retirer", "signataire", donnees=donnees)
    # (330 - 10) × 10 / 40.
    assert d.lignes.get(nature="avoir").montant == Decimal("-80.00")


def test_les_jours_rendus_apres_une_suspension_ne_se_paient_pas_deux_fois(aller):
    grille()
    d = accorde(dossier())
    aller(date(2026, 6, 5))
    faire(d, "suspendre", "signataire", donnees={"motif": "Fête"})
    aller(date(2026, 6, 10))
    with pytest.raises(Refus, match="au 05/07/2026"):
        faire(d, "reprendre_occupation", "signataire", donnees={"fin": "2026-07-06"})
    faire(d, "reprendre_occupation", "signataire", donnees={"fin": "2026-07-05"})
    assert sum(x.montant for x in d.lignes.all()) == Decimal("240.00")
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    assert sum(x.montant for x in d.lignes.all()) == Decimal("280.00")


@pytest.mark.parametrize(
    ("motif", "rendu"), [("interet_general", "-120.00"), ("inexecution", None), ("renonciation", None)]
)
def test_un_retrait_rend_les_jours_non_occupes_selon_son_motif(aller, motif, rendu):
    grille(frais_dossier="10.00")
    d = accorde(dossier())
    aller(date(2026, 6, 11))
    donnees = {"motif": motif, "le": "2026-06-16", "contradictoire_le": "2026-06-08"}
    faire(d, "retirer", "signataire", donnees=donnees)
    avoirs = [str(x.montant) for x in d.lignes.filter(nature="avoir")]
    assert avoirs == ([rendu] if rendu else [])


def test_une_fin_anticipee_rend_la_difference(aller):
    grille(frais_dossier="10.00")
    d = accorde(dossier())
    aller(date(2026, 6, 11))
    faire(d, "arreter_avant_terme", donnees={"le": "2026-06-16"})
    assert d.lignes.get(nature="avoir").montant == Decimal("-120.00")


def test_une_caducite_annule_ce_qui_n_est_pas_en_role(aller):
    grille(au=date(2028, 1, 1))
    d = accorde(dossier())
    aller(date(2026, 6, 2))
    facturation.annuler(d, "caducite")
    assert d.lignes.get().etat == "annulee"


def test_un_avoir_ne_depasse_pas_sa_ligne():
    grille()
    ligne = accorde(dossier()).lignes.get()
    facturation.avoir(ligne, Decimal("200"), "erreur", ligne.resultat)
    with pytest.raises(Refus, match="40,00"):
        facturation.avoir(ligne, Decimal("40.01"), "erreur", ligne.resultat)


def test_un_titre_caduc_ne_rend_que_ce_qui_reste_d_une_ligne(aller):
    grille(au=date(2028, 1, 1))
    d = accorde(dossier(demandeur=payeur()))
    ligne = d.lignes.get()
    facturation.avoir(ligne, Decimal("200"), "erreur", ligne.resultat)
    facturation.preparer_role(INSEE, acteur("finances"))
    facturation.annuler(d, "caducite")
    assert sum(x.montant for x in d.lignes.all()) == 0


# --- rolls --------------------------------------------------------------------------------------


def test_le_seuil_de_la_grille_est_celui_du_role():
    grille(prix="0.05", seuil_recouvrement="5.00")
    accorde(dossier())
    role = facturation.preparer_role(INSEE, acteur("finances"))
    assert role.titres.get().montant == Decimal("12.00")
    facturation.abandonner(role)
    assert LigneFacturable.objects.get().etat == "figee"


def role_exporte() -> Role:
    grille()
    accorde(dossier(demandeur=payeur()))
    r = facturation.preparer_role(INSEE, acteur("finances"))
    return facturation.exporter(facturation.valider(r))


def test_un_role_groupe_un_titre_par_payeur_et_prend_chaque_ligne_une_fois():
    grille()
    p = payeur()
    accorde(dossier(demandeur=p))
    accorde(dossier(emprise(geom=rect(20)), demandeur=p))
    r = facturation.preparer_role(INSEE, acteur("finances"))
    assert (r.numero, r.titres.get().montant) == ("ROLE-2026-01", Decimal("480.00"))
    assert set(LigneFacturable.objects.values_list("etat", flat=True)) == {"en_role"}
    with pytest.raises(Refus, match="Rien à mettre"):
        facturation.preparer_role(INSEE, acteur("finances"))
    facturation.abandonner(r)
    assert set(LigneFacturable.objects.values_list("etat", flat=True)) == {"figee"}


def test_l_export_se_relit_avec_accents_et_montants_et_ne_change_plus():
    r = role_exporte()
    octets = facturation.octets_csv(r)
    assert octets.startswith(b"\xef\xbb\xbf")
    lignes = list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))
    assert lignes[0]["nom"] == "'=Société fictive"
    assert lignes[0]["montant_ttc"] == "240,00"
    assert lignes[0]["periode_du"] == "01/06/2026"
    contenu = json.loads(r.export_json)
    assert contenu["total"] == "240.00"
    assert contenu["lignes"][0]["detail"] == LigneFacturable.objects.get().detail
    client = client_de("finances")
    deux = {client.get(f"/domaine-public/roles/{r.pk}/fichier.csv").content for _ in range(2)}
    assert deux == {octets}
    with pytest.raises(Refus, match="déjà exporté"):
        facturation.exporter(r)


def test_un_paiement_solde_le_titre_et_ses_lignes():
    r = role_exporte()
    t = r.titres.get()
    assert facturation.impayes(INSEE) == Decimal("240.00")
    facturation.encaisser(t, Decimal("100"), date(2026, 7, 1))
    assert LigneFacturable.objects.get().etat == "titree"
    with pytest.raises(Refus, match="Il reste 140,00 €"):
        facturation.encaisser(t, Decimal("140.01"), date(2026, 7, 2))
    facturation.encaisser(t, Decimal("140"), date(2026, 7, 2))
    assert LigneFacturable.objects.get().etat == "soldee"
    assert facturation.impayes(INSEE) == 0
    with pytest.raises(Refus, match="supérieur à 0"):
        facturation.encaisser(t, Decimal(0), date(2026, 7, 2))


def test_facturer_ailleurs_et_lire_ici_n_encaisse_ni_n_exporte():
    r = role_exporte()
    t = r.titres.get()
    personne = agent("domainepublic.finances", codes=(AUTRE_INSEE,), email="deux-communes@exemple.invalid")
    habiliter(personne, "domainepublic", "lecture", INSEE)
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    paiement = {"montant": "240,00", "le": "2026-07-01"}
    assert client.post(f"/domaine-public/roles/{r.pk}/titres/{t.pk}/", paiement).status_code == 404
    assert client.post(f"/domaine-public/roles/{r.pk}/valider/").status_code == 404
    assert client.get(f"/domaine-public/roles/{r.pk}/fichier.csv").status_code == 404
    assert facturation.impayes(INSEE) == Decimal("240.00")
    assert (
        client_de("finances").post(f"/domaine-public/roles/{r.pk}/titres/{t.pk}/", paiement).status_code
        == 302
    )
    assert facturation.impayes(INSEE) == 0


def test_les_rejets_du_comptable_sont_dits_avant():
    grille()
    accorde(dossier())
    r = facturation.preparer_role(INSEE, acteur("finances"))
    assert "n'a pas d'adresse" in facturation.rejets(r)[0]


# --- pages and rights ---------------------------------------------------------------------------


def test_une_grille_se_saisit_par_ses_pages():
    client = client_de("finances")
    reponse = client.post(
        "/domaine-public/tarifs/",
        {
            "insee": INSEE, "libelle": "Tarifs 2026", "deliberation": "12", "deliberation_le": "2025-12-10",
            "du": "2026-01-01", "au": "2026-12-31", "frais_dossier": "10,60",
        },
    )  # fmt: skip
    g = GrilleTarifaire.objects.get()
    assert reponse["Location"] == g.get_absolute_url()
    assert g.regles == {"frais_dossier": "10.60"}
    from tests.domainepublic.fabrique_odp import type_

    type_("BENNE")
    tarif = {"code": "B1", "type": "BENNE", "unite": "m2", "periode": "jour", "prix": "1,20"}
    assert client.post(f"{g.get_absolute_url()}tarif/", tarif).status_code == 302
    assert g.tarifs.get().ligne["prix"] == "1.20"
    faux = client.post(f"{g.get_absolute_url()}tarif/", {**tarif, "code": "B2", "prix": ""})
    assert faux.status_code == 422
    assert "Donnez un prix" in texte(faux)
    assert "1,20 € / m², par jour" in texte(client_de("lecture").get(g.get_absolute_url()))


def test_la_facturation_se_mene_par_ses_pages():
    grille()
    accorde(dossier(demandeur=payeur()))
    client = client_de("finances")
    assert "240" in texte(client.get("/domaine-public/roles/"))
    page = client.post(f"/domaine-public/roles/preparer/{INSEE}/", follow=True)
    assert "ROLE-2026-01" in texte(page)
    r = Role.objects.get()
    for quoi in ("valider", "exporter"):
        client.post(f"{r.get_absolute_url()}{quoi}/")
    t = r.titres.get()
    client.post(f"{r.get_absolute_url()}titres/{t.pk}/", {"montant": "240,00", "le": "2026-03-02"})
    assert "soldé" in texte(client.get(r.get_absolute_url()))


# The administrator holds every setting (spec §11), grids too, and bills nothing.
@pytest.mark.parametrize(
    ("role", "tarif"),
    [("instructeur", 403), ("lecture", 403), ("signataire", 403), ("administrateur", 422)],
)
def test_facturer_et_tarifer_sont_reserves_aux_finances(role, tarif):
    g = grille()
    client = client_de(role)
    assert client.get("/domaine-public/roles/").status_code == 403
    assert client.post(f"{g.get_absolute_url()}tarif/", {}).status_code == tarif
    assert client.post("/domaine-public/tarifs/", {}).status_code == tarif
    assert client.get("/domaine-public/tarifs/").status_code == 200


def test_les_finances_d_une_autre_commune_ne_voient_rien():
    r = role_exporte()
    client = client_de("finances", insee=AUTRE_INSEE)
    g = GrilleTarifaire.objects.get()
    for adresse in (r.get_absolute_url(), f"{r.get_absolute_url()}fichier.csv", g.get_absolute_url()):
        assert client.get(adresse).status_code == 404
    assert client.post(f"/domaine-public/roles/preparer/{INSEE}/").status_code == 404
    assert client.post(f"{g.get_absolute_url()}retirer/", {"code": "BENNE"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_deux_agents_figent_la_meme_ligne_une_seule_passe(time_machine):
    """For real: two connections at once."""
    grille()
    d = a_signer(dossier())
    depart, resultats = threading.Barrier(2), []

    def un() -> None:
        try:
            depart.wait(10)
            facturation.figer(d)
            resultats.append("oui")
        except Refus:
            resultats.append("non")
        finally:
            connection.close()

    fils = [threading.Thread(target=un) for _ in range(2)]
    for f in fils:
        f.start()
    for f in fils:
        f.join(30)
    assert sorted(resultats) == ["non", "oui"]
    assert LigneFacturable.objects.count() == 1


# --- days taken after the end of a title --------------------------------------------------------


def depassee(aller, d, vue: date, libre: date) -> list[tuple[int, str, str, str]]:
    """Seen still there, then free: the lines of those days."""
    aller(vue)
    photographie(d)
    faire(d, "constater_depassement", donnees={"constat": "Toujours là"})
    aller(libre)
    faire(d, "liberer", donnees={"le": libre.isoformat()})
    return [
        (x.emprise.rang, f"{x.debut:%d/%m}", f"{x.fin:%d/%m}", str(x.montant))
        for x in d.lignes.filter(motif="depassement").order_by("debut")
    ]


def test_seul_ce_qui_durait_jusqu_a_la_fin_du_titre_la_depasse_sans_nouvelle_franchise(aller):
    g = grille(majoration_sans_titre="50")
    tarif = {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": "1", "franchise_jours": 3}
    tarifs.enregistrer_tarif(g, "BENNE", tarif)
    d = accorde(dossier(emprise(), emprise(geom=rect(20), fin=date(2026, 7, 15)), demandeur=payeur()))
    # 8 m² for two days at 1 €, and half as much again: the free days are those of the title.
    assert depassee(aller, d, date(2026, 7, 17), date(2026, 7, 18)) == [(2, "16/07", "17/07", "24.00")]


@pytest.mark.parametrize(
    ("minimum", "attendu"),
    [
        ("100", [(1, "01/07", "03/07", "100.00")]),
        ("30", [(1, "01/07", "03/07", "30.00"), (1, "04/07", "05/07", "10.00")]),
    ],
)
def test_un_depassement_dit_en_deux_fois_ne_se_paie_qu_une(aller, minimum, attendu):
    grille(minimum_perception=minimum)
    d = accorde(dossier(demandeur=payeur()))
    assert depassee(aller, d, date(2026, 7, 3), date(2026, 7, 6)) == attendu


@pytest.mark.parametrize(("prorata", "attendu"), [("aucun", "120.00"), ("jour", "1.65")])
def test_cinq_jours_de_depassement_au_tarif_de_l_annee(aller, prorata, attendu):
    """An occupation of its own: a calendar year touched counts whole, unless the tariff has a prorata."""
    g = grille(majoration_sans_titre="50")
    tarif = {"type": "BENNE", "unite": "m2", "periode": "an", "prix": "10", "prorata": prorata}
    tarifs.enregistrer_tarif(g, "BENNE", tarif)
    d = accorde(dossier(demandeur=payeur()))
    assert depassee(aller, d, date(2026, 7, 5), date(2026, 7, 6)) == [(1, "01/07", "05/07", attendu)]


def test_qui_reste_apres_sa_fin_anticipee_doit_les_jours_rendus(aller):
    grille(majoration_sans_titre="50")
    d = accorde(dossier(demandeur=payeur()))
    aller(date(2026, 6, 10))
    faire(d, "arreter_avant_terme", donnees={"le": "2026-06-11"})
    assert str(d.lignes.get(nature="avoir").montant) == "-160.00"
    assert depassee(aller, d, date(2026, 6, 15), date(2026, 6, 16)) == [(1, "11/06", "15/06", "60.00")]
