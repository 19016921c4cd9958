/* What the planning documents say of a shape drawn on the map: zones with their shares, constraints, and the
   layers that are not loaded, which is never « nothing ». */
import { el, lire } from "./dom.js";
import { aire, nombre } from "./nombres.js";

const L = globalThis.L;

function jourFrancais(iso) {
  return new Date(`${iso}T00:00:00`).toLocaleDateString("fr-FR", { dateStyle: "long" });
}

function part(pct) {
  return pct === null ? "" : `${nombre(pct, 1)} %`;
}

function lien(objet) {
  return objet.lien ? el("a", { href: objet.lien }, "règle écrite") : null;
}

export class Contraintes {
  constructor(carte, volet, etat, mesure) {
    this.carte = carte;
    this.volet = volet;
    this.etat = etat;
    this.resultat = volet.parties.contraintes.querySelector("#contraintes-resultat");
    this.note = volet.parties.contraintes.querySelector("#contraintes-note");
    this.forme = L.geoJSON(null, {
      style: { className: "mesure-trait" },
      interactive: false,
      pointToLayer: (_, latlng) => L.circleMarker(latlng, { radius: 7, className: "mesure-point", interactive: false }),
    });
    document.getElementById("mesure-contraintes").addEventListener("click", () => this.#demander(mesure.geometrie));
    volet.suivre("contraintes", {
      fermer: () => {
        this.requete?.abort();
        this.forme.remove();
      },
    });
  }

  async #demander(geometrie) {
    if (!geometrie) return;
    this.volet.ouvrir("contraintes", this.volet.parties.contraintes.dataset.titre, { viserTitre: true });
    this.forme.clearLayers().addData(geometrie).addTo(this.carte);
    this.resultat.replaceChildren(el("p", { class: "discret" }, "Lecture des documents…"));
    this.#proposerNote(null);
    this.requete?.abort();
    this.requete = new AbortController();
    try {
      const lu = await lire("/api/contraintes", {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/json" },
        body: JSON.stringify({ geometrie, jour: this.etat.jour || null }),
        signal: this.requete.signal,
      });
      this.#ecrire(lu, geometrie.type);
      this.#proposerNote(geometrie);
    } catch (erreur) {
      if (erreur.name === "AbortError") return;
      this.resultat.replaceChildren(el("p", { class: "attention" }, erreur.message));
    }
  }

  /** The same answer as one page to keep, of the shape that was just read. */
  #proposerNote(geometrie) {
    if (!this.note) return;
    this.note.hidden = !geometrie;
    this.note.elements.geometrie.value = geometrie ? JSON.stringify(geometrie) : "";
    this.note.elements.jour.value = this.etat.jour || "";
  }

  #ecrire(lu, genre) {
    const trouvees = lu.couches.filter((c) => c.etat === "trouve");
    const muettes = lu.couches.filter((c) => c.etat === "non_chargee").map((c) => c.libelle);
    const vides = lu.couches.filter((c) => c.etat === "rien").map((c) => c.libelle);
    const communes = lu.communes.map((c) => c.nom).join(", ");
    const entete = [communes, genre === "Polygon" ? aire(lu.surface) : "", `au ${jourFrancais(lu.jour)}`];
    this.resultat.replaceChildren(
      el("p", { class: "discret" }, entete.filter(Boolean).join(" · ")),
      el("h3", {}, "Zones du document d'urbanisme"),
      ...this.#zones(lu.zonage, genre),
      el("h3", {}, "Contraintes trouvées"),
      ...(trouvees.length ? trouvees.map((c) => this.#couche(c)) : [el("p", {}, "Aucune dans les couches chargées.")]),
      muettes.length ? el("p", {}, el("strong", { class: "attention" }, "Couches non chargées, donc sans réponse : "), `${muettes.join(", ")}.`) : null,
      vides.length ? el("p", { class: "discret petit" }, `Rien trouvé : ${vides.join(", ")}.`) : null,
      el("p", { class: "discret petit" }, "Renseignement sans valeur juridique : seul le document approuvé fait foi."),
    );
  }

  #zones(zonage, genre) {
    if (zonage.etat === "non_chargee") return [el("p", { class: "attention" }, "Couche non chargée : le zonage n'est pas connu ici.")];
    const surface = genre === "Polygon";
    const ligne = (nom, suite, mesure, pct, fin) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, nom, suite ? el("span", { class: "discret" }, ` ${suite}`) : null),
        ...(surface ? [el("td", { class: "nombre" }, aire(mesure)), el("td", { class: "nombre" }, part(pct))] : []),
        el("td", {}, fin),
      );
    const lignes = zonage.zones.map((z) => ligne(z.libelle, z.description, z.mesure, z.pct, lien(z)));
    const hors = zonage.hors_zonage;
    if (hors && (hors.mesure > 0 || !lignes.length)) lignes.push(ligne("Hors zonage", "", hors.mesure, hors.pct, null));
    const entetes = ["Zone", ...(surface ? ["Surface", "Part"] : []), "Règle"].map((t) => el("th", { scope: "col" }, t));
    return [
      el("table", { class: "contraintes-zones" }, el("thead", {}, el("tr", {}, ...entetes)), el("tbody", {}, ...lignes)),
      ...(zonage.non_chargee_pour.length
        ? [el("p", { class: "attention" }, `Zonage non chargé pour ${zonage.non_chargee_pour.join(", ")}.`)]
        : []),
    ];
  }

  #couche(couche) {
    const objets = couche.objets.map((o) => {
      const mesure = o.mesure === null ? "" : o.unite === "m²" ? aire(o.mesure) : `${nombre(o.mesure)} m`;
      const chiffres = [mesure, part(o.pct)].filter(Boolean).join(", ");
      return el("li", {}, o.libelle, chiffres ? el("span", { class: "discret" }, ` ${chiffres} `) : " ", lien(o));
    });
    return el("section", {}, el("h4", {}, couche.libelle), el("ul", { class: "contraintes-liste" }, ...objets));
  }
}
