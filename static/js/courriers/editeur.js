// A rich-text editor on a text area: what it writes is cleaned again by the server. The text area stays the field of
// the form; without this script it is typed in as it is.

const SIGNES = {
  gras: ["Gras", "bi-type-bold", () => executer("bold"), () => document.queryCommandState("bold")],
  italique: ["Italique", "bi-type-italic", () => executer("italic"), () => document.queryCommandState("italic")],
  titre: ["Titre", "bi-type-h2", (e) => bloc(e, "h2"), (e) => blocCourant(e) === "h2"],
  sousTitre: ["Sous-titre", "bi-type-h3", (e) => bloc(e, "h3"), (e) => blocCourant(e) === "h3"],
  puces: ["Liste à puces", "bi-list-ul", () => executer("insertUnorderedList"),
    () => document.queryCommandState("insertUnorderedList")],
  numeros: ["Liste numérotée", "bi-list-ol", () => executer("insertOrderedList"),
    () => document.queryCommandState("insertOrderedList")],
  annuler: ["Annuler", "bi-arrow-counterclockwise", () => executer("undo"), null],
  retablir: ["Rétablir", "bi-arrow-clockwise", () => executer("redo"), null],
};
const GROUPES = [["gras", "italique"], ["titre", "sousTitre"], ["puces", "numeros"], ["annuler", "retablir"]];
const PERMIS = new Set(["P", "BR", "STRONG", "B", "EM", "I", "U", "SUB", "SUP", "H2", "H3", "UL", "OL", "LI",
  "BLOCKQUOTE", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "HR"]);
const OUVERTS = new Set(["SCRIPT", "STYLE", "TITLE", "TEMPLATE"]);
const CHAMP = /\[\[[^[\]\n]{1,80}\]\]|\[([^[\]\n]{1,80})\]/g;

function executer(commande, valeur = null) {
  document.execCommand(commande, false, valeur);
}

function blocCourant(edition) {
  const noeud = getSelection()?.anchorNode;
  if (!noeud || !edition.contains(noeud)) return "";
  const element = noeud.nodeType === Node.ELEMENT_NODE ? noeud : noeud.parentElement;
  return element.closest("h2, h3, li, td, th, p")?.localName ?? "";
}

function bloc(edition, nom) {
  executer("formatBlock", blocCourant(edition) === nom ? "p" : nom);
}

/** Only what a letter keeps, from a page or a word processor. */
function depouiller(noeud, cible) {
  for (const enfant of noeud.childNodes) {
    if (enfant.nodeType === Node.TEXT_NODE) {
      cible.append(enfant.data.replace(/\s+/g, " "));
    } else if (enfant.nodeType === Node.ELEMENT_NODE && !OUVERTS.has(enfant.nodeName)) {
      const nom = enfant.nodeName === "DIV" ? "P" : enfant.nodeName;
      if (PERMIS.has(nom)) {
        const copie = document.createElement(nom);
        depouiller(enfant, copie);
        cible.append(copie);
      } else {
        depouiller(enfant, cible);
      }
    }
  }
}

/** A page pasted, without the styles that the browser would refuse one by one; the rest is filtered later. */
function lire(riche) {
  const nu = riche.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle=("[^"]*"|'[^']*')/gi, "");
  return new DOMParser().parseFromString(nu, "text/html").body;
}

function html(element) {
  const boite = document.createElement("div");
  boite.append(element);
  return boite.innerHTML;
}

export class Editeur {
  constructor(champ) {
    this.champ = champ;
    this.connus = new Set();
    this.edition = document.createElement("div");
    this.construire();
  }

