// Progress of a running task: the part that changes is fetched again every two seconds, until it ends.

const RYTHME_MS = 2000;

async function rafraichir(cadre) {
  const reponse = await fetch(cadre.dataset.avancement, { headers: { Accept: "text/html" } });
  if (!reponse.ok || reponse.redirected) return false;
  const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
  const neuf = page.querySelector("#avancement");
  if (!neuf) return false;
  cadre.replaceChildren(document.adoptNode(neuf));
  return !("fini" in neuf.dataset);
}

for (const cadre of document.querySelectorAll("[data-avancement]")) {
  // Said to who hears the page only when it ends: a figure every two seconds would be noise.
  const boucle = async () => {
    try {
      if (document.hidden || (await rafraichir(cadre))) setTimeout(boucle, RYTHME_MS);
      else cadre.setAttribute("aria-live", "polite");
    } catch {
      setTimeout(boucle, RYTHME_MS * 5);
    }
  };
  if (!cadre.querySelector("[data-fini]")) setTimeout(boucle, RYTHME_MS);
}
