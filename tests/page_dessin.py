"""A page with one drawing field, for the browser tests: ``?genres=point,ligne&plusieurs=1``."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from gis_data.acces import public
from gis_data.dessin.champ import ChampDessin

GABARIT = """
{% extends "base.html" %}
{% block titre %}Essai de dessin{% endblock %}
{% block tete %}{% include "gis_data/dessin/_tete.html" %}{% endblock %}
{% block contenu %}
<h1>Essai de dessin</h1>
{% if recu %}<p id="recu">{{ recu }}</p>{% endif %}
<form class="formulaire" method="post" enctype="multipart/form-data">
  {% csrf_token %}{{ form }}
  <button class="btn btn-primary" type="submit">Envoyer</button>
</form>
{% endblock %}
{% block scripts %}{% include "gis_data/dessin/_scripts.html" %}{% endblock %}
"""


@public
def page(request: HttpRequest) -> HttpResponse:
    """The form, and what it received as WKT in the legal projection."""

    class Formulaire(forms.Form):
        dessin = ChampDessin(
            label="Dessin",
            genres=request.GET.get("genres", "surface").split(","),
            plusieurs="plusieurs" in request.GET,
        )

    envoye = request.method == "POST"
    form = Formulaire(request.POST, request.FILES) if envoye else Formulaire()
    recu = form.cleaned_data["dessin"].wkt if envoye and form.is_valid() else ""
    texte = engines["django"].from_string(GABARIT).render({"form": form, "recu": recu}, request)
    return HttpResponse(texte)


urlpatterns = [path("essai-dessin/", page), path("", include("config.urls"))]
