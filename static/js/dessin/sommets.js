/* The corners of a shape as a list: read, moved by figures or by arrows, added, removed, without the map. */
import { el, icone } from "../carte/dom.js";
import { nombre } from "../carte/nombres.js";
import { genreDe } from "./formes.js";
import { enMots, mesurer } from "./mesures.js";

const L = globalThis.L;
const PAR_PAGE = 40;
const ACCROCHE_MAX_M = 5;
const FLECHES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const MINIMUM = { point: 1, ligne: 2, surface: 3 };

function lireMetres(texte) {
  const net = texte.replace(/[\s\u202f\u00a0]/g, "").replace(",", ".");
  return net && Number.isFinite(Number(net)) ? Number(net) : null;
}

/** Rings of a simple geometry, each an open list of points. */
function lignesDe(geometrie) {
  if (geometrie.type === "Point") return [[geometrie.coordinates]];
  if (geometrie.type === "LineString") return [geometrie.coordinates];
  return geometrie.coordinates.map((anneau) => anneau.slice(0, -1));
}

function recomposer(type, lignes) {
  if (type === "Point") return { type, coordinates: lignes[0][0] };
  if (type === "LineString") return { type, coordinates: lignes[0] };
  return { type, coordinates: lignes.map((anneau) => [...anneau, anneau[0]]) };
}