  construire() {
    const { champ, edition } = this;
    const etiquette = champ.form?.querySelector(`label[for="${champ.id}"]`);
    if (etiquette) {
      etiquette.id ||= `${champ.id}-etiquette`;
      // The label no longer names a field that can take the focus.
      etiquette.addEventListener("click", () => edition.focus());
    }
    edition.className = "editeur-texte";
    edition.id = `${champ.id}-edition`;
    edition.contentEditable = "true";
    for (const [nom, valeur] of Object.entries({
      role: "textbox", "aria-multiline": "true", "aria-labelledby": etiquette?.id ?? "", spellcheck: "true", lang: "fr",
    })) edition.setAttribute(nom, valeur);
    if (champ.getAttribute("aria-describedby")) {
      edition.setAttribute("aria-describedby", champ.getAttribute("aria-describedby"));
    }
    edition.innerHTML = this.versHtml(champ.value);
    const cadre = document.createElement("div");
    cadre.className = "editeur";
    cadre.append(this.barre(), edition);
    champ.before(cadre);
    champ.hidden = true;
    champ.required = false;
    executer("defaultParagraphSeparator", "p");
    edition.addEventListener("input", () => this.change());
    edition.addEventListener("paste", (e) => this.coller(e));
    edition.addEventListener("drop", (e) => e.preventDefault());
    document.addEventListener("selectionchange", () => this.etat());
    champ.form?.addEventListener("submit", () => this.reporter());
    // What the browser restored after « back » is in the text area.
    addEventListener("pageshow", (e) => {
      if (e.persisted) this.ecrire(champ.value);
    });
    this.surligner();
  }

  versHtml(texte) {
    if (/<(p|ul|ol|h2|h3|table|br|strong|em)\b/.test(texte)) {
      const propre = document.createElement("div");
      propre.append(...new DOMParser().parseFromString(texte, "text/html").body.childNodes);
      return propre.innerHTML;
    }
    const p = document.createElement("div");
    for (const morceau of texte.split(/\n[ \t]*\n/)) {
      const paragraphe = document.createElement("p");
      paragraphe.textContent = morceau;
      p.append(paragraphe);
    }
    return p.innerHTML;
  }

  barre() {
    const barre = document.createElement("div");
    barre.className = "editeur-barre";
    barre.setAttribute("role", "toolbar");
    barre.setAttribute("aria-label", "Mise en forme");
    barre.setAttribute("aria-controls", this.edition.id || `${this.champ.id}-edition`);
    this.boutons = [];
    GROUPES.forEach((groupe, i) => {
      if (i) {
        const trait = document.createElement("span");
        trait.className = "editeur-separateur";
        barre.append(trait);
      }
      for (const cle of groupe) {
        const [titre, icone, faire, etat] = SIGNES[cle];
        const bouton = document.createElement("button");
        bouton.type = "button";
        bouton.title = titre;
        bouton.setAttribute("aria-label", titre);
        if (etat) bouton.setAttribute("aria-pressed", "false");
        const signe = document.createElement("span");
        signe.className = `bi ${icone}`;
        signe.setAttribute("aria-hidden", "true");
        bouton.append(signe);
        // Keeps the selection in the text.
        bouton.addEventListener("mousedown", (e) => e.preventDefault());
        bouton.addEventListener("click", () => {
          this.reprendre();
          faire(this.edition);
          this.change();
          this.etat();
        });
        this.boutons.push({ bouton, etat });
        barre.append(bouton);
      }
    });
    // One stop for the Tab key, arrows inside, as toolbars do.
    const liste = this.boutons.map((b) => b.bouton);
    liste.forEach((b, i) => { b.tabIndex = i ? -1 : 0; });
    barre.addEventListener("keydown", (e) => {
      const pas = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      const ici = liste.indexOf(document.activeElement);
      if (!pas || ici < 0) return;
      e.preventDefault();
      const suivant = liste[(ici + pas + liste.length) % liste.length];
      liste.forEach((b) => { b.tabIndex = b === suivant ? 0 : -1; });
      suivant.focus();
    });
    return barre;
  }

  /** The caret, where it was last in this text; at the end otherwise. */
  reprendre() {
    const selection = getSelection();
    if (selection.rangeCount && this.edition.contains(selection.anchorNode)) return;
    this.edition.focus();
    if (this.place && this.edition.contains(this.place.startContainer)) {
      selection.removeAllRanges();
      selection.addRange(this.place);
    } else {
      selection.selectAllChildren(this.edition);
      selection.collapseToEnd();
    }
  }

