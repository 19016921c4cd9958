"""Found under this name by the account package: the identity providers of the house."""

from mairie.comptes.identites import Fournisseur

provider_classes = [Fournisseur]
