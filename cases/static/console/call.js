// Keeps a call while it is typed: two seconds after the last key, and nothing leaves the page but to our own server.
(() => {
  const form = document.getElementById("call");
  const said = document.getElementById("kept");
  const words = document.getElementById("words").content.firstElementChild.dataset;
  let waiting, running = false, again = false;
  const keep = async () => {
    if (running) { again = true; return; }
    running = true;
    const typed = new FormData(form);
    typed.set("act", "keep");
    try {
      const answer = await fetch(form.action, { method: "POST", body: typed, redirect: "manual", credentials: "same-origin" });
      said.textContent = answer.status === 204 ? words.kept + " " + new Date().toTimeString().slice(0, 5) : words.lost;
    } catch { said.textContent = words.lost; }
    running = false;
    if (again) { again = false; keep(); }
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 2000); });
  form.addEventListener("submit", () => { clearTimeout(waiting); });
})();
