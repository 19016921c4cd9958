"""Screens of the administrateurs: people, invitations, signatures, services, collectivités."""
