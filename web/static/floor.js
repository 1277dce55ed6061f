// Checks off stops with or without a network: what is said waits in order.
const box = document.getElementById("outbox");
const words = box.dataset;
const DUE = ".floor:not([hidden])";
let isSending = false;
let wasHeld = false;

const kept = await caches.open("imac-outbox");
const put = (item) => kept.put(item.name, new Response(JSON.stringify(item)));
const drop = (item) => kept.delete(item.name);

async function items() {
  const found = await Promise.all((await kept.keys()).map(async (key) => (await kept.match(key))?.json()));
  return found.filter(Boolean).sort((one, other) => one.at - other.at);
}

function element(tag, text, parent) {
  const made = document.createElement(tag);
  made.textContent = text;
  parent.append(made);
  return made;
}

async function show() {
  const all = await items();
  const mine = all.filter((one) => one.person === words.person);
  const others = all.filter((one) => one.person !== words.person);
  const waiting = mine.filter((one) => !one.refused);
  box.replaceChildren();
  box.hidden = !all.length;
  if (waiting.length) {
    const count = waiting.length === 1 ? words.one : words.many.replace("{count}", waiting.length);
    element("p", `${count}${wasHeld ? ` ${words.signIn}` : ""}`, box);
    for (const one of waiting) element("p", one.words, box).className = "quiet";
  }
  for (const one of mine.filter((other) => other.refused)) {
    const row = element("div", "", box);
    row.className = "refused";
    element("p", `${words.refused} ${one.words} (${one.by})`, row);
    for (const text of one.refused) element("p", text, row).className = "complaint";
    const button = element("button", words.understood, row);
    button.type = "button";
    button.onclick = () => drop(one).then(show);
  }
  for (const name of new Set(others.map((one) => one.by))) element("p", words.others.replaceAll("{name}", name), box);
  mark(waiting);
}

function mark(waiting) {
  const said = new Set(waiting.map((one) => one.key));
  for (const stop of document.querySelectorAll(".stop-card")) {
    const steps = [...stop.querySelectorAll(".floor")];
    const isSaid = (step) => [...step.querySelectorAll("form")].some((form) => said.has(form.elements.key.value));
    const next = steps.find((step) => !isSaid(step));
    for (const step of steps) step.hidden = step !== next;
    stop.querySelector(".sent-later").hidden = !steps.some(isSaid);
  }
}

// Read as a document: no text becomes markup.
const post = (item, body) => new Promise((answered) => {
  const request = new XMLHttpRequest();
  request.open("POST", item.address);
  request.responseType = "document";
  request.timeout = 60000;
  request.onloadend = () => answered(request);
  request.send(body);
});

function sentences(answer) {
  const where = answer?.querySelector(".complaint") ? ".complaint" : ".alarm p";
  return [...(answer?.querySelectorAll(where) || [])].map((one) => one.textContent.trim());
}

async function send() {
  if (isSending) return;
  isSending = true;
  try {
    await navigator.locks.request("imac-outbox", async () => {
      let fresh;
      for (;;) {
        const item = (await items()).find((one) => one.person === words.person && !one.refused);
        if (!item) break;
        const body = item.isFile ? await (await papers()).bodyOf(item) : new URLSearchParams(item.body);
        const { status, response } = await post(item, body);
        wasHeld = status === 401;
        online(status > 0);
        if (!status || wasHeld || status === 429 || status >= 500) break;
        if (status < 300) await drop(item);
        else await put({ ...item, refused: sentences(response) });
        if (status < 300) fresh = response;
        await show();
      }
      if (!fresh) return;
      document.dispatchEvent(new CustomEvent("fresh", { detail: fresh }));
      // Renews what the worker keeps.
      fetch(location.href).catch(() => {});
    });
  } finally {
    isSending = false;
    await show();
  }
}

const online = (isThere) => (document.getElementById("as-of").hidden = isThere);

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".floor form");
  if (!form) return;
  event.preventDefault();
  const missing = form.querySelectorAll("[type=checkbox]:not(:checked)").length;
  const warning = form.querySelector(".missing");
  if (missing && warning.hidden) {
    warning.textContent = warning.dataset.words.replace("{count}", missing);
    warning.hidden = false;
    return;
  }
  const stop = form.closest(".stop-card");
  const key = form.elements.key.value;
  const at = Date.now();
  const about = `${stop.dataset.words}: ${form.querySelector(".first").textContent.trim()}`;
  const said = { key, at, name: `/outbox/${at}-${key}`, address: form.action, words: about, person: words.person };
  try {
    await put({ ...said, by: words.name, body: `${new URLSearchParams(new FormData(form))}` });
  } catch {
    // Nothing can be kept here.
    form.submit();
    return;
  }
  form.reset();
  document.activeElement?.blur();
  await show();
  if (!stop.querySelector(DUE)) {
    stop.open = false;
    for (const name of ["open", "data-open"]) document.querySelector(DUE)?.closest("details").setAttribute(name, "");
  }
  send();
});

// A tag, a serial, or an address that ends with one.
function scanned(text) {
  const stop = document.querySelector(".stop-card[open]");
  const said = stop?.querySelector(`${DUE} .scanned`);
  if (!said) return;
  const name = decodeURIComponent(text.trim().split("/").pop());
  const fits = ({ dataset }) => [dataset.tag, dataset.serial].some((one) => one.toLowerCase() === name.toLowerCase());
  const here = [...stop.querySelectorAll(`${DUE} [data-tag]`)].find(fits);
  const other = [...document.querySelectorAll("[data-tag]")].find(fits)?.closest(".stop-card");
  if (here) here.checked = true;
  const pattern = here ? words.ticked : other && other !== stop ? words.elsewhere : words.unknownTag;
  said.textContent = pattern.replace("{tag}", name).replace("{stop}", other?.dataset.words);
}

// A hand scanner ends with Enter.
let typed = "";
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.matches?.("[data-scan]")) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (field.value.trim()) scanned(field.value);
    field.value = "";
  } else if (!field.matches?.("input, textarea, select, button, a, summary")) {
    if (event.key.length === 1) typed += event.key;
    if (event.key !== "Enter") return;
    if (typed.length > 3) scanned(typed);
    typed = "";
  }
});

if ("BarcodeDetector" in window && navigator.mediaDevices) import(words.byCamera).then(({ offer }) => offer(scanned));

const papers = () => import(words.byPapers);
if (document.querySelector("[data-paper]")) papers();

const policy = window.trustedTypes?.createPolicy("floor", { createScriptURL: (url) => url });
const worker = policy?.createScriptURL(words.worker) || words.worker;
navigator.serviceWorker?.register(worker, { scope: "/" }).catch(() => {});
navigator.storage?.persist?.();
// Who may not sign out before all is sent.
caches.open("imac-who").then((who) => who.put("/who", new Response(words.person)));
addEventListener("online", send);
addEventListener("offline", () => online(false));
document.addEventListener("visibilitychange", () => document.hidden || send());
new MutationObserver(show).observe(document.getElementById("stops"), { childList: true });
setInterval(() => box.hidden || send(), 20000);
online(navigator.onLine);
show().then(send);
