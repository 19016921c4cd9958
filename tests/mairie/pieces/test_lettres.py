"""Pictures of a dossier in its letters: its own, without the device's data; those of another never."""

from __future__ import annotations

import pytest

from mairie.courriers import rendu, services
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.services import Libre
from mairie.pieces import service
from mairie.pieces.lettres import image, images
from tests.mairie.adresses.fabrique import adresse, voie
from tests.mairie.courriers.fabrique import redacteur, ville
from tests.mairie.pieces.fabrique import fichier, photo
from tests.personnes import agent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    ville()


@pytest.fixture(scope="module", autouse=True)
def _processus():
    yield
    rendu.atelier.fermer()


@pytest.fixture
def numero():
    return adresse(voie())


def deposer(dossier, octets=None, nom="photo.jpg"):
    return service.deposer(dossier, fichier(octets or photo(), nom), par=agent("mairie.administrateur"))


def test_une_photo_est_donnee_par_sa_copie_sans_les_donnees_de_l_appareil(numero):
    une = deposer(numero)
    donnee = image(numero, une.pk)
    assert donnee.mime == "image/jpeg" and b"Appareil fictif" not in donnee.octets
    assert images(numero) == [une]


def test_ni_l_image_d_un_autre_dossier_ni_une_retiree_ni_un_pdf(numero):
    ailleurs = deposer(adresse(numero.voie, 2))
    retiree = deposer(numero)
    service.retirer(retiree, "doublon", par=agent("mairie.administrateur"))
    pdf = service.deposer(numero, fichier(), par=agent("mairie.administrateur"))
    assert [image(numero, n) for n in (ailleurs.pk, retiree.pk, pdf.pk, 999_999)] == [None] * 4
    assert images(numero) == []


def test_une_lettre_montre_une_image_de_son_dossier_et_d_aucun_autre(numero):
    mienne, autre = deposer(numero), deposer(adresse(numero.voie, 2), photo(300, 200))
    corps = '<p>Vue :</p><p><img src="piece:{}" alt="vue"></p>'
    lettre = services.preparer(numero, Libre(objet="Vue", corps=corps.format(mienne.pk)), par=redacteur())
    assert services.apercu(lettre).pages == 1
    fausse = services.preparer(numero, Libre(objet="Vue", corps=corps.format(autre.pk)), par=redacteur())
    with pytest.raises(RenduRefuse, match=f"piece:{autre.pk}"):
        services.apercu(fausse)
