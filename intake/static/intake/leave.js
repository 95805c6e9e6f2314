/* Leave quickly: blanks the page before anything else happens; three presses of Shift do the same. */
(function () {
  "use strict";
  var link = document.getElementById("leave");
  if (!link) { return; }
  var presses = 0, first = 0;

  function leave(event) {
    if (event && event.preventDefault) { event.preventDefault(); }
    var address = link.href;
    document.title = "";
    document.documentElement.style.visibility = "hidden";
    document.body.innerHTML = "";
    window.location.replace(address);
  }

  link.addEventListener("click", leave);
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Shift" || event.repeat) {
      if (event.key !== "Shift") { presses = 0; }
      return;
    }
    var now = new Date().getTime();
    if (!presses || now - first > 2000) { presses = 0; first = now; }
    presses += 1;
    if (presses === 3) { leave(); }
  });
  /* A page brought back from the browser's memory may show what the server no longer would. */
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { window.location.reload(); }
  });
})();
