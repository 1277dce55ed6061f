// Keeps the pages of my day and what they are made of, so that they open without a network; and nobody else's.
const DAYS = "imac-days";
const FILES = "imac-files";
const OUTBOX = "imac-outbox";
const WHO = "imac-who";
const PATIENCE = 4000;
const MOST_DAYS = 5;
// How often somebody has signed in or out: what was asked for before is not kept after it.
let turns = 0;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (!event.request.url.startsWith(location.origin)) return;
  if (event.request.method === "POST" && pathname === "/sign-out") event.respondWith(signOut(event.request));
  else if (pathname === "/sign-in" || pathname.startsWith("/sign-in/")) event.respondWith(forget(event.request));
  else if (event.request.method !== "GET") return;
  else if (pathname === "/my-day") event.respondWith(day(event));
  else if (pathname.startsWith("/static/")) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate") event.respondWith(out().then((said) => said || fetch(event.request)));
});

async function day(event) {
  const said = await out();
  if (said) return said;
  const fresh = ask(event.request);
  event.waitUntil(fresh.catch(() => {}));
  const late = new Promise((_, give) => setTimeout(give, PATIENCE));
  try {
    return await Promise.race([fresh, late]);
  } catch {
    const kept = await (await caches.open(DAYS)).match(event.request, { ignoreVary: true });
    return kept || fresh;
  }
}

// Whoever has signed out without a network is out with the next that there is; until then nothing else is shown.
async function out() {
  const who = await caches.open(WHO);
  const said = await who.match("/owed");
  if (!said) return undefined;
  try {
    await fetch("/sign-out", { method: "POST", redirect: "manual" });
  } catch {
    return said;
  }
  await who.delete("/owed");
  return undefined;
}

async function ask(request) {
  const turn = turns;
  const answer = await fetch(request);
  if (turn !== turns) return answer;
  const days = await caches.open(DAYS);
  // Only what was answered to whoever is signed in; elsewhere there is nothing of theirs to keep.
  if (answer.ok && !answer.redirected) {
    await days.put(request.url, answer.clone());
    for (const old of (await days.keys()).slice(0, -MOST_DAYS)) await days.delete(old);
  } else if (answer.status === 401 || answer.status === 403 || answer.redirected || answer.type === "opaqueredirect") {
    await caches.delete(DAYS);
  }
  return answer;
}

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await files.delete(request, { ignoreSearch: true, ignoreVary: true });
    await files.put(request, answer.clone());
  }
  return answer;
}

// Nobody signs out over what was not sent yet: the page says what it is, and offers to drop it.
async function signOut(request) {
  const outbox = await caches.open(OUTBOX);
  const items = await Promise.all((await outbox.keys()).map(async (key) => (await outbox.match(key)).json()));
  const person = await (await caches.match("/who"))?.text();
  if (items.some((one) => one.person === person)) return Response.redirect("/my-day#outbox", 303);
  try {
    await drop();
    return await fetch(request);
  } catch {
    await (await caches.open(WHO)).put("/owed", new Response(new URL(location.href).searchParams.get("out")));
    return out();
  } finally {
    await drop();
  }
}

async function forget(request) {
  const said = await out();
  if (said) return said;
  const answer = await fetch(request);
  await (request.method === "POST" ? drop() : caches.delete(DAYS));
  return answer;
}

// Open pages say that it is over, and a browser that has put some aside to go back to drops them.
function drop() {
  turns += 1;
  const tabs = new BroadcastChannel("imac-live");
  tabs.postMessage({ state: "over" });
  tabs.close();
  return caches.delete(DAYS);
}
