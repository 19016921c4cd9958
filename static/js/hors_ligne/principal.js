/* The pages of the field: count what waits, send it, keep what is written. */
import { el } from "../carte/dom.js";
import { dessinerConflit, dessinerRefus } from "./conflits.js";
import { emporter, estEmportee, installer } from "./emporter.js";
import { demanderEtat, envoyer } from "./envoi.js";
import { garder, gardeLesFichiers, lister, motifRefus, retirer } from "./file.js";
import { PERSONNE } from "./oubli.js";

const racine = document.querySelector("[data-terrain]");
const { personne } = racine.dataset;
const formulaire = document.querySelector("form[data-saisie]");
const ESSAI_MS = 10_000;
const ETATS = { brouillon: "à terminer", attente: "non envoyée", conflit: "changée entre-temps", refusee: "à corriger" };
let restent = 0;
/* What is on the screen is nowhere else. */
let nonGarde = false;
const un = (selecteur) => document.querySelector(selecteur);

function dire(texte, faute = false) {
  const zone = racine.querySelector("[data-message]");
  zone.textContent = texte;
  zone.classList.toggle("faute", faute);
}

/* Seen wherever one stands in the form, as long as it holds. */
function marquerGarde(garde) {
  nonGarde = !garde;
  racine.classList.toggle("terrain-pleine", nonGarde);
}

function quand(ecrite) {
  return new Date(ecrite).toLocaleString("fr-FR", { dateStyle: "short", timeStyle: "short" });
}

async function compter() {
  const saisies = await lister(personne);
  const compteur = racine.querySelector("[data-compteur]");
  compteur.hidden = !saisies.length;
  compteur.textContent = saisies.length > 1 ? `${saisies.length} non envoyés` : `${saisies.length} non envoyé`;
  restent = saisies.length;
  return saisies;
}

async function montrer() {
  const saisies = await compter();
  const liste = un("[data-attente-liste]");
  if (liste) {
    un("[data-attente]").hidden = !saisies.length;
    liste.replaceChildren(
      ...saisies.map((s) =>
        el("li", {}, el("a", { href: s.adresse }, s.titre), el("span", { class: "discret" }, `${ETATS[s.etat]}, écrite le ${quand(s.ecrite)}`)),
      ),
    );
  }
  const ici = formulaire ? saisies.filter((s) => s.adresse === window.location.pathname) : saisies;
  racine.querySelector("[data-conflits]").replaceChildren(
    ...ici.filter((s) => s.etat === "conflit").map((s) => dessinerConflit(s, (champs) => trancher(s, champs))),
    ...ici.filter((s) => s.etat === "refusee").map((s) => dessinerRefus(s, () => abandonner(s))),
  );
  return saisies;
}

async function abandonner(saisie) {
  await retirer(saisie.client_uuid);
  await montrer();
  dire("Saisie abandonnée.");
  if (formulaire) window.location.reload();
}

async function trancher(saisie, champs) {
  if (champs === null) {
    await abandonner(saisie);
    return;
  }
  // Another entry: it was made on another version. Kept before the first goes: a device that stops loses none.
  await garder({
    ...saisie,
    client_uuid: crypto.randomUUID(),
    champs,
    version: saisie.recue.version,
    etat: "attente",
    recue: null,
  });
  await retirer(saisie.client_uuid);
  await essayer();
}

const ISSUES = {
  reseau: "Gardé sur cet appareil : l'envoi se fera au retour du réseau.",
  panne: "Gardé sur cet appareil : le serveur n'a pas pu l'enregistrer. Un autre essai se fera tout seul ; si cela dure, prévenez le service.",
  deconnecte: "Gardé sur cet appareil. Reconnectez-vous pour l'envoyer.",
  autre: "Ce navigateur est maintenant connecté à un autre compte : rien de votre saisie n'est envoyé ni montré à ce compte.",
};

async function essayer() {
  let dernier = null;
  const issue = await envoyer(personne, (saisie, statut, contenu, suite) => (dernier = { saisie, statut, contenu, suite }));
  if (issue === "reseau") montrerReseau(false);
  else if (dernier || issue !== "fait") montrerReseau(true);
  await montrer();
  if (ISSUES[issue]) dire(ISSUES[issue], issue === "autre");
  else if (dernier?.statut === 200) recue(dernier);
  else if (dernier) dire(dernier.contenu.erreur ?? "Cette saisie n'est pas acceptée.", true);
}

function recue({ saisie, contenu, suite }) {
  dire(contenu.message);
  if (!formulaire || saisie.adresse !== window.location.pathname) return;
  formulaire.elements.version.value = contenu.version;
  if (suite) {
    // Written on while it was sent: what is on the screen goes on under its new key.
    formulaire.elements.client_uuid.value = suite.client_uuid;
    dire(`${contenu.message} Ce que vous avez écrit depuis reste à envoyer.`);
    return;
  }
  formulaire.elements.client_uuid.value = crypto.randomUUID();
  formulaire.dispatchEvent(new CustomEvent("terrain:recue", { detail: contenu }));
}

/* --- the form --- */

function valeurs() {
  const propres = ["csrfmiddlewaretoken", "client_uuid", "version", "personne"];
  return [...new FormData(formulaire)].filter(([nom]) => !propres.includes(nom));
}

