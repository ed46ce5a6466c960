// What htmx lacks for the chat: Enter sends, what was typed survives a failure, and the answer is found by eye and ear.
"use strict";

(() => {
  document.documentElement.classList.add("script");
  const form = document.querySelector(".composer");
  if (!form) {
    return;
  }
  const box = document.getElementById("ask-text");
  const problem = document.getElementById("ask-problem");
  const state = document.getElementById("ask-state");
  const heard = document.getElementById("ask-heard");
  let sent = "";

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (box.value.trim()) {
        form.requestSubmit();
      }
    }
  });

  document.body.addEventListener("htmx:beforeRequest", () => {
    sent = box.value;
    problem.replaceChildren();
    heard.textContent = "";
    state.textContent = state.dataset.waiting;
  });

  // Words of ours about an error are marked by HX-Retarget; an error page of anything in between is not shown.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    detail.shouldSwap = !detail.isError || Boolean(detail.xhr.getResponseHeader("HX-Retarget"));
  });

  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    state.textContent = "";
    if (detail.successful) {
      answered();
    } else if (!problem.hasChildNodes()) {
      const sentence = document.createElement("p");
      sentence.textContent = problem.dataset.gone;
      problem.append(sentence);
    }
    box.focus({ preventScroll: true });
  });

  function answered() {
    if (box.value === sent) {
      box.value = "";
    }
    const exchange = document.querySelector("#conversation > :last-child");
    heard.textContent = [...exchange.querySelectorAll(".urgent strong, .verdict, .headline")].map((line) => line.textContent).join(". ");
    exchange.scrollIntoView({ block: "start" });
  }
})();
