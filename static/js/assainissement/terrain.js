/* The phone form of a control: one group a screen, photos, sketch, signature, the conclusion as it is typed.
   Without this module the same fields stand on one page. The queue and the drafts are the house's. */
import { el } from "../carte/dom.js";
import { casDe, classer } from "./classement.js";

const forme = document.querySelector("form[data-saisie]");
const controle = document.querySelector("[data-controle]");
const PHOTOS_MAX = 6;
const COTE = 1600;
const changer = () => forme.dispatchEvent(new CustomEvent("terrain:change"));
document.documentElement.classList.add("avec-script");

/* --- screens --- */

const ecrans = [...controle.querySelectorAll("[data-ecran]")];
const precedent = controle.querySelector("[data-precedent]");
const suivant = controle.querySelector("[data-suivant]");
const pied = forme.querySelector(".formulaire-pied");
let ici = 0;

function faite() {
  return forme.elements.issue.value === "visite_faite";
}

/** Screens of what was seen are for a visit that was made. */
function offerts() {
  return ecrans.filter((e) => faite() || !("constat" in e.dataset));
}

function montrer(rang, titre = true) {
  const liste = offerts();
  ici = Math.max(0, Math.min(liste.length - 1, rang));
  for (const ecran of ecrans) ecran.hidden = ecran !== liste[ici];
  const ou = controle.querySelector("[data-ou]");
  ou.hidden = false;
  ou.textContent = `Écran ${ici + 1} sur ${liste.length}`;
  precedent.disabled = ici === 0;
  suivant.hidden = ici === liste.length - 1;
  pied.hidden = ici !== liste.length - 1;
  if (!titre) return;
  const h2 = liste[ici].querySelector("h2");
  h2.tabIndex = -1;
  h2.focus({ preventScroll: true });
  controle.scrollIntoView();
}

precedent.addEventListener("click", () => montrer(ici - 1));
suivant.addEventListener("click", () => montrer(ici + 1));
forme.addEventListener(
  "invalid",
  (evenement) => {
    const ecran = evenement.target.closest("[data-ecran]");
    if (ecran?.hidden) montrer(offerts().indexOf(ecran), false);
  },
  true,
);
controle.querySelector("[data-pas]").hidden = false;

/* --- photos: resized here, kept with the draft, sent with the form --- */

let photos = [];
const entree = forme.elements.photos;
const liste = controle.querySelector("[data-photos]");
const points = [...controle.querySelectorAll("[data-point]")].map((p) => [p.dataset.point, p.querySelector("legend").textContent.trim()]);

