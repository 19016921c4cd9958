/* Base maps under the plan; the settings say which, none by default. */

const L = globalThis.L;

/** Bind the choice of a base map to the map and to the plan's theme. */
export function choisirFonds(carte, plan, fonds) {
  let courant = null;
  for (const bouton of document.querySelectorAll('input[name="fond"]')) {
    bouton.addEventListener("change", () => {
      courant?.remove();
      courant = null;
      const fond = fonds.find((f) => f.nom === bouton.value);
      if (fond) {
        courant = L.tileLayer(fond.url, {
          attribution: fond.attribution,
          // Our zooms count worlds of 512 pixels, these tiles worlds of 256.
          zoomOffset: 1,
          maxNativeZoom: fond.zoom_max - 1,
          maxZoom: 22,
        }).addTo(carte);
      }
      plan.habiller(fond?.theme ?? "clair", Boolean(fond));
    });
  }
}
