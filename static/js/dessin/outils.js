/* Each tool: what it draws first, what it asks, what it says, what it does with the shape drawn. */

function metres(texte) {
  const valeur = Number(String(texte).trim().replace(/[\s\u202f\u00a0]/g, "").replace(",", "."));
  return Number.isFinite(valeur) && String(texte).trim() ? valeur : null;
}

const TRACER = "Cliquez ou touchez la carte pour poser les points ; au clavier, Entrée pose un point au centre.";

/** `trace`: kind drawn; `regle`: fields shown; `fin(geometry, dessin)` after the drawing; `appliquer(dessin)`. */
export const OUTILS = {
  point: {
    trace: "point",
    consigne: "Cliquez ou touchez la place du point ; au clavier, Entrée le pose au centre de la carte.",
    fin: (geometrie, dessin) => dessin.ajouter([geometrie]),
  },
  ligne: {
    trace: "ligne",
    consigne: TRACER,
    fin: (geometrie, dessin) => dessin.ajouter([geometrie]),
  },
  surface: {
    trace: "surface",
    consigne: TRACER,
    fin: (geometrie, dessin) => dessin.ajouter([geometrie]),
  },
  parcelle: {
    clic: (latlng, dessin) => dessin.prendreParcelle(latlng),
    consigne: "Cliquez ou touchez une parcelle pour prendre son contour ; une seconde fois pour la rendre.",
  },
  bande: {
    trace: "ligne",
    regle: ["metres", "cote"],
    metres: ["Largeur", "2"],
    consigne: "Réglez la largeur, puis tracez la bordure : la bande la longe du côté choisi.",
    fin: async (geometrie, dessin) => {
      const largeur = metres(dessin.metres);
      const cote = dessin.cote;
      const operation = cote === "deux" ? "tampon" : "bande";
      const valeur = { gauche: largeur, droite: -largeur, deux: largeur / 2 }[cote];
      await dessin.transformer(operation, [geometrie], { metres: largeur === null ? "" : valeur }, null);
    },
  },
  rectangle: {
    trace: "point",
    regle: ["rectangle"],
    consigne: "Réglez les deux côtés et l'orientation, puis cliquez ou touchez le centre.",
    fin: (geometrie, dessin) => dessin.transformer("rectangle", [geometrie], dessin.rectangle, null),
  },
  disque: {
    trace: "point",
    regle: ["metres"],
    metres: ["Rayon", "5"],
    consigne: "Réglez le rayon, puis cliquez ou touchez le centre.",
    fin: (geometrie, dessin) => dessin.transformer("tampon", [geometrie], { metres: metres(dessin.metres) ?? "" }, null),
  },
  modifier: {
    edition: true,
    consigne:
      "Tirez un coin pour le déplacer, un petit point pour en ajouter un. Clic droit ou appui long sur un coin : il est retiré. Sans la souris, la liste des sommets sous la carte fait de même.",
  },
  couper: {
    trace: "ligne",
    consigne: "Tracez une ligne qui traverse la forme de part en part.",
    besoin: true,
    fin: (geometrie, dessin) =>
      dessin.transformer("couper", null, { lame: JSON.stringify(geometrie) }, dessin.formes.cible),
  },
  elargir: {
    regle: ["metres", "appliquer"],
    metres: ["De", "2"],
    besoin: true,
    consigne: "Élargit la forme de tous côtés ; un nombre négatif la rétrécit.",
    appliquer: (dessin) => dessin.transformer("tampon", null, { metres: metres(dessin.metres) ?? "" }, dessin.formes.cible),
  },
  decaler: {
    regle: ["metres", "cote", "appliquer"],
    metres: ["De", "2"],
    unCote: true,
    besoin: true,
    consigne: "Déplace la ligne parallèlement à elle-même, comme une bordure et son trottoir.",
    appliquer: (dessin) => {
      const valeur = metres(dessin.metres);
      const signe = dessin.cote === "droite" ? -1 : 1;
      return dessin.transformer("decaler", null, { metres: valeur === null ? "" : signe * valeur }, dessin.formes.cible);
    },
  },
};
