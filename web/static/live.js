// Keeps an open page as it is at the server: one stream for all tabs, and never against the hand.
const body = document.body;
const topics = body.dataset.live.split(" ");
const newer = document.getElementById("newer");
const channel = new BroadcastChannel("imac-live");
let state = "";
let since = "";
let isDirty = false;
let isAsking = false;
let pause = 500;

function show(next) {
  if (next === state) return;
  state = next;
  since = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  paint();
}

// Looked up each time.
function paint() {
  const sign = document.getElementById("live");
  if (!sign || !state) return;
  sign.hidden = false;
  sign.dataset.state = state;
  sign.querySelector(".words").textContent = sign.dataset[state] + (state === "off" ? ` ${since}` : "");
}

function isTouched(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected) && !isAtRest(field);
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}

// A select in which nothing is marked as chosen shows its first option.
function isAtRest(select) {
  return ![...select.options].some((one) => one.defaultSelected) && select.selectedIndex === 0;
}

function isInHand(element) {
  if (element.contains(document.activeElement)) return true;
  if (element.querySelector("details[open]:not([data-open]), :popover-open")) return true;
  return [...element.querySelectorAll("input, textarea, select")].some(isTouched);
}

function patch(fresh) {
  let isLeft = false;
  for (const next of fresh.querySelectorAll("[id][data-v]")) {
    const now = document.getElementById(next.id);
    if (!now || now.dataset.v === next.dataset.v) continue;
    if (isInHand(now)) isLeft = true;
    else now.replaceWith(document.adoptNode(next));
  }
  paint();
  if (newer) newer.hidden = !isLeft;
  document.title = fresh.title;
}

function ask() {
  if (document.hidden || isAsking) {
    isDirty = true;
    return;
  }
  isDirty = false;
  isAsking = true;
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.setRequestHeader("X-Live", "1");
  request.onloadend = () => {
    isAsking = false;
    // What cannot be had now is asked for until it comes, ever less often.
    const { status, response, responseURL } = request;
    const isRefused = !status || status === 429 || status > 499;
    isDirty ||= isRefused;
    pause = isRefused ? Math.min(pause * 2, 30000) : 500;
    if (status === 200 && response && new URL(responseURL).pathname === location.pathname) patch(response);
    if (isDirty && !document.hidden) setTimeout(ask, pause);
  };
  request.send();
}

function hear(news) {
  if (news.state) show(news.state);
  const isOurs = (one) => one === "*" || topics.some((topic) => topic === "*" || `${one}/`.startsWith(`${topic}/`));
  if (news.cases?.some(isOurs)) ask();
}

function tell(news) {
  channel.postMessage(news);
  hear(news);
}

// What happened before its first word, nobody was told.
function connect() {
  const source = new EventSource("/live");
  let isOver = false;
  source.onopen = () => tell({ state: "on", cases: ["*"] });
  source.onmessage = (message) => tell({ state: "on", cases: JSON.parse(message.data) });
  source.addEventListener("over", () => {
    isOver = true;
    source.close();
    tell({ state: "over" });
  });
  source.onerror = () => {
    tell({ state: "off" });
    // Refused, and not out of reach: the browser does not try again.
    if (source.readyState === EventSource.CLOSED && !isOver) setTimeout(connect, 5000);
  };
}

function follow() {
  connect();
  channel.addEventListener("message", (message) => {
    if (message.data.ask && state) channel.postMessage({ state });
  });
  return new Promise(() => {});
}

channel.addEventListener("message", (message) => hear(message.data));
// What another script has been answered.
document.addEventListener("fresh", (event) => patch(event.detail));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && isDirty) ask();
});
if (topics[0] !== "-") navigator.locks ? navigator.locks.request("imac-live", follow) : follow();
channel.postMessage({ ask: true });
