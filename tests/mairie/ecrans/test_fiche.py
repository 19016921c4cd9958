"""The generated page and form of one object: rights, errors that keep what was typed, two people at once."""

from __future__ import annotations

import html
import json
import re

import pytest
from pyproj import Transformer

from tests.mairie.ecrans.conftest import client_de
from tests.personnes import AUTRE_INSEE, agent

ADRESSE = "/essai/bancs/"


def page(reponse, statut: int = 200) -> str:
    assert reponse.status_code == statut, reponse.status_code
    return html.unescape(reponse.content.decode())


def champs(reponse) -> dict[str, str]:
    """What the form would send as it stands."""
    texte = reponse.content.decode()
    texte = texte[texte.index('class="formulaire"') :]
    donnees = {}
    for balise in re.findall(r"<input [^>]+>", texte):
        attributs = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', balise))
        if attributs.get("type") == "checkbox" and "checked" not in balise:
            continue
        if nom := attributs.get("name"):
            donnees[nom] = html.unescape(
                attributs.get("value", "on" if attributs["type"] == "checkbox" else "")
            )
    for nom, contenu in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', texte, re.S):
        choisi = re.search(r'value="([^"]*)" selected', contenu)
        donnees[nom] = choisi.group(1) if choisi else ""
    for nom, contenu in re.findall(r'<textarea name="(\w+)"[^>]*>\r?\n?(.*?)</textarea>', texte, re.S):
        donnees[nom] = html.unescape(contenu)
    donnees.pop("csrfmiddlewaretoken", None)
    return donnees


@pytest.fixture
def place(banc):
    return banc("Place", etat="use", prix="12.50", remarque="à repeindre", pose_le="2020-05-04")


def test_la_fiche_montre_les_sections_permises(admin, lecteur, place):
    vue = page(admin.get(f"{ADRESSE}{place.pk}/"))
    assert "04/05/2020" in vue and "12,50" in vue and "à repeindre" in vue and "Modifier" in vue
    vue = page(lecteur.get(f"{ADRESSE}{place.pk}/"))
    assert "04/05/2020" in vue and "à repeindre" not in vue and "Modifier" not in vue


def test_la_fiche_dessine_la_place_de_l_objet(admin, place, banc):
    assert "fiche-carte" not in page(admin.get(f"{ADRESSE}{place.pk}/")), "a bench without place"
    pose = banc("Posé", geom="SRID=2154;POINT(899942 6650073)")
    vue = page(admin.get(f"{ADRESSE}{pose.pk}/"))
    trait = json.loads(re.search(r'<script id="fiche-trait"[^>]*>(.*?)</script>', vue, re.S)[1])
    attendu = Transformer.from_crs(2154, 4326, always_xy=True).transform(899942, 6650073)
    assert trait["geometry"]["coordinates"] == pytest.approx(attendu, abs=1e-6)
    lien = re.search(r'href="/carte/#18/([\d.]+)/([\d.]+)"', vue)
    assert (float(lien[2]), float(lien[1])) == pytest.approx(attendu, abs=1e-5)


def test_l_objet_d_une_autre_commune_est_introuvable(admin, banc):
    ailleurs = banc("Ailleurs", insee=AUTRE_INSEE)
    for suite in ("", "modifier/"):
        assert admin.get(f"{ADRESSE}{ailleurs.pk}/{suite}").status_code == 404
        assert admin.post(f"{ADRESSE}{ailleurs.pk}/{suite}", {}).status_code == 404


def test_lire_partout_n_est_pas_modifier_partout(ecrans_essai, banc):
    """Reader in both communes, administrator in one."""
    from tests.personnes import habiliter

    ailleurs = banc("Ailleurs", insee=AUTRE_INSEE, etat="use")
    personne = agent("mairie.administrateur")
    habiliter(personne, "mairie", "lecteur", AUTRE_INSEE)
    client = client_de(personne)
    vue = page(client.get(f"{ADRESSE}{ailleurs.pk}/"))
    assert "Modifier" not in vue and "Réparer" not in vue
    assert client.get(f"{ADRESSE}{ailleurs.pk}/modifier/").status_code == 403
    client.post(f"{ADRESSE}{ailleurs.pk}/", {"action": "reparer"})
    ailleurs.refresh_from_db()
    assert ailleurs.etat == "use"


def test_on_n_entre_rien_dans_une_commune_ou_l_on_n_a_pas_le_droit(admin, ecrans_essai):
    reponse = admin.post(
        f"{ADRESSE}nouveau/", {"insee": AUTRE_INSEE, "nom": "Intrus", "etat": "neuf", "places": "2"}
    )
    assert "Vous n'avez pas ce droit dans cette collectivité." in page(reponse, 422)
    assert not ecrans_essai.Banc.objects.exists()


def test_un_nouvel_objet_s_enregistre(admin, ecrans_essai):
    vide = admin.get(f"{ADRESSE}nouveau/")
    assert 'type="date"' in page(vide)
    donnees = champs(vide) | {"nom": "Parc", "prix": "1234,56", "pose_le": "2026-03-10", "abrite": "on"}
    suite = admin.post(f"{ADRESSE}nouveau/", donnees, follow=True)
    assert "« Parc » est enregistré." in page(suite)
    parc = ecrans_essai.Banc.objects.get()
    assert (str(parc.prix), parc.pose_le.isoformat(), parc.abrite) == ("1234.56", "2026-03-10", True)


