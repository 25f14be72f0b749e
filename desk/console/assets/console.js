// What pages do by themselves: previews on change, keys, clocks, drafts, news. Without it every page works.
"use strict";

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
// Only what our own server sent is made HTML of: parts of pages, in which all texts are escaped.
const made = { createHTML: (html) => html };
const policy = window.trustedTypes?.createPolicy("console", made) ?? made;
root.dataset.scripted = "";

function put(place, html) {
  place.replaceChildren(...new DOMParser().parseFromString(policy.createHTML(html), "text/html").body.childNodes);
}

// A part of a page; none where the answer is something else: a login, a refusal, no answer at all.
async function part(address, options = {}) {
  try {
    const answer = await fetch(address, { redirect: "manual", ...options });
    const over = answer.status === 401 || answer.type === "opaqueredirect";
    return { ok: answer.ok, html: answer.ok ? await answer.text() : "", over };
  } catch {
    return { ok: false, html: "" };
  }
}

// Previews: what was seen is no longer true once the form changes, so its basis goes before the new one comes.
for (const form of all("form[data-preview]")) {
  const place = form.querySelector("[data-preview-here]");
  let asked = 0, waiting = 0;
  const look = async () => {
    const mine = ++asked;
    const body = new URLSearchParams(new FormData(form));
    const { ok, html } = await part(form.dataset.preview, { method: "POST", body });
    if (mine !== asked) return;
    place.removeAttribute("aria-busy");
    if (ok) put(place, html);
  };
  const changed = (event) => {
    if (event.target.matches("textarea")) return;
    for (const basis of all("[name^='basis']", place)) basis.remove();
    place.setAttribute("aria-busy", "true");
    clearTimeout(waiting);
    waiting = setTimeout(look, event.type === "input" ? 200 : 0);
  };
  form.addEventListener("change", changed);
  form.addEventListener("input", (event) => event.target.matches("input:not([type])") && changed(event));
  form.closest("details")?.addEventListener("toggle", (event) => {
    if (event.target.open && !place.querySelector("[name^='basis']")) look();
  });
}

// Templates of reasons: put in where the caret is, with their first gap selected.
const GAP = /\[\[[^\[\]\n]+\]\]/;

function select(field, from = 0) {
  const gap = GAP.exec(field.value.slice(from)) ?? GAP.exec(field.value);
  if (gap === null) return false;
  const start = field.value.indexOf(gap[0], field.value.slice(from).includes(gap[0]) ? from : 0);
  field.setSelectionRange(start, start + gap[0].length);
  return true;
}

for (const button of all("button[name='begin']")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const field = button.form.elements.reasons, start = field.selectionStart;
    field.focus();
    field.setRangeText(button.value, start, field.selectionEnd, "end");
    select(field, start);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Drafts of reviewers' words: by person, in this browser, until they were sent and taken, or the person logs out.
const drafts = `casework:${document.body.dataset.person ?? ""}:`, SENT = "casework:sent";
const sent = sessionStorage.getItem(SENT);
const kept = all("[data-draft]").some((field) => drafts + field.dataset.draft === sent && field.value !== "");
if (sent !== null && !document.querySelector("[name='carried']")) {
  if (!kept) localStorage.removeItem(sent);
  sessionStorage.removeItem(SENT);
}

for (const field of all("[data-draft]")) {
  const name = drafts + field.dataset.draft;
  if (field.value === "") field.value = localStorage.getItem(name) ?? "";
  field.addEventListener("input", () => {
    if (field.value) localStorage.setItem(name, field.value);
    else localStorage.removeItem(name);
  });
  field.form.addEventListener("submit", () => sessionStorage.setItem(SENT, name));
}

for (const form of all("form[data-forget]")) {
  form.addEventListener("submit", () => {
    for (const name of Object.keys(localStorage)) if (name.startsWith("casework:")) localStorage.removeItem(name);
  });
}

// Keys: a letter presses what it is printed on; not in fields, not while something is composed, never with a modifier.
const codes = (event) => [event.key?.toLowerCase(), event.code?.replace(/^(Key|Digit|Numpad)/, "").toLowerCase()];

function press(target) {
  if (target.matches("textarea, input:not([type='radio'], [type='checkbox']), select")) return target.focus();
  target.click();
  if (target.matches("summary") && target.parentElement.open) target.parentElement.querySelector("textarea")?.focus();
  if (target.matches("[type='radio']")) target.focus();
}

const seen = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey) return;
  const field = event.target.closest?.("textarea, select, input:not([type='radio'], [type='checkbox'])");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form ?? document.querySelector("form[data-main]");
    const buttons = form === null ? [] : all("button:not([name='begin'])", form);
    // Where there are two answers, none is the one that is meant.
    const send = form?.querySelector("[data-send]") ?? (buttons.length === 1 ? buttons[0] : null);
    if (send === null) return;
    event.preventDefault();
    return form.requestSubmit(send);
  }
  if (field && event.key === "Escape") return field.blur();
  const forward = event.key === "Tab" && !event.shiftKey && field?.matches("textarea");
  if (forward && select(field, field.selectionEnd)) return event.preventDefault();
  if (field || event.ctrlKey || event.metaKey || event.repeat || root.dataset.keys === "off") return;
  for (const code of codes(event)) {
    const there = code ? all(`[data-key="${CSS.escape(code)}"]`) : [];
    const target = there.find((one) => !one.disabled && seen(one.closest("label") ?? one));
    if (!target) continue;
    event.preventDefault();
    return press(target);
  }
  if (codes(event).includes("b")) for (const veil of all("[data-veil]")) veil.checked = !veil.checked;
});

