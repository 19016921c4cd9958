"""What a sheet says: its legend, its sources, its layers; the bounds of what it may hold."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models.expressions import RawSQL

from gis_data.couches import couche
from gis_data.couches.dessin import Aplat, Symbole, Texte, Trait
from gis_data.plans.cadre import Cadre
from gis_data.plans.carte import Bornes, Choix, dessiner
from gis_data.plans.lecture import PlanTropCharge, PlanTropLong, zoom_de
from gis_data.plans.traduction import couper, taille
from mairie.impression.demande import lire
from mairie.impression.feuille import ObjetAbsent, composer, imprimer
from mairie.impression.gabarits import LIGNE_MM, gabarit, lignes_de_texte, ranger, ranger_au_mieux
from tests.couches import couche_datee
from tests.mairie.impression.conftest import demander
from tests.mairie.impression.lecture_pdf import pages
from tests.plan_factice import X0, Y0

pytestmark = pytest.mark.django_db
LARGES = Bornes(5000, 10)
PUBLIC = AnonymousUser()


def composee(bornes: Bornes = LARGES, **options):
    return composer(lire(demander(**options), PUBLIC), PUBLIC, bornes)


def libelles(feuille) -> set[str]:
    return {ligne.libelle for ligne in feuille.carte.legende}


def test_la_legende_liste_ce_que_la_feuille_dessine(plan):
    """Each line of the legend has its drawing on the sheet, each drawing that has words has its line."""
    feuille = composee(x=45, echelle=500)
    assert {"Parcelle", "Bâtiment en dur", "Construction légère", "Numéro de parcelle"} <= libelles(feuille)
    assert {"Mur mitoyen", "Haie mitoyenne", "Borne", "Calvaire"} <= libelles(feuille) | {"Calvaire"}
    couleurs = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', feuille.carte.svg))
    attendues = set()
    for nom in ("parcelles", "batiments", "cours_eau"):
        for d in couche(nom).dessins:
            if isinstance(d, Aplat) and d.legende in libelles(feuille):
                attendues.add(d.remplissage)
            if isinstance(d, Trait) and d.legende in libelles(feuille):
                attendues.add(d.couleur)
    assert attendues and attendues <= couleurs


def test_ce_qui_n_est_pas_dans_le_cadre_n_est_pas_dans_la_legende(plan):
    """At 1/200 on the parcel AB 1 there is no river, no swimming pool, no section's letter."""
    feuille = composee(x=15, y=15, echelle=200, orientation="paysage")
    assert "Parcelle" in libelles(feuille) and "Bâtiment en dur" in libelles(feuille)
    assert not libelles(feuille) & {"Cours d'eau", "Piscine", "Construction légère", "Lettre de section"}
    assert "Cours d'eau" in feuille.carte.absentes


def test_une_couche_masquee_n_est_ni_dessinee_ni_dans_la_legende(plan):
    sans = composee(x=45, echelle=500, couches="-batiments")
    assert not libelles(sans) & {"Bâtiment en dur", "Construction légère"}
    assert "#e2b9a8" not in sans.carte.svg and "#e2b9a8" in composee(x=45, echelle=500).carte.svg


def test_a_une_petite_echelle_la_carte_ne_devient_pas_une_bouillie(plan):
    """At 1/25 000 neither parcels nor buildings: the communes and the sections."""
    feuille = composee(echelle=25_000)
    assert not libelles(feuille) & {"Parcelle", "Bâtiment en dur", "Numéro de parcelle"}
    assert {"Limite de commune", "Limite de section"} <= libelles(feuille)


def test_le_territoire_charge_se_dit_a_cote_de_ce_qui_ne_l_est_pas(plan):
    assert "Territoire chargé" in libelles(composee(echelle=5000))
    dedans = composee(x=45, echelle=500)
    assert "Territoire chargé" not in libelles(dedans)


def test_l_opacite_choisie_est_imprimee(plan):
    pale = composee(x=45, echelle=500, opacites="batiments:40").carte.svg
    assert re.search(r'fill="#e2b9a8"[^>]*fill-opacity="0.400"', pale)
    eteinte = composee(x=45, echelle=500, opacites="batiments:0")
    assert "Bâtiment en dur" not in libelles(eteinte)


def test_l_ordre_choisi_est_celui_de_la_feuille(plan):
    def position(svg: str) -> tuple[int, int]:
        return svg.index('"#e2b9a8"'), svg.index('stroke="#8a7a5c"')

    batiment, parcelle = position(composee(x=45, echelle=500).carte.svg)
    assert batiment < parcelle
    batiment, parcelle = position(composee(x=45, echelle=500, ordre="batiments:75").carte.svg)
    assert batiment > parcelle


