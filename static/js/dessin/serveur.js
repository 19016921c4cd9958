/* What the drawing asks of the server: operations in the legal projection, files, parcels, places to snap to. */
import { lire } from "../carte/dom.js";
import { collection } from "./formes.js";

export class Serveur {
  /** `jeton`: the form's own token against other sites. */
  constructor(jeton) {
    this.entetes = { Accept: "application/json", "X-CSRFToken": jeton };
  }

  /** Shapes after `operation`, with their figures and their fault; throws the server's words. */
  operer(operation, geometries, autres = {}, options = {}) {
    const dessin = typeof geometries === "string" ? geometries : JSON.stringify(collection(geometries));
    return lire("/carte/dessin/operation", {
      method: "POST",
      headers: { ...this.entetes, "Content-Type": "application/json" },
      body: JSON.stringify({ operation, dessin, ...autres }),
      ...options,
    });
  }

  importer(fichier) {
    const body = new FormData();
    body.set("fichier", fichier);
    return lire("/carte/dessin/importer", { method: "POST", headers: this.entetes, body });
  }

  parcelleSous({ lat, lng }) {
    return lire(`/carte/dessin/parcelles?lon=${lng.toFixed(8)}&lat=${lat.toFixed(8)}`);
  }

  parcelles(references) {
    return lire(`/carte/dessin/parcelles?${new URLSearchParams({ references })}`);
  }

  accroches(bornes, options) {
    return lire(`/carte/dessin/accroches?bbox=${bornes.toBBoxString()}`, options);
  }
}