function remplir({ champs }) {
  for (const champ of formulaire.elements) {
    if (!champ.name || champ.type === "file" || champ.type === "hidden" || champ.type === "submit") continue;
    const ecrites = champs.filter(([nom]) => nom === champ.name).map(([, valeur]) => valeur);
    if (champ.type === "checkbox" || champ.type === "radio") champ.checked = ecrites.includes(champ.value);
    else if (champ.multiple) for (const option of champ.options) option.selected = ecrites.includes(option.value);
    else if (ecrites.length) [champ.value] = ecrites;
  }
}

function ecrire(etat) {
  const { client_uuid: cle, version } = formulaire.elements;
  return garder({
    client_uuid: cle.value,
    personne,
    adresse: window.location.pathname,
    titre: formulaire.dataset.titre,
    champs: valeurs(),
    version: Number(version.value),
    etat,
    ecrite: Date.now(),
    // Of this very writing: a clock may be wrong, or stand still.
    marque: crypto.randomUUID(),
    recue: null,
  });
}

/* Writings follow one another: the last one typed is the last one kept. */
let file = Promise.resolve();
let envoiVoulu = false;

function brouillon() {
  file = file.then(async () => {
    if (envoiVoulu) return;
    try {
      await ecrire("brouillon");
      if (nonGarde) dire("De nouveau gardé sur cet appareil.");
      marquerGarde(true);
      await compter();
      formulaire.dataset.garde = String(Number(formulaire.dataset.garde ?? 0) + 1);
    } catch (erreur) {
      marquerGarde(false);
      dire(motifRefus(erreur), true);
    }
  });
}

async function suivreFormulaire() {
  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    envoiVoulu = true;
    try {
      await file;
      await ecrire("attente");
      marquerGarde(true);
    } catch (erreur) {
      marquerGarde(false);
      dire(motifRefus(erreur), true);
      envoiVoulu = false;
      return;
    }
    // From now on a change is a new draft: what was sent does not erase it.
    envoiVoulu = false;
    dire("Gardé sur cet appareil, envoi en cours…");
    await essayer();
  });
  if ("brouillons" in formulaire.dataset) {
    for (const geste of ["input", "change", "terrain:change"]) formulaire.addEventListener(geste, brouillon);
  }
  if (!(await gardeLesFichiers())) formulaire.dispatchEvent(new CustomEvent("terrain:sans-fichiers"));
  // What was written here and not sent is found again.
  const [saisie] = (await lister(personne)).filter((s) => s.adresse === window.location.pathname);
  if (!saisie) return;
  remplir(saisie);
  formulaire.dispatchEvent(new CustomEvent("terrain:reprise", { detail: saisie.champs }));
  formulaire.elements.client_uuid.value = saisie.client_uuid;
  formulaire.elements.version.value = saisie.version;
  dire("Vous retrouvez votre saisie non envoyée.");
}

/* --- taking pages along --- */

async function suivreEmport(joint) {
  const bouton = un("[data-emporter]");
  const fiches = [...document.querySelectorAll("[data-fiche]")];
  const marquer = async () => {
    for (const fiche of fiches) {
      fiche.parentElement.querySelector("[data-emportee]").hidden = !(await estEmportee(personne, fiche.href));
    }
  };
  await marquer();
  if (!joint || !(await installer())) return;
  await emporter(personne, [window.location.pathname]);
  const boutons = [...document.querySelectorAll("[data-emporter-groupe]")];
  for (const b of boutons) offrir(b, [...b.closest("[data-groupe]").querySelectorAll("[data-fiche]")], marquer);
  if (bouton) offrir(bouton, fiches, marquer);
}

function offrir(bouton, fiches, marquer) {
  bouton.hidden = false;
  bouton.addEventListener("click", async () => {
    bouton.disabled = true;
    dire("Les fiches se chargent…");
    try {
      const gardees = await emporter(personne, fiches.map((f) => f.href));
      dire(`${gardees.length} fiche${gardees.length > 1 ? "s" : ""} emportée${gardees.length > 1 ? "s" : ""} sur cet appareil.`);
    } catch {
      dire("Le réseau manque : toutes les fiches n'ont pas été emportées.", true);
    }
    bouton.disabled = false;
    await marquer();
  });
}

function montrerReseau(joint) {
  racine.querySelector("[data-reseau]").hidden = joint;
}

/* Browsers say « online » of any plugged cable: only an answer of the server tells. */
async function sonder() {
  const joint = (await demanderEtat()) !== null;
  montrerReseau(joint);
  if (joint) await essayer();
  return joint;
}

function suivreReseau() {
  const coupe = () => !racine.querySelector("[data-reseau]").hidden;
  window.addEventListener("online", sonder);
  window.addEventListener("offline", () => montrerReseau(false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sonder());
  setInterval(async () => {
    if (coupe() || (await lister(personne)).some((s) => s.etat === "attente")) await sonder();
  }, ESSAI_MS);
}

/* Closing the page loses nothing, but nothing is sent while it is closed: said before it is. */
function prevenir() {
  let interne = false;
  document.addEventListener("click", (evenement) => {
    const lien = evenement.target.closest("a[href]");
    interne = Boolean(lien && new URL(lien.href).pathname.startsWith("/terrain/"));
  });
  window.addEventListener("beforeunload", (evenement) => {
    if (nonGarde || (restent && !interne)) evenement.preventDefault();
  });
}

async function commencer() {
  if (personne) localStorage.setItem(PERSONNE, personne);
  if (formulaire) await suivreFormulaire();
  suivreReseau();
  prevenir();
  await montrer();
  const joint = await sonder();
  // The worker is an ease: without it the queue works while the page stays open.
  await suivreEmport(joint).catch(() => {});
  document.documentElement.dataset.terrain = "pret";
}

commencer();