  etat() {
    const selection = getSelection();
    if (!selection.rangeCount || !this.edition.contains(selection.anchorNode)) return;
    this.place = selection.getRangeAt(0).cloneRange();
    for (const { bouton, etat } of this.boutons) {
      if (etat) bouton.setAttribute("aria-pressed", String(Boolean(etat(this.edition))));
    }
  }

  coller(evenement) {
    evenement.preventDefault();
    const riche = evenement.clipboardData.getData("text/html");
    if (riche) {
      const boite = document.createElement("div");
      depouiller(lire(riche), boite);
      executer("insertHTML", boite.innerHTML);
    } else {
      executer("insertText", evenement.clipboardData.getData("text/plain"));
    }
  }

  inserer(texte) {
    this.reprendre();
    executer("insertText", texte);
    this.change();
  }

  /** Ready-made paragraphs, after the one where the caret is. */
  insererHtml(morceau) {
    this.reprendre();
    const noeud = getSelection().anchorNode;
    const element = noeud.nodeType === Node.ELEMENT_NODE ? noeud : noeud.parentElement;
    if (element !== this.edition && element.closest("p, li, h2, h3")?.textContent.trim()) {
      getSelection().modify("move", "forward", "paragraphboundary");
      executer("insertParagraph");
    }
    executer("insertHTML", html(morceau));
    this.change();
  }

  ecrire(texte) {
    this.edition.innerHTML = this.versHtml(texte);
    this.surligner();
  }

  reporter() {
    this.champ.value = this.edition.innerHTML;
  }

  change() {
    this.reporter();
    this.surligner();
    this.champ.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Fields stand out, unknown ones in red, without a mark in the text itself. */
  surligner() {
    if (!globalThis.CSS?.highlights || !this.connus.size) return;
    const connus = new Highlight();
    const inconnus = new Highlight();
    const marcheur = document.createTreeWalker(this.edition, NodeFilter.SHOW_TEXT);
    while (marcheur.nextNode()) {
      const noeud = marcheur.currentNode;
      for (const trouve of noeud.data.matchAll(CHAMP)) {
        if (trouve[1] === undefined || !/\p{L}/u.test(trouve[1])) continue;
        const place = new StaticRange({
          startContainer: noeud, startOffset: trouve.index, endContainer: noeud, endOffset: trouve.index + trouve[0].length,
        });
        (this.connait(trouve[1].trim()) ? connus : inconnus).add(place);
      }
    }
    CSS.highlights.set("champ-connu", connus);
    CSS.highlights.set("champ-inconnu", inconnus);
  }

  connait(interieur) {
    if (interieur === "fin" || interieur === "sinon") return true;
    const nom = interieur.replace(/^(si non|si|chaque)\s+/, "").replace(/^tableau:/, "");
    return this.connus.has(nom.split(".")[0]);
  }

  /** Offer the fields listed on the page: each becomes a button. */
  offrir(panneau) {
    for (const code of panneau.querySelectorAll("[data-inserer]")) {
      const bouton = document.createElement("button");
      bouton.type = "button";
      bouton.textContent = code.textContent;
      bouton.title = "Insérer ce champ dans le texte";
      bouton.addEventListener("mousedown", (e) => e.preventDefault());
      bouton.addEventListener("click", () => this.inserer(bouton.textContent));
      this.connus.add(code.textContent.replace(/^\[(?:tableau:)?|\]$/g, ""));
      code.replaceWith(bouton);
    }
    this.surligner();
  }
}

export const editeurs = new Map();
for (const champ of document.querySelectorAll("textarea[data-editeur]")) {
  editeurs.set(champ.id, new Editeur(champ));
}
for (const panneau of document.querySelectorAll("[data-champs]")) {
  editeurs.get(panneau.dataset.champs)?.offrir(panneau);
}
