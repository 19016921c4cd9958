"""Files of the demonstration: plans and photographs drawn on the spot, on objects of every kind."""

from __future__ import annotations

import io
import random
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import CharField
from PIL import Image, ImageDraw

from mairie.demo import INSEE
from mairie.models import Piece, Utilisateur
from mairie.pieces import registre
from mairie.pieces.registre import Porteur
from mairie.pieces.service import deposer

PAR_GENRE = 6
MENTION = "Document inventé pour la démonstration"


def jouer(jour: date) -> str:
    """Two files on some objects of each kind; those that have some keep them."""
    par = Utilisateur.objects.get(email="secretaire@demo.invalid")
    for porteur in registre.porteurs():
        champs = {c.name: c for c in porteur.modele._meta.get_fields()}
        code = next((n for n in ("insee", "collectivite") if isinstance(champs.get(n), CharField)), None)
        if code is None:
            continue
        for objet in porteur.modele._default_manager.filter(**{code: INSEE}).order_by("-pk")[:PAR_GENRE]:
            if not Piece.objects.du_dossier(objet).exists():
                _remplir(porteur, objet, par)
    return f"{Piece.objects.count()} pièces"


def _remplir(porteur: Porteur, objet: Any, par: Utilisateur) -> None:
    """A plan and a photo where such files are expected; one document where they are not (a deliberation)."""
    codes = dict(porteur.codes(objet)) if porteur.codes else {}
    attendus = [(code, f"{code} {libelle}".lower()) for code, libelle in codes.items()]
    plan = next((code for code, mots in attendus if "plan" in mots), None)
    vue = next((code for code, mots in attendus if "photo" in mots), None)
    graine = f"{porteur.nom} {objet.pk}"
    pdf = _fichier(plan_pdf(graine), "plan.pdf")
    if codes and plan is None and vue is None:
        code, libelle = next(iter(codes.items()))
        deposer(objet, pdf, par=par, code=code, libelle=f"{libelle} (fictif)")
        return
    derniers = [*codes][-1] if codes else ""
    deposer(objet, pdf, par=par, code=plan or next(iter(codes), ""), libelle="Plan de situation")
    jpeg = _fichier(vue_jpeg(graine), "vue.jpg")
    deposer(objet, jpeg, par=par, code=vue or derniers, libelle="Vue depuis la rue")


def _fichier(octets: bytes, nom: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, octets)


def plan_pdf(graine: str) -> bytes:
    """One A4 page: a plot, a house, a title block."""
    hasard = random.Random(graine)  # noqa: S311 - a drawing, the same each time
    image = Image.new("RGB", (1240, 1754), "white")
    dessin = ImageDraw.Draw(image)
    for x in range(100, 1140, 80):
        dessin.line((x, 100, x, 1400), fill="#e8e4da")
    for y in range(100, 1400, 80):
        dessin.line((100, y, 1140, y), fill="#e8e4da")
    g, h = hasard.randint(180, 320), hasard.randint(220, 420)
    dessin.polygon(
        [(g, h), (g + 640, h + 40), (g + 600, h + 760), (g - 40, h + 700)], outline="#8a7a5c", width=5
    )
    dessin.rectangle((g + 140, h + 180, g + 420, h + 420), fill="#e2b9a8", outline="#b98a76", width=4)
    dessin.text((g + 200, h + 270), "Projet", fill="#1d2b3a", font_size=44)
    dessin.rectangle((100, 1450, 1140, 1650), outline="#1d2b3a", width=3)
    dessin.text((130, 1480), "Plan de situation", fill="#1d2b3a", font_size=48)
    dessin.text((130, 1560), MENTION, fill="#47586b", font_size=34)
    tampon = io.BytesIO()
    image.save(tampon, "PDF", resolution=150, title="Plan de situation (démonstration)")
    return tampon.getvalue()


def vue_jpeg(graine: str) -> bytes:
    """A house under a sky, with the place and the device that a telephone would have written."""
    hasard = random.Random(graine)  # noqa: S311 - a drawing, the same each time
    image = Image.new("RGB", (1200, 800))
    dessin = ImageDraw.Draw(image)
    for y in range(800):
        dessin.line((0, y, 1200, y), fill=(120 + y // 9, 170 + y // 14, 215))
    dessin.rectangle((0, 560, 1200, 800), fill="#7d9a5b")
    x, large = hasard.randint(240, 420), hasard.randint(380, 520)
    mur = hasard.choice(("#e9dcc3", "#dcd3c8", "#efe6d8"))
    dessin.rectangle((x, 330, x + large, 620), fill=mur)
    dessin.polygon([(x - 40, 330), (x + large // 2, 170), (x + large + 40, 330)], fill="#8c4a35")
    dessin.rectangle((x + large // 2 - 40, 460, x + large // 2 + 40, 620), fill="#5b4636")
    for fenetre in (x + 50, x + large - 130):
        dessin.rectangle((fenetre, 400, fenetre + 80, 490), fill="#b9d2e3", outline="white", width=6)
    dessin.text((30, 755), MENTION, fill="white", font_size=26)
    exif = Image.Exif()
    exif[0x0110] = "Appareil fictif"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (47.0, 9.0, 12.0)
    tampon = io.BytesIO()
    image.save(tampon, "JPEG", quality=85, exif=exif)
    return tampon.getvalue()
