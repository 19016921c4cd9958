// Known persons proposed while a name is typed: choosing one leaves nothing else to fill.

const formulaire = document.querySelector("form[data-personnes]");
const ATTENTE_MS = 250;
const LETTRES_MIN = 3;

class Propositions {
  constructor(champ, choix, groupes) {
    this.champ = champ;
    this.choix = choix;
    this.groupes = groupes;
    this.rang = 0;
    this.active = -1;
    this.liste = document.createElement("ul");
    this.liste.id = "personnes-connues";
    this.liste.className = "urba-personnes";
    this.liste.setAttribute("role", "listbox");
    this.liste.setAttribute("aria-label", "Personnes déjà connues");
    this.liste.hidden = true;
    Object.entries({ role: "combobox", "aria-controls": this.liste.id, "aria-expanded": "false", "aria-autocomplete": "list" })
      .forEach(([nom, valeur]) => champ.setAttribute(nom, valeur));
    champ.after(this.liste);
    champ.addEventListener("input", () => this.attendre());
    champ.addEventListener("keydown", (e) => this.clavier(e));
    champ.addEventListener("blur", () => setTimeout(() => this.fermer(), 150));
    choix.addEventListener("change", () => this.montrer());
    this.montrer();
  }

  attendre() {
    clearTimeout(this.minuterie);
    this.minuterie = setTimeout(() => this.demander(), ATTENTE_MS);
  }

  async demander() {
    const texte = this.champ.value.trim();
    const rang = ++this.rang;
    if (texte.length < LETTRES_MIN) return this.fermer();
    const { insee } = formulaire.elements;
    const question = new URLSearchParams({ q: texte, collectivite: insee.value });
    const reponse = await fetch(`${formulaire.dataset.personnes}?${question}`);
    if (!reponse.ok || rang !== this.rang) return undefined;
    return this.proposer((await reponse.json()).personnes);
  }

  proposer(personnes) {
    this.active = -1;
    this.liste.replaceChildren(...personnes.slice(0, 6).map((p, i) => {
      const ligne = document.createElement("li");
      ligne.id = `personne-${i}`;
      ligne.setAttribute("role", "option");
      ligne.setAttribute("aria-selected", "false");
      const nom = document.createElement("strong");
      nom.textContent = p.nom;
      const ou = document.createElement("span");
      ou.className = "discret petit";
      ou.textContent = p.adresse ? ` ${p.adresse}` : "";
      ligne.append(nom, ou);
      ligne.addEventListener("mousedown", (e) => { e.preventDefault(); this.retenir(p); });
      ligne.personne = p;
      return ligne;
    }));
    this.liste.hidden = personnes.length === 0;
    this.champ.setAttribute("aria-expanded", String(!this.liste.hidden));
  }

  clavier(evenement) {
    if (this.liste.hidden) return;
    const lignes = [...this.liste.children];
    if (evenement.key === "ArrowDown" || evenement.key === "ArrowUp") {
      const pas = evenement.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + pas + lignes.length) % lignes.length;
      lignes.forEach((l, i) => l.setAttribute("aria-selected", String(i === this.active)));
      this.champ.setAttribute("aria-activedescendant", lignes[this.active].id);
      evenement.preventDefault();
    } else if (evenement.key === "Enter" && this.active >= 0) {
      evenement.preventDefault();
      this.retenir(lignes[this.active].personne);
    } else if (evenement.key === "Escape") {
      evenement.preventDefault();
      this.fermer();
    }
  }

  retenir(personne) {
    if (![...this.choix.options].some((o) => o.value === String(personne.id))) {
      this.choix.add(new Option(personne.nom, personne.id));
    }
    this.choix.value = String(personne.id);
    this.champ.value = "";
    this.fermer();
    this.montrer();
    this.choix.focus();
  }

  // A known person needs none of the fields of a new one.
  montrer() {
    this.groupes.forEach((g) => { g.hidden = this.choix.value !== ""; });
  }

  fermer() {
    this.liste.hidden = true;
    this.champ.setAttribute("aria-expanded", "false");
    this.champ.removeAttribute("aria-activedescendant");
  }
}

if (formulaire) {
  const { nom, petitionnaire } = formulaire.elements;
  new Propositions(nom, petitionnaire, formulaire.querySelectorAll("[data-nouvelle]"));
}
