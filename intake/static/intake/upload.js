/* Sends chosen files in pieces of 256 KB, so that a broken line costs one piece. Keeps nothing in the browser.
   Without what it needs, or when anything is odd, the plain form does the same in one go. */
(function () {
  "use strict";
  var form = document.getElementById("files");
  var slice = window.Blob && (Blob.prototype.slice || Blob.prototype.webkitSlice);
  if (!form || !slice || !window.XMLHttpRequest || !window.JSON || !("files" in document.createElement("input"))) { return; }
  var PIECE = 262144, LONGEST_PAUSE = 30000, TIME = 60000;
  var says = document.getElementById("sending");
  var then = "", busy = false;

  function ask(address, headers, body, done, failed) {
    var call = new XMLHttpRequest();
    call.open("POST", address, true);
    call.timeout = TIME;
    call.setRequestHeader("X-Form-Token", form.getAttribute("data-token"));
    for (var name in headers) { if (Object.prototype.hasOwnProperty.call(headers, name)) { call.setRequestHeader(name, headers[name]); } }
    call.onload = function () {
      var answer = null;
      try { answer = JSON.parse(call.responseText); } catch (ignored) { answer = null; }
      if (call.status >= 500 || call.status === 429) { failed(); return; }
      done(call.status, answer);
    };
    call.onerror = call.ontimeout = failed;
    call.send(body);
  }

  function show(words, share) {
    var line = document.createElement("p"), bar;
    line.appendChild(document.createTextNode(words));
    says.innerHTML = "";
    says.hidden = false;
    says.appendChild(line);
    if (share !== null) {
      bar = document.createElement("progress");
      bar.max = 100;
      bar.value = Math.round(100 * share);
      bar.className = "wide";
      bar.setAttribute("aria-hidden", "true");
      says.appendChild(bar);
    }
  }

  function stop(words) {
    busy = false;
    show(words, null);
    says.className = "errors";
    says.setAttribute("tabindex", "-1");
    says.focus();
  }

  function chosen() {
    var list = [], inputs = form.querySelectorAll("input[type=file]"), i, j;
    for (i = 0; i < inputs.length; i += 1) {
      for (j = 0; inputs[i].files && j < inputs[i].files.length; j += 1) {
        list.push({ file: inputs[i].files[j], use: inputs[i].name === "story_file" ? "story" : "document" });
      }
    }
    return list;
  }

  function begin(one, rest) {
    var body = "name=" + encodeURIComponent(one.file.name) + "&size=" + one.file.size + "&use=" + one.use;
    var pause = 1000;
    (function attempt() {
      ask(form.getAttribute("data-begin"), { "Content-Type": "application/x-www-form-urlencoded" }, body, function (status, answer) {
        if (answer && answer.upload) { pieces(one, answer.upload, 0, rest); return; }
        stop(answer && answer.error ? one.file.name + ": " + answer.error : form.getAttribute("data-failed"));
      }, function () {
        show(form.getAttribute("data-waiting"), null);
        window.setTimeout(attempt, pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      });
    })();
  }

  function pieces(one, upload, at, rest) {
    var pause = 1000;
    (function attempt(isAsking) {
      var part = isAsking ? null : slice.call(one.file, at, Math.min(at + PIECE, one.file.size));
      var headers = { "Content-Type": "application/octet-stream", "X-Upload": upload, "X-Offset": String(at) };
      show(form.getAttribute("data-sending") + ": " + one.file.name, at / one.file.size);
      ask(form.getAttribute("data-piece"), headers, part, function (status, answer) {
        if (!answer || typeof answer.received !== "number") {
          stop(answer && answer.error ? one.file.name + ": " + answer.error : form.getAttribute("data-failed"));
          return;
        }
        if (answer.whole) { next(rest); return; }
        at = answer.received;
        pause = 1000;
        attempt(false);
      }, function () {
        show(form.getAttribute("data-waiting"), at / one.file.size);
        window.setTimeout(function () { attempt(true); }, pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      });
    })(false);
  }

  function next(rest) {
    var inputs, i, kept;
    if (rest.length) { begin(rest[0], rest.slice(1)); return; }
    inputs = form.querySelectorAll("input[type=file]");
    for (i = 0; i < inputs.length; i += 1) { inputs[i].value = ""; }
    kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "then";
    kept.value = then;
    form.insertBefore(kept, form.firstChild);
    form.submit();
  }

  form.addEventListener("click", function (event) {
    if (event.target && event.target.type === "submit") { then = event.target.value || ""; }
  });
  form.addEventListener("submit", function (event) {
    var list = chosen();
    if (!list.length) { return; }
    event.preventDefault();
    if (busy) { return; }
    busy = true;
    says.className = "box notice";
    next(list);
  });
})();
