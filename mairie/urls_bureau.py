"""Addresses of the agents' desk."""

from django.urls import path

from mairie.vues import bureau, widgets

urlpatterns = [
    path("bureau/", bureau.bureau, name="bureau"),
    path("bureau/calendrier/", bureau.calendrier, name="bureau_calendrier"),
    path("bureau/reglages/", bureau.reglages, name="bureau_reglages"),
    path("bureau/widgets/", widgets.regler, name="widgets_regler"),
    path("bureau/agenda/", bureau.agenda_creer, name="bureau_agenda"),
    path("bureau/agenda/revoquer/", bureau.agenda_revoquer, name="bureau_agenda_revoquer"),
    path("bureau/agenda/<str:jeton>.ics", bureau.agenda_ics, name="bureau_agenda_ics"),
]
