"""A letter never opened: deemed received, proposed by the night, confirmed by an agent (R.423-48)."""

from __future__ import annotations

from datetime import date

from mairie.models import Echeance
from mairie.roles import acteur_de
from mairie.workflow import rafraichir
from tests.urba.courriers.fabrique import depose, maire
from tests.urba.courriers.test_suites import incomplet, par_courriel
from tests.urba.fabrique_urba import acteur
from urba.courriers import suites
from urba.echeances import FICTION


def proposee(d) -> list[date]:
    return list(Echeance.objects.filter(dossier_id=d.pk, code=FICTION).values_list("date", flat=True))


def test_la_nuit_propose_la_fiction_et_l_agent_la_confirme(aller):
    d = incomplet(depose())
    c = par_courriel(d, maire())
    for jour, attendu in ((date(2026, 3, 16), []), (date(2026, 3, 17), [date(2026, 3, 17)])):
        aller(jour)
        rafraichir(d, jour)
        assert proposee(d) == attendu
        # Nothing counts before somebody says so.
        assert (d.etat, d.date_limite_pieces) == ("incomplet", None)
    # A second night changes nothing.
    rafraichir(d, date(2026, 3, 17))
    assert proposee(d) == [date(2026, 3, 17)]
    suites.reputee_recue(c, acteur_de(acteur("guichet")))
    d.refresh_from_db()
    assert (d.etat, d.date_limite_pieces) == ("incomplet_notifie", date(2026, 6, 17))
    assert proposee(d) == [] == suites.a_reputer(d, date(2026, 3, 18))
