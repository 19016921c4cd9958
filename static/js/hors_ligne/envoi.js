/* Send what waits, in order, once: the server answers the same to the same key. */
import { lister, recue as noterRecue, refusee as noterRefusee } from "./file.js";

const VERROU = "terrain-envoi";
// The site itself is away: the next entries would fare no better.
const ABSENT = [502, 503, 504];

class Panne extends Error {}

/** Who the server sees, and a token; null without network. */
export async function demanderEtat() {
  try {
    const reponse = await fetch("/terrain/etat", { headers: { Accept: "application/json" } });
    return reponse.ok ? await reponse.json() : null;
  } catch {
    return null;
  }
}

function corps(saisie) {
  const donnees = new FormData();
  for (const [nom, valeur] of saisie.champs) donnees.append(nom, valeur);
  donnees.set("client_uuid", saisie.client_uuid);
  donnees.set("version", String(saisie.version));
  donnees.set("personne", saisie.personne);
  return donnees;
}

async function envoyerUne(saisie, jeton) {
  const reponse = await fetch(saisie.adresse, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": jeton },
    body: corps(saisie),
  });
  const contenu = await reponse.json().catch(() => null);
  if (contenu === null && [403, 404].includes(reponse.status)) {
    // No longer ours to write: told, and kept until the person gives it up.
    return { statut: reponse.status, contenu: { erreur: "Cette fiche ne vous est plus ouverte : voyez avec le service. Votre saisie est gardée." } };
  }
  if (contenu === null && reponse.status === 413) {
    return { statut: 413, contenu: { erreur: "L'envoi est trop volumineux : ôtez des photos. Votre saisie est gardée." } };
  }
  if (ABSENT.includes(reponse.status)) throw new Error("Le serveur est absent.");
  // This one fails: the others behind it may pass.
  if (contenu === null || reponse.status >= 500) throw new Panne("Le serveur ne répond pas comme prévu.");
  return { statut: reponse.status, contenu };
}

async function tout(personne, surReponse) {
  const attendent = (await lister(personne)).filter((s) => s.etat === "attente");
  if (!attendent.length) return "fait";
  const etat = await demanderEtat();
  if (!etat) return "reseau";
  if (!etat.personne) return "deconnecte";
  if (etat.personne !== personne) return "autre";
  let issue = "fait";
  for (const saisie of attendent) {
    let recue;
    try {
      recue = await envoyerUne(saisie, etat.jeton);
    } catch (erreur) {
      if (!(erreur instanceof Panne)) return "reseau";
      issue = "panne";
      continue;
    }
    const { statut, contenu } = recue;
    const suite = statut === 200 ? await noterRecue(saisie, contenu.version) : null;
    if (statut !== 200) await noterRefusee(saisie, contenu.conflit ? "conflit" : "refusee", contenu);
    surReponse(saisie, statut, contenu, suite);
  }
  return issue;
}

/** One sender at a time, whatever the number of tabs; gives fait, reseau, panne, deconnecte or autre. */
export function envoyer(personne, surReponse) {
  if (!navigator.locks) return tout(personne, surReponse);
  return navigator.locks.request(VERROU, () => tout(personne, surReponse));
}
