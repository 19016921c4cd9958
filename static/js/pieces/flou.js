/* Rectangles drawn on a photo fill the rows of the form; a row erased removes its rectangle. */

const cadre = document.getElementById("flou-cadre");
const photo = document.getElementById("flou-photo");
const liste = document.getElementById("flou-zones");
const NOMS = ["x", "y", "largeur", "hauteur"];
const MINIMUM = 0.5;

const champs = (rang) => NOMS.map((nom) => rang.querySelector(`[name=${nom}]`));
const lire = (rang) => champs(rang).map((c) => Number(c.value.replace(",", ".")));
const vide = (rang) => champs(rang).every((c) => !c.value.trim());

function poser(boite, [x, y, largeur, hauteur]) {
  boite.style.left = `${x}%`;
  boite.style.top = `${y}%`;
  boite.style.width = `${largeur}%`;
  boite.style.height = `${hauteur}%`;
}

function numeroter() {
  [...liste.children].forEach((rang, i) => (rang.querySelector("legend").textContent = `Zone ${i + 1}`));
}

function nouveauRang() {
  const dernier = liste.lastElementChild;
  if (vide(dernier)) return dernier;
  const rang = dernier.cloneNode(true);
  for (const c of champs(rang)) c.value = "";
  rang.querySelector("button")?.remove();
  liste.append(rang);
  equiper(rang);
  numeroter();
  return rang;
}

function equiper(rang) {
  const oter = document.createElement("button");
  oter.type = "button";
  oter.className = "btn btn-sm btn-outline-secondary";
  oter.textContent = "Retirer";
  oter.addEventListener("click", () => {
    for (const c of champs(rang)) c.value = "";
    if (liste.children.length > 1) rang.remove();
    numeroter();
    dessiner();
  });
  rang.querySelector("fieldset").append(oter);
}

function dessiner() {
  cadre.querySelectorAll(".flou-zone").forEach((z) => z.remove());
  [...liste.children].forEach((rang, i) => {
    const valeurs = lire(rang);
    if (vide(rang) || valeurs.some((v) => !Number.isFinite(v))) return;
    const boite = document.createElement("div");
    boite.className = "flou-zone";
    boite.textContent = i + 1;
    poser(boite, valeurs);
    cadre.append(boite);
  });
}

function lieu(evenement) {
  const b = photo.getBoundingClientRect();
  const borner = (v) => Math.min(100, Math.max(0, v));
  return [borner(((evenement.clientX - b.left) / b.width) * 100), borner(((evenement.clientY - b.top) / b.height) * 100)];
}

let depart = null;
let trace = null;
const rectangle = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.abs(bx - ax), Math.abs(by - ay)];
cadre.addEventListener("pointerdown", (evenement) => {
  if (evenement.button) return;
  evenement.preventDefault();
  cadre.setPointerCapture(evenement.pointerId);
  depart = lieu(evenement);
  trace = document.createElement("div");
  trace.className = "flou-zone flou-trace";
  cadre.append(trace);
});
cadre.addEventListener("pointermove", (evenement) => {
  if (depart) poser(trace, rectangle(depart, lieu(evenement)));
});
cadre.addEventListener("pointerup", (evenement) => {
  if (!depart) return;
  const zone = rectangle(depart, lieu(evenement));
  trace.remove();
  depart = null;
  if (zone[2] < MINIMUM || zone[3] < MINIMUM) return;
  champs(nouveauRang()).forEach((c, i) => (c.value = zone[i].toFixed(2).replace(".", ",")));
  dessiner();
});
cadre.addEventListener("pointercancel", () => {
  trace?.remove();
  depart = null;
});
liste.addEventListener("input", dessiner);
for (const rang of liste.children) equiper(rang);
cadre.classList.add("flou-vif");
dessiner();
