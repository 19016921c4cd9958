"""Receives files while the form is read: one too heavy is left aside as it comes, the others are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase

from mairie.suivi import envoi_max

ATTRIBUT = "fichiers_refuses"
Vue = TypeVar("Vue", bound=Callable[..., HttpResponseBase])


def recoit_pieces(vue: Vue) -> Vue:
    """Mark a view that receives pieces: ``PIECES_ENVOI_MAX`` bytes in all, ``PIECE_TAILLE_MAX`` each."""
    vue.recoit_pieces = True  # type: ignore[attr-defined]
    return envoi_max(settings.PIECES_ENVOI_MAX)(vue)


def _plafond(request: HttpRequest | None) -> int | None:
    """Bytes that one file of this request may have; null where the view sets no such limit."""
    trouvee = getattr(request, "resolver_match", None)
    return (
        settings.PIECE_TAILLE_MAX if getattr(getattr(trouvee, "func", None), "recoit_pieces", False) else None
    )


class PlafondParFichier(FileUploadHandler):
    """First of the upload handlers: stops keeping a file over the view's limit, and remembers its name.

    What follows of it is read from the network and thrown away, so that the rest of the form arrives.
    """

    def new_file(self, *args: Any, **options: Any) -> None:
        """Count from nothing."""
        super().new_file(*args, **options)
        self.recus, self.plafond = 0, _plafond(self.request)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the bytes on, or drop the file."""
        self.recus += len(raw_data)
        if self.plafond is not None and self.recus > self.plafond:
            refuses = self.request.__dict__.setdefault(ATTRIBUT, []) if self.request else []
            refuses.append((self.field_name, self.file_name))
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handlers make the file."""


def refuses(request: HttpRequest, champ: str) -> list[str]:
    """Names of the files of this field that were too heavy."""
    return [str(nom) for c, nom in request.__dict__.get(ATTRIBUT, []) if c == champ]
