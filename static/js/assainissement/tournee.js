/* The order of a round by dragging; the arrows of each visit do the same without a mouse, and without script. */
const liste = document.querySelector("[data-tournee]");
const dit = document.querySelector("[data-tournee-dit]");
let tenue = null;

function jeton() {
  return liste.querySelector("input[name=csrfmiddlewaretoken]").value;
}

async function enregistrer() {
  const corps = new FormData();
  corps.set("geste", "ordre");
  corps.set("version", liste.dataset.version);
  for (const ligne of liste.children) corps.append("ordre", ligne.dataset.controle);
  const reponse = await fetch(liste.dataset.adresse, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": jeton() },
    body: corps,
  }).catch(() => null);
  if (reponse?.ok) {
    // The sketch, the arrows and the version follow.
    window.location.reload();
    return;
  }
  const contenu = await reponse?.json().catch(() => null);
  dit.classList.remove("visually-hidden");
  dit.textContent = contenu?.erreur ?? "Le réseau manque : l'ordre n'est pas enregistré.";
}

function dessous(y) {
  return [...liste.children].find((ligne) => {
    const cadre = ligne.getBoundingClientRect();
    return ligne !== tenue && y < cadre.top + cadre.height / 2;
  });
}

if (liste) {
  for (const ligne of liste.children) {
    ligne.draggable = true;
    ligne.addEventListener("dragstart", (evenement) => {
      tenue = ligne;
      evenement.dataTransfer.effectAllowed = "move";
      ligne.classList.add("tenue");
    });
    ligne.addEventListener("dragend", () => {
      ligne.classList.remove("tenue");
      tenue = null;
    });
  }
  let avant = [];
  liste.addEventListener("dragenter", () => {
    if (tenue && !avant.length) avant = [...liste.children];
  });
  liste.addEventListener("dragover", (evenement) => {
    if (!tenue) return;
    evenement.preventDefault();
    liste.insertBefore(tenue, dessous(evenement.clientY) ?? null);
  });
  liste.addEventListener("drop", (evenement) => {
    evenement.preventDefault();
    const apres = [...liste.children];
    if (avant.length && apres.some((ligne, rang) => ligne !== avant[rang])) enregistrer();
    avant = [];
  });
}
