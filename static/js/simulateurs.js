// Adds a blank row to a list of a simulator, and keeps empty fields out of the address.

const MAXIMUM = 20;

for (const bloc of document.querySelectorAll("[data-rangs]")) {
  const bouton = bloc.querySelector("[data-ajouter]");
  const modele = bloc.querySelector("template");
  let rangs = Number(bloc.dataset.rangs);
  bouton.hidden = rangs >= MAXIMUM;
  bouton.addEventListener("click", () => {
    const fragment = modele.content.cloneNode(true);
    for (const element of fragment.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes("__rang__")) element.setAttribute(name, value.replaceAll("__rang__", rangs));
      }
    }
    rangs += 1;
    fragment.querySelector("[data-numero]").textContent = rangs;
    const premier = fragment.querySelector("input, select");
    bloc.insertBefore(fragment, modele);
    bouton.hidden = rangs >= MAXIMUM;
    premier?.focus();
  });
}

document.querySelector("form[data-simulateur]")?.addEventListener("formdata", ({ formData }) => {
  for (const [nom, valeur] of [...formData]) if (valeur === "") formData.delete(nom);
});

// A link to the simulation is copied whole.
document.querySelector("#lien")?.addEventListener("focus", ({ target }) => target.select());
