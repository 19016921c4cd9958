/* What lies under a click: the parcel first, then one section for each layer that has something there. */
import { el, icone, lire } from "./dom.js";
import { haAreCentiare, nombre } from "./nombres.js";

export { haAreCentiare };

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

const TUS = ["Feuille", "Millésime", "Mise à jour le", "Symbole (code)"];

function carteObjet(objet) {
  const titre = objet.titre || objet.libelle;
  const faits = objet.lignes
    .filter((l) => !TUS.includes(l.libelle) && l.valeur !== titre)
    .map((l) => [l.libelle, l.valeur]);
  const tete = objet.url ? el("a", { href: objet.url }, titre) : titre;
  return el("li", { class: "autre" }, el("p", { class: "autre-titre" }, tete), faits.length ? definitions(faits) : null);
}

/** One section a layer, in the order of the answer. */
function sections(objets) {
  const parCouche = new Map();
  for (const objet of objets) {
    if (!parCouche.has(objet.couche)) parCouche.set(objet.couche, []);
    parCouche.get(objet.couche).push(objet);
  }
  return [...parCouche.values()].map((groupe) =>
    el(
      "section",
      { class: "section-couche" },
      el("h3", {}, groupe[0].libelle, groupe.length > 1 ? el("span", { class: "section-nombre" }, ` ${groupe.length}`) : null),
      el("ul", { class: "autres" }, ...groupe.map(carteObjet)),
    ),
  );
}

// Areas that hold the parcel: one line each is enough.
const ZOOM_PARCELLES = 15;
const CONTENANTS = { communes: "Commune", sections: "Section", lieuxdits: "Lieu-dit" };

/** What an agent may begin on a parcel: entries of the rail that say so. */
function depuisParcelle(idu) {
  return [...document.querySelectorAll("#rail a[data-depuis-parcelle]")].map((entree) => {
    const adresse = `${entree.getAttribute("href")}?idu=${encodeURIComponent(idu)}`;
    return el("p", {}, el("a", { class: "btn btn-outline-primary", href: adresse }, entree.dataset.depuisParcelle));
  });
}

/** Panel of the objects met at a place; `surChoix({couche, cle} | null)` marks the first on the map. */
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
  async interroger(latlng, zoom, etat, options = {}) {
    const demande = new URLSearchParams({
      lon: latlng.lng.toFixed(7),
      lat: latlng.lat.toFixed(7),
      zoom: zoom.toFixed(2),
      couches: etat.visibles().join(","),
      jour: etat.jour,
      filtres: etat.filtresEnTexte(),
    });
    try {
      const reponse = await this.#demander(`/carte/identifier?${demande}`);
      this.montrer(reponse.objets, reponse.non_chargees, zoom, { ...options, plan: etat.visible("parcelles") });
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
    return autres[0]?.titre || autres[0]?.libelle || "Hors parcelle";
  }

  /** Objects of a list or of a place, in the panel. */
  montrer(objets, nonChargees, zoom, { plan = true, ...options } = {}) {
    const parcelle = objets.find((o) => o.couche === "parcelles");
    const contenants = objets.filter((o) => o.couche in CONTENANTS);
    const autres = objets.filter((o) => o !== parcelle && !(o.couche in CONTENANTS));
    this.surChoix(parcelle ? { couche: "parcelles", cle: parcelle.attributs.idu } : null);
    const lieux = contenants.map((o) => [CONTENANTS[o.couche], o.couche === "sections" ? o.attributs.section : o.titre]);
    const corps = [];
    if (parcelle) {
      const situation = lieux.filter(([libelle]) => libelle !== "Section");
      corps.push(definitions([...situation, ...faitsParcelle(parcelle)]));
      if (parcelle.url) {
        const lien = el("a", { class: "btn btn-primary", href: parcelle.url }, icone("file-text"), " Fiche de la parcelle");
        corps.push(el("p", {}, lien));
      }
      corps.push(...depuisParcelle(parcelle.attributs.idu));
    } else {
      if (plan) corps.push(el("p", { class: "discret" }, this.#pourquoiRien(zoom, nonChargees)));
      else if (!objets.length) corps.push(el("p", { class: "discret" }, "Rien des couches affichées à cet endroit."));
      if (lieux.length) corps.push(definitions(lieux));
    }
    corps.push(...sections(autres));
    this.volet.parties.objet.replaceChildren(...corps);
    this.volet.ouvrir("objet", parcelle?.titre ?? this.#titreSansParcelle(zoom, contenants, autres), options);
  }
}
