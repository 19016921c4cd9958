"""Fee computed a second time, by brute force: every period listed one by one, every set of lumps tried."""

from __future__ import annotations

import calendar
import itertools
import math
from datetime import date, timedelta
from fractions import Fraction
from typing import Any


class SansTarifError(Exception):
    """No line, two lines, or a change of period."""


def cents(valeur: Fraction) -> int:
    """Cents, half up, of an amount that is not negative."""
    return math.floor(valeur * 100 + Fraction(1, 2))


def jour_de(texte: str) -> date:
    return date.fromisoformat(texte)


def ligne_du(lignes: list[dict[str, Any]], jour: date, zone: Any, benef: Any) -> dict[str, Any]:
    bonnes = []
    for ligne in lignes:
        if not (jour_de(ligne["du"]) <= jour <= jour_de(ligne.get("au") or "9999-12-31")):
            continue
        if ligne.get("zone") not in (None, zone) or ligne.get("beneficiaire") not in (None, benef):
            continue
        bonnes.append(((ligne.get("zone") is not None, ligne.get("beneficiaire") is not None), ligne))
    if not bonnes:
        raise SansTarifError
    sommet = max(rang for rang, _ in bonnes)
    meilleures = [ligne for rang, ligne in bonnes if rang == sommet]
    if len(meilleures) != 1:
        raise SansTarifError
    return meilleures[0]


