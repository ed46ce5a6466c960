// For forms: how many characters are left, errors are come to first, and a page half filled in is not left by accident.
"use strict";

(() => {
  document.getElementById("summary")?.focus();

  for (const box of document.querySelectorAll("textarea[data-max-length]")) {
    watch(box);
  }
  document.body.addEventListener("htmx:load", ({ detail }) => {
    for (const box of detail.elt.querySelectorAll("textarea[data-max-length]")) {
      watch(box);
    }
  });

  function watch(box) {
    if (box.dataset.watched) {
      return;
    }
    box.dataset.watched = "yes";
    const limit = Number(box.dataset.maxLength);
    const hint = document.getElementById(`${box.id}-length`);
    const spoken = document.createElement("p");
    spoken.className = "unseen";
    spoken.setAttribute("role", "status");
    hint.after(spoken);
    let pause = 0;
    const count = () => {
      const left = limit - [...box.value].length;
      const number = Math.abs(left).toLocaleString("en-GB");
      const characters = Math.abs(left) === 1 ? "character" : "characters";
      hint.textContent = left < 0 ? `${number} ${characters} too many` : `${number} ${characters} left`;
      hint.classList.toggle("error", left < 0);
      // Spoken only near the limit and in a pause of the typing, or a screen reader would talk into every word.
      clearTimeout(pause);
      pause = setTimeout(() => {
        spoken.textContent = left < 100 ? hint.textContent : "";
      }, 1000);
    };
    box.addEventListener("input", count);
    count();
  }

  const form = document.querySelector(".questions");
  if (form) {
    let unsent = document.getElementById("summary") !== null;
    form.addEventListener("input", () => {
      unsent = true;
    });
    form.addEventListener("submit", (event) => {
      // What is far too long would be refused unread, and be lost: it stays here until it is shorter.
      const long = form.querySelector(".hint.error");
      if (long) {
        event.preventDefault();
        document.getElementById(long.id.replace(/-length$/, "")).focus();
        return;
      }
      unsent = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (unsent) {
        event.preventDefault();
      }
    });
  }
})();
