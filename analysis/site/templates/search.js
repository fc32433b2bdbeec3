"use strict";
(function () {
  var home = document.getElementById("search");
  var links = Array.prototype.slice.call(document.querySelectorAll("#every-link a"));
  if (!home || !links.length) { return; }
  var MOST = 20;
  var label = document.createElement("label");
  var box = document.createElement("input");
  var told = document.createElement("p");
  var list = document.createElement("ol");
  box.type = "search";
  box.id = "search-box";
  box.autocomplete = "off";
  label.htmlFor = box.id;
  label.textContent = "Search: a place, a group, a measure or a pilot";
  told.setAttribute("role", "status");
  list.setAttribute("aria-label", "Found");
  [label, box, told, list].forEach(function (one) { home.appendChild(one); });
  var plain = links.map(function (one) { return one.textContent.toLowerCase(); });

  function narrow() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.textContent = "";
    told.textContent = "";
    if (!words.length) { return; }
    var found = links.filter(function (_, at) {
      return words.every(function (word) { return plain[at].indexOf(word) >= 0; });
    });
    found.slice(0, MOST).forEach(function (one) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      link.href = one.getAttribute("href");
      link.textContent = one.textContent;
      item.appendChild(link);
      list.appendChild(item);
    });
    told.textContent = found.length === 0 ? "Nothing found."
      : found.length > MOST ? found.length + " found, the first " + MOST + " are listed."
      : found.length + " found.";
  }

  box.addEventListener("input", narrow);
  box.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { box.value = ""; narrow(); }
  });
})();
