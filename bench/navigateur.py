"""Moving the map in a real browser: ours, and MapLibre alone with the same style, tiles and window."""

from __future__ import annotations

import json
import math
import os
from typing import Any

from bench.mesure import RACINE, EchecMesure, mediane

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--no-first-run"]
LARGEUR, HAUTEUR = 1100, 720
DEPLACEMENT_PX = 450
# Same ease, same length for both.
GLISSE_S = 0.25
TOURS = 4

_SUIVRE = """
() => {
  globalThis.taches = [];
  new PerformanceObserver((liste) => {
    for (const e of liste.getEntries()) for (const s of e.scripts) taches.push([s.sourceURL, s.duration]);
  }).observe({ type: "long-animation-frame", buffered: true });
}
"""

_NOTRE = """
([dx, dy, glisse]) => new Promise((fini) => {
  const { carte, plan } = globalThis.carteUrbanisme;
  const debut = performance.now();
  carte.once("moveend", () => {
    const voir = () => (plan.gl.loaded() && plan.gl.areTilesLoaded())
      ? fini(performance.now() - debut) : plan.gl.once("idle", voir);
    plan.gl.once("idle", voir);
    plan.gl.triggerRepaint();
  });
  carte.panBy([dx, dy], { duration: glisse, easeLinearity: 0.5, noMoveStart: true });
})
"""

_SEUL = """
([dx, dy, glisse]) => new Promise((fini) => {
  const debut = performance.now();
  gl.once("moveend", () => {
    const voir = () => (gl.loaded() && gl.areTilesLoaded())
      ? fini(performance.now() - debut) : gl.once("idle", voir);
    gl.once("idle", voir);
    gl.triggerRepaint();
  });
  gl.panBy([dx, dy], { duration: glisse * 1000 });
})
"""

_PAGE = """<!doctype html><html><head><meta charset="utf-8">
<link rel="stylesheet" href="/static/%(css)s">
<style>html, body, #c { margin: 0; width: 100%%; height: 100%% }</style></head>
<body><div id="c"></div><script type="module">
import * as maplibregl from "/static/%(mjs)s";
maplibregl.setWorkerUrl("/static/%(ouvrier)s");
globalThis.gl = new maplibregl.Map({
  container: "c", style: "/tuiles/style.json", center: [%(lon)r, %(lat)r], zoom: %(zoom)r, fadeDuration: 150,
  attributionControl: false, canvasContextAttributes: { antialias: true },
});
gl.once("idle", () => { document.documentElement.dataset.plan = "pret"; });
</script></body></html>"""


def centre(zoom: int, x: int, y: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of a tile."""
    n = 2**zoom
    return (x + 0.5) / n * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 0.5) / n))))


def parcours(nombre: int) -> list[tuple[int, int]]:
    """Pans, each to a place not yet seen: a spiral."""
    pas = [(1, 0), (0, 1), (-1, 0), (-1, 0), (0, -1), (0, -1), (1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 1)]
    return [
        (dx * DEPLACEMENT_PX, dy * DEPLACEMENT_PX) for dx, dy in (pas * (nombre // len(pas) + 1))[:nombre]
    ]


def mesurer_deplacements(
    site: str, zoom: int, x: int, y: int, nombre: int, tours: int = TOURS
) -> dict[str, Any]:
    """Median times to idle (ms), their ratio, and the longest task of our own code (ms).

    Both maps are open at once and move in turn, pan by pan: what else the machine does weighs on both alike.
    """
    from playwright.sync_api import sync_playwright

    lon, lat = centre(zoom, x, y)
    manifeste = json.loads((RACINE / "staticfiles" / "staticfiles.json").read_text())["paths"]
    fichiers = {
        "css": manifeste["vendor/maplibre-gl/maplibre-gl.css"],
        "mjs": manifeste["vendor/maplibre-gl/maplibre-gl.mjs"],
        "ouvrier": manifeste["vendor/maplibre-gl/maplibre-gl-worker.mjs"],
    }
    page_seule = _PAGE % {**fichiers, "lon": lon, "lat": lat, "zoom": float(zoom)}
    adresses = {"seul": f"{site}/seul.html", "notre": f"{site}/carte/#{zoom}/{lat:.6f}/{lon:.6f}"}
    temps: dict[str, list[list[float]]] = {"seul": [], "notre": []}
    taches: list[tuple[str, float]] = []
    with sync_playwright() as p:
        navigateur = p.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        version = navigateur.version
        # The first visit of each place fills the server's cache; what is measured comes after.
        for tour in range(tours + 1):
            pages = {nom: _ouvrir(navigateur, adresse, page_seule) for nom, adresse in adresses.items()}
            durees: dict[str, list[float]] = {nom: [] for nom in pages}
            for dx, dy in parcours(nombre):
                for nom, page in pages.items():
                    jouer = _SEUL if nom == "seul" else _NOTRE
                    durees[nom].append(float(page.evaluate(jouer, [dx, dy, GLISSE_S])))
            if tour:
                taches += [(str(u), float(d)) for u, d in pages["notre"].evaluate("globalThis.taches")]
                for nom, liste in durees.items():
                    temps[nom].append(liste)
            for page in pages.values():
                page.context.close()
        navigateur.close()
    if not (temps["seul"] and temps["notre"]):
        raise EchecMesure("Aucun déplacement n'a été mesuré.")
    # What Leaflet and MapLibre do is theirs; ours lies in static/js.
    notres = [d for u, d in taches if "/static/js/" in u]
    seul, notre = (mediane([d for liste in temps[nom] for d in liste]) for nom in ("seul", "notre"))
    rapports = [mediane(n) / mediane(s) for n, s in zip(temps["notre"], temps["seul"], strict=True)]
    return {
        "chromium": version,
        "deplacements": nombre * tours,
        "notre_ms": notre,
        "maplibre_seul_ms": seul,
        "rapport": notre / seul,
        "rapport_min": min(rapports),
        "rapport_max": max(rapports),
        "tache_max_ms": max(notres, default=0.0),
        "tache_max_de_tous_ms": max((d for _, d in taches), default=0.0),
    }


def _ouvrir(navigateur: Any, adresse: str, page_seule: str) -> Any:
    """A page of its own, whose plan is drawn; ``seul.html`` is answered here."""
    contexte = navigateur.new_context(viewport={"width": LARGEUR, "height": HAUTEUR}, locale="fr-FR")
    page = contexte.new_page()
    page.set_default_timeout(120_000)
    page.route("**/seul.html", lambda r: r.fulfill(body=page_seule, content_type="text/html"))
    page.goto(adresse)
    page.wait_for_selector("html[data-plan=pret]", state="attached")
    # Interception slows every request down: it ends once nothing is under way, before anything is measured.
    page.unroute("**/seul.html")
    page.evaluate(_SUIVRE)
    return page
