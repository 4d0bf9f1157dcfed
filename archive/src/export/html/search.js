
"use strict";
const box = document.getElementById("search");
const entries = document.querySelectorAll("li[data-text]");
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/);
  for (const entry of entries) entry.hidden = !words.every((word) => entry.dataset.text.includes(word));
});
