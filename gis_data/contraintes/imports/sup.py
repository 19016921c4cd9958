"""Import of CNIG packages of servitudes: one category a lot, or several in one file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from gis_data.contraintes.imports import geometries, pieces, versions
from gis_data.contraintes.imports.base import (
    ImportRefuse,
    Rapport,
    ecrire_lots,
    empreinte_de,
    suivre,
    verifier_comptes,
)
from gis_data.contraintes.imports.lecture import (
    Table,
    autres,
    nombre,
    prendre,
    texte,
)
from gis_data.contraintes.imports.paquet import decrire, reconnaitre
from gis_data.contraintes.models import DocumentUrbanisme, SupAssiette, SupGenerateur
from gis_data.formats.cnig import champs as cnig
from gis_data.formats.cnig import codes
from gis_data.ouverture import CoucheLue, Limites, ouvrir

_FORMES = {"S": "surface", "L": "ligne", "P": "point"}
# Who is in charge, and how to reach her: never kept, a public layer could show it.
_PERSONNELS = ("NOMCORRES", "NUMTEL", "COURRIEL", "ADRESSE")


def importer_sup(
    fichier: IO[bytes] | Path,
    nom: str,
    *,
    utilisateur: Any = None,
    srid: int | None = None,
    territoire: str = "",
    jour: date | None = None,
    limites: Limites | None = None,
) -> Rapport:
    """Read, check and write a package. ``territoire`` and ``jour`` serve where the package says neither.

    ``ImportRefuse`` with its report when nothing is written.
    """
    rapport = Rapport("sup", nom)
    return suivre(
        rapport,
        utilisateur,
        lambda: _importer(fichier, nom, rapport, srid, territoire, jour, limites, utilisateur),
    )


def _importer(
    fichier: IO[bytes] | Path,
    nom: str,
    rapport: Rapport,
    srid: int | None,
    territoire: str,
    jour: date | None,
    limites: Limites | None,
    utilisateur: Any,
) -> list[DocumentUrbanisme]:
    rapport.empreinte = empreinte_de(fichier)
    with ouvrir(fichier, nom, limites=limites, formats=("shp", "dbf", "gpkg")) as contenu:
        tables = reconnaitre(contenu, lambda n: (cnig.table_sup(n) or ("",))[0], rapport)
        if not any(t.startswith("ASSIETTE_SUP") for t in tables):
            raise ImportRefuse(
                "Ce paquet ne contient pas de couche ASSIETTE_SUP : ce n'est pas un lot de servitudes"
                " au standard"
                f" CNIG. Couches trouvées : {', '.join(sorted(c.nom for c in contenu.couches)[:12])}.",
                rapport,
            )
        du_nom = next(filter(None, map(cnig.decouper_paquet_sup, [nom, *contenu.racines])), None) or {}
        liens = _Liens(tables, rapport)
        assiettes: list[SupAssiette] = []
        generateurs: list[SupGenerateur] = []
        for table in tables.values():
            if table.nom.startswith("ASSIETTE_SUP"):
                assiettes += _assiettes(table, liens, du_nom, srid, rapport)
            elif table.nom.startswith("GENERATEUR_SUP"):
                generateurs += _generateurs(table, liens, du_nom, srid, rapport)
            else:
                rapport.lus[table.nom] = rapport.ecrits[table.nom] = table.nombre
        documents = _documents(assiettes, generateurs, liens, du_nom, nom, territoire, jour, rapport)
        cites = [a.nomfic for a in assiettes] + [acte["fichier"] for a in assiettes for acte in a.actes]
        a_garder = pieces.choisir(contenu, cites, rapport)
        with transaction.atomic():
            effets = {}
            for categorie, document in documents.items():
                effets[categorie] = versions.poser(document, utilisateur)
                for assiette in assiettes:
                    if assiette.categorie == categorie:
                        assiette.document = document
                for generateur in generateurs:
                    if generateur.categorie == categorie:
                        generateur.document = document
            ecrire_lots(SupAssiette, assiettes)
            ecrire_lots(SupGenerateur, generateurs)
            verifier_comptes(rapport)
            for categorie, document in documents.items():
                siens = {
                    pieces.base(acte["fichier"])
                    for a in assiettes
                    if a.categorie == categorie
                    for acte in a.actes
                }
                pieces.garder(document, contenu, {n: m for n, m in a_garder.items() if n in siens})
    rapport.documents = [decrire(d, effets[c]) for c, d in documents.items()]
    return list(documents.values())


class _Liens:
    """The tables without shapes, joined: generator → servitude → acts."""

    def __init__(self, tables: dict[str, Table], rapport: Rapport) -> None:
        self.rapport = rapport
        self.servitudes = {
            texte(ligne.get("IDSUP")): ligne
            for ligne in self._lignes(tables, "SERVITUDE")
            if texte(ligne.get("IDSUP"))
        }
        self.actes = {
            texte(ligne.get("IDACTE")): self._acte(ligne) for ligne in self._lignes(tables, "ACTE_SUP")
        }
        self.par_servitude: dict[str, list[dict[str, str]]] = {}
        for ligne in self._lignes(tables, "SERVITUDE_ACTE_SUP"):
            if acte := self.actes.get(texte(ligne.get("IDACTE"))):
                self.par_servitude.setdefault(texte(ligne.get("IDSUP")), []).append(acte)
        self.generateurs = {
            texte(attributs.get("IDGEN")): texte(attributs.get("IDSUP"))
            for nom, table in tables.items()
            if nom.startswith("GENERATEUR_SUP")
            for attributs in table.lignes()
        }
        self.gestionnaires = {
            texte(ligne.get("IDGEST")): texte(ligne.get("NOMGEST"))
            for ligne in self._lignes(tables, "GESTIONNAIRE_SUP")
        }
        if not self.servitudes:
            rapport.signaler(
                "SERVITUDE_ABSENTE", "attention", "SERVITUDE", 0,
                "Table SERVITUDE absente : les assiettes n'ont ni nom officiel ni acte.",
            )  # fmt: skip

    @staticmethod
    def _lignes(tables: dict[str, Table], nom: str) -> list[dict[str, Any]]:
        return tables[nom].lignes() if nom in tables else []

    def _acte(self, ligne: dict[str, Any]) -> dict[str, str]:
        jour = self.rapport.date(ligne.get("DATEDECIS"), "ACTE_SUP", 0)
        fichier = texte(ligne.get("FICHIER"))
        lien = fichier if fichier.lower().startswith(("http://", "https://")) else ""
        return {
            "nom": texte(ligne.get("NOMACTE")),
            "type": texte(ligne.get("TYPEACTE")),
            "date": jour.isoformat() if jour else "",
            "fichier": "" if lien else fichier,
            "lien": lien,
        }


def _categorie(
    couche: CoucheLue, attributs: dict[str, Any], servitude: dict[str, Any], du_nom: dict[str, str]
) -> str:
    """Category: of the layer's name, of the object, of its servitude, of the package."""
    nommee = cnig.table_sup(couche.nom)
    brute = (
        (nommee[1] if nommee else "")
        or texte(prendre(attributs, "SUPTYPE", "CATEGORIE"))
        or texte(servitude.get("CATEGORIE"))
        or du_nom.get("categorie", "")
    )
    return cnig.normaliser_categorie(brute)[:10]


