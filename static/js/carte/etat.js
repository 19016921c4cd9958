/* What the reader chose of the map: layers, opacity, order, base map, day. One state, written in the page's
   address (only what differs from the default, so that a link stays short) and kept for the next visit. */

const GARDE = "carte.etat";
const NOMS = ["couches", "opacites", "ordre", "fond", "jour", "filtres"];

function paires(texte) {
  return (texte ?? "")
    .split(",")
    .map((morceau) => morceau.split(":"))
    .filter((paire) => paire.length === 2 && Number.isFinite(Number(paire[1])))
    .map(([nom, valeur]) => [nom, Number(valeur)]);
}

export class Etat extends EventTarget {
  /** `couches`: what the page says of each layer; `fonds`: names of the base maps. */
  constructor(couches, fonds, { garder = true } = {}) {
    super();
    this.couches = new Map(couches.map((couche) => [couche.nom, couche]));
    this.fonds = fonds.map((fond) => fond.nom);
    this.garder = garder;
    this.#vider();
  }

  #vider() {
    this.montrees = new Map();
    this.opacites = new Map();
    this.rangs = new Map();
    this.fond = "";
    this.jour = "";
    this.filtres = new Map();
  }

  visible(nom) {
    return this.montrees.get(nom) ?? this.couches.get(nom)?.visible ?? false;
  }

  visibles() {
    return [...this.couches.keys()].filter((nom) => this.visible(nom));
  }

  opacite(nom) {
    return this.opacites.get(nom) ?? 1;
  }

  montrer(noms, visible) {
    for (const nom of noms) {
      if (this.couches.get(nom).visible === visible) this.montrees.delete(nom);
      else this.montrees.set(nom, visible);
    }
    this.#dire("couches");
  }

  reglerOpacite(nom, valeur) {
    if (valeur >= 1) this.opacites.delete(nom);
    else this.opacites.set(nom, Math.max(0, valeur));
    this.#dire("opacites");
  }

  /** Give a layer another place in the stack; `null` puts it back where its declaration says. */
  placer(nom, rang) {
    if (rang === null) this.rangs.delete(nom);
    else this.rangs.set(nom, rang);
    this.#dire("ordre");
  }

  choisirFond(nom) {
    this.fond = this.fonds.includes(nom) ? nom : "";
    this.#dire("fond");
  }

  choisirJour(jour) {
    this.jour = jour;
    this.#dire("jour");
  }

  /** Keep, or no longer, the objects of a layer whose attribute has this value. */
  filtrer(nom, attribut, valeur, oui) {
    this.#filtrer(nom, attribut, valeur, oui);
    this.#dire("filtres");
  }

  #filtrer(nom, attribut, valeur, oui) {
    const deLaCouche = this.filtres.get(nom) ?? new Map();
    const valeurs = deLaCouche.get(attribut) ?? new Set();
    if (oui) valeurs.add(valeur);
    else valeurs.delete(valeur);
    if (valeurs.size) deLaCouche.set(attribut, valeurs);
    else deLaCouche.delete(attribut);
    if (deLaCouche.size) this.filtres.set(nom, deLaCouche);
    else this.filtres.delete(nom);
  }

  defiltrer(nom) {
    this.filtres.delete(nom);
    this.#dire("filtres");
  }

  /** As the address and the server read them: « couche.attribut:valeur », a value's own commas coded. */
  filtresEnTexte(noms = [...this.filtres.keys()]) {
    return noms
      .flatMap((nom) =>
        [...(this.filtres.get(nom) ?? [])].flatMap(([attribut, valeurs]) =>
          [...valeurs].map((valeur) => `${nom}.${attribut}:${encodeURIComponent(valeur)}`),
        ),
      )
      .join(",");
  }

  get parDefaut() {
    return !(this.montrees.size || this.opacites.size || this.rangs.size || this.fond || this.jour || this.filtres.size);
  }

  reinitialiser() {
    this.#vider();
    this.#dire("tout");
  }

  #dire(quoi) {
    this.#conserver();
    this.dispatchEvent(new CustomEvent("change", { detail: quoi }));
  }

  /** The parameters of the address, those of the default left out. */
  enParametres() {
    const demande = new URLSearchParams();
    const montrees = [...this.montrees].map(([nom, visible]) => (visible ? nom : `-${nom}`));
    if (montrees.length) demande.set("couches", montrees.join(","));
    const opacites = [...this.opacites].map(([nom, valeur]) => `${nom}:${Math.round(valeur * 100)}`);
    if (opacites.length) demande.set("opacites", opacites.join(","));
    const rangs = [...this.rangs].map(([nom, rang]) => `${nom}:${Number(rang.toFixed(6))}`);
    if (rangs.length) demande.set("ordre", rangs.join(","));
    if (this.fond) demande.set("fond", this.fond);
    if (this.jour) demande.set("jour", this.jour);
    if (this.filtres.size) demande.set("filtres", this.filtresEnTexte());
    return demande;
  }

  /** Take what an address says; names that no layer bears are left. */
  lire(demande) {
    this.#vider();
    for (const ecrit of (demande.get("couches") ?? "").split(",")) {
      const nom = ecrit.replace(/^-/, "");
      const visible = !ecrit.startsWith("-");
      if (this.couches.has(nom) && this.couches.get(nom).visible !== visible) this.montrees.set(nom, visible);
    }
    for (const [nom, part] of paires(demande.get("opacites"))) {
      if (this.couches.has(nom) && part >= 0 && part < 100) this.opacites.set(nom, part / 100);
    }
    for (const [nom, rang] of paires(demande.get("ordre"))) if (this.couches.has(nom)) this.rangs.set(nom, rang);
    this.fond = this.fonds.includes(demande.get("fond")) ? demande.get("fond") : "";
    this.jour = /^\d{4}-\d{2}-\d{2}$/.test(demande.get("jour") ?? "") ? demande.get("jour") : "";
    for (const ecrit of (demande.get("filtres") ?? "").split(",")) this.#lireFiltre(ecrit);
  }

  #lireFiltre(ecrit) {
    const [, nom, attribut, valeur] = /^(\w+)\.(\w+):(.+)$/.exec(ecrit) ?? [];
    if (!(attribut in (this.couches.get(nom)?.filtres ?? {}))) return;
    try {
      this.#filtrer(nom, attribut, decodeURIComponent(valeur), true);
    } catch {
      /* a value badly coded: left out like an unknown one */
    }
  }

  /** A link says all of its view; without any, the reader finds again what she had chosen. */
  ouvrir(demande) {
    if (NOMS.some((nom) => demande.has(nom))) this.lire(demande);
    else if (this.garder) this.lire(new URLSearchParams(this.#gardee()));
  }

  appliquer(demande) {
    this.lire(demande);
    this.#dire("tout");
  }

  #gardee() {
    try {
      return window.localStorage.getItem(GARDE) ?? "";
    } catch {
      return "";
    }
  }

  #conserver() {
    if (!this.garder) return;
    try {
      // A day of the past would surprise at the next visit.
      const demande = this.enParametres();
      demande.delete("jour");
      window.localStorage.setItem(GARDE, demande.toString());
    } catch {
      /* storage closed: the choice lasts as long as the page */
    }
  }
}

export { NOMS as PARAMETRES_ETAT };
