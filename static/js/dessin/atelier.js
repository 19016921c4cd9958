/* One drawing field: binds its map, its tools and the text that the form sends. */
import { CRS_512, Plan } from "../carte/plan.js";
import { Accroches } from "./accroches.js";
import { Bilan } from "./bilan.js";
import { Calque } from "./calque.js";
import { lierClavier } from "./clavier.js";
import { lierEntrees } from "./entrees.js";
import { Formes, simples } from "./formes.js";
import { suivreListe } from "./liste.js";
import { Projection } from "./mesures.js";
import { OUTILS } from "./outils.js";
import { Serveur } from "./serveur.js";
import { Sommets } from "./sommets.js";
import { Trace } from "./trace.js";

const L = globalThis.L;
const ZOOM_MAX_CADRE = 19;
const ATTENDUS = { point: "un point", ligne: "une ligne", surface: "une surface" };

function ouvrirCarte(element, { emprise }) {
  const carte = L.map(element, {
    crs: CRS_512,
    zoomSnap: 0.5,
    maxZoom: 21,
    minZoom: 5,
    // The page scrolls under the wheel until the map has been touched.
    scrollWheelZoom: false,
    doubleClickZoom: false,
    attributionControl: false,
    zoomControl: false,
  });
  L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
  carte.once("focus", () => carte.scrollWheelZoom.enable());
  const [ouest, sud, est, nord] = emprise;
  carte.fitBounds([[sud, ouest], [nord, est]], { animate: false });
  return carte;
}

export class Atelier {
  constructor(racine, module) {
    this.racine = racine;
    this.reglages = JSON.parse(racine.querySelector('script[type="application/json"]').textContent);
    this.texte = racine.querySelector("[data-texte] textarea");
    this.formulaire = racine.closest("form");
    this.outil = null;
    this.enFaute = false;
    this.#montrer();
    this.carte = ouvrirCarte(this.#un("[data-carte]"), this.reglages);
    this.plan = new Plan(this.carte, module.dataset);
    this.serveur = new Serveur(this.formulaire?.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? "");
    this.projection = new Projection(this.reglages.systeme);
    this.formes = new Formes(this.reglages);
    const accrocher = () => this.accroches.voulues;
    this.accroches = new Accroches(this.carte, this.serveur, this.#un("[data-accrocher]"));
    this.calque = new Calque(this.carte, this.formes, { libre: () => !this.outil });
    this.calque.accrocher = accrocher;
    this.trace = new Trace(this.carte, {
      accrocher,
      surFin: (geometrie) => this.#finir(geometrie),
      surPas: (pas) => this.#suivre(pas),
    });
    this.bilan = new Bilan(this.#un("[data-bilan]"), this.formes, this.serveur, this.projection, {
      surReparer: () => this.travailler(() => this.transformer("reparer", null, {}, this.formes.liste)),
    });
    suivreListe(this.#un("[data-formes]"), this.formes, this.projection);
    this.sommets = new Sommets(this.#un("[data-sommets]"), this.carte, this.formes, this.projection, this.accroches, (...m) => this.dire(...m));
    this.entrees = lierEntrees(racine, this, this.reglages);
    this.#lier();
    lierClavier(racine, this.carte, this.#un("[data-mire]"), this);
    this.#ouvrir();
    this.#situer();
  }

  #un(selecteur) {
    return this.racine.querySelector(selecteur);
  }

  #montrer() {
    this.#un("[data-texte]").hidden = true;
    this.#un("[data-atelier]").hidden = false;
  }

  get attendus() {
    return this.reglages.genres.map((g) => ATTENDUS[g]).join(" ou ");
  }

  get metres() {
    return this.#un("[data-metres]").value;
  }

  /** Sides in metres and bearing of the longer one, as typed. */
  get rectangle() {
    const lire = (nom) => this.#un(`[data-${nom}]`).value.trim();
    return { longueur: lire("longueur"), largeur: lire("largeur"), angle: lire("angle") };
  }

  get cote() {
    return this.#un("[data-cote]").value;
  }

  #lier() {
    for (const bouton of this.racine.querySelectorAll("[data-outil]")) {
      bouton.addEventListener("click", () => {
        if (this.outil === bouton.dataset.outil) this.quitter();
        else this.prendre(bouton.dataset.outil);
      });
    }
    const actions = {
      annuler: () => this.annuler(),
      retablir: () => this.retablir(),
      effacer: () => this.formes.retirer(this.formes.liste.map((f) => f.id)),
      cadrer: () => this.cadrer(),
      note: () => this.serveur.noter(this.reglages.note, this.formes.cible.map((f) => f.geometrie)),
      appliquer: () => this.travailler(() => OUTILS[this.outil]?.appliquer?.(this)),
      terminer: () => this.trace.terminer(),
      retirer: () => this.trace.retirerDernier(),
      quitter: () => this.quitter(),
      parcelles: () => this.entrees.parcelles(),
      coordonnees: () => this.entrees.coordonnees(),
    };
    for (const bouton of this.racine.querySelectorAll("[data-action]")) {
      bouton.addEventListener("click", actions[bouton.dataset.action]);
    }
    this.carte.on("click", ({ latlng }) => this.travailler(() => OUTILS[this.outil]?.clic?.(latlng, this)));
    this.formes.addEventListener("change", () => this.#garder());
    // The text may be changed by others: the address of a shared form, a test, an extension.
    this.texte.addEventListener("change", () => this.#ouvrir());
  }

  #garder() {
    this.texte.value = this.formes.texte;
    const { activeElement: vise } = document;
    const action = (nom) => this.#un(`[data-action="${nom}"]`);
    action("annuler").disabled = !this.formes.annulable;
    action("retablir").disabled = !this.formes.retablissable;
    for (const nom of ["effacer", "cadrer", "note"]) {
      const bouton = action(nom);
      if (bouton) bouton.disabled = !this.formes.liste.length;
    }
    if (vise?.disabled && vise.matches("[data-action]")) this.carte.getContainer().focus({ preventScroll: true });
    this.racine.dispatchEvent(new CustomEvent("dessin:change", { bubbles: true, detail: this.formes.liste.length }));
  }

  /** What the form already holds, in any writing that the server reads. */
  async #ouvrir() {
    const ecrit = this.texte.value.trim();
    if (!ecrit) return;
    await this.travailler(async () => {
      const lu = await this.serveur.operer("lire", ecrit);
      this.formes.ouvrir(simples(lu.dessin));
      this.cadrer();
    });
    // Unreadable: the text stays to be put right.
    if (this.enFaute) this.#un("[data-texte]").hidden = false;
  }

  /** Look where another field of the form says: references of parcels. */
  #situer() {
    const champ = this.formulaire?.elements.namedItem(this.texte.dataset.situer ?? "");
    if (!champ) return;
    const aller = async () => {
      if (!champ.value.trim() || this.formes.liste.length) return;
      try {
        const { parcelles } = await this.serveur.parcelles(champ.value);
        if (parcelles.length) this.carte.fitBounds(L.geoJSON(parcelles.map((p) => p.dessin)).getBounds(), { maxZoom: ZOOM_MAX_CADRE });
      } catch {
        /* a help only: the field says what is wrong when the form is sent */
      }
    };
    champ.addEventListener("change", aller);
    aller();
  }

