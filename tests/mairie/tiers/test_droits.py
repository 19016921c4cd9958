"""The copy of her data given to a person, and erasure."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from mairie.models import HistoriqueTiers, JournalActe, Tiers
from mairie.tiers import droits, fusion, service
from tests.mairie.tiers.fabrique import personne, societe
from tests.personnes import agent

pytestmark = pytest.mark.django_db
JOUR = date(2026, 3, 2)


@pytest.fixture
def moi():
    return agent("mairie.administrateur")


@pytest.fixture(autouse=True)
def registres(monkeypatch):
    monkeypatch.setattr(droits, "_gardiens", {})
    monkeypatch.setattr(droits, "_fournisseurs", {})


def test_la_copie_dit_tout_ce_qui_est_tenu(moi, dossiers):
    a, b = personne("Durand", "Zoé", ville="Essai"), personne("Durand", "Zoe", courriel="z@exemple.invalid")
    dossiers.objects.create(numero="D-12", tiers=b)
    fusion.fusionner(a, b, par=moi)
    a.refresh_from_db()
    service.modifier(a, {"nom": "Durand-Martin"}, version=a.version, par=moi)
    droits.fournir("essai", "tenus par le métier d'essai", lambda t: [{"tiers": t.pk}])
    a.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(droits.archive(a))) as z:
        copie = json.loads(z.read("donnees.json"))
    assert copie["fiche"]["nom"] == "Durand-Martin"
    assert [f["prénoms"] for f in copie["fiches fusionnées dans celle-ci"]] == ["Zoe"]
    assert [e["nom"] for e in copie["états antérieurs"]].count("Durand") >= 2
    assert copie["liens"] == [
        {"registre": "dossiers d'essai", "objet": "D-12", "numéro interne": dossiers.objects.get().pk}
    ]
    assert copie["tenus par le métier d'essai"] == [{"tiers": a.pk}]


def test_l_effacement_ne_laisse_rien_de_la_personne_nulle_part(moi):
    a = personne("Introuvable", "Zoé", courriel="zoe.introuvable@exemple.invalid", voie="12 rue Unique")
    b = personne("Introuvable", "Zoe", mobile="06 99 99 99 99")
    fusion.fusionner(a, b, par=moi)
    droits.effacer(a, par=moi, motif="demande")
    for t in (a, b):
        t.refresh_from_db()
        assert t.efface_le is not None and str(t) == f"Personne effacée n° {t.pk}"
    from django.db import connection

    with connection.cursor() as c:
        for table in ("mairie_tiers", "mairie_historiquetiers", "mairie_fusiontiers", "mairie_journalacte"):
            c.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~* 'introuvable|99 99|rue unique'")
            assert c.fetchone()[0] == 0, table
    assert JournalActe.objects.get(action="mairie.tiers_efface").resume == "à la demande de la personne"
    assert (
        not HistoriqueTiers.objects.filter(pgh_obj_id__in=[a.pk, b.pk])
        .exclude(nom__startswith="Personne")
        .exists()
    )


def test_une_personne_morale_s_efface_aussi(moi):
    s = societe("Introuvable", nom="Représentant")
    droits.effacer(s, par=moi, motif="erreur")
    s.refresh_from_db()
    assert (s.raison_sociale, s.nom) == (f"Personne morale effacée n° {s.pk}", "")


def test_un_dossier_sans_gardien_empeche_d_effacer(moi, dossiers):
    a = personne()
    dossiers.objects.create(numero="D", tiers=a)
    with pytest.raises(droits.EffacementRefuse, match="dossiers d'essai"):
        droits.effacer(a, par=moi, motif="demande")


@pytest.mark.parametrize(
    ("terme", "refuse"),
    [(timedelta(days=1), True), (timedelta(days=0), False), (timedelta(days=-1), False), (None, True)],
)
def test_le_terme_d_un_metier_est_respecte(moi, terme, refuse):
    jour = timezone.localdate()
    fin = None if terme is None else jour + terme
    droits.conserver("urba", lambda t: droits.Conservation("permis PC 1", fin))
    a = personne()
    if refuse:
        with pytest.raises(droits.EffacementRefuse, match="permis PC 1"):
            droits.effacer(a, par=moi, motif="demande")
    else:
        droits.effacer(a, par=moi, motif="demande")
        a.refresh_from_db()
        assert a.efface_le


def test_sans_motif_connu_rien_n_est_efface(moi):
    a = personne()
    with pytest.raises(droits.EffacementRefuse, match="pourquoi"):
        droits.effacer(a, par=moi, motif="")
    a.refresh_from_db()
    assert a.efface_le is None


def test_une_fiche_effacee_ne_se_modifie_plus(moi):
    a = personne()
    droits.effacer(a, par=moi, motif="demande")
    a.refresh_from_db()
    with pytest.raises(service.FicheModifiee):
        service.modifier(a, {"nom": "Retour"}, version=a.version, par=moi)


def test_la_purge_n_efface_que_ce_que_rien_ne_garde(dossiers, settings, capsys):
    settings.TIERS_CONSERVATION_ANS = 3
    vieux, tenu = personne("Vieux"), personne("Tenu")
    personne("Récent")
    firme = societe("Vieille")
    dossiers.objects.create(numero="D", tiers=tenu)
    il_y_a = timezone.now() - timedelta(days=3 * 365.25 + 1)
    Tiers.objects.filter(pk__in=[vieux.pk, tenu.pk, firme.pk]).update(modifie_le=il_y_a)
    call_command("purger_tiers", "--essai")
    assert not Tiers.objects.filter(efface_le__isnull=False).exists()
    call_command("purger_tiers")
    assert [t.pk for t in Tiers.objects.filter(efface_le__isnull=False)] == [vieux.pk]
    assert "1 personne" in capsys.readouterr().out


def test_une_personne_qui_ne_s_efface_pas_laisse_effacer_les_autres(settings, monkeypatch):
    from mairie.taches.maison import purger_tiers
    from mairie.taches.suivi import EchecDefinitif

    settings.TIERS_CONSERVATION_ANS = 3
    tous = [personne(nom) for nom in ("Refusée", "Abîmée", "Suivante")]
    Tiers.objects.update(modifie_le=timezone.now() - timedelta(days=3 * 365.25 + 1))
    vrai = droits._vider

    def vider(fiche, par):
        if fiche.pk == tous[0].pk:
            raise droits.EffacementRefuse("Un permis vient d'être déposé.")
        vrai(fiche, par)
        if fiche.pk == tous[1].pk:
            raise OSError("disque plein")

    monkeypatch.setattr(droits, "_vider", vider)
    with pytest.raises(EchecDefinitif, match=r"^1 personne.*1 l'ont été"):
        purger_tiers.func()
    assert [t.pk for t in Tiers.objects.filter(efface_le__isnull=False)] == [tous[2].pk]
    assert not purger_tiers.atomique, "chacune dans sa transaction"
