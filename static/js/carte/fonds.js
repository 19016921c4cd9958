/* Base maps under the plan; the settings say which, none by default. */

const L = globalThis.L;

/** Bind the choice of a base map to the map, to the plan's theme and to the state. */
export function choisirFonds(carte, plan, fonds, etat) {
  const boutons = [...document.querySelectorAll('input[name="fond"]')];
  let nomCourant = "";
  let courant = null;

  function poser() {
    for (const bouton of boutons) bouton.checked = bouton.value === etat.fond;
    if (etat.fond === nomCourant) return;
    nomCourant = etat.fond;
    courant?.remove();
    courant = null;
    const fond = fonds.find((f) => f.nom === nomCourant);
    if (fond) {
      courant = L.tileLayer(fond.url, {
        attribution: fond.attribution,
        // Our zooms count worlds of 512 pixels, these tiles worlds of 256.
        zoomOffset: 1,
        maxNativeZoom: fond.zoom_max - 1,
        maxZoom: 22,
      }).addTo(carte);
    }
    carte.getContainer().classList.toggle("sur-photo", fond?.theme === "photo");
    plan.habiller(fond?.theme ?? "clair", Boolean(fond));
  }

  for (const bouton of boutons) bouton.addEventListener("change", () => etat.choisirFond(bouton.value));
  etat.addEventListener("change", poser);
  poser();
}
