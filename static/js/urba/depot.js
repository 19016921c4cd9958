// Says the base delay and the next number of the deposit while its form is filled, and lists its pieces to tick.

const formulaire = document.querySelector("form[data-apercu-delai]");

function caseDePiece({ code, libelle, toujours }, cochee) {
  const etiquette = document.createElement("label");
  const boite = document.createElement("input");
  boite.type = "checkbox";
  boite.name = "pieces";
  boite.value = code;
  boite.checked = cochee;
  boite.dataset.toujours = toujours ? "oui" : "";
  etiquette.append(boite, ` ${code} – ${libelle}${toujours ? "" : " (selon le projet)"}`);
  const ligne = document.createElement("li");
  ligne.append(etiquette);
  return ligne;
}

function listerPieces(groupe, pieces) {
  // What was ticked stays so, when the same code is there: the day of the deposit may change.
  const avant = [...groupe.querySelectorAll("input:checked")].map((b) => b.value);
  const cochees = new Set([...avant, ...groupe.dataset.cochees.split(" ")]);
  groupe.querySelectorAll("ul, button").forEach((e) => e.remove());
  groupe.hidden = pieces.length === 0;
  const liste = document.createElement("ul");
  liste.className = "urba-services";
  liste.append(...pieces.map((p) => caseDePiece(p, cochees.has(p.code))));
  const toutes = document.createElement("button");
  toutes.type = "button";
  toutes.className = "btn btn-sm btn-outline-primary";
  toutes.textContent = "Cocher les obligatoires";
  toutes.addEventListener("click", () => {
    liste.querySelectorAll("input[data-toujours=oui]").forEach((b) => { b.checked = true; });
  });
  groupe.append(toutes, liste);
}

let dernier = 0;

async function dire() {
  const phrase = formulaire.querySelector("[data-phrase]");
  const { type_detail: type, depose_le: jour, insee } = formulaire.elements;
  if (!type.value || !jour.value) return;
  const question = new URLSearchParams({ type_detail: type.value, depose_le: jour.value, insee: insee.value });
  const rang = ++dernier;
  const reponse = await fetch(`${formulaire.dataset.apercuDelai}?${question}`);
  // A slow answer about a kind already changed says nothing any more.
  if (!reponse.ok || rang !== dernier) return;
  const dit = await reponse.json();
  phrase.textContent = dit.numero ? `Prochain numéro : ${dit.numero}. ${dit.phrase}` : dit.phrase;
  listerPieces(formulaire.querySelector("[data-pieces]"), dit.pieces || []);
}

if (formulaire) {
  for (const champ of ["type_detail", "depose_le", "insee"]) {
    formulaire.elements[champ].addEventListener("change", dire);
  }
  // The first thing to say is the kind: one letter chooses it.
  if (!formulaire.querySelector(".invalid-feedback, .errorlist")) formulaire.elements.type_detail.focus();
  dire();
}
