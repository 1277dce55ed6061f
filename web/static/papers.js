// Photos made smaller, and signatures made pictures; the outbox sends them when their turn has come.
const kept = await caches.open("imac-outbox");
const files = await caches.open("imac-papers");
const words = document.getElementById("outbox").dataset;
const LONGEST = 2000;
const MOST = 4900000;
const blobOf = (canvas, type, quality) => new Promise((made) => canvas.toBlob(made, type, quality));

// Nothing that the camera has written beside the picture comes along.
async function smaller(file) {
  // Upright, as the camera says it was held.
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  // What can be seen through has white behind it.
  wipe(canvas);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let made = null;
  for (let quality = 0.85; quality > 0.2 && (!made || made.size > MOST); quality -= 0.2)
    made = await blobOf(canvas, "image/jpeg", quality);
  if (!made) throw new Error("not drawn");
  return made;
}

// The same picture has the same name: sent twice, it is one.
async function nameOf(blob) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...bytes.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function wipe(canvas) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  delete canvas.dataset.signed;
}

function draw(event) {
  const canvas = event.target;
  const box = canvas.getBoundingClientRect();
  const pen = canvas.getContext("2d");
  if (event.type === "pointerdown") {
    if (!canvas.dataset.signed) wipe(canvas);
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pen, { lineWidth: 3, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
    pen.beginPath();
  }
  pen.lineTo(((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height);
  pen.stroke();
  canvas.dataset.signed = "yes";
}

// The file before what names it: nothing is sent without.
async function take(form, key, what, file) {
  const at = Date.now();
  const name = `/outbox/${at}-${key}`;
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  body.set("key", key);
  const about = `${form.closest(".stop-card").dataset.words}: ${what}`;
  const said = { key, at, name, address: form.action, words: about, person: words.person, by: words.name };
  await files.put(name, new Response(file));
  await kept.put(name, new Response(JSON.stringify({ ...said, body: `${body}`, isFile: true })));
  // As if the network were back: the outbox looks at what it has.
  dispatchEvent(new Event("online"));
}

export async function bodyOf(item) {
  // What has been sent or dropped leaves its file behind; a new one is there a moment before what names it.
  for (const old of await files.keys()) {
    const at = parseInt(new URL(old.url).pathname.split("/").pop(), 10);
    if (at < Date.now() - 60000 && !(await kept.match(old))) await files.delete(old);
  }
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(item.body)) form.append(name, value);
  const file = await files.match(item.name);
  if (file) form.append("file", await file.blob(), "file");
  return form;
}

async function attach(form) {
  const canvas = form.querySelector("canvas");
  const told = form.querySelector("[role=status]");
  told.textContent = "";
  if (canvas && !canvas.dataset.signed) return;
  let blob = null;
  try {
    blob = canvas ? await blobOf(canvas, "image/png") : await smaller(form.elements.file.files[0]);
  } catch {
    told.textContent = told.dataset.wrong;
    return;
  }
  try {
    await take(form, await nameOf(blob), form.querySelector("button:not([type])").textContent.trim(), blob);
  } catch {
    // Nothing can be kept here.
    if (!canvas) form.submit();
    return;
  }
  form.reset();
  if (canvas) wipe(canvas);
  told.textContent = told.dataset.taken;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-paper]");
  if (!form) return;
  event.preventDefault();
  attach(form);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-wipe]");
  if (button) wipe(button.form.querySelector("canvas"));
});
for (const name of ["pointerdown", "pointermove"])
  document.addEventListener(name, (event) => {
    const isMine = event.target.matches?.("[data-paper] canvas") && event.isPrimary;
    if (isMine && (name === "pointerdown" || event.buttons)) draw(event);
  });
document.body.classList.add("can-sign");