def test_le_jour_choisi_filtre_les_couches_datees(plan):
    with couche_datee():
        un = composee(x=45, echelle=500, couches="odp_essai", jour="2026-01-02")
        autre = composee(x=45, echelle=500, couches="odp_essai", jour="2025-01-01")
    assert "Occupation" in libelles(un) and "Occupation" not in libelles(autre)
    assert un.jour == date(2026, 1, 2)


def test_le_pied_dit_commune_projection_source_millesime_et_date(plan):
    feuille = composee(echelle=1000, titre="Plan du lavoir")
    (page,) = pages(imprimer([feuille], titre="Plan du lavoir").pdf)
    texte = " ".join(page.texte.split())
    for mots in (
        "Valbrune-les-Essais",
        "Plan du lavoir",
        "Échelle 1/1\u202f000",
        "Lambert 93",
        "DGFiP – Cadastre, édition du 15 janvier 2025",
        "Imprimé le 12 mars 2026",
        "ne prouve pas les limites",
    ):
        assert " ".join(mots.split()) in texte, (mots, texte)


def test_chaque_nom_de_la_carte_est_une_fois_dans_le_texte_du_pdf(plan):
    """The halo is a shape: whoever searches, copies or listens meets each name once."""
    (page,) = pages(imprimer([composee(x=45, echelle=500)], titre="Essai").pdf)
    assert page.texte.count("Lavoir") == 1, page.texte


def test_une_source_sans_date_le_dit(plan):
    with couche_datee():
        feuille = composee(couches="odp_essai")
    assert any("date des données non précisée" in s or "édition" in s for s in feuille.sources)


def test_l_objet_choisi_est_marque(plan):
    feuille = composee(parcelle="25999000AB0003")
    assert feuille.carte.legende[0].libelle == "Objet de cette feuille"
    assert "#b4611a" in feuille.carte.svg


def test_un_objet_qui_n_existe_pas_est_refuse(plan):
    with pytest.raises(ObjetAbsent, match="25999000AB0999"):
        composee(parcelle="25999000AB0999")


def test_trop_d_objets_est_refuse_avec_une_issue(plan):
    with pytest.raises(PlanTropCharge, match="plus de 10 objets : choisissez une plus grande échelle"):
        composee(bornes=Bornes(10, 10))


def test_une_requete_trop_longue_est_arretee(plan):

    from django.db.models import F

    lente = replace(
        couche("batiments"),
        objets=lambda u: (
            couche("batiments").objets(u).annotate(a=RawSQL("pg_sleep(3)::text", [])).exclude(a="x")
        ),
        attributs=couche("batiments").attributs,
    )
    assert F is not None
    cadre = Cadre(X0 + 10, Y0 + 15, 500, 100, 100)
    with pytest.raises(PlanTropLong, match="trop de calculs"):
        dessiner(cadre, Choix((lente,)), PUBLIC, Bornes(100, 0.3), titre="Essai")
    # The connection serves on.
    assert composee().carte.objets


def test_sans_donnees_la_feuille_est_blanche_et_juste(db):
    feuille = composee()
    assert feuille.carte.objets == 0 and feuille.carte.legende == () and feuille.sources == ()
    assert imprimer([feuille], titre="Vide").pages == 1


def test_la_feuille_ne_demande_rien_au_dehors(plan):
    """No address but ours in the drawing, no link in the PDF."""
    feuille = composee(x=45, echelle=500)
    assert not re.search(r"https?://(?!www\.w3\.org)", feuille.carte.svg)
    assert b"/URI" not in imprimer([feuille], titre="Essai").pdf


def test_un_titre_piege_est_echappe(plan):
    feuille = composee(titre='<img src="http://exemple.invalid/x.png"> & « plan »')
    (page,) = pages(imprimer([feuille], titre=feuille.titre).pdf)
    assert "exemple.invalid" in page.texte and "<img" in page.texte


# --- the pure parts -----------------------------------------------------------------------------


def test_le_zoom_suit_l_echelle():
    """Twice the scale, one zoom more."""
    zooms = [zoom_de(Cadre(X0, Y0, d, 100, 100)) for d in (4000, 2000, 1000)]
    assert [round(b - a, 6) for a, b in itertools.pairwise(zooms)] == [1, 1]
    assert 18 < zooms[-1] < 19


