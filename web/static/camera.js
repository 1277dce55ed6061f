// Reads one code by the camera, for whoever has no hand scanner.
async function look(button, tell) {
  const codes = new BarcodeDetector();
  const video = button.parentElement.querySelector("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  let found = [];
  for (let tries = 0; !found.length && tries < 300 && video.isConnected; tries += 1) {
    found = await codes.detect(video).catch(() => []);
    await new Promise((wait) => setTimeout(wait, 200));
  }
  for (const track of stream.getTracks()) track.stop();
  video.hidden = true;
  if (found.length) tell(found[0].rawValue);
}

export function offer(tell) {
  document.body.classList.add("has-camera");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-camera]");
    if (button) look(button, tell).catch(() => {});
  });
}
