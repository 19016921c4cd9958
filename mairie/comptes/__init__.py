"""Accounts: the door, invitations, second factor, outside identities, what an administrateur does."""