// Muted means muted, until the reader turns the sound on.
for (const video of all("video[muted]")) video.muted = true;

// Clocks: what is left of a lease, in minutes and seconds since the page was made.
const began = performance.now();

function tick() {
  for (const clock of all("[data-until]")) {
    const left = Math.max(0, Math.round(clock.dataset.until - (performance.now() - began) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.parentElement.classList.toggle("soon", left < 300);
    clock.parentElement.classList.toggle("act", left >= 300);
  }
}

if (document.querySelector("[data-until]")) {
  tick();
  setInterval(tick, 1000);
}

// News: asked for while the page is seen, ever more rarely while nobody does anything. What is read stays as it is.
for (const place of all("[data-news]")) {
  const every = place.dataset.every * 1000;
  let pause = every, timer = 0;
  const ask = async () => {
    timer = 0;
    if (document.hidden) return;
    const { ok, html, over } = await part(place.dataset.news);
    if (over) return;
    if (html && place.childElementCount === 0) put(place, html);
    pause = Math.min(pause * (ok ? 1.2 : 2), 60_000);
    timer = setTimeout(ask, pause);
  };
  const soon = () => {
    pause = every;
    if (timer) clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => pause > 2 * every && soon());
  soon();
}

// Files: each is sent when it is chosen, one after the other, with its progress; the form then carries its id.
function bring(place, file) {
  const line = document.createElement("li"), bar = document.createElement("progress"), call = new XMLHttpRequest();
  line.append(`${file.name} · ${place.dataset.sending}`, bar);
  place.querySelector("[data-brought]").append(line);
  call.upload.onprogress = ({ loaded, total }) => Object.assign(bar, { max: total, value: loaded });
  call.open("POST", `${place.dataset.upload}?filename=${encodeURIComponent(file.name)}`);
  call.responseType = "json";
  call.setRequestHeader("X-CSRF-Token", place.dataset.token);
  call.setRequestHeader("Idempotency-Key", `${performance.timeOrigin}-${performance.now()}`);
  call.setRequestHeader("Accept-Language", root.lang);
  call.send(file);
  return new Promise((done) => call.addEventListener("loadend", () => {
    const { id, detail } = call.response ?? {}, label = document.createElement("label"), tick = document.createElement("input");
    Object.assign(tick, { type: "checkbox", name: "evidence", value: id, checked: true });
    label.append(tick, ` ${file.name}`);
    line.replaceChildren(id ? label : `${file.name}: ${detail?.replace(/^(“[^”]*”|`[^`]*`)\s*[:：]\s*/, "") ?? place.dataset.failed}`);
    if (!id) Object.assign(line, { className: "problem", role: "alert" });
    done();
  }));
}

for (const place of all("[data-upload]")) {
  const input = place.querySelector("[type='file']"), buttons = all("button:enabled", place.closest("form"));
  place.querySelector("[data-bring]").remove();
  input.addEventListener("change", async () => {
    const chosen = [...input.files];
    input.value = "";
    for (const button of buttons) button.disabled = true;
    for (const file of chosen) await bring(place, file);
    for (const button of buttons) button.disabled = false;
  });
}
