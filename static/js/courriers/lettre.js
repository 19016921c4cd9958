// A draft beside its preview: phrases at the caret, saved by itself when one stops typing, page drawn again.

import { editeurs } from "./editeur.js";

const DELAI_MS = 2500;

const page = document.querySelector("[data-lettre]");
const forme = document.getElementById("forme-lettre");
if (page && forme) demarrer();

function demarrer() {
  const etat = forme.querySelector("[data-etat]");
  const manques = forme.querySelector("[data-manques]");
  const cadre = page.querySelector("iframe");
  let minuteur = 0;
  let encours = null;
  let change = false;

  const dire = (texte) => { etat.textContent = texte; };

  async function enregistrer() {
    clearTimeout(minuteur);
    if (encours) return;
    change = false;
    for (const editeur of editeurs.values()) editeur.reporter();
    const corps = new FormData(forme);
    corps.set("acte", "enregistrer");
    dire("Enregistrement…");
    try {
      encours = fetch(forme.action, { method: "POST", body: corps, headers: { Accept: "application/json" } });
      const reponse = await encours;
      const dit = await reponse.json();
      if (reponse.ok) {
        forme.elements.version.value = dit.version;
        dire(`Enregistré à ${new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" })}`);
        montrer(dit.manques);
        cadre.src = `${page.dataset.apercu}?v=${dit.version}`;
      } else {
        dire(`Non enregistré. ${(dit.fautes ?? []).join(" ")}`);
      }
    } catch {
      dire("Non enregistré : le serveur ne répond pas. Votre texte reste dans la page.");
    } finally {
      encours = null;
      if (change) attendre();
    }
  }

  function montrer(liste) {
    manques.hidden = !liste.length;
    manques.querySelector("ul").replaceChildren(...liste.map((texte) => {
      const li = document.createElement("li");
      li.textContent = texte;
      return li;
    }));
  }

  function attendre() {
    change = true;
    clearTimeout(minuteur);
    minuteur = setTimeout(enregistrer, DELAI_MS);
  }

  forme.addEventListener("input", (e) => {
    if (e.target.name && e.target.name !== "phrase" && e.target.name !== "confirmer") attendre();
  });
  forme.addEventListener("submit", () => clearTimeout(minuteur));

  for (const bouton of forme.querySelectorAll("[data-inserer-phrase]")) {
    bouton.addEventListener("click", (e) => {
      const choix = forme.querySelector("select[name=phrase]").value;
      const phrase = forme.querySelector(`template[data-phrase="${CSS.escape(choix)}"]`);
      const editeur = editeurs.get(bouton.dataset.insererPhrase);
      if (!phrase || !editeur) return;
      e.preventDefault();
      editeur.insererHtml(phrase.content.cloneNode(true));
    });
  }
}
