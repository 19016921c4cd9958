/* « Copier » : the text of an element into the clipboard, where the browser allows it. */
for (const bouton of document.querySelectorAll("[data-copier]")) {
  if (!navigator.clipboard) continue;
  bouton.hidden = false;
  bouton.addEventListener("click", async () => {
    const dit = document.querySelector("[data-copie]");
    try {
      await navigator.clipboard.writeText(document.getElementById(bouton.dataset.copier).textContent);
      dit.textContent = "Copié.";
    } catch {
      dit.textContent = "Le navigateur refuse la copie : sélectionnez le texte.";
    }
  });
}
