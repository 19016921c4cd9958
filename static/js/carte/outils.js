/* Zoom, whole territory, position, full screen, and the keyboard over the map. */
const L = globalThis.L;
const ZOOM_POSITION = 17;

/** Bind the round buttons; `toutVoir()` shows the territory, `message(text)` says what went wrong. */
export function lierBoutons(carte, { toutVoir, message }) {
  document.getElementById("outil-plus").addEventListener("click", () => carte.zoomIn());
  document.getElementById("outil-moins").addEventListener("click", () => carte.zoomOut());
  document.getElementById("outil-territoire").addEventListener("click", () => toutVoir());
  lierPosition(carte, message);
  lierPleinEcran(carte, message);
}

function lierPosition(carte, message) {
  const bouton = document.getElementById("outil-position");
  let repere = null;
  bouton.addEventListener("click", () => {
    if (repere) {
      repere.remove();
      repere = null;
      bouton.setAttribute("aria-pressed", "false");
      return;
    }
    carte.locate({ enableHighAccuracy: true, timeout: 10000 });
  });
  carte.on("locationfound", ({ latlng, accuracy }) => {
    repere?.remove();
    repere = L.layerGroup([
      L.circle(latlng, { radius: accuracy, className: "ma-position", interactive: false }),
      L.circleMarker(latlng, { radius: 6, className: "ma-position-point", interactive: false }),
    ]).addTo(carte);
    bouton.setAttribute("aria-pressed", "true");
    carte.setView(latlng, Math.max(carte.getZoom(), ZOOM_POSITION));
    message("");
  });
  carte.on("locationerror", () => {
    message("Votre position n'est pas disponible : l'appareil ou le navigateur la refuse.");
  });
}

function lierPleinEcran(carte, message) {
  const bouton = document.getElementById("outil-plein-ecran");
  const cadre = document.getElementById("carte-cadre");
  if (!document.fullscreenEnabled) {
    bouton.hidden = true;
    return;
  }
  bouton.addEventListener("click", async () => {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await cadre.requestFullscreen();
    } catch {
      message("Le navigateur refuse le plein écran.");
    }
  });
  document.addEventListener("fullscreenchange", () => {
    const plein = document.fullscreenElement === cadre;
    const texte = plein ? "Quitter le plein écran" : "Plein écran";
    bouton.setAttribute("aria-pressed", String(plein));
    bouton.title = texte;
    bouton.querySelector(".visually-hidden").textContent = texte;
    bouton.querySelector(".bi").className = `bi bi-${plein ? "fullscreen-exit" : "fullscreen"}`;
    carte.invalidateSize();
  });
}

/** Keys over the map: Enter acts at its middle, Escape closes; arrows and +/− are Leaflet's. */
export function lierClavier(carte, volet, modes, agir) {
  const conteneur = carte.getContainer();
  const mire = document.getElementById("mire");
  conteneur.addEventListener("keydown", (evenement) => {
    if (evenement.target !== conteneur) return;
    if (modes.outil?.touche?.(evenement)) return;
    if (evenement.key === "Enter" || (evenement.key === " " && modes.outil)) {
      evenement.preventDefault();
      agir(carte.getCenter(), { viserTitre: true });
      mire.hidden = false;
    } else if (evenement.key === "Escape") volet.fermer();
    else if (evenement.key !== "Tab" && evenement.key !== "Shift") mire.hidden = false;
  });
  // A tool in hand works at the sight: it shows as soon as the keyboard reaches the map.
  conteneur.addEventListener("focus", () => {
    if (modes.outil && conteneur.matches(":focus-visible")) mire.hidden = false;
  });
  conteneur.addEventListener("blur", () => (mire.hidden = true));
  conteneur.addEventListener("pointerdown", () => (mire.hidden = true));
}
