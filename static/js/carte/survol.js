/* The object under the pointer: its outline, its name beside the pointer. Never while the map moves. */

const DECALAGE_PX = 14;

export function suivreSurvol(carte, plan, modes) {
  const bulle = document.getElementById("bulle");
  let attendu = null;
  let enMouvement = false;

  function cacher() {
    attendu = null;
    plan.marquer("survol", null);
    bulle.hidden = true;
    carte.getContainer().classList.remove("sur-objet");
  }

  function chercher() {
    const evenement = attendu;
    attendu = null;
    if (!evenement || enMouvement) return;
    const objet = plan.objetA(evenement.latlng);
    plan.marquer("survol", objet);
    carte.getContainer().classList.toggle("sur-objet", Boolean(objet) && !modes.outil);
    bulle.hidden = !objet?.texte;
    if (!objet?.texte) return;
    bulle.textContent = objet.texte;
    const { x, y } = evenement.containerPoint;
    const aGauche = x > carte.getSize().x - 160;
    bulle.style.transform = `translate(${aGauche ? x - DECALAGE_PX - bulle.offsetWidth : x + DECALAGE_PX}px, ${y + DECALAGE_PX}px)`;
  }

  carte.on("movestart zoomstart", () => {
    enMouvement = true;
    bulle.hidden = true;
  });
  carte.on("moveend zoomend", () => (enMouvement = false));
  carte.on("mousemove", (evenement) => {
    modes.outil?.mouvement?.(evenement.latlng);
    // A finger has no hover.
    if (enMouvement || !window.matchMedia("(hover: hover)").matches) return;
    // One question a frame, however many moves.
    if (!attendu) window.requestAnimationFrame(chercher);
    attendu = evenement;
  });
  carte.on("mouseout", cacher);
}
