/* The map of a field report: opened at need only, where the phone stands; what is drawn goes with the entry. */
import { Atelier } from "../dessin/atelier.js";

const ZOOM = 19;
const bloc = document.querySelector("[data-mesurer]");
const formulaire = bloc?.closest("form");
let atelier = null;

/** [latitude, longitude] that the button wrote, else null. */
function ici() {
  const [lon, lat] = formulaire.elements.position.value.trim().replaceAll(",", ".").split(/\s+/).map(Number);
  return Number.isFinite(lon) && Number.isFinite(lat) ? [lat, lon] : null;
}

function situer() {
  const place = ici();
  if (atelier && place && !atelier.formes.liste.length) atelier.carte.setView(place, ZOOM, { animate: false });
}

function ouvrir() {
  if (!bloc.open) return;
  if (!atelier) {
    atelier = new Atelier(bloc.querySelector("[data-dessin]"), document.getElementById("dessin-module"));
    bloc.addEventListener("dessin:change", () => formulaire.dispatchEvent(new CustomEvent("terrain:change")));
  } else atelier.carte.invalidateSize();
  situer();
}

if (bloc) {
  bloc.addEventListener("toggle", ouvrir);
  formulaire.elements.position.addEventListener("change", situer);
  formulaire.addEventListener("terrain:reprise", () => {
    const { dessin } = formulaire.elements;
    if (!dessin.value) return;
    if (atelier) dessin.dispatchEvent(new Event("change"));
    bloc.open = true;
  });
  ouvrir();
}