def facturee(ligne: dict[str, Any], brute: Fraction) -> Fraction:
    reste = brute - Fraction(ligne.get("quantite_gratuite", "0"))
    if reste <= 0:
        return Fraction(0)
    pas = {"unite_superieure": Fraction(1), "demi_superieur": Fraction(1, 2)}.get(
        ligne.get("arrondi_quantite", "")
    )
    if pas:
        reste = -(-reste // pas) * pas
    return max(reste, Fraction(ligne.get("quantite_min", "0")))


def prix_du_tout(ligne: dict[str, Any], quantite: Fraction) -> Fraction:
    """Price of one period of weight one."""
    if "tranches" not in ligne:
        return Fraction(ligne["prix"]) * quantite
    bas, somme = Fraction(0), Fraction(0)
    for tranche in ligne["tranches"]:
        haut = Fraction(tranche["jusqu_a"]) if tranche["jusqu_a"] is not None else quantite + 1
        if ligne.get("tranche_mode", "globale") == "globale":
            if quantite <= haut:
                return Fraction(tranche["prix"]) * quantite
        else:
            somme += max(Fraction(0), min(quantite, haut) - bas) * Fraction(tranche["prix"])
            bas = haut
    return somme


def liste_des_periodes(genre: str, premier: date, fin: date, occ: dict[str, Any]) -> list[date]:
    jours = [premier + timedelta(days=n) for n in range((fin - premier).days + 1)]
    if genre == "jour":
        return jours
    if genre in ("semaine", "mois_30"):
        return jours[:: 7 if genre == "semaine" else 30]
    if genre == "operation":
        return jours[:1]
    if genre == "demi_journee":
        moities = [(jour, moitie) for jour in jours for moitie in ("matin", "apres_midi")]
        if occ.get("debut_demi") == "apres_midi":
            moities = [m for m in moities if m != (jour_de(occ["debut"]), "matin")]
        if occ.get("fin_demi") == "matin":
            moities = [m for m in moities if m != (fin, "apres_midi")]
        return [jour for jour, _ in moities]
    cle = (lambda j: (j.year, j.month)) if genre == "mois_commence" else (lambda j: j.year)
    return [next(groupe) for _, groupe in itertools.groupby(jours, cle)]


def prix_forfaits(ligne: dict[str, Any], jours: int, quantite: Fraction) -> tuple[str, Fraction]:
    def cout(f: dict[str, Any]) -> Fraction:
        if ligne.get("forfait_base") == "par_unite":
            return Fraction(f["prix"]) * quantite
        if f.get("quantite_incluse") is None:
            return Fraction(f["prix"])
        depassement = quantite - Fraction(f["quantite_incluse"])
        return Fraction(f["prix"]) + (depassement * Fraction(f["prix_unite_sup"]) if depassement > 0 else 0)

    forfaits = sorted(ligne["forfaits"], key=lambda f: -f["jours"])
    if ligne.get("forfait_mode", "plus_petit_couvrant") == "plus_petit_couvrant":
        choisis, reste = [], jours
        while reste >= forfaits[0]["jours"]:
            choisis.append(forfaits[0])
            reste -= forfaits[0]["jours"]
        if reste:
            choisis.append([f for f in forfaits if f["jours"] >= reste][-1])
    else:
        essais = [
            (sum(map(cout, choix)), nombre, [-f["jours"] for f in choix], choix)
            for nombre in range(1, jours + 1)
            for choix in itertools.combinations_with_replacement(forfaits, nombre)
            if sum(f["jours"] for f in choix) >= jours
        ]
        choisis = list(min(essais, key=lambda essai: essai[:3])[3])
    return "+".join(str(f["jours"]) for f in choisis), sum(map(cout, choisis), Fraction(0))


def groupes(
    lignes: list[dict[str, Any]], zone: Any, brute: Fraction, occ: dict[str, Any]
) -> list[tuple[str, str, int]]:
    """Tariff, periods as text and cents of each group."""
    debut, fin, benef = jour_de(occ["debut"]), jour_de(occ["fin"]), occ.get("beneficiaire")
    au_debut = ligne_du(lignes, debut, zone, benef)
    libres, duree = au_debut.get("franchise_jours", 0), (fin - debut).days + 1
    if duree <= libres:
        return [(au_debut["id"], "0", 0)]
    premier = debut if au_debut.get("franchise_mode") == "seuil" else debut + timedelta(days=libres)
    genre = ligne_du(lignes, premier, zone, benef)["periode"]
    if genre == "forfait":
        ligne = ligne_du(lignes, premier, zone, benef)
        quantite = facturee(ligne, brute)
        if not quantite:
            return [(ligne["id"], "0", 0)]
        texte, somme = prix_forfaits(ligne, (fin - premier).days + 1, quantite)
        return [(ligne["id"], texte, cents(somme))]
    sommes: dict[tuple[str, int], list[Any]] = {}
    for rang, jour in enumerate(liste_des_periodes(genre, premier, fin, occ), start=1):
        ligne = ligne_du(lignes, jour, zone, benef)
        if ligne["periode"] != genre:
            raise SansTarifError
        quantite = facturee(ligne, brute)
        poids, texte = Fraction(1), None
        if genre == "an" and ligne.get("prorata", "aucun") != "aucun":
            dernier = min(fin, date(jour.year, 12, 31))
            if ligne["prorata"] == "jour":
                parts, tout = (dernier - jour).days + 1, 365 + calendar.isleap(jour.year)
            else:
                parts, tout = dernier.month - jour.month + 1, 12
            poids, texte = Fraction(parts, tout), f"{parts}/{tout}"
        if "tranches_duree" in ligne:
            prix = next(
                Fraction(t["prix"])
                for t in ligne["tranches_duree"]
                if t["jusqu_a"] is None or rang <= int(t["jusqu_a"])
            )
            montant = prix * quantite
        else:
            montant = prix_du_tout(ligne, quantite) * poids
        case = sommes.setdefault((ligne["id"], jour.year if genre == "an" else 0), [0, Fraction(0), None])
        case[0] += 1
        case[1] += montant
        case[2] = texte
    return [(cle[0], case[2] or str(case[0]), cents(case[1])) for cle, case in sommes.items()]


def montant_du(grille: dict[str, Any], occ: dict[str, Any]) -> dict[str, Any]:
    """Groups, subtotal, theoretical amount and amount due, in cents."""
    regles = grille.get("regles", {})

    def prix(type_occupation: str, unite: str, zone: Any, quantite: Fraction, periode: Any) -> list[Any]:
        lignes = [
            ligne
            for ligne in grille["lignes"]
            if ligne["type"] == type_occupation
            and ligne["unite"] == unite
            and (periode is None or ligne["periode"] == periode)
        ]
        return [(zone, *groupe) for groupe in groupes(lignes, zone, quantite, occ)]

    parts = [(p.get("zone"), Fraction(p["quantite"])) for p in occ.get("zones") or [occ]]
    mode = regles.get("zone_mode", "repartition")
    args = (occ["type"], occ["unite"])
    somme = sum(quantite for _, quantite in parts)
    if mode == "zone_centroide":
        parts = [(occ["zone_centroide"], somme)]
    elif mode == "plus_chere":
        essais = []
        for rang, (zone, _) in enumerate(parts):
            essai = prix(*args, zone, somme, occ.get("periode"))
            essais.append((-sum(g[3] for g in essai), rang))
        parts = [(parts[min(essais)[1]][0], somme)]
    lignes = [g for zone, quantite in parts for g in prix(*args, zone, quantite, occ.get("periode"))]
    seule = parts[0][0] if len(parts) == 1 else None
    for sup in occ.get("supplements", []):
        zone = sup["zone"] if sup.get("zone") is not None else seule
        lignes += prix(sup["type"], sup["unite"], zone, Fraction(sup["quantite"]), None)
    sous_total = redevance = sum(g[3] for g in lignes)
    if redevance and "minimum_perception" in regles:
        redevance = max(redevance, cents(Fraction(regles["minimum_perception"])))
    if "plafond" in regles:
        redevance = min(redevance, cents(Fraction(regles["plafond"])))
    frais = cents(Fraction(regles.get("frais_dossier", "0"))) if redevance else 0
    du = redevance + frais
    exo = occ.get("exoneration")
    if occ.get("sans_titre"):
        taux = Fraction(regles.get("majoration_sans_titre", "0"))
        du = cents(Fraction(redevance, 100) * (100 + taux) / 100) + frais
    elif exo:
        reste = (100 - Fraction(exo.get("taux", "100"))) / 100
        if exo.get("hors_frais"):
            du = cents(Fraction(redevance, 100) * reste) + frais
        else:
            du = cents(Fraction(redevance + frais, 100) * reste)
    if regles.get("arrondi_final") == "euro":
        du = (du + 50) // 100 * 100
    return {"groupes": lignes, "sous_total": sous_total, "theorique": redevance + frais, "du": du}