def test_une_erreur_garde_ce_qui_est_saisi_et_mene_au_champ(admin, place, ecrans_essai):
    donnees = champs(admin.get(f"{ADRESSE}{place.pk}/modifier/")) | {"prix": "cher", "remarque": "vu <hier>"}
    texte = page(admin.post(f"{ADRESSE}{place.pk}/modifier/", donnees), 422)
    assert 'value="cher"' in texte and "vu <hier>" in texte
    assert '<a href="#id_prix">' in texte and 'aria-invalid="true"' in texte
    assert ecrans_essai.Banc.objects.get().remarque == "à repeindre"


def test_une_contrainte_de_la_base_se_dit_en_francais(admin, place, banc):
    banc("Parc")
    donnees = champs(admin.get(f"{ADRESSE}{place.pk}/modifier/")) | {"nom": "Parc"}
    texte = page(admin.post(f"{ADRESSE}{place.pk}/modifier/", donnees), 422)
    assert "existe déjà" in texte


def test_l_objet_qui_ne_se_modifie_plus_le_dit(admin, place, ecrans_essai):
    ouvert = champs(admin.get(f"{ADRESSE}{place.pk}/modifier/"))
    ecrans_essai.Banc.objects.update(remarque="scellé")
    assert "Ce banc est scellé." in page(admin.get(f"{ADRESSE}{place.pk}/"))
    for reponse in (
        admin.get(f"{ADRESSE}{place.pk}/modifier/", follow=True),
        admin.post(f"{ADRESSE}{place.pk}/modifier/", ouvert | {"nom": "Autre"}, follow=True),
    ):
        assert "Modification impossible. Ce banc est scellé." in page(reponse)
    assert ecrans_essai.Banc.objects.get().nom == "Place"


class TestADeux:
    """Both open the form; the first saves; the second loses nothing and is shown both versions."""

    @pytest.fixture
    def ouverts(self, admin, place):
        adresse = f"{ADRESSE}{place.pk}/modifier/"
        return admin, adresse, champs(admin.get(adresse))

    def test_le_second_voit_les_deux_versions(self, ouverts, place):
        client, adresse, depart = ouverts
        assert client.post(adresse, depart | {"nom": "Place Neuve", "etat": "casse"}).status_code == 302
        conflit = client.post(adresse, depart | {"nom": "Place Vieille", "prix": "99"})
        texte = page(conflit, 409)
        assert "« Nom » : changé par vous deux. Enregistré entre-temps : Place Neuve" in texte
        assert "« État » : changé entre-temps, sa nouvelle valeur est reprise." in texte
        place.refresh_from_db()
        assert (place.nom, str(place.prix)) == ("Place Neuve", "12.50")
        montre = champs(conflit)
        assert (montre["nom"], montre["etat"], montre["prix"]) == ("Place Vieille", "casse", "99")
        # Seen, her version may be saved.
        assert client.post(adresse, montre).status_code == 302
        place.refresh_from_db()
        assert (place.nom, place.etat, str(place.prix)) == ("Place Vieille", "casse", "99.00")

    def test_le_meme_changement_n_est_pas_un_conflit(self, ouverts):
        client, adresse, depart = ouverts
        assert client.post(adresse, depart | {"nom": "Parc", "abrite": "on"}).status_code == 302
        assert client.post(adresse, depart | {"nom": "Parc", "abrite": "on"}).status_code == 302

    def test_une_case_et_une_date_changees_ailleurs_sont_reprises(self, ouverts, place):
        client, adresse, depart = ouverts
        client.post(adresse, depart | {"abrite": "on", "pose_le": "2021-01-01", "prix": ""})
        conflit = client.post(adresse, depart | {"nom": "Parc"})
        montre = champs(conflit)
        assert (montre["abrite"], montre["pose_le"], montre["prix"]) == ("on", "2021-01-01", "")
        assert client.post(adresse, montre).status_code == 302
        place.refresh_from_db()
        assert (place.nom, place.abrite, place.prix) == ("Parc", True, None)

    @pytest.mark.parametrize("depart", ["", "zut", "[]", json.dumps({"nom": "Rien"})])
    def test_un_depart_fausse_montre_tout_ce_qui_differe(self, ouverts, place, depart):
        client, adresse, donnees = ouverts
        texte = page(client.post(adresse, donnees | {"_depart": depart, "nom": "Parc"}), 409)
        assert "Enregistré entre-temps : Place" in texte
        place.refresh_from_db()
        assert place.nom == "Place"

    def test_l_objet_supprime_entre_temps_est_introuvable(self, ouverts, place):
        client, adresse, depart = ouverts
        place.delete()
        assert client.post(adresse, depart).status_code == 404


def test_une_liste_liee_ne_montre_que_ce_qui_est_a_l_objet(lecteur, place, banc, ecrans_essai):
    autre = banc("Autre")
    ecrans_essai.Planche.objects.create(banc=place, essence="chêne")
    ecrans_essai.Planche.objects.create(banc=autre, essence="pin")
    texte = page(lecteur.get(f"{ADRESSE}{place.pk}/"))
    assert "chêne" in texte and "pin<" not in texte


def test_l_historique_et_les_actions_grisees(admin, banc):
    neuf = banc("Neuf", vu_le="2026-03-10T10:00:00Z")
    texte = page(admin.get(f"{ADRESSE}{neuf.pk}/"))
    assert "Banc vu" in texte and "10/03/2026 11:00" in texte
    assert "Réparer" in texte and "Ce banc est neuf." in texte


def test_supprimer_depuis_la_fiche_ramene_a_la_liste(admin, place):
    demande = page(admin.post(f"{ADRESSE}{place.pk}/", {"action": "enlever"}))
    assert "Le banc disparaît de la liste." in demande
    fait = admin.post(f"{ADRESSE}{place.pk}/", {"action": "enlever", "confirme": "1"})
    assert (fait.status_code, fait.headers["Location"]) == (302, ADRESSE)
