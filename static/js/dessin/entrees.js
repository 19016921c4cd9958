/* Shapes that come without the map: a file, references of parcels, coordinates. */
import { genreDe, simples } from "./formes.js";
import { compter } from "./mesures.js";

const MEGA = 1e6;

/** Bind the inputs beside the map; they are read here and no longer sent with the form. */
export function lierEntrees(racine, dessin, { fichierMax }) {
  const references = racine.querySelector("[data-references]");
  const fichier = racine.querySelector("[data-fichier]");
  const coordonnees = racine.querySelector("[data-coordonnees]");
  for (const champ of [references, fichier]) champ.removeAttribute("name");
  racine.querySelector("[data-avec-script]").hidden = false;
  racine.querySelector('[data-action="parcelles"]').hidden = false;

  fichier.addEventListener("change", async () => {
    const [choisi] = fichier.files;
    if (!choisi) return;
    if (choisi.size > fichierMax) {
      const taille = `${Math.round(choisi.size / MEGA)} Mo`;
      dessin.dire(
        `« ${choisi.name} » est trop lourd pour un dessin : ${taille}, ${Math.round(fichierMax / MEGA)} au plus. Rien n'est ajouté ; un technicien peut l'importer comme une couche.`,
        true,
      );
    } else await dessin.travailler(() => importer(choisi));
    fichier.value = "";
  });

  async function importer(choisi) {
    dessin.dire(`Lecture de « ${choisi.name} »…`);
    const lu = await dessin.serveur.importer(choisi);
    ajouter(simples(lu.geojson), lu.remarques, "Le fichier", choisi.name.replace(/\.[^.]+$/, "").slice(0, 40));
  }

  function ajouter(geometries, remarques, source, nom = "") {
    const { formes } = dessin;
    const bonnes = geometries.filter((g) => formes.genres.includes(genreDe(g)));
    if (!bonnes.length) {
      dessin.dire(`${source} contient ${compter(geometries)} : ce champ attend ${dessin.attendus}.`, true);
      return;
    }
    if (!formes.plusieurs && bonnes.length > 1) {
      dessin.dire(`${source} contient ${compter(bonnes)} : ce champ n'en attend qu'une. Rien n'est ajouté.`, true);
      return;
    }
    const { laissees } = formes.ajouter(geometries, nom);
    dessin.cadrer();
    const fin = laissees ? ` ${laissees} d'un autre genre laissées de côté.` : "";
    dessin.dire([`Ajouté : ${compter(bonnes)}.${fin}`, ...remarques].join(" "));
  }

  async function parcelles() {
    const texte = references.value.trim();
    if (!texte) {
      dessin.dire("Écrivez une ou plusieurs références : AB 12, AB 13.", true);
      return;
    }
    const lu = await dessin.serveur.parcelles(texte);
    const ajoutees = lu.parcelles.filter((p) => dessin.ajouterParcelle(p));
    if (ajoutees.length) {
      references.value = "";
      dessin.cadrer();
    }
    const fait = ajoutees.length ? [`Ajouté : ${ajoutees.map((p) => p.libelle).join(", ")}.`] : [];
    dessin.dire([...fait, ...lu.remarques].join(" ") || "Ces parcelles sont déjà dans le dessin.", !ajoutees.length);
  }

  async function lireCoordonnees() {
    const texte = coordonnees.value.trim();
    if (!texte) {
      dessin.dire("Écrivez un point par ligne.", true);
      return;
    }
    const lu = await dessin.serveur.operer("lire", texte);
    ajouter(simples(lu.dessin), [], "Ce texte");
    if (!dessin.enFaute) coordonnees.value = "";
  }

  return {
    parcelles: () => dessin.travailler(parcelles),
    coordonnees: () => dessin.travailler(lireCoordonnees),
    valider: (champ) => champ === references && dessin.travailler(parcelles),
  };
}