export class Sommets {
  /** `dire(text, fault)`; `accroches`: what a corner may be laid upon. */
  constructor(element, carte, formes, projection, accroches, dire) {
    Object.assign(this, { element, carte, formes, projection, accroches, dire });
    this.corps = element.querySelector("[data-sommets-liste]");
    this.pas = element.querySelector("[data-sommets-pas]");
    this.titre = element.querySelector("[data-sommets-titre]");
    this.ouvert = false;
    this.page = 0;
    this.repere = L.circleMarker([0, 0], { radius: 10, className: "dessin-sommet-vise", interactive: false, pmIgnore: true });
    formes.addEventListener("change", () => this.#ecrire());
    for (const [nom, sens] of [["avant", -1], ["apres", 1]]) {
      element.querySelector(`[data-sommets-${nom}]`).addEventListener("click", () => {
        this.page += sens;
        this.#ecrire();
      });
    }
    this.corps.addEventListener("focusin", ({ target }) => this.#montrer(Number(target.closest("li")?.dataset.rang ?? -1)));
    this.corps.addEventListener("focusout", () => this.repere.remove());
    this.corps.addEventListener("keydown", (evenement) => this.#touche(evenement));
  }

  ouvrir(oui) {
    this.ouvert = oui;
    this.page = 0;
    this.#ecrire();
  }

  /** The shape chosen; the only one where there is no choice to make. */
  get forme() {
    const { cible } = this.formes;
    return cible.length === 1 ? cible[0] : null;
  }

  /** Corners in order: {ligne, indice, point}, of all rings. */
  #sommets() {
    return lignesDe(this.forme.geometrie).flatMap((ligne, l) => ligne.map((point, indice) => ({ ligne: l, indice, point })));
  }

  #ecrire() {
    this.element.hidden = !this.ouvert || !this.formes.liste.length;
    if (this.element.hidden) {
      this.repere.remove();
      return;
    }
    const { forme } = this;
    this.element.querySelector("[data-sommets-choisir]").hidden = Boolean(forme);
    this.element.querySelector("[data-sommets-corps]").hidden = !forme;
    if (!forme) return;
    if (this.ecrite !== forme.id) this.page = 0;
    this.ecrite = forme.id;
    const sommets = this.#sommets();
    const pages = Math.ceil(sommets.length / PAR_PAGE);
    this.page = Math.max(0, Math.min(this.page, pages - 1));
    const debut = this.page * PAR_PAGE;
    const active = this.corps.contains(document.activeElement) ? document.activeElement.dataset.role : null;
    const rangActif = Number(document.activeElement?.closest?.("li")?.dataset.rang ?? -1);
    const minimum = MINIMUM[genreDe(forme.geometrie)];
    const comptes = new Map();
    for (const { ligne } of sommets) comptes.set(ligne, (comptes.get(ligne) ?? 0) + 1);
    this.corps.replaceChildren(
      ...sommets.slice(debut, debut + PAR_PAGE).map((s, i) => this.#ligne(s, debut + i, comptes.get(s.ligne) > minimum)),
    );
    this.titre.textContent =
      pages > 1
        ? `Sommets ${debut + 1} à ${Math.min(debut + PAR_PAGE, sommets.length)} sur ${nombre(sommets.length)}`
        : `${nombre(sommets.length)} sommet${sommets.length > 1 ? "s" : ""}`;
    for (const [nom, borne] of [["avant", 0], ["apres", pages - 1]]) {
      const bouton = this.element.querySelector(`[data-sommets-${nom}]`);
      bouton.hidden = pages < 2;
      bouton.disabled = this.page === borne;
    }
    if (active) this.#viser(rangActif, active);
  }

  #nom(rang) {
    const { ligne } = this.#sommets()[rang];
    return `Sommet ${rang + 1}${ligne ? `, trou ${ligne}` : ""}`;
  }

  #ligne({ point }, rang, retirable) {
    const [x, y] = this.projection.metres(point);
    const nom = this.#nom(rang);
    const simple = this.forme.geometrie.type === "Point";
    const champ = (axe, valeur) =>
      el(
        "label",
        {},
        el("span", { "aria-hidden": "true" }, axe),
        el("span", { class: "visually-hidden" }, `${nom}, ${axe} en mètres`),
        el("input", {
          class: "form-control",
          type: "text",
          inputMode: "decimal",
          autocomplete: "off",
          value: valeur.toFixed(2).replace(".", ","),
          "data-role": axe,
          onchange: (evenement) => this.#lire(rang, axe, evenement.target),
        }),
      );
    const bouton = (role, image, texte, geste, options = {}) =>
      el(
        "button",
        { type: "button", class: "dessin-retirer", title: texte, "data-role": role, onclick: geste, ...options },
        icone(image),
        el("span", { class: "visually-hidden" }, `${texte} : ${nom.toLowerCase()}`),
      );
    return el(
      "li",
      { "data-rang": String(rang) },
      el(
        "button",
        { type: "button", class: "dessin-choix dessin-sommet", "data-role": "bouger", "aria-describedby": this.element.querySelector("[data-sommets-aide]").id },
        icone("arrows-move"),
        el("span", {}, nom),
      ),
      champ("X", x),
      champ("Y", y),
      el(
        "span",
        { class: "dessin-sommet-gestes" },
        bouton("accrocher", "magnet", "Poser sur le coin le plus proche", () => this.#accrocher(rang)),
        simple ? null : bouton("ajouter", "plus-lg", "Ajouter un sommet après", () => this.#ajouter(rang)),
        simple ? null : bouton("retirer", "x-lg", "Retirer", () => this.#retirer(rang), { disabled: !retirable }),
      ),
    );
  }

  #viser(rang, role) {
    const ligne = this.corps.querySelector(`[data-rang="${rang}"]`);
    const cible = ligne?.querySelector(`[data-role="${role}"]:not(:disabled)`) ?? ligne?.querySelector('[data-role="bouger"]');
    cible?.focus();
  }

  #montrer(rang) {
    const sommet = this.forme && this.#sommets()[rang];
    if (!sommet) return;
    const [lng, lat] = sommet.point;
    this.repere.setLatLng([lat, lng]).addTo(this.carte);
    if (!this.carte.getBounds().pad(-0.05).contains([lat, lng])) this.carte.panTo([lat, lng], { animate: false });
  }

  #degres(xy) {
    return this.projection.degres(xy).map((d) => Number(d.toFixed(9)));
  }

