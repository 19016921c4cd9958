/* Views that an agent keeps: place, layers and day under a name, for herself or for her service. */
import { el, icone, lire } from "./dom.js";
import { suite } from "./permalien.js";

export class Vues {
  constructor(carte, volet, etat, { adresse, services }, { ouvrir }) {
    Object.assign(this, { carte, etat, adresse, ouvrir });
    this.partie = volet.parties.vues;
    this.liste = this.partie.querySelector("#vues-liste");
    this.formulaire = this.partie.querySelector("form");
    this.erreur = this.partie.querySelector("#vues-erreur");
    const choix = this.formulaire.elements.service;
    for (const service of services) choix.add(new Option(`Partagée avec ${service.nom}`, service.id));
    choix.closest("p").hidden = !services.length;
    volet.suivre("vues", { ouvrir: () => this.#lire() });
    this.formulaire.addEventListener("submit", (evenement) => {
      evenement.preventDefault();
      this.#enregistrer();
    });
  }

  async #lire() {
    try {
      const { vues } = await lire(this.adresse);
      this.#montrer(vues);
    } catch (erreur) {
      this.#dire(erreur.message);
    }
  }

  #dire(texte) {
    this.erreur.textContent = texte;
    this.erreur.hidden = !texte;
  }

  #montrer(vues) {
    if (!vues.length) {
      this.liste.replaceChildren(el("li", { class: "discret" }, "Aucune vue enregistrée : donnez un nom à celle qui est affichée."));
      return;
    }
    this.liste.replaceChildren(
      ...vues.map((vue) => {
        const bouton = el("button", { type: "button", class: "lien", onclick: () => this.#aller(vue) }, vue.nom);
        const origine = vue.service ? `${vue.mienne ? "partagée avec" : `de ${vue.auteur},`} ${vue.service}` : "pour moi seul";
        const oter = el(
          "button",
          { type: "button", class: "copier", title: `Supprimer ${vue.nom}`, onclick: () => this.#supprimer(vue) },
          icone("trash"),
          el("span", { class: "visually-hidden" }, `Supprimer ${vue.nom}`),
        );
        return el("li", {}, el("span", {}, bouton, el("span", { class: "vue-origine" }, origine)), vue.mienne ? oter : null);
      }),
    );
  }

  #aller(vue) {
    const adresse = new URL(vue.adresse, window.location.href);
    this.etat.appliquer(adresse.searchParams);
    this.ouvrir(adresse);
  }

  async #poster(adresse, champs) {
    const corps = new FormData();
    corps.set("csrfmiddlewaretoken", this.formulaire.elements.csrfmiddlewaretoken.value);
    for (const [nom, valeur] of Object.entries(champs)) corps.set(nom, valeur);
    this.#dire("");
    try {
      const { vues } = await lire(adresse, { method: "POST", body: corps });
      this.#montrer(vues);
      return true;
    } catch (erreur) {
      this.#dire(erreur.message);
      return false;
    }
  }

  async #enregistrer() {
    const { nom, service } = this.formulaire.elements;
    const adresse = suite(this.carte, this.etat, null);
    const fait = await this.#poster(this.adresse, { nom: nom.value, service: service.value, adresse });
    if (fait) nom.value = "";
  }

  async #supprimer(vue) {
    if (await this.#poster(`${this.adresse}${vue.id}/supprimer`, {})) this.formulaire.elements.nom.focus();
  }
}
