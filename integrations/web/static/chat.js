// What htmx lacks for the chat: Enter sends, what was typed survives a failure, what comes is found by eye and ear, and
// an answer whose place a later one takes steps back.
"use strict";

(() => {
  document.documentElement.classList.add("script");
  const composer = document.querySelector(".composer");
  if (!composer) {
    return;
  }
  const box = document.getElementById("ask-text");
  const label = composer.querySelector("label");
  const state = document.getElementById("ask-state");
  const heard = document.getElementById("ask-heard");
  const conversation = document.getElementById("conversation");
  const PRESSED = ".facts, .means form";
  let sent = "";

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (box.value.trim()) {
        composer.requestSubmit();
      }
    }
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    // A section is fetched when it is opened for the first time; one that did not come, when it is opened again.
    if (elt.matches("details") && (!elt.open || elt.querySelector(".section"))) {
      event.preventDefault();
      return;
    }
    place(elt).replaceChildren();
    heard.textContent = "";
    if (elt === composer) {
      sent = box.value;
    }
    if (elt === composer || elt.matches(PRESSED)) {
      state.textContent = state.dataset.waiting;
    }
  });

  // The first press of a double click brings an answer into sight: the second would press whatever came under it.
  document.body.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest(".exchange :is(button, a, summary)")) {
      event.preventDefault();
    }
  });

  // What is counted already is not asked again; nobody else hears of the press.
  document.body.addEventListener(
    "submit",
    (event) => {
      if (event.target.matches(".facts") && event.submitter?.ariaPressed === "true") {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );

  // Words of ours about an error are marked by HX-Retarget; an error page of anything in between is not shown.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    detail.shouldSwap = !detail.isError || Boolean(detail.xhr.getResponseHeader("HX-Retarget"));
  });

  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    const isOurs = detail.successful || Boolean(detail.xhr?.getResponseHeader("HX-Retarget"));
    if (!isOurs) {
      const told = place(detail.elt);
      told.textContent = told.dataset.gone;
      heard.textContent = told.role === "alert" ? "" : told.dataset.gone;
    }
    const isAsked = detail.elt === composer;
    if (isAsked || detail.elt.matches(PRESSED)) {
      state.textContent = "";
      if (detail.successful) {
        answered(isAsked ? null : detail.requestConfig.triggeringEvent?.submitter);
      }
    }
    if (isAsked) {
      box.focus({ preventScroll: true });
    }
  });

  // The token by which our own forms are known was renewed: those of older answers get it too.
  document.body.addEventListener("htmx:oobAfterSwap", () => {
    const fresh = document.getElementById("ask-token");
    for (const token of document.querySelectorAll(`input[name="${fresh.name}"]`)) {
      token.value = fresh.value;
    }
  });

  // What comes into the page without taking the focus says so to a screen reader.
  document.body.addEventListener("htmx:load", ({ detail }) => {
    heard.textContent = detail.elt.dataset.heard ?? heard.textContent;
    if (detail.elt.matches(".owner-question") && detail.elt.contains(document.activeElement)) {
      document.activeElement.closest("h2, .summary, .field").scrollIntoView({ block: "start" });
    }
  });

  document.body.addEventListener("click", ({ target }) => {
    const closing = target.closest("[data-closes]");
    if (closing) {
      const form = document.getElementById(closing.dataset.closes);
      const opener = form.closest(".exchange").querySelector("[formaction]");
      form.remove();
      (opener ?? box).focus();
    }
  });

  // Where the failure of a request is told: in the form or the section that it belongs to.
  function place(element) {
    return element.closest("form, details").querySelector("[data-gone]");
  }

  // A new exchange stands at the end. `button` is the one that was pressed for it; without one, it was typed.
  function answered(button) {
    const exchange = conversation.lastElementChild;
    if (button) {
      for (const other of button.closest(".means, .choices").querySelectorAll("button")) {
        other.ariaPressed = String(other === button);
      }
      exchange.focus({ preventScroll: true });
    } else if (box.value === sent) {
      box.value = "";
    }
    label.textContent = label.dataset.next;
    const lines = exchange.querySelectorAll(
      ".urgent strong, .withdraws, .verdict-words, .headline, .conditions li, .counted li, .asks legend, .means button",
    );
    heard.textContent = [...lines].map((line) => line.textContent.trim().replace(/([^.?!])$/, "$1.")).join(" ");
    const answer = exchange.querySelector(".answer");
    // An answer about the answer before it ("who says so?") leaves that one as it is, with its buttons.
    if (answer && (button || !answer.querySelector(".verdict-info"))) {
      overtake(answer);
    }
    exchange.scrollIntoView({ block: "start" });
  }

  // What the new answer says anew is folded away above it, and what it takes back is marked there.
  function overtake(answer) {
    const before = [...conversation.querySelectorAll(".answer")].filter((one) => one !== answer);
    for (const one of before.filter(({ dataset }) => dataset.ruling && dataset.ruling === answer.dataset.ruling)) {
      one.querySelector(".facts")?.remove();
      fold(one);
    }
    if (answer.querySelector(".withdraws")) {
      const last = before.findLast((one) => one.querySelector(".verdict"));
      if (last && !last.matches(".withdrawn")) {
        last.classList.add("withdrawn");
        last.prepend(paragraph("taken-back", conversation.dataset.takenBack));
      }
    }
  }

  function fold(answer) {
    const exchange = answer.closest(".exchange");
    if (exchange.querySelector(".rest")) {
      return;
    }
    const rest = document.createElement("details");
    rest.className = "rest";
    const summary = document.createElement("summary");
    summary.textContent = conversation.dataset.rest;
    const first = answer.querySelector(".headline, h2.verdict");
    const after = [...answer.children];
    rest.append(summary, ...after.slice(after.indexOf(first) + 1).filter((one) => !one.matches(".counted, .conditions")));
    answer.append(rest);
    rest.append(...[...exchange.children].filter((one) => one.matches(".feedback, .owner, .tell-line")));
  }

  function paragraph(name, words) {
    const made = document.createElement("p");
    made.className = name;
    made.textContent = words;
    return made;
  }
})();
