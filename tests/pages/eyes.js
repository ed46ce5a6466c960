// What a page is held to beside axe's rules, looked at in the page itself. Evaluates to an object of questions to ask.
(() => {
  const OPERATED = "a[href], button, input, select, textarea, summary, [tabindex]";
  const SEEN = { checkOpacity: true, checkVisibilityCSS: true };
  let stops = [];

  function named(element) {
    const words = (element.textContent || element.value || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const place = element.id ? `#${element.id}` : element.classList.length ? `.${[...element.classList].join(".")}` : "";
    return `${element.localName}${place} "${words}"`;
  }

  function isSeen(element) {
    return element.checkVisibility(SEEN) && element.getClientRects().length > 0;
  }

  // One of a group of radio buttons stands for it: the one that is chosen, else the first.
  function standsForItsGroup(element) {
    if (element.type !== "radio") {
      return true;
    }
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)].filter(
      (other) => other.form === element.form && !other.disabled && isSeen(other),
    );
    return element === (group.find((other) => other.checked) ?? group[0]);
  }

  function sticks(element) {
    for (let at = element; at; at = at.parentElement) {
      if (["sticky", "fixed", "absolute"].includes(getComputedStyle(at).position)) {
        return true;
      }
    }
    return false;
  }

  function onPage(element) {
    const { left, right, top, bottom } = element.getClientRects()[0];
    return { left, right, top: top + scrollY, bottom: bottom + scrollY, sticks: sticks(element) };
  }

  // Whether some of an element lies in the window with nothing over it (WCAG 2.2, 2.4.11): of a long field a browser shows
  // the line with the cursor.
  function isInFront(element) {
    const { left, right, top, bottom } = element.getClientRects()[0];
    const points = [[(left + right) / 2, (top + bottom) / 2], [left + 4, top + 4], [right - 4, bottom - 4]];
    return points.some(([x, y]) => {
      const front = document.elementFromPoint(x, y);
      return front !== null && (element.contains(front) || front.contains(element)) && front !== document.body;
    });
  }

  // As if the page had just been loaded: the next Tab goes to the first stop.
  function toTheStart() {
    const start = document.createElement("span");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
    scrollTo(0, 0);
  }

  return {
    // Everything that can be operated, in the order in which it stands.
    stops() {
      toTheStart();
      stops = [...document.querySelectorAll(OPERATED)].filter(
        (one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden" && isSeen(one) && standsForItsGroup(one),
      );
      return stops.map(named);
    },

    // Where the focus is: which of the stops, where on the page, and what is wrong with how it shows.
    focused() {
      const element = document.activeElement;
      if (!element || element === document.body) {
        return null;
      }
      const wrong = [];
      const style = getComputedStyle(element);
      if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) {
        wrong.push(`has the focus and does not show it: ${named(element)}`);
      }
      if (!isInFront(element)) {
        wrong.push(`has the focus and is out of sight: ${named(element)}`);
      }
      return { at: stops.indexOf(element), name: named(element), wrong, place: onPage(element) };
    },

    // What is wider than the window, or cut off at its own edge.
    tooWide() {
      const width = document.documentElement.clientWidth;
      const wrong = [];
      if (document.documentElement.scrollWidth > width) {
        wrong.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} in ${width}`);
      }
      for (const element of document.body.querySelectorAll("*")) {
        const scrolled = element.closest(".scrolls");
        if (isSeen(element) && !element.closest(".unseen, .skip") && !(scrolled && scrolled !== element)) {
          const box = element.getBoundingClientRect();
          if (box.right > width + 1 || box.left < -1) {
            wrong.push(`reaches out of the page: ${named(element)}`);
          } else if (getComputedStyle(element).overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1
              && !element.matches(".scrolls, input")) {
            wrong.push(`is cut off: ${named(element)}`);
          }
        }
      }
      return wrong.slice(0, 5);
    },

    // Controls smaller than 24 by 24 CSS pixels (WCAG 2.2, 2.5.8); links within a sentence are excepted there.
    tooSmall() {
      return [...document.querySelectorAll("button, .button, summary, input:not([type=hidden]), select, textarea, nav a")]
        .filter((one) => isSeen(one) && !one.closest(".unseen"))
        .filter((one) => {
          const box = one.getBoundingClientRect();
          return box.width < 24 || box.height < 24;
        })
        .map((one) => `is smaller than 24 pixels: ${named(one)}`);
    },

    // Whatever moves by itself or takes its time, for somebody who asked for less of it.
    moving() {
      const wrong = document.getAnimations().map((one) => `moves: ${named(one.effect.target)}`);
      for (const element of document.querySelectorAll("*")) {
        const style = getComputedStyle(element);
        if (style.transitionDuration.split(", ").some((one) => parseFloat(one) > 0) || style.scrollBehavior === "smooth") {
          wrong.push(`would move: ${named(element)}`);
        }
      }
      return wrong;
    },

    // Controls that have no edge and no line under them, where the system takes the colours away.
    edgeless() {
      return [...document.querySelectorAll("button, .button, input:not([type=hidden]), textarea, select, a[href]")]
        .filter((one) => isSeen(one) && !one.closest(".unseen, .skip"))
        .filter((one) => {
          const style = getComputedStyle(one);
          return parseFloat(style.borderTopWidth) === 0 && !style.textDecorationLine.includes("underline")
            && !["checkbox", "radio", "file"].includes(one.type) && !one.matches(".name, .label, nav a, summary");
        })
        .map((one) => `has no edge without colours: ${named(one)}`);
    },

    // What stands on paper that can only be pressed.
    pressedOnPaper() {
      return [...document.querySelectorAll("button, .button, .masthead, .foot, input[type=file]")]
        .filter(isSeen)
        .map((one) => `is printed: ${named(one)}`);
    },
  };
})()