def test_une_taille_est_lineaire_entre_ses_zooms():
    assert [taille({15: 1, 17: 3}, z) for z in (14, 15, 16, 17, 20)] == [1, 1, 2, 3, 3]
    assert taille(2, 18) == 2


@pytest.mark.parametrize(
    ("mots", "lignes"),
    [
        ("Le Pré", ["Le Pré"]),
        ("LES JARDINS DU PRESSOIR", ["LES JARDINS", "DU PRESSOIR"]),
        ("Anticonstitutionnellement", ["Anticonstitutionnellement"]),
    ],
)
def test_un_nom_long_se_coupe_entre_ses_mots(mots, lignes):
    assert couper(mots) == lignes


def test_tout_le_monde_tient_sur_la_feuille():
    for papier in ("a4", "a3"):
        for orientation in ("portrait", "paysage"):
            for legende in (True, False):
                g = gabarit(papier, orientation, legende=legende, sources=6)
                zones = [g.carte, g.cartouche, *([g.legende] if g.legende else [])]
                for z in zones:
                    assert z.x >= 12 and z.y >= 12
                    assert z.x + z.largeur <= g.largeur - 12 + 1e-9
                    assert z.y + z.hauteur <= g.hauteur - 12 + 1e-9
                # No two overlap.
                for i, a in enumerate(zones):
                    for b in zones[i + 1 :]:
                        assert (
                            a.x + a.largeur <= b.x
                            or b.x + b.largeur <= a.x
                            or a.y + a.hauteur <= b.y
                            or b.y + b.hauteur <= a.y
                        )
                assert g.carte.largeur * g.carte.hauteur > 0.55 * (g.largeur - 24) * (g.hauteur - 24)


def test_une_legende_longue_va_a_la_page_suivante_sans_rien_perdre():
    g = gabarit("a4", "portrait")
    entrees = [("Thème", f"Ligne {i}") for i in range(80)]
    colonnes, suite = ranger(entrees, g)
    assert len(colonnes) == g.colonnes
    assert [i for c in colonnes for i in c] + suite == list(range(80)) and suite
    assert max(len(c) for c in colonnes) * LIGNE_MM <= g.legende.hauteur


def test_une_legende_un_peu_longue_se_serre_plutot_que_de_tourner_la_page():
    """All layers of a PLU and of the plan, on the sheet that has the least room for their legend."""
    g = gabarit("a4", "paysage", sources=5)
    entrees = [("Urbanisme", f"Zone à urbaniser {i}") for i in range(16)]
    entrees += [("Servitudes", f"Servitude de genre {i}") for i in range(6)]
    entrees += [("Plan cadastral", f"Ligne {i}") for i in range(14)]
    assert ranger(entrees, g)[1]
    serre, colonnes, suite = ranger_au_mieux(entrees, g)
    assert serre.serree and len(colonnes) == serre.colonnes == 2 and not suite
    assert serre.carte == g.carte and [i for c in colonnes for i in c] == list(range(36))
    # Too long even so: the usual letters, and a second page.
    meme, _, reste = ranger_au_mieux(entrees * 3, g)
    assert meme is g and reste


def test_une_legende_courte_a_des_colonnes_egales():
    colonnes, suite = ranger([("", f"Ligne {i}") for i in range(9)], gabarit("a4", "portrait"))
    assert not suite and [len(c) for c in colonnes] in ([4, 4, 1], [3, 3, 3])


def test_les_mots_longs_prennent_deux_lignes():
    assert lignes_de_texte("Parcelle", 36) == 1
    assert lignes_de_texte("Orientation d'aménagement, plan de masse", 36) == 3
    assert lignes_de_texte("Orientation d'aménagement, plan", 48) == 1


def test_la_suite_de_la_legende_a_sa_page(plan, monkeypatch):
    from mairie.impression import gabarits

    monkeypatch.setattr(gabarits, "LIGNE_MM", 16.0)
    rendu = imprimer([composee(x=45, echelle=500)], titre="Essai")
    assert rendu.pages == 2
    premiere, seconde = pages(rendu.pdf)
    assert "Suite de la légende" in premiere.texte and "Légende (suite)" in seconde.texte


def test_les_signes_de_la_legende_sont_ceux_des_valeurs_dessinees(plan):
    """Only walls and hedges that stand in the frame are explained."""
    libelles_limites = next(d for d in couche("symboles_limite").dessins if isinstance(d, Symbole)).libelles
    vus = libelles(composee(x=30, y=12, echelle=500))
    assert {libelles_limites["39"], libelles_limites["46"]} <= vus
    assert any(isinstance(d, Texte) for d in couche("parcelles").dessins)
