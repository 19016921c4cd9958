// Says the base delay of the deposit while its form is filled.

const formulaire = document.querySelector("form[data-apercu-delai]");

async function dire() {
  const phrase = formulaire.querySelector("[data-phrase]");
  const { type_detail: type, depose_le: jour } = formulaire.elements;
  if (!type.value || !jour.value) return;
  const question = new URLSearchParams({ type_detail: type.value, depose_le: jour.value });
  const reponse = await fetch(`${formulaire.dataset.apercuDelai}?${question}`);
  if (reponse.ok) phrase.textContent = (await reponse.json()).phrase;
}

if (formulaire) {
  formulaire.elements.type_detail.addEventListener("change", dire);
  formulaire.elements.depose_le.addEventListener("change", dire);
  dire();
}
