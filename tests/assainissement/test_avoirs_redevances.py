"""What is taken back once a fee has left for finance: a credit note with its reason, a payment by mistake."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from assainissement import avoirs, contrats, controles, redevances
from assainissement.models import AvoirRedevance, LigneRedevance
from mairie.models import JournalActe
from mairie.workflow import Refus, annuler_dernier
from tests.assainissement.fabrique_anc import JOUR, acteur, installation
from tests.assainissement.fabrique_redevances import deliberation, ligne
from tests.assainissement.test_ecrans_redevances import client_de, payeur, texte
from tests.assainissement.test_redevances_anc import _a_facturer
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
D = Decimal
RAISON = "La capacité retenue n'était pas la bonne."


def transmise() -> LigneRedevance:
    """The fee of a control, 132 € with 10 % of VAT, sent to finance."""
    deliberation()
    c = _a_facturer()
    redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    return ligne(c)


def rendre(x: LigneRedevance, montant: str, reste: str, raison: str = RAISON) -> AvoirRedevance:
    return avoirs.emettre(x, D(montant), raison, reste_lu=D(reste), par=acteur("gestionnaire"))


def test_un_avoir_rend_une_part_puis_le_reste_et_part_avec_sa_reference():
    x = transmise()
    for montant, reste, raison, phrase in (
        ("32", "132", "erreur", "15 caractères"),
        ("0", "132", RAISON, "somme positive"),
        ("1.001", "132", RAISON, "au centime"),
        ("133", "132", RAISON, "ne demande plus que 132"),
        ("32", "100", RAISON, "entre-temps"),
    ):
        with pytest.raises(Refus, match=phrase):
            rendre(x, montant, reste, raison)
    a = rendre(x, "32.05", "132")
    assert (a.montant_ht, a.montant_tva, x.etat) == (D("29.14"), D("2.91"), "exportee")
    with pytest.raises(Refus, match="entre-temps"):
        rendre(x, "32.05", "132")
    assert (
        "99,95 €"
        in redevances.lire_paiements(
            INSEE,
            f"reference;numero_titre;date_paiement;montant\n{x.reference};1;02/03/2026;100,00\n".encode(),
            acteur("gestionnaire"),
        )
        .lignes[0]
        .motif
    )
    b = rendre(x, "99.95", "99.95")
    assert (a.montant_ht + b.montant_ht, a.montant_tva + b.montant_tva) == (x.montant_ht, x.montant_tva)
    assert (x.etat, avoirs.corrigeable(x)) == ("annulee", 0)
    lot = redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    rangees = lot.contenu.strip().split("\r\n")[1:]
    assert [r.split(";")[2] for r in rangees] == [f"{lot.numero}-0001", f"{lot.numero}-0002"]
    assert f";-29,14;10,00;-32,05;01/04/2026;{x.reference}" in rangees[0]
    with pytest.raises(Refus, match="Rien à transmettre"):
        redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    assert JournalActe.objects.filter(action=avoirs.EMIS).count() == 2
    with pytest.raises(IntegrityError, match="ne change plus"), transaction.atomic():
        AvoirRedevance.objects.filter(pk=a.pk).update(montant_ttc=1)
    with pytest.raises(IntegrityError, match="s'efface pas"), transaction.atomic():
        AvoirRedevance.objects.filter(pk=a.pk)._raw_delete("default")


def test_l_avoir_se_saisit_sur_la_page_de_la_ligne_et_se_lit_dans_l_envoi():
    x = transmise()
    client = client_de("gestionnaire")
    page = client.get(x.get_absolute_url()).content.decode()
    assert 'name="reste" value="132.00"' in page
    adresse = f"{x.get_absolute_url()}avoir/"
    saisie = {"montant": "32", "reste": "132.00", "raison": RAISON}
    assert client_de("technicien").post(adresse, saisie).status_code == 403
    assert client_de("gestionnaire", insee=AUTRE_INSEE).post(adresse, saisie).status_code == 404
    assert "n'est pas un nombre" in texte(client.post(adresse, {**saisie, "montant": "trente"}, follow=True))
    suite = texte(client.post(adresse, saisie, follow=True))
    assert "Avoir de 32,00 € émis" in suite
    assert "Cette ligne demande encore 100,00 €" in suite
    assert "entre-temps" in texte(client.post(adresse, saisie, follow=True)), "un double clic rend une fois"
    assert "et 1 avoir" in texte(client.get("/assainissement/finances/"))
    apercu = texte(client.get(f"/assainissement/finances/transmettre/{INSEE}/"))
    assert "Avec 1 avoir." in apercu and "−32,00 €" in apercu
    envoi = client.post(f"/assainissement/finances/transmettre/{INSEE}/", follow=True)
    assert f"avoir de {x.reference}" in texte(envoi)
    assert "-32,00 €" in texte(client.get("/assainissement/finances/"))
    assert AvoirRedevance.objects.get().lot is not None


def test_un_paiement_saisi_par_erreur_se_retire_avec_son_motif():
    x = transmise()
    redevances.agir(x, "encaisser", par=acteur("gestionnaire"), version=x.version)
    client = client_de("gestionnaire")
    assert "annulez « Réglé, contrôle clos »" in texte(client.get(x.get_absolute_url()))
    c = x.controle
    c.refresh_from_db()
    annuler_dernier(c, par=acteur("responsable"), version=c.version, motif="Erreur de ligne.")
    x.refresh_from_db()
    assert (x.etat, controles.Controle.objects.get(pk=c.pk).etat) == ("exportee", "facture")
    # A line without control: by a click, with a reason.
    qui = payeur()
    contrats.ouvrir(installation(proprietaire=qui), "entretien", date(2026, 1, 1))
    contrats.facturer(INSEE, 2026)
    redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    y = LigneRedevance.objects.get(genre="contrat")
    redevances.agir(y, "encaisser", par=acteur("gestionnaire"), version=y.version)
    y.refresh_from_db()
    adresse = f"{y.get_absolute_url()}evenements/retirer_paiement/"
    saisie = {"date_effet": JOUR.isoformat(), "version": y.version, "cle": str(uuid4()), "motif": ""}
    sans = client.post(adresse, saisie)
    assert (sans.status_code, "Dites pourquoi" in texte(sans)) == (422, True)
    assert client.post(adresse, {**saisie, "motif": "Autre payeur."}).status_code == 302
    y.refresh_from_db()
    assert (y.etat, y.payee_le) == ("exportee", None)
    # Given back whole, the year of the contract is not billed again.
    rendre(y, "80", "80")
    assert (y.etat, contrats.facturer(INSEE, 2026).ouvertes) == ("annulee", 0)
