/* Two versions of one form, side by side: field by field, the person who wrote decides. */
import { el } from "../carte/dom.js";

function choix(saisie, ligne, quoi, texte) {
  const bouton = el("input", {
    type: "radio",
    class: "form-check-input",
    name: `conflit-${saisie.client_uuid}-${ligne.champ}`,
    value: quoi,
    checked: quoi === "saisi",
  });
  return el("td", {}, el("label", {}, bouton, el("span", {}, texte)));
}

/** The element of one entry in conflict; `surChoix(champs)` gets the fields to send, null to give up. */
export function dessinerConflit(saisie, surChoix) {
  const { conflit, par } = saisie.recue;
  const titre = `Cette fiche a changé pendant que vous étiez sans réseau : ${saisie.titre}`;
  const entete = ["Champ", "Votre saisie", par ? `Enregistré par ${par}` : "Enregistré entre-temps"];
  const lignes = conflit.map((ligne) =>
    el(
      "tr",
      { "data-champ": ligne.champ },
      el("th", { scope: "row" }, ligne.libelle),
      choix(saisie, ligne, "saisi", ligne.saisi),
      choix(saisie, ligne, "actuel", ligne.actuel),
    ),
  );
  const section = el("section", { class: "terrain-cas", "aria-label": titre });

  function composer() {
    let { champs } = saisie;
    for (const ligne of conflit) {
      const garde = section.querySelector(`[data-champ="${CSS.escape(ligne.champ)}"] input:checked`).value;
      if (garde === "saisi") continue;
      champs = [...champs.filter(([nom]) => nom !== ligne.champ), ...ligne.actuel_brut.map((v) => [ligne.champ, v])];
    }
    return champs;
  }

  section.append(
    el("h2", {}, titre),
    conflit.length
      ? el(
          "table",
          { class: "terrain-conflit" },
          el("thead", {}, el("tr", {}, ...entete.map((t) => el("th", { scope: "col" }, t)))),
          el("tbody", {}, ...lignes),
        )
      : el("p", {}, "Ce qui est enregistré est déjà ce que vous avez écrit."),
    el(
      "p",
      { class: "boutons" },
      el("button", { type: "button", class: "btn btn-primary", onclick: () => surChoix(composer()) }, "Enregistrer ce choix"),
      el("button", { type: "button", class: "btn btn-outline-secondary", onclick: () => surChoix(null) }, "Abandonner ma saisie"),
    ),
  );
  return section;
}

/** An entry that the server does not take, with its reason. */
export function dessinerRefus(saisie, surAbandon) {
  const { champs, erreur } = saisie.recue;
  return el(
    "section",
    { class: "terrain-cas", "aria-label": `Saisie refusée : ${saisie.titre}` },
    el("h2", {}, `À corriger : ${saisie.titre}`),
    el("p", {}, erreur ?? "Cette saisie n'est plus acceptée."),
    el("ul", {}, ...Object.values(champs ?? {}).flat().map((texte) => el("li", {}, texte))),
    el(
      "p",
      { class: "boutons" },
      el("a", { class: "btn btn-primary", href: saisie.adresse }, "Corriger"),
      el("button", { type: "button", class: "btn btn-outline-secondary", onclick: surAbandon }, "Abandonner ma saisie"),
    ),
  );
}
