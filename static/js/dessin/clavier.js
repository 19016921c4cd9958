/* Keys: undo and redo in the whole drawing; over the map, points laid at its middle. */

/** `dessin` answers annuler, retablir, poser, retirerPoint, quitter; `mire`: the sight at the middle. */
export function lierClavier(racine, carte, mire, dessin) {
  racine.addEventListener("keydown", (evenement) => {
    const dansTexte = evenement.target.closest("input:not([type=checkbox]), textarea, select");
    if ((evenement.ctrlKey || evenement.metaKey) && !evenement.altKey && !dansTexte) {
      const touche = evenement.key.toLowerCase();
      if (touche !== "z" && touche !== "y") return;
      evenement.preventDefault();
      if (touche === "y" || evenement.shiftKey) dessin.retablir();
      else dessin.annuler();
      return;
    }
    // Enter in a setting of the drawing applies it: it does not send the form around it.
    if (evenement.key === "Enter" && evenement.target.matches("input:not([type=checkbox], [type=file])")) {
      evenement.preventDefault();
      dessin.valider(evenement.target);
    } else if (evenement.key === "Escape" && !dansTexte && dessin.outil) {
      evenement.preventDefault();
      dessin.quitter();
    }
  });

  const conteneur = carte.getContainer();
  conteneur.addEventListener("keydown", (evenement) => {
    if (evenement.target !== conteneur || evenement.ctrlKey || evenement.metaKey) return;
    if (evenement.key === "Enter" || evenement.key === " ") {
      evenement.preventDefault();
      mire.hidden = false;
      dessin.poser();
    } else if (evenement.key === "Backspace" || evenement.key === "Delete") {
      evenement.preventDefault();
      dessin.retirerPoint();
    } else if (evenement.key !== "Tab" && evenement.key !== "Shift") mire.hidden = !dessin.outil;
  });
  conteneur.addEventListener("focus", () => {
    if (dessin.outil && conteneur.matches(":focus-visible")) mire.hidden = false;
  });
  conteneur.addEventListener("blur", () => (mire.hidden = true));
  conteneur.addEventListener("pointerdown", () => (mire.hidden = true));
}