async function reduire(fichier) {
  const image = await createImageBitmap(fichier, { imageOrientation: "from-image" });
  const rapport = Math.min(1, COTE / Math.max(image.width, image.height));
  const toile = document.createElement("canvas");
  toile.width = Math.max(1, Math.round(image.width * rapport));
  toile.height = Math.max(1, Math.round(image.height * rapport));
  const crayon = toile.getContext("2d");
  crayon.fillStyle = "#ffffff";
  crayon.fillRect(0, 0, toile.width, toile.height);
  crayon.drawImage(image, 0, 0, toile.width, toile.height);
  image.close();
  const blob = await new Promise((bon) => toile.toBlob(bon, "image/jpeg", 0.85));
  if (!blob) throw new Error("image");
  return new File([blob], fichier.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

function dessinerPhotos() {
  liste.replaceChildren(
    ...photos.map((photo, rang) => {
      const image = el("img", { alt: `Photo ${rang + 1}` });
      image.src = URL.createObjectURL(photo.fichier);
      image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
      const legende = el("input", { type: "text", class: "form-control", maxLength: 200, placeholder: "Légende", "aria-label": `Légende de la photo ${rang + 1}` });
      legende.value = photo.legende;
      legende.addEventListener("input", () => {
        photo.legende = legende.value;
        changer();
      });
      const point = el("select", { class: "form-select", "aria-label": `Ce que montre la photo ${rang + 1}` }, el("option", { value: "" }, "vue d'ensemble"));
      point.append(...points.map(([code, mot]) => el("option", { value: code }, mot)));
      point.value = photo.point;
      point.addEventListener("change", () => {
        photo.point = point.value;
        changer();
      });
      const oter = el("button", { type: "button", class: "btn btn-outline-secondary" }, `Ôter la photo ${rang + 1}`);
      oter.addEventListener("click", () => {
        photos = photos.filter((p) => p !== photo);
        dessinerPhotos();
        changer();
      });
      return el("li", {}, image, legende, point, oter);
    }),
  );
  controle.querySelector("[data-ajout-photo]").hidden = photos.length >= PHOTOS_MAX || sansFichiers;
}

/** Why a photo is not taken; what is typed and the others stay. */
function refusDe({ name, type, size }) {
  if (!type.startsWith("image/")) return `« ${name} » n'est pas une image.`;
  return `« ${name} » (${Math.max(1, Math.round(size / 1e6))} Mo) n'est pas prise : image abîmée, ou trop grande pour cet appareil. Reprenez-la en qualité moindre ; le reste est gardé.`;
}

let sansFichiers = false;
const aide = controle.querySelector("[data-aide-photos]");
entree.addEventListener("change", async (evenement) => {
  evenement.stopPropagation();
  const choisies = [...entree.files];
  entree.value = "";
  const place = PHOTOS_MAX - photos.length;
  if (choisies.length > place) aide.textContent = `${PHOTOS_MAX} photos au plus : les ${choisies.length - place} dernières ne sont pas prises.`;
  for (const fichier of choisies.slice(0, place)) {
    try {
      photos.push({ fichier: await reduire(fichier), legende: "", point: "" });
    } catch {
      aide.textContent = refusDe(fichier);
    }
  }
  dessinerPhotos();
  changer();
});
forme.addEventListener("terrain:sans-fichiers", () => {
  sansFichiers = true;
  controle.querySelector("[data-sans-fichiers]").hidden = false;
  dessinerPhotos();
});

forme.addEventListener("formdata", ({ formData }) => {
  formData.delete("photos");
  for (const { fichier } of photos) formData.append("photos", fichier, fichier.name);
  formData.set("legendes", JSON.stringify(photos.map(({ legende, point }) => ({ legende, point }))));
});

/* --- drawings of the finger --- */

const traits = new Map();
for (const bloc of controle.querySelectorAll("[data-trait]")) {
  const toile = bloc.querySelector("canvas");
  const champ = forme.elements[bloc.dataset.trait];
  const crayon = toile.getContext("2d");
  let trace = false;
  crayon.lineWidth = 4;
  crayon.lineCap = crayon.lineJoin = "round";
  crayon.strokeStyle = "#1d2b3a";
  const place = (evenement) => {
    const cadre = toile.getBoundingClientRect();
    return [((evenement.clientX - cadre.left) * toile.width) / cadre.width, ((evenement.clientY - cadre.top) * toile.height) / cadre.height];
  };
  const vider = () => {
    crayon.fillStyle = "#ffffff";
    crayon.fillRect(0, 0, toile.width, toile.height);
    champ.value = "";
  };
  toile.addEventListener("pointerdown", (evenement) => {
    trace = true;
    toile.setPointerCapture(evenement.pointerId);
    crayon.beginPath();
    crayon.moveTo(...place(evenement));
  });
  toile.addEventListener("pointermove", (evenement) => {
    if (!trace) return;
    crayon.lineTo(...place(evenement));
    crayon.stroke();
  });
  const finir = () => {
    if (!trace) return;
    trace = false;
    champ.value = toile.toDataURL("image/png");
    changer();
  };
  toile.addEventListener("pointerup", finir);
  toile.addEventListener("pointercancel", finir);
  bloc.querySelector("[data-effacer]").addEventListener("click", () => {
    vider();
    changer();
  });
  vider();
  bloc.hidden = false;
  traits.set(bloc.dataset.trait, {
    vider,
    montrer(adresse) {
      vider();
      champ.value = adresse;
      const image = new Image();
      image.addEventListener("load", () => crayon.drawImage(image, 0, 0));
      image.src = adresse;
    },
  });
}

/* --- the conclusion, as the server will give it --- */

const conclusion = controle.querySelector("[data-conclusion]");

function conclure() {
  if (!conclusion) return;
  const reponses = [...controle.querySelectorAll("[data-point]")].map((p) => ({
    fait: p.dataset.fait,
    attendue: p.dataset.attendue,
    valeur: p.querySelector("input[type=radio]:checked")?.value ?? "",
  }));
  const nombres = {};
  for (const champ of controle.querySelectorAll("[data-nombre]")) {
    const texte = champ.value.trim().replace(",", ".").replaceAll(/\s/g, "");
    if (texte) nombres[champ.dataset.nombre] = champ.dataset.nombre === "nb_plaintes_tiers" ? Number(texte) : texte;
  }
  conclusion.hidden = false;
  const cas = casDe(controle.dataset.nature, reponses, nombres, Boolean(controle.dataset.vente));
  try {
    const lue = classer(cas);
    const suite = lue.points_non_verifies.length ? [el("p", {}, `${lue.points_non_verifies.length} point(s) non vérifié(s), compté(s) absent(s).`)] : [];
    conclusion.dataset.regle = lue.regle;
    conclusion.replaceChildren(
      el("p", {}, el("strong", {}, `Conclusion provisoire, règle ${lue.regle}${lue.cas ? `, cas ${lue.cas}` : ""} : `), lue.libelle),
      el("ul", {}, ...lue.phrases.map((phrase) => el("li", {}, phrase))),
      ...suite,
    );
  } catch (faute) {
    conclusion.dataset.regle = "";
    conclusion.replaceChildren(
      el("p", {}, faute.champ === "elements_probants" ? "Dites d'abord, au deuxième écran, si des éléments prouvent qu'une installation existe." : faute.message),
    );
  }
}

forme.addEventListener("input", conclure);
forme.addEventListener("change", (evenement) => {
  conclure();
  if (evenement.target.name === "issue") montrer(ici, false);
});

/* --- what was kept on the device is found again; what was received leaves the screen --- */

forme.addEventListener("terrain:reprise", ({ detail }) => {
  const lire = (nom) => detail.filter(([n]) => n === nom).map(([, valeur]) => valeur);
  let legendes = [];
  try {
    legendes = JSON.parse(lire("legendes")[0] ?? "[]");
  } catch {
    legendes = [];
  }
  photos = lire("photos").map((fichier, rang) => ({ fichier, legende: "", point: "", ...legendes[rang] }));
  for (const [nom, trait] of traits) {
    const [adresse] = lire(nom);
    if (adresse) trait.montrer(adresse);
  }
  dessinerPhotos();
  montrer(0, false);
  conclure();
});
forme.addEventListener("terrain:recue", () => {
  photos = [];
  dessinerPhotos();
  for (const trait of traits.values()) trait.vider();
});

/* A page taken along yesterday would say yesterday: the day is the device's, unless it is behind the server's. */
if ("dateDuJour" in controle.dataset) {
  const ici = new Date();
  const jour = [ici.getFullYear(), ici.getMonth() + 1, ici.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
  const champ = forme.elements.date_visite;
  if (jour > champ.value) champ.value = jour;
}

dessinerPhotos();
montrer(0, false);
conclure();
