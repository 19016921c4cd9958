"""Examples of the addresses of printing to scale."""

from tests.matrice import exemple

exemple("carte_impression", attendu=(200, 400))
exemple("carte_impression_cadre", attendu=(200, 400))
exemple("parcelle_note", parametres={"idu": "25999000AB0001"})
exemple("impression_pdf", parametres={"pk": 1}, attendu=(404,))
