"use strict";
(() => {
  const { cases, words } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const sections = [...document.querySelectorAll(".file")];
  root.classList.add("scripted");

  const make = (tag, text, className) => {
    const found = document.createElement(tag);
    if (text) found.textContent = text;
    if (className) found.className = className;
    return found;
  };

  // Names of the law stand between grave accents.
  const rich = (tag, text, className) => {
    const found = make(tag, "", className);
    text.split("`").forEach((part, rank) => found.append(rank % 2 ? make("code", part) : part));
    return found;
  };

  // What a line proves and does not, below it.
  const tell = (line, open) => {
    const after = line.nextElementSibling;
    const told = after && after.classList.contains("told") ? after : null;
    const show = open === undefined ? !told : open;
    line.setAttribute("aria-expanded", String(show));
    if (!show) { if (told) told.remove(); return; }
    if (told) return;
    const units = JSON.parse(line.dataset.units);
    const panel = make("div", "", "told");
    for (const [head, className, some] of [
      [words.missing, "missing", units.filter((unit) => !unit.n && !unit.w)],
      [words.shown, "shown", units.filter((unit) => unit.n)],
      [words.left, "left", units.filter((unit) => unit.w)],
    ]) {
      if (!some.length) continue;
      panel.append(make("h3", head));
      const list = panel.appendChild(make("ul"));
      for (const unit of some) {
        const item = list.appendChild(rich("li", unit.s, className));
        if (unit.w) item.append(rich("small", unit.w));
        if (!unit.n) continue;
        const named = unit.c.map((rank) => cases[rank]);
        if (unit.n > named.length) named.push(words.others.replace("{}", unit.n - named.length));
        item.append(make("small", `${words.by} ${named.join(" ; ")}`));
      }
    }
    line.after(panel);
  };

  const read = (id) => {
    const section = document.getElementById(id);
    const file = section && section.classList.contains("file") ? section : null;
    for (const other of sections) other.classList.toggle("open", other === file);
    root.classList.toggle("reading", file !== null);
    window.scrollTo(0, 0);
    return file;
  };

  // From a hole to the next, from file to file.
  const go = (step) => {
    const holes = [...document.querySelectorAll(".law > .not[role=button], .law > .partly[role=button]")];
    if (!holes.length) return;
    const now = document.activeElement;
    let next = holes.indexOf(now) + step;
    if (!holes.includes(now)) {
      const file = sections.findIndex((section) => section.classList.contains("open"));
      const inside = (hole) => sections.indexOf(hole.closest(".file"));
      next = step > 0 ? holes.findIndex((hole) => inside(hole) >= file)
        : holes.findLastIndex((hole) => file < 0 || inside(hole) <= file);
    }
    const hole = holes[(next + holes.length) % holes.length];
    const file = hole.closest(".file");
    if (!file.classList.contains("open")) {
      history.replaceState(null, "", `#${file.id}`);
      read(file.id);
    }
    tell(hole, true);
    hole.focus();
    hole.scrollIntoView({ block: "center" });
  };

  document.addEventListener("click", (event) => {
    const line = event.target.closest(".law > [role=button]");
    if (line) tell(line);
  });
  document.addEventListener("keydown", (event) => {
    const line = event.target.closest(".law > [role=button]");
    if (line && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); tell(line); }
  });
  document.getElementById("next").addEventListener("click", () => go(1));
  document.getElementById("previous").addEventListener("click", () => go(-1));
  document.getElementById("only").addEventListener("change", (event) =>
    root.classList.toggle("only", event.target.checked));
  window.addEventListener("hashchange", () => read(location.hash.slice(1)));
  read(location.hash.slice(1));
})();
