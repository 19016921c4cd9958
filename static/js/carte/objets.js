/* What lies under a click: the parcel first, then what else the plan holds there. */
import { el, icone, lire } from "./dom.js";


function nombre(valeur) {
  return new Intl.NumberFormat("fr-FR").format(valeur);
}

/** 12 345 m² as hectares, ares and centiares, the unit of deeds. */
export function haAreCentiare(m2) {
  const [ha, a, ca] = [Math.floor(m2 / 10000), Math.floor(m2 / 100) % 100, m2 % 100];
  const morceaux = [];
  if (ha) morceaux.push(`${nombre(ha)} ha`);
  if (ha || a) morceaux.push(`${String(a).padStart(ha ? 2 : 1, "0")} a`);
  morceaux.push(`${String(ca).padStart(ha || a ? 2 : 1, "0")} ca`);
  return morceaux.join(" ");
}

function definitions(lignes) {
  return el(
    "dl",
    { class: "faits" },
    ...lignes.flatMap(([libelle, valeur]) => [el("dt", {}, libelle), el("dd", {}, valeur)]),
  );
}

function faitsParcelle(objet) {
  const a = objet.attributs;
  const lignes = [];
  if (a.contenance !== null) {
    lignes.push(["Contenance", `${nombre(a.contenance)} m² (${haAreCentiare(a.contenance)})`]);
  }
  if (a.surface_geometrique !== null) {
    lignes.push(["Surface du plan", `${nombre(Math.round(a.surface_geometrique))} m²`]);
  }
  lignes.push(["Identifiant", a.idu]);
  lignes.push(["Feuille", a.feuille]);
  if (a.millesime) {
    const jour = new Date(`${a.millesime}T12:00`);
    lignes.push(["Millésime", jour.toLocaleDateString("fr-FR", { dateStyle: "long" })]);
  }
  if (a.arpentee) lignes.push(["Arpentage", "parcelle arpentée"]);
  if (!a.figuree) lignes.push(["Plan", "parcelle non figurée"]);
  return lignes;
}

function carteObjet(objet) {
  return el(
    "li",
    { class: "autre" },
    el("p", { class: "autre-titre" }, el("span", { class: "autre-couche" }, objet.libelle), objet.titre),
    definitions(
      objet.lignes
        .filter((l) => !["Feuille", "Millésime", "Mise à jour le", "Symbole (code)"].includes(l.libelle))
        .filter((l) => l.valeur !== objet.titre)
        .map((l) => [l.libelle, l.valeur]),
    ),
  );
}

// Areas that hold the parcel: one line each is enough.
const ZOOM_PARCELLES = 15;
const CONTENANTS = { communes: "Commune", sections: "Section", lieuxdits: "Lieu-dit" };

/** Panel of the objects met at a place. */
export class Objets {
  constructor(volet, { surChoix }) {
    this.volet = volet;
    this.surChoix = surChoix;
    this.requete = null;
  }

  async #demander(adresse) {
    this.requete?.abort();
    this.requete = new AbortController();
    return lire(adresse, { signal: this.requete.signal });
  }

  /** Ask what is at a place; the panel opens on the answer. */
  async interroger(latlng, zoom, visibles, options = {}) {
    const demande = new URLSearchParams({
      lon: latlng.lng.toFixed(7),
      lat: latlng.lat.toFixed(7),
      zoom: zoom.toFixed(2),
      couches: visibles.join(","),
    });
    try {
      const reponse = await this.#demander(`/carte/identifier?${demande}`);
      this.montrer(reponse.objets, reponse.non_chargees, zoom, options);
    } catch (erreur) {
      if (erreur.name !== "AbortError") this.dire("Lecture impossible", erreur.message);
    }
  }

  /** Open a parcel by its identifier; gives its extent in degrees, null when it is not there. */
  async ouvrirParcelle(idu, options = {}) {
    try {
      const objet = await this.#demander(`/carte/objet/parcelles/${encodeURIComponent(idu)}`);
      this.montrer([objet], [], Infinity, options);
      return objet.bbox;
    } catch (erreur) {
      if (erreur.name !== "AbortError") this.dire("Parcelle introuvable", erreur.message);
      return null;
    }
  }

  dire(titre, texte) {
    this.surChoix(null);
    this.volet.parties.objet.replaceChildren(el("p", { class: "discret" }, texte));
    this.volet.ouvrir("objet", titre);
  }

  #pourquoiRien(zoom, nonChargees) {
    if (nonChargees.includes("parcelles")) return "Le plan n'est pas chargé.";
    if (zoom < ZOOM_PARCELLES) return "Zoomez pour voir les parcelles.";
    return "Pas de parcelle à cet endroit : rue, place ou cours d'eau non cadastré, ou hors du plan chargé.";
  }

  #titreSansParcelle(zoom, contenants, autres) {
    const section = contenants.find((o) => o.couche === "sections");
    if (zoom < ZOOM_PARCELLES && contenants.length) return section?.titre ?? contenants[0].titre;
    return autres[0]?.titre ?? "Hors parcelle";
  }

  montrer(objets, nonChargees, zoom, options) {
    const parcelle = objets.find((o) => o.couche === "parcelles");
    const contenants = objets.filter((o) => o.couche in CONTENANTS);
    const autres = objets.filter((o) => o !== parcelle && !(o.couche in CONTENANTS));
    this.surChoix(parcelle?.attributs.idu ?? null);
    const lieux = contenants.map((o) => [CONTENANTS[o.couche], o.couche === "sections" ? o.attributs.section : o.titre]);
    const corps = [];
    if (parcelle) {
      const situation = lieux.filter(([libelle]) => libelle !== "Section");
      corps.push(definitions([...situation, ...faitsParcelle(parcelle)]));
      if (parcelle.url) {
        const lien = el("a", { class: "btn btn-primary", href: parcelle.url }, icone("file-text"), " Fiche de la parcelle");
        corps.push(el("p", {}, lien));
      }
    } else {
      corps.push(el("p", { class: "discret" }, this.#pourquoiRien(zoom, nonChargees)));
      if (lieux.length) corps.push(definitions(lieux));
    }
    if (autres.length) {
      corps.push(el("h3", {}, "Aussi à cet endroit"), el("ul", { class: "autres" }, ...autres.map(carteObjet)));
    }
    this.volet.parties.objet.replaceChildren(...corps);
    this.volet.ouvrir("objet", parcelle?.titre ?? this.#titreSansParcelle(zoom, contenants, autres), options);
  }
}

