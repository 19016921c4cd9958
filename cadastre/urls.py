"""Addresses of this app."""

from django.urls import URLPattern, path, register_converter

from cadastre.vues import bureau, impression, millesimes, parcelle


class Insee:
    """Code of a commune, Corsica included."""

    regex = r"2[AB]\d{3}|\d{5}"

    def to_python(self, value: str) -> str:
        """The code as it is."""
        return value

    def to_url(self, value: str) -> str:
        """The code as it is."""
        return value


register_converter(Insee, "insee")

urlpatterns: list[URLPattern] = [
    path("cadastre/", bureau.communes, name="cadastre"),
    path("cadastre/<insee:insee>/", bureau.commune, name="cadastre_commune"),
    path("cadastre/<insee:insee>/feuilles.csv", bureau.commune_csv, name="cadastre_commune_csv"),
    path("cadastre/millesimes/", millesimes.comparaison, name="cadastre_millesimes"),
    path("cadastre/millesimes.csv", millesimes.comparaison_csv, name="cadastre_millesimes_csv"),
    path("cadastre/feuilles/<str:id12>/", bureau.feuille, name="cadastre_feuille"),
    path("parcelles/<str:idu>.geojson", parcelle.geojson, name="parcelle_geojson"),
    path("parcelles/<str:idu>/note-urbanisme.pdf", impression.note, name="parcelle_note"),
    path("parcelles/<str:ecrit>/", parcelle.fiche, name="parcelle"),
]
