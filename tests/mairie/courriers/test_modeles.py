"""Templates: draft, versions in service, earlier texts, copies; letterheads and their pictures."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone
from PIL import Image

from mairie.courriers import modeles
from mairie.courriers.droits import gere
from mairie.courriers.entetes import entete_de
from mairie.courriers.erreurs import ConflitEdition, CourrierRefuse, TexteRefuse
from mairie.courriers.logo import LogoRefuse, preparer_logo
from mairie.courriers.modeles import (
    brouillon,
    copier_pour,
    enregistrer,
    mettre_en_service,
    modeles_proposes,
    restaurer,
    version_en_service,
)
from mairie.models import Collectivite, Courrier, EnTete, ModeleCourrier, Phrase, VersionModele
from tests.mairie.courriers import fabrique
from tests.mairie.courriers.fabrique import modele, redacteur, ville
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db
TEXTE = {"objet": "Essai", "corps": "<p>Bonjour [destinataire]</p>"}


def aujourdhui() -> date:
    return timezone.localdate()


# --- versions -----------------------------------------------------------------------------------


def test_un_brouillon_se_reprend_de_la_derniere_version():
    m = modele()
    v = brouillon(m)
    assert (v.numero, v.publiee_le, v.corps) == (2, None, fabrique.CORPS)
    assert brouillon(m).pk == v.pk


def test_un_champ_inconnu_est_refuse_avec_sa_place_et_rien_n_est_ecrit():
    m = modele()
    corps = "<p>Un</p><p>Le [date_jourr] du</p><ul><li>[si zut]</li></ul>"
    with pytest.raises(TexteRefuse) as refus:
        enregistrer(m, par=redacteur(), jeton=0, champs={**TEXTE, "corps": corps})
    assert "Paragraphe 2 « Le [date_jourr] du »" in refus.value.raisons[0]
    assert "Vouliez-vous « [date_jour] »" in refus.value.raisons[0]
    assert len(refus.value.fautes) == 2
    assert m.versions.count() == 1


def test_un_champ_inconnu_dans_l_objet():
    with pytest.raises(TexteRefuse, match="Objet"):
        enregistrer(modele(), par=redacteur(), jeton=0, champs={**TEXTE, "objet": "[zut]"})


def test_deux_personnes_sur_un_brouillon():
    m = modele()
    enregistrer(m, par=redacteur(), jeton=0, champs=TEXTE)
    with pytest.raises(ConflitEdition):
        enregistrer(m, par=redacteur(), jeton=0, champs={**TEXTE, "objet": "Autre"})
    assert brouillon(m).objet == "Essai"


def test_la_mise_en_service_ferme_la_version_d_avant():
    m = modele()
    enregistrer(m, par=redacteur(), jeton=0, champs=TEXTE)
    demain = aujourdhui() + timedelta(1)
    v = mettre_en_service(m, par=redacteur(), le=demain)
    assert version_en_service(m, aujourdhui()).numero == 1
    assert version_en_service(m, demain) == v
    assert version_en_service(m, date(2019, 12, 31)) is None


def test_deux_versions_le_meme_jour():
    m = modele()
    for objet in ("Deux", "Trois"):
        enregistrer(m, par=redacteur(), jeton=brouillon(m).jeton, champs={**TEXTE, "objet": objet})
        mettre_en_service(m, par=redacteur(), le=aujourdhui())
    assert version_en_service(m, aujourdhui()).objet == "Trois"


def test_une_mise_en_service_impossible():
    m = modele()
    with pytest.raises(CourrierRefuse, match="pas de brouillon"):
        mettre_en_service(m, par=redacteur(), le=aujourdhui())
    enregistrer(m, par=redacteur(), jeton=0, champs=TEXTE)
    with pytest.raises(CourrierRefuse, match="dans le passé"):
        mettre_en_service(m, par=redacteur(), le=aujourdhui() - timedelta(1))
    mettre_en_service(m, par=redacteur(), le=aujourdhui() + timedelta(9))
    enregistrer(m, par=redacteur(), jeton=0, champs=TEXTE)
    with pytest.raises(CourrierRefuse, match="plus récente entre en service"):
        mettre_en_service(m, par=redacteur(), le=aujourdhui())
    enregistrer(m, par=redacteur(), jeton=1, champs={**TEXTE, "corps": ""})
    with pytest.raises(CourrierRefuse, match="Écrivez l'objet et le texte"):
        mettre_en_service(m, par=redacteur(), le=aujourdhui() + timedelta(10))


def test_la_base_refuse_de_changer_une_version_en_service():
    v = modele().versions.get()
    for acte in (
        lambda: VersionModele.objects.filter(pk=v.pk).update(corps="<p>x</p>"),
        lambda: VersionModele.objects.filter(pk=v.pk).update(publiee_le=None, valide_du=None),
        v.delete,
        v.modele.delete,
    ):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            acte()
    VersionModele.objects.filter(pk=v.pk).update(valide_au=aujourdhui())


def test_la_base_refuse_deux_versions_en_service_ensemble():
    v = modele().versions.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        VersionModele.objects.create(
            modele=v.modele, numero=9, objet="x", corps="x", valide_du=aujourdhui(), publiee_le=timezone.now()
        )


def test_un_texte_ancien_se_reprend():
    m = modele()
    enregistrer(m, par=redacteur(), jeton=0, champs=TEXTE)
    mettre_en_service(m, par=redacteur(), le=aujourdhui())
    repris = restaurer(m.versions.get(numero=1), par=redacteur())
    assert (repris.numero, repris.corps, repris.publiee_le) == (3, fabrique.CORPS, None)
    assert repris.note == "Reprise de la version 1"


def test_une_lettre_deja_preparee_garde_sa_version():
    c = fabrique.brouillon()
    m = c.modele.modele
    enregistrer(m, par=redacteur(), jeton=0, champs=TEXTE)
    mettre_en_service(m, par=redacteur(), le=aujourdhui())
    c.refresh_from_db()
    assert (c.modele.numero, c.corps) == (1, fabrique.CORPS)
    assert fabrique.brouillon().modele.numero == 2


def test_la_copie_d_une_collectivite_prend_la_place_du_modele_commun():
    m, ici = modele(), ville()
    copie = copier_pour(m, ici, par=redacteur())
    assert copier_pour(m, ici, par=redacteur()) == copie
    assert modeles_proposes("mairie", "mairie.general", INSEE, aujourdhui()) == []
    mettre_en_service(copie, par=redacteur(), le=aujourdhui())
    assert modeles_proposes("mairie", "mairie.general", INSEE, aujourdhui()) == [copie]
    assert modeles_proposes("mairie", "mairie.general", AUTRE_INSEE, aujourdhui()) == [m]


def test_ce_qui_est_propose():
    m = modele()
    autre_genre = modele("autre", genre="mairie.autre")
    ancien = modele("ancien")
    ancien.actif = False
    ancien.save()
    assert modeles_proposes("mairie", "mairie.general", INSEE, aujourdhui()) == [m]
    assert autre_genre in modeles_proposes("mairie", "mairie.autre", INSEE, aujourdhui())
    assert modeles_proposes("urba", "", INSEE, aujourdhui()) == []


def test_les_modeles_livres_servent_aussitot():
    call_command("charger_references")
    avant = (ModeleCourrier.objects.count(), Phrase.objects.count())
    call_command("charger_references")
    assert (ModeleCourrier.objects.count(), Phrase.objects.count()) == avant
    for m in ModeleCourrier.objects.filter(metier="mairie"):
        assert version_en_service(m, aujourdhui()) is not None, m
    for p in Phrase.objects.filter(metier="mairie"):
        assert modeles.verifier_texte("mairie", "", p.texte)


# --- rights -------------------------------------------------------------------------------------


def test_le_modele_commun_ne_se_change_que_par_qui_gere_partout():
    ici, la = commune(), commune(AUTRE_INSEE)
    local = agent("mairie.administrateur")
    assert gere(local, "mairie", ici) and gere(local, "urba", ici)
    assert not gere(local, "mairie", la) and not gere(local, "mairie", None)
    assert gere(agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE)), "mairie", None)
    assert not gere(agent("mairie.lecteur"), "mairie", ici)


def test_un_gestionnaire_de_metier_ne_touche_qu_au_sien(monkeypatch):
    from mairie import roles

    monkeypatch.setattr(roles, "_roles", dict(roles._roles))
    roles.declarer_roles(roles.Role("urba", "essai_modeles", "Essai", frozenset({"mairie.gerer_modeles"})))
    chef = agent("urba.essai_modeles")
    modele()
    mien = ModeleCourrier.objects.create(metier="urba", code="a", libelle="A")
    assert gere(chef, "urba", commune()) and not gere(chef, "mairie", commune())
    assert list(ModeleCourrier.objects.visibles_par(chef)) == [mien]
    assert not ModeleCourrier.objects.visibles_par(agent("mairie.lecteur")).exists()


# --- letterheads --------------------------------------------------------------------------------


def test_l_en_tete_du_metier_passe_avant_celui_de_la_collectivite():
    ici = ville()
    assert entete_de(ici, "urba").textes["nom"] == "Commune de Valbrune-les-Essais"
    EnTete.objects.create(collectivite=ici, metier="urba", nom="Service urbanisme")
    assert entete_de(ici, "urba").textes["nom"] == "Service urbanisme"
    assert entete_de(ici, "erp").textes["nom"] == "Commune de Valbrune-les-Essais"


def test_sans_en_tete_la_fiche_de_la_collectivite_suffit():
    ici = Collectivite.objects.create(
        code="25997", nature="commune", nom="Ailleurs", adresse="1 rue\n25997 Ailleurs", telephone="03"
    )
    assert entete_de(ici, "urba").textes == {
        "nom": "Ailleurs",
        "adresse": "1 rue\n25997 Ailleurs\n03",
        "lieu": "Ailleurs",
    }


def image(format_: str, taille: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    sortie = io.BytesIO()
    Image.new(mode, taille, "white" if mode == "RGB" else None).save(sortie, format_)
    return sortie.getvalue()


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_une_image_est_refaite_en_png(format_):
    mime, octets = preparer_logo(image(format_, (4000, 1000)))
    with Image.open(io.BytesIO(octets)) as faite:
        assert (mime, faite.format, max(faite.size)) == ("image/png", "PNG", 1600)


def test_ce_qui_suit_une_image_ne_passe_pas():
    piege = image("PNG") + b"<script>alert(1)</script>"
    assert b"script" not in preparer_logo(piege)[1]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"{}>{}</svg>'
SVG_REFUSES = {
    "script": SVG.format("", "<script>alert(1)</script>"),
    "image": SVG.format("", '<image href="http://127.0.0.1/a.png"/>'),
    "texte": SVG.format("", "<text>x</text>"),
    "style": SVG.format("", "<style>@import 'http://127.0.0.1/a.css';</style>"),
    "html": SVG.format("", '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'),
    "animation": SVG.format("", '<set attributeName="href" to="javascript:x"/>'),
    "use": SVG.format("", '<use href="#a"/>'),
    "entite": '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("", "&a;"),
    "entite externe": '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG.format("", "&a;"),
    "sans taille": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
    "mal forme": "<svg><path></svg>",
    "autre racine": "<?xml version='1.0'?><html/>",
    "trop complexe": SVG.format("", "<path d='M0 0'/>" * 5000),
}


@pytest.mark.parametrize("dessin", SVG_REFUSES.values(), ids=SVG_REFUSES)
def test_un_dessin_qui_fait_plus_que_dessiner_est_refuse(dessin):
    with pytest.raises(LogoRefuse, match="SVG"):
        preparer_logo(dessin.encode())


def test_un_dessin_est_reconstruit_sans_ce_qui_agit():
    dessin = SVG.format(
        ' onload="alert(1)" xmlns:xlink="http://www.w3.org/1999/xlink"',
        "<metadata>auteur</metadata><g style='fill:#123456;behavior:url(x)' onclick='x'>"
        "<path d='M0 0h5' fill='url(http://127.0.0.1/a)' stroke='url(#g)' xlink:href='javascript:x'/></g>",
    )
    mime, octets = preparer_logo(dessin.encode())
    propre = octets.decode()
    assert mime == "image/svg+xml"
    for interdit in ("onload", "onclick", "behavior", "127.0.0.1", "javascript", "metadata", "xlink"):
        assert interdit not in propre, interdit
    for garde in ('fill="#123456"', 'd="M0 0h5"', 'stroke="url(#g)"', 'viewBox="0 0 10 10"'):
        assert garde in propre, garde


@pytest.mark.parametrize("octets", [b"", b"MZ\x90\x00", b"%PDF-1.7", b"GIF89a", b"\x89PNG\r\n\x1a\n tronque"])
def test_ce_qui_n_est_pas_une_image_est_refuse(octets):
    with pytest.raises(LogoRefuse, match="PNG, JPEG ou SVG"):
        preparer_logo(octets)


def test_une_image_demesuree_est_refusee():
    with pytest.raises(LogoRefuse):
        preparer_logo(image("PNG", (9000, 9000), "1"))


def test_le_logo_est_imprime(tmp_path):
    from django.core.files.base import ContentFile

    ici = ville()
    pose = EnTete.objects.get(collectivite=ici)
    pose.logo_mime = "image/png"
    pose.logo.save("logo.png", ContentFile(preparer_logo(image("PNG"))[1]))
    c = fabrique.finalisee()
    import pypdf

    from mairie.courriers.envois import lire_pdf

    assert len(pypdf.PdfReader(io.BytesIO(lire_pdf(c))).pages[0].images) == 1
    assert Courrier.objects.get().html.count("lettre:_logo") == 1
