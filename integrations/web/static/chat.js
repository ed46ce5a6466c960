// What htmx lacks for the chat: Enter sends, what was typed survives a failure, and what comes is found by eye and ear.
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
      state.textContent = state.dataset.waiting;
    }
  });

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
    if (detail.elt === composer) {
      state.textContent = "";
      if (detail.successful) {
        answered();
      }
      box.focus({ preventScroll: true });
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

  function answered() {
    if (box.value === sent) {
      box.value = "";
    }
    label.textContent = label.dataset.next;
    const exchange = document.querySelector("#conversation > :last-child");
    const lines = exchange.querySelectorAll(".urgent strong, .verdict-words, .headline, .conditions li");
    heard.textContent = [...lines].map((line) => line.textContent).join(". ");
    exchange.scrollIntoView({ block: "start" });
  }
})();