  cadrer() {
    if (!this.formes.liste.length) return;
    this.carte.fitBounds(this.calque.bornes, { maxZoom: ZOOM_MAX_CADRE, padding: [24, 24] });
  }

  dire(texte, faute = false) {
    const zone = this.#un("[data-message]");
    zone.textContent = texte;
    zone.classList.toggle("attention", faute);
    this.enFaute = faute;
  }

  /** Run what asks the server; its refusal is shown in its own words. */
  async travailler(geste) {
    this.enFaute = false;
    try {
      await geste();
    } catch (erreur) {
      this.dire(erreur.message, true);
    }
  }

  prendre(nom) {
    const outil = OUTILS[nom];
    this.quitter();
    if ((outil.besoin || outil.edition) && !this.formes.liste.length) {
      this.dire("Dessinez d'abord une forme : cet outil agit sur elle.", true);
      return;
    }
    this.outil = nom;
    this.#presser(nom);
    this.#regler(outil);
    this.dire("");
    this.carte.getContainer().classList.toggle("outil-en-main", Boolean(outil.trace || outil.clic));
    if (outil.trace) this.trace.commencer(outil.trace);
    if (outil.edition) {
      this.calque.modifier(true);
      this.sommets.ouvrir(true);
    }
  }

  quitter() {
    if (!this.outil) return;
    const consigne = this.#un("[data-consigne]");
    // What had the focus goes away with the tool: its button takes it, or the keyboard would start from the top.
    if (consigne.contains(document.activeElement)) this.#un(`[data-outil="${this.outil}"]`).focus();
    this.outil = null;
    this.trace.quitter();
    this.calque.modifier(false);
    this.sommets.ouvrir(false);
    this.#presser(null);
    consigne.hidden = true;
    this.carte.getContainer().classList.remove("outil-en-main");
    this.bilan.dire();
  }

