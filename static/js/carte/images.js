/* Icons and patterns of the style, drawn from the paths that it carries: no image server is needed. */

const DENSITE = 3;
const CLAIR = "#ffffff";
const OMBRE = "#10202e";

function tracer({ cote, chemins }, photo) {
  const toile = document.createElement("canvas");
  toile.width = toile.height = cote * DENSITE;
  const dessin = toile.getContext("2d");
  dessin.scale(DENSITE, DENSITE);
  dessin.lineCap = "round";
  dessin.lineJoin = "round";
  if (photo) {
    for (const [d, , trait, largeur] of chemins) {
      dessin.strokeStyle = OMBRE;
      dessin.lineWidth = (trait ? largeur : 0) + 2;
      dessin.globalAlpha = 0.7;
      dessin.stroke(new Path2D(d));
    }
    dessin.globalAlpha = 1;
  }
  for (const [d, fond, trait, largeur] of chemins) {
    const chemin = new Path2D(d);
    if (fond && !(photo && trait)) {
      dessin.fillStyle = photo ? CLAIR : fond;
      dessin.fill(chemin);
    }
    if (trait) {
      dessin.strokeStyle = photo ? CLAIR : trait;
      dessin.lineWidth = largeur;
      dessin.stroke(chemin);
    }
  }
  return dessin.getImageData(0, 0, toile.width, toile.height);
}

/** Answer the style's requests for images from the paths in its metadata, and from those added since. */
export function fournirImages(gl) {
  const ajoutees = new Map();
  gl.setMissingStyleImageResolver(async (id) => {
    if (!id) return;
    const photo = id.endsWith("-photo");
    const nom = photo ? id.slice(0, -6) : id;
    const dessin = gl.getStyle().metadata?.images?.[nom] ?? ajoutees.get(nom);
    if (dessin && !gl.hasImage(id)) gl.addImage(id, tracer(dessin, photo), { pixelRatio: DENSITE });
  });
  return {
    ajouter(images) {
      for (const [nom, dessin] of Object.entries(images)) ajoutees.set(nom, dessin);
    },
  };
}
