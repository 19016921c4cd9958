"""Addresses of the administrateurs, all under ``/administration/``."""

from django.urls import URLPattern, path

from mairie.vues.administration import invitations, personnes, reglages

urlpatterns: list[URLPattern] = [
    path("personnes/", personnes.lister, name="administration_personnes"),
    path("personnes/<int:pk>/", personnes.montrer, name="administration_personne"),
    path("personnes/<int:pk>/habiliter/", personnes.habiliter, name="administration_habiliter"),
    path("personnes/<int:pk>/compte/", personnes.agir, name="administration_compte"),
    path("habilitations/<int:pk>/", personnes.terminer, name="administration_habilitation"),
    path("invitations/", invitations.lister, name="administration_invitations"),
    path("invitations/nouvelle/", invitations.inviter, name="administration_inviter"),
    path("invitations/<int:pk>/revoquer/", invitations.revoquer, name="administration_revoquer"),
    path("collectivites/", reglages.collectivites, name="administration_collectivites"),
    path("collectivites/<str:code>/", reglages.collectivite, name="administration_collectivite"),
    path("collectivites/<str:code>/rattacher/", reglages.rattacher, name="administration_rattacher"),
    path("appartenances/<int:pk>/", reglages.detacher, name="administration_appartenance"),
    path("services/nouveau/", reglages.nouveau_service, name="administration_nouveau_service"),
    path("services/<int:pk>/", reglages.service, name="administration_service"),
    path("delegations/", reglages.delegations, name="administration_delegations"),
    path("delegations/nouvelle/", reglages.nouvelle_delegation, name="administration_deleguer"),
    path("delegations/<int:pk>/", reglages.terminer_delegation, name="administration_delegation"),
]