  #presser(nom) {
    for (const bouton of this.racine.querySelectorAll("[data-outil]")) {
      bouton.setAttribute("aria-pressed", String(bouton.dataset.outil === nom));
    }
  }

  #regler(outil) {
    this.#un("[data-consigne]").hidden = false;
    this.#un("[data-consigne-texte]").textContent = outil.consigne;
    for (const element of this.racine.querySelectorAll("[data-pour]")) {
      const { pour } = element.dataset;
      element.hidden = pour === "trace" ? !["ligne", "surface"].includes(outil.trace) : !outil.regle?.includes(pour);
    }
    if (outil.metres) [this.#un("[data-metres-libelle]").textContent, this.#un("[data-metres]").value] = outil.metres;
    const deux = this.#un("[data-deux]");
    deux.hidden = deux.disabled = Boolean(outil.unCote);
    if (outil.unCote && this.cote === "deux") this.#un("[data-cote]").value = "gauche";
  }

  #suivre(pas) {
    this.#un('[data-action="terminer"]').disabled = pas.points.length < this.trace.minimum;
    this.#un('[data-action="retirer"]').disabled = !pas.points.length;
    this.bilan?.provisoire(pas);
  }

  async #finir(geometrie) {
    const outil = OUTILS[this.outil];
    this.quitter();
    await this.travailler(() => outil?.fin?.(geometrie, this));
  }

  ajouter(geometries, nom = "") {
    const { remplacee } = this.formes.ajouter(geometries, nom);
    this.dire(remplacee ? "La forme remplace la précédente ; « Annuler » la rend." : "");
  }

  /** Put `operation` of these shapes (or of `cible`) in the place of `cible`, or beside when there is none. */
  async transformer(operation, geometries, autres, cible) {
    const lu = await this.serveur.operer(operation, geometries ?? cible.map((f) => f.geometrie), autres);
    const resultat = simples(lu.dessin);
    if (!cible) {
      this.ajouter(resultat);
      return;
    }
    if (!this.formes.plusieurs && resultat.length > 1) {
      this.dire(`Il y aurait ${resultat.length} formes : ce champ n'en attend qu'une.`, true);
      return;
    }
    this.formes.remplacer(cible.map((f) => f.id), resultat);
    this.dire(operation === "reparer" ? "Le contour est réparé. Vérifiez-le ; « Annuler » rend l'ancien." : "");
  }

  async prendreParcelle(latlng) {
    const { parcelles } = await this.serveur.parcelleSous(latlng);
    if (!parcelles.length) {
      this.dire("Aucune parcelle n'est dessinée ici.", true);
      return;
    }
    const [parcelle] = parcelles;
    const deja = this.formes.liste.filter((f) => f.nom === parcelle.libelle);
    if (deja.length) {
      this.formes.retirer(deja.map((f) => f.id));
      this.dire(`Parcelle ${parcelle.libelle} retirée.`);
    } else {
      this.ajouterParcelle(parcelle);
      this.dire(`Parcelle ${parcelle.libelle} ajoutée.`);
    }
  }

  /** False where the drawing holds it already. */
  ajouterParcelle({ libelle, dessin }) {
    if (this.formes.liste.some((f) => f.nom === libelle)) return false;
    const parties = simples(dessin);
    if (!this.formes.plusieurs && parties.length > 1) {
      throw new Error(`La parcelle ${libelle} est en ${parties.length} morceaux : ce champ n'en attend qu'un.`);
    }
    this.formes.ajouter(parties, libelle);
    return true;
  }

  annuler() {
    // While a line grows, « undo » takes its last point.
    if (this.trace.points.length) this.trace.retirerDernier();
    else this.formes.annuler();
  }

  retablir() {
    this.formes.retablir();
  }

  poser() {
    if (this.trace.genre) this.trace.poserAuCentre();
    else this.travailler(() => OUTILS[this.outil]?.clic?.(this.carte.getCenter(), this));
  }

  retirerPoint() {
    this.trace.retirerDernier();
  }

  valider(champ) {
    if (champ.matches("[data-metres]")) this.travailler(() => OUTILS[this.outil]?.appliquer?.(this));
    else if (champ.closest("[data-sommets]")) champ.dispatchEvent(new Event("change"));
    else this.entrees.valider(champ);
  }
}
