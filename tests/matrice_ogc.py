"""Examples of the addresses of OGC API Features."""

from tests.matrice import exemple

exemple("ogc_collection", parametres={"nom": "parcelles"})
exemple("ogc_proprietes", parametres={"nom": "parcelles"})
exemple("ogc_objets", parametres={"nom": "parcelles"}, requete="?limit=2")
exemple("ogc_objet", parametres={"nom": "parcelles", "identifiant": "25999000AB0001"}, attendu=(200, 404))
