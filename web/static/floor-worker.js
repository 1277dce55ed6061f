// Keeps the pages of my day and what they are made of, so that they open without a network; and nobody else's.
const DAYS = "imac-days";
const FILES = "imac-files";
const OUTBOX = "imac-outbox";
const PATIENCE = 4000;
const MOST_DAYS = 5;

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
});

async function day(event) {
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

async function ask(request) {
  const answer = await fetch(request);
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
  return forget(request);
}

async function forget(request) {
  const answer = await fetch(request);
  await caches.delete(DAYS);
  return answer;
}
