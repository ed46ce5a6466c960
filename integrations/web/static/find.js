// Finds words in the policy that is open. What is typed stays in this page: it is sent nowhere and kept nowhere.
"use strict";

(() => {
  const box = document.getElementById("find-text");
  if (!box) {
    return;
  }
  const state = document.getElementById("find-state");
  const spoken = document.getElementById("find-heard");
  const buttons = document.querySelectorAll("[data-find]");
  const marks = window.Highlight && CSS.highlights ? new Highlight() : null;
  if (marks) {
    CSS.highlights.set("found", marks);
  }
  const blocks = readBlocks();
  let found = [];
  let at = -1;
  let pause = 0;

  box.addEventListener("input", () => {
    look();
    clearTimeout(pause);
    pause = setTimeout(() => {
      spoken.textContent = state.textContent;
    }, 700);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      box.value = "";
      look();
      clearTimeout(pause);
      spoken.textContent = box.dataset.cleared;
    }
  });
  for (const button of buttons) {
    button.addEventListener("click", () => step(Number(button.dataset.find)));
  }
  if (box.value) {
    look(); // after going back, a browser may have kept what was typed
  }

  // Every paragraph, heading and list item of the policy with its own words, not those of the items in it.
  function readBlocks() {
    const all = new Map();
    const walk = document.createTreeWalker(document.querySelector(".policy"), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      const element = node.parentElement.closest("p, li, th, td, h1, h2, h3, h4");
      if (!element || element.closest("nav")) {
        continue;
      }
      const block = all.get(element) ?? { element, pieces: [], text: "" };
      block.pieces.push({ node, start: block.text.length });
      block.text += folded(node.data);
      all.set(element, block);
    }
    return [...all.values()];
  }

  // One sign for each sign, so that places stay: capitals, apostrophes, dashes and white space do not matter.
  function folded(text) {
    return [...text].map((sign) => (sign.length === sign.toLowerCase().length ? sign.toLowerCase() : sign)).join("")
      .replace(/[‘’]/gu, "'").replace(/[“”]/gu, '"').replace(/[–—]/gu, "-").replace(/\s/gu, " ");
  }

  function look() {
    const words = folded(box.value).trim();
    found[at]?.element.classList.remove("current");
    marks?.clear();
    for (const { element } of found) {
      element.classList.remove("found");
    }
    found = words ? blocks.filter((block) => block.text.includes(words)) : [];
    for (const block of found) {
      block.element.classList.add("found");
      mark(block, words);
    }
    at = -1;
    tell();
    if (found.length > 0) {
      step(1, true);
    }
  }

  function mark(block, words) {
    for (let from = block.text.indexOf(words); marks && from >= 0; from = block.text.indexOf(words, from + words.length)) {
      const range = document.createRange();
      range.setStart(...position(block, from));
      range.setEnd(...position(block, from + words.length));
      marks.add(range);
    }
  }

  function position(block, offset) {
    const piece = block.pieces.findLast(({ start }) => start <= offset);
    return [piece.node, Math.min(offset - piece.start, piece.node.length)];
  }

  function step(by, isQuiet = false) {
    if (found.length === 0) {
      return;
    }
    found[at]?.element.classList.remove("current");
    at = at < 0 && by < 0 ? found.length - 1 : (at + by + found.length) % found.length;
    const { element } = found[at];
    element.classList.add("current");
    element.scrollIntoView({ block: "center" });
    tell();
    if (!isQuiet) {
      clearTimeout(pause);
      spoken.textContent = `${state.textContent}. ${element.textContent.slice(0, 160)}`;
    }
  }

  function tell() {
    const isEmpty = box.value.trim() === "";
    state.textContent = isEmpty ? "" : found.length === 0 ? state.dataset.none : state.dataset.count.replace("{n}", at + 1).replace("{m}", found.length);
    for (const button of buttons) {
      button.disabled = found.length === 0;
    }
  }
})();