  /** One undo for a row of moves of the same corner (`geste`). */
  #modifier(change, geste = null) {
    const { forme } = this;
    const lignes = lignesDe(forme.geometrie).map((ligne) => [...ligne]);
    change(lignes);
    this.formes.modifier(forme.id, recomposer(forme.geometrie.type, lignes), geste);
  }

  #poser(rang, xy, geste) {
    const { ligne, indice } = this.#sommets()[rang];
    this.#modifier((lignes) => (lignes[ligne][indice] = this.#degres(xy)), geste);
    this.#montrer(rang);
    this.#annoncer(rang, `X ${nombre(xy[0], 2)}, Y ${nombre(xy[1], 2)}`);
  }

  #annoncer(rang, texte) {
    const figures = enMots(mesurer(this.projection, [this.forme.geometrie]));
    this.dire(`${this.#nom(rang)} : ${texte}.${figures ? ` La forme : ${figures}.` : ""}`);
  }

  #touche(evenement) {
    const fleche = FLECHES[evenement.key];
    if (!fleche || evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    const { role } = evenement.target.dataset;
    const rang = Number(evenement.target.closest("li").dataset.rang);
    // In a field, up and down alone: left and right go along its figures.
    const sens = role === "bouger" ? fleche : fleche[1] && { X: [fleche[1], 0], Y: [0, fleche[1]] }[role];
    if (!sens) return;
    evenement.preventDefault();
    const pas = Number(this.pas.value) * (evenement.shiftKey ? 10 : 1);
    const [x, y] = this.projection.metres(this.#sommets()[rang].point);
    this.#poser(rang, [x + sens[0] * pas, y + sens[1] * pas], `sommet-${this.forme.id}-${rang}`);
  }

  #lire(rang, axe, champ) {
    const valeur = lireMetres(champ.value);
    const xy = this.projection.metres(this.#sommets()[rang].point);
    const place = axe === "X" ? 0 : 1;
    if (valeur === null) {
      this.dire(`« ${champ.value} » n'est pas un nombre de mètres : le sommet n'a pas bougé.`, true);
      champ.value = xy[place].toFixed(2).replace(".", ",");
      return;
    }
    if (Math.abs(valeur - xy[place]) < 0.005) return;
    // Out of reach of the projection, the figure has no place on the ground.
    const voulu = xy.with(place, valeur);
    const [lon, lat] = this.projection.degres(voulu);
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 85) || Math.hypot(voulu[0] - xy[0], voulu[1] - xy[1]) > 100_000) {
      this.dire(`${axe} ${champ.value} est à plus de 100 km : le sommet n'a pas bougé.`, true);
      champ.value = xy[place].toFixed(2).replace(".", ",");
      return;
    }
    this.#poser(rang, voulu);
  }

  #ajouter(rang) {
    const { ligne, indice, point } = this.#sommets()[rang];
    const points = lignesDe(this.forme.geometrie)[ligne];
    const ferme = this.forme.geometrie.type === "Polygon";
    const suivant = points[indice + 1] ?? (ferme ? points[0] : null);
    const [x, y] = this.projection.metres(point);
    // After the end of a line: as far again as its last side.
    const [a, b] = this.projection.metres(suivant ?? points[indice - 1]);
    const place = suivant ? [(x + a) / 2, (y + b) / 2] : [2 * x - a, 2 * y - b];
    this.#modifier((lignes) => lignes[ligne].splice(indice + 1, 0, this.#degres(place)));
    this.page = Math.floor((rang + 1) / PAR_PAGE);
    this.#ecrire();
    this.#viser(rang + 1, "bouger");
    this.#annoncer(rang + 1, "ajouté");
  }

  #retirer(rang) {
    const { ligne, indice } = this.#sommets()[rang];
    const nom = this.#nom(rang);
    this.#modifier((lignes) => lignes[ligne].splice(indice, 1));
    const reste = Math.min(rang, this.#sommets().length - 1);
    this.#viser(reste, "retirer");
    this.dire(`${nom} retiré. Il en reste ${this.#sommets().length}.`);
  }

  #accrocher(rang) {
    const xy = this.projection.metres(this.#sommets()[rang].point);
    const [distance, coin] = this.accroches.coins
      .map((c) => this.projection.metres(c))
      .reduce((meilleur, c) => {
        const d = Math.hypot(c[0] - xy[0], c[1] - xy[1]);
        return d < meilleur[0] ? [d, c] : meilleur;
      }, [Infinity, null]);
    if (distance > ACCROCHE_MAX_M) {
      this.dire(`Aucun coin de parcelle ou de bâtiment à moins de ${ACCROCHE_MAX_M} m du sommet ${rang + 1}.`, true);
      return;
    }
    this.#poser(rang, coin);
  }
}
