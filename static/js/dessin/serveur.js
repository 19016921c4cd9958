/* What the drawing asks of the server: operations in the legal projection, files, parcels, places to snap to. */
import { el, lire } from "../carte/dom.js";
import { collection } from "./formes.js";

export class Serveur {
  /** `jeton`: the form's own token against other sites. */
  constructor(jeton) {
    this.jeton = jeton;
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

  /** The note of information of these shapes, as a PDF in a new tab: a form beside the one being filled. */
  noter(adresse, geometries) {
    const champs = { csrfmiddlewaretoken: this.jeton, geometrie: JSON.stringify(collection(geometries)) };
    const formulaire = el("form", { method: "post", action: adresse, target: "_blank", hidden: true });
    for (const [name, value] of Object.entries(champs)) formulaire.append(el("input", { type: "hidden", name, value }));
    document.body.append(formulaire);
    formulaire.submit();
    formulaire.remove();
  }

  accroches(bornes, options) {
    return lire(`/carte/dessin/accroches?bbox=${bornes.toBBoxString()}`, options);
  }
}