def _exiger_categorie(categorie: str, table: str, rapport: Rapport) -> None:
    if not categorie:
        raise ImportRefuse(
            f"La couche {table} ne dit pas de quelle catégorie de servitude elle est. Nommez-la selon"
            f" le standard"
            " (AC1_ASSIETTE_SUP_S), ou remplissez CATEGORIE dans la table SERVITUDE.",
            rapport,
        )


def _signaler_categorie(categorie: str, table: str, numero: int, rapport: Rapport) -> None:
    if categorie not in codes.SERVITUDES:
        rapport.signaler(
            "TYPE_INCONNU", "attention", table, numero,
            f"Catégorie de servitude « {categorie} » inconnue du standard, gardée telle quelle.",
        )  # fmt: skip


def _assiettes(
    table: Table, liens: _Liens, du_nom: dict[str, str], srid: int | None, rapport: Rapport
) -> list[SupAssiette]:
    formes = geometries.lire_formes(table.couches, table.nom, _FORMES[table.nom[-1]], srid, rapport)
    pris = (
        *("IDASS", "NOMASS", "TYPEASS", "MODEGEOASS", "PARAMCALC", "SRCGEOASS", "IDGEN", "IDSUP", "SUPTYPE"),
        *("CATEGORIE", "NOMSUPLITT", "NOMFIC", "URLFIC", *_PERSONNELS),
    )
    objets = []
    for couche, numero, attributs, _ in table.objets():
        generateur = texte(attributs.get("IDGEN"), 60)
        id_sup = texte(attributs.get("IDSUP"), 60) or liens.generateurs.get(generateur, "")[:60]
        servitude = liens.servitudes.get(id_sup, {})
        categorie = _categorie(couche, attributs, servitude, du_nom)
        _exiger_categorie(categorie, table.nom, rapport)
        _signaler_categorie(categorie, table.nom, numero, rapport)
        if liens.servitudes and not servitude:
            rapport.signaler(
                "LIEN_ABSENT", "attention", table.nom, numero,
                f"Aucune servitude ne correspond à cette assiette (générateur « {generateur} »).",
            )  # fmt: skip
        if formes.legales[numero - 1] is None:
            continue
        nom = texte(attributs.get("NOMASS"))
        objets.append(
            SupAssiette(
                couche_source=couche.nom[:60],
                numero=numero,
                identifiant=texte(attributs.get("IDASS"), 60),
                libelle=nom or texte(servitude.get("NOMSUP")),
                nomfic=texte(attributs.get("NOMFIC"), 200),
                urlfic=texte(attributs.get("URLFIC"), 500),
                categorie=categorie,
                type_assiette=texte(attributs.get("TYPEASS"), 80),
                mode=texte(attributs.get("MODEGEOASS"), 60),
                rayon=nombre(attributs.get("PARAMCALC")),
                source_geo=texte(attributs.get("SRCGEOASS"), 80),
                id_generateur=generateur,
                id_servitude=id_sup,
                servitude=texte(prendre(servitude, "NOMSUPLITT", "NOMSUP") or attributs.get("NOMSUPLITT")),
                actes=liens.par_servitude.get(id_sup, []),
                autres=_autres(attributs, pris, servitude, liens),
                **formes.colonnes(numero),
            )
        )
    rapport.lus[table.nom], rapport.ecrits[table.nom] = table.nombre, len(objets)
    return objets


