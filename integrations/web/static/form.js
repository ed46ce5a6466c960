// For forms: what an answer opens is shown at once, the characters left are counted, errors are come to first, and a page
// half filled in is neither left by accident nor found by the next person at the computer.
"use strict";

(() => {
  document.getElementById("summary")?.focus();

  for (const box of document.querySelectorAll("[data-max-length]")) {
    watch(box);
  }
  document.body.addEventListener("htmx:load", ({ detail }) => {
    for (const box of detail.elt.querySelectorAll("[data-max-length]")) {
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
      const { over, overOne, left: more, leftOne } = hint.dataset;
      const words = left < 0 ? [overOne, over] : [leftOne, more];
      hint.textContent = words[Math.abs(left) === 1 ? 0 : 1].replace("{n}", Math.abs(left).toLocaleString("en-GB"));
      hint.classList.toggle("error", left < 0);
      hint.hidden = box.tagName === "INPUT" && left >= 20;  // a line is rarely too long
      // Spoken only near the limit and in a pause of the typing, or a screen reader would talk into every word.
      clearTimeout(pause);
      pause = setTimeout(() => {
        spoken.textContent = left < 100 ? hint.textContent : "";
      }, 1000);
    };
    box.addEventListener("input", count);
    count();
  }

  // What is said to a situation comes into its place; what does not come says so beside its button.
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    const told = detail.elt.closest(".situation")?.querySelector("[data-gone]");
    if (told) {
      told.textContent = detail.successful ? "" : told.dataset.gone;
    }
  });

  const form = document.querySelector(".questions");
  if (form) {
    ask(form);
    // This page may be the answer to a post that carried what was written. Whoever goes back to it or loads it anew
    // later is not to send that again: from now on its address is one that is only looked at, and empty.
    history.replaceState(null, "", form.getAttribute("action"));
    let unsent = document.getElementById("summary") !== null || document.querySelector(".notice") !== null;
    let left = false;
    form.addEventListener("input", () => {
      unsent = true;
    });
    form.addEventListener("submit", (event) => {
      // What is far too long would be refused unread, and be lost: it stays here until it is shorter.
      const long = form.querySelector(".item:not([hidden]) .hint.error");
      if (long) {
        event.preventDefault();
        document.getElementById(long.id.replace(/-length$/, "")).focus();
        return;
      }
      unsent = false;
      left = true;
    });
    window.addEventListener("beforeunload", (event) => {
      if (unsent) {
        event.preventDefault();
      }
    });
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted && left) {
        form.reset();
        location.reload();
      }
    });
  }

  // Shows the questions that the answers open, and no others. One that is hidden is switched off too, so that what was
  // written in it is not sent; it comes back if the question does, as long as the page is open.
  function ask(form) {
    const questions = [...form.querySelectorAll(".item")];
    const state = document.getElementById("asked-state");
    const answers = (key) =>
      [...form.querySelectorAll(`#asked-${key}:not([hidden]) :checked`)].map((input) => input.value);
    const holds = (condition) =>
      Object.entries(condition).every(([key, values]) => answers(key).some((value) => values.includes(value)));
    const update = () => {
      const closed = [];
      const opened = [];
      for (const question of questions.filter((each) => each.dataset.when)) {
        const asked = JSON.parse(question.dataset.when).some(holds);
        if (question.hidden === asked) {
          question.hidden = !asked;
          for (const control of question.querySelectorAll("input, textarea")) {
            control.disabled = !asked;
          }
          if (asked) {
            opened.push(question.dataset.ask);
          } else if (isFilled(question)) {
            closed.push(question.dataset.ask);
          }
        }
      }
      const says = (words, asks) => (asks.length ? `${words}: ${asks.join(" ")} ` : "");
      if (opened.length || closed.length) {
        state.textContent = says(state.dataset.opened, opened) + says(state.dataset.closed, closed);
      }
    };
    form.addEventListener("change", update);
    form.addEventListener("reset", () => setTimeout(update));
    update();
  }

  function isFilled(question) {
    const typed = [...question.querySelectorAll("textarea, input:not([type=radio], [type=checkbox], [type=hidden])")];
    return question.querySelector(":checked") !== null || typed.some((control) => control.value);
  }
})();
