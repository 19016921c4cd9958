"""Days on which two occupations share an hour, against a count hour by hour."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domainepublic.regles.creneaux import MINUIT, Creneau
from domainepublic.regles.simultaneite import Temps, jours_communs

LUNDI = date(2026, 5, 4)
TOUS = frozenset(range(7))


def jour(n: int) -> date:
    return LUNDI + timedelta(days=n)


def minutes(temps: Temps, dernier: date) -> set[int]:
    """Half-hours held since 1 January 2026, the slots past midnight followed wherever they go."""
    tenues: set[int] = set()
    un_jour = temps.debut
    while un_jour <= (temps.fin or dernier):
        base = (un_jour - date(2026, 1, 1)).days * MINUIT
        for creneau in temps.creneaux or (Creneau(TOUS, 0, MINUIT),):
            if un_jour.weekday() in creneau.jours:
                fin = creneau.a if creneau.a > creneau.de else creneau.a + MINUIT
                tenues |= set(range(base + creneau.de, base + fin, 30))
        un_jour += timedelta(days=1)
    return tenues


heures = st.integers(0, 47).map(lambda demie: demie * 30)
creneaux = st.builds(
    Creneau, st.frozensets(st.integers(0, 6), min_size=1), heures, st.integers(0, 48).map(lambda n: n * 30)
).filter(lambda creneau: creneau.a != creneau.de)
temps = st.builds(
    lambda debut, duree, liste: Temps(
        jour(debut), None if duree is None else jour(debut + duree), tuple(liste)
    ),
    st.integers(0, 20),
    st.none() | st.integers(0, 30),
    st.lists(creneaux, max_size=3),
)


@settings(max_examples=120, deadline=None)
@given(temps, temps, st.integers(0, 10))
def test_les_jours_sont_ceux_du_compte_heure_par_heure(a, b, limite):
    premier = max(a.debut, b.debut)
    horizon = premier + timedelta(days=364)
    communes = minutes(a, horizon) & minutes(b, horizon)
    attendus = sorted({date(2026, 1, 1) + timedelta(days=minute // MINUIT) for minute in communes})
    if a.fin is None and b.fin is None:
        attendus = [un_jour for un_jour in attendus if un_jour <= horizon]
    assert jours_communs(a, b, limite) == (tuple(attendus[:limite]), len(attendus))
    assert jours_communs(b, a, limite) == jours_communs(a, b, limite)


def test_nuit_qui_deborde_apres_la_fin():
    nuit = Temps(LUNDI, LUNDI, (Creneau(TOUS, 22 * 60, 2 * 60),))
    mardi = Temps(jour(1), jour(1))
    assert jours_communs(nuit, mardi, 60) == ((jour(1),), 1)
    apres_deux_heures = Temps(jour(1), jour(1), (Creneau(TOUS, 120, 180),))
    assert jours_communs(nuit, apres_deux_heures, 60) == ((), 0)


def test_creneau_fini_a_minuit_ne_deborde_pas():
    for minuit in (0, MINUIT):
        soir = Temps(LUNDI, LUNDI, (Creneau(TOUS, 22 * 60, minuit),))
        assert jours_communs(soir, Temps(jour(1), jour(1)), 60) == ((), 0)


def test_le_creneau_appartient_au_jour_ou_il_commence():
    """A slot of Monday night touches Tuesday morning, not Monday morning."""
    nuit_du_lundi = Temps(jour(-7), None, (Creneau(frozenset({0}), 22 * 60, 120),))
    matins = Temps(LUNDI, jour(6), (Creneau(TOUS, 0, 60),))
    assert jours_communs(nuit_du_lundi, matins, 60) == ((jour(1),), 1)


def test_creneaux_qui_se_touchent_sans_minute_commune():
    a = Temps(LUNDI, LUNDI, (Creneau(TOUS, 480, 720),))
    b = Temps(LUNDI, LUNDI, (Creneau(TOUS, 720, 1080),))
    assert jours_communs(a, b, 60) == ((), 0)
    assert jours_communs(a, Temps(LUNDI, LUNDI, (Creneau(TOUS, 719, 1080),)), 60)[1] == 1


def test_sans_fin_trois_cent_soixante_cinq_jours_depuis_le_dernier_debut():
    jours, nombre = jours_communs(Temps(date(2024, 1, 1), None), Temps(LUNDI, None), 400)
    assert (nombre, jours[0], jours[-1]) == (365, LUNDI, jour(364))
    jours, nombre = jours_communs(Temps(date(2024, 1, 1), None), Temps(LUNDI, jour(999)), 5)
    assert (nombre, len(jours)) == (1000, 5)


def test_jusqu_au_bout_du_calendrier():
    a, b = Temps(LUNDI, date.max, (Creneau(TOUS, 1200, 60),)), Temps(date(9999, 12, 31), None)
    assert jours_communs(a, b, 60) == ((date.max,), 1)
    assert jours_communs(Temps(LUNDI, date.max), Temps(LUNDI, date.max), 1)[1] == (date.max - LUNDI).days + 1