def _autres(
    attributs: dict[str, Any], pris: tuple[str, ...], servitude: dict[str, Any], liens: _Liens
) -> dict[str, Any]:
    gardes = {k: str(v) for k, v in autres(attributs, pris).items()}
    if gestionnaire := liens.gestionnaires.get(texte(servitude.get("IDGEST"))):
        gardes["GESTIONNAIRE"] = gestionnaire
    return gardes


def _generateurs(
    table: Table, liens: _Liens, du_nom: dict[str, str], srid: int | None, rapport: Rapport
) -> list[SupGenerateur]:
    formes = geometries.lire_formes(table.couches, table.nom, _FORMES[table.nom[-1]], srid, rapport)
    pris = ("IDGEN", "IDSUP", "NOMGEN", "TYPEGEN", "SUPTYPE", "CATEGORIE", *_PERSONNELS)
    objets = []
    for couche, numero, attributs, _ in table.objets():
        id_sup = texte(attributs.get("IDSUP"), 60)
        categorie = _categorie(couche, attributs, liens.servitudes.get(id_sup, {}), du_nom)
        _exiger_categorie(categorie, table.nom, rapport)
        if formes.legales[numero - 1] is None:
            continue
        objets.append(
            SupGenerateur(
                couche_source=couche.nom[:60],
                numero=numero,
                identifiant=texte(attributs.get("IDGEN"), 60),
                libelle=texte(attributs.get("NOMGEN")),
                categorie=categorie,
                type_generateur=texte(attributs.get("TYPEGEN"), 80),
                id_servitude=id_sup,
                autres={k: str(v) for k, v in autres(attributs, pris).items()},
                **formes.colonnes(numero),
            )
        )
    rapport.lus[table.nom], rapport.ecrits[table.nom] = table.nombre, len(objets)
    return objets


def _documents(
    assiettes: list[SupAssiette],
    generateurs: list[SupGenerateur],
    liens: _Liens,
    du_nom: dict[str, str],
    nom: str,
    territoire: str,
    jour: date | None,
    rapport: Rapport,
) -> dict[str, DocumentUrbanisme]:
    """One version a category. ``ImportRefuse`` without a territory or a date."""
    code_territoire = (du_nom.get("territoire") or territoire).upper()[:9]
    quand = liens.rapport.date(du_nom.get("date"), "Nom du paquet", 0) or jour or _date_des_servitudes(liens)
    if not code_territoire or quand is None:
        raise ImportRefuse(
            "Le paquet ne dit pas de quel territoire ou de quel jour il est. Nommez-le selon le standard"
            " (130012024_AC1_25_20240301.zip), ou donnez le code du territoire et la date.",
            rapport,
        )
    categories = sorted({a.categorie for a in assiettes} | {g.categorie for g in generateurs})
    communes = [code_territoire] if len(code_territoire) == 5 else []
    return {
        categorie: DocumentUrbanisme(
            famille=DocumentUrbanisme.Famille.SUP,
            type_document="SUP",
            identifiant="_".join(
                filter(None, (du_nom.get("gestionnaire"), categorie, code_territoire, f"{quand:%Y%m%d}"))
            ),
            categorie=categorie,
            territoire=code_territoire,
            communes=communes,
            standard="2016",
            valide_du=quand,
            couches=_comptes(categorie, assiettes, generateurs),
            source=nom,
            empreinte=rapport.empreinte,
            srid_source=next(iter(rapport.projections.values()), 0),
        )
        for categorie in categories
    }


def _date_des_servitudes(liens: _Liens) -> date | None:
    dates = [liens.rapport.date(s.get("DATEMAJ"), "SERVITUDE", 0) for s in liens.servitudes.values()]
    return max((d for d in dates if d), default=None)


def _comptes(
    categorie: str, assiettes: list[SupAssiette], generateurs: list[SupGenerateur]
) -> dict[str, int]:
    return {
        "ASSIETTE_SUP": sum(a.categorie == categorie for a in assiettes),
        "GENERATEUR_SUP": sum(g.categorie == categorie for g in generateurs),
    }
