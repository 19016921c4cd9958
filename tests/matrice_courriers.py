"""Examples of the addresses of letters and mail."""

from __future__ import annotations

from tests.matrice import exemple

exemple("courriels_relancer", parametres={"pk": 1})
exemple("courriels_abandonner", parametres={"pk": 1})
exemple("acte_public", parametres={"code": "A" * 22}, attendu=(404,))
