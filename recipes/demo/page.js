// Reads the page's own data, computes samples by onnxruntime-web with one thread, and shows them as the dials stand.
const byId = (id) => document.getElementById(id);
const facts = JSON.parse(byId("facts").textContent);

// bytes of an element that holds them as base64; the text is dropped, since some of it is large
function bytes(id) {
  const text = atob(byId(id).textContent);
  byId(id).remove();
  const content = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) content[i] = text.charCodeAt(i);
  return content;
}

const latents = new Float32Array(bytes("latents").buffer);
const perSeed = facts.n * facts.latent_size;
let ort, session;

async function load() {
  const address = URL.createObjectURL(new Blob([bytes("code")], { type: "text/javascript" }));
  ort = await import(address);
  URL.revokeObjectURL(address);
  ort.env.wasm.numThreads = 1; // more need headers that a file from a disk cannot have
  ort.env.wasm.wasmBinary = bytes("binary").buffer;
  session = await ort.InferenceSession.create(bytes("model"), { executionProviders: ["wasm"] });
}

// latents [N x Z] of all samples one after another, the condition [C] of each of them -> values of all samples
async function sample(latent, condition, truncation) {
  const n = latent.length / facts.latent_size;
  const given = { latent: new ort.Tensor("float32", latent, [n, facts.latent_size]) };
  if (facts.labels.length) {
    const rows = new Float32Array(n * condition.length);
    for (let i = 0; i < n; i++) rows.set(condition, i * condition.length);
    given.condition = new ort.Tensor("float32", rows, [n, condition.length]);
  }
  if (facts.has_styles) given.truncation = new ort.Tensor("float32", Float32Array.of(truncation), []);
  return (await session.run(given)).samples.data;
}

function paint(canvas, values) {
  const [channels, height, width] = facts.sample_shape;
  const picture = new ImageData(width, height);
  const size = width * height;
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) {
      // as a saved file is rounded
      picture.data[4 * i + c] = Math.floor(Math.min(255, Math.max(0, values[(c % channels) * size + i] * 127.5 + 128)));
    }
    picture.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

// a WAV file of 16 bits and one channel
function wave(values) {
  const view = new DataView(new ArrayBuffer(44 + 2 * values.length));
  const word = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + 2 * values.length, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, facts.rate_hz, true);
  view.setUint32(28, 2 * facts.rate_hz, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * values.length, true);
  values.forEach((value, i) => view.setInt16(44 + 2 * i, Math.round(32767 * Math.min(1, Math.max(-1, value))), true));
  return new Blob([view.buffer], { type: "audio/wav" });
}

function places() {
  const made = [];
  for (let i = 0; i < facts.n; i++) {
    const one = document.createElement(facts.modality === "image" ? "canvas" : "audio");
    if (facts.modality === "image") {
      [, one.height, one.width] = facts.sample_shape;
      one.setAttribute("role", "img");
    } else {
      one.controls = true;
    }
    byId("samples").append(one);
    made.push(one);
  }
  return made;
}

function asked() {
  const number = (id, otherwise) => (byId(id) ? Number(byId(id).value) : otherwise);
  const label = number("label", 0);
  const condition = new Float32Array(facts.labels.length);
  if (condition.length) condition[label] = number("intensity", 1);
  return { label: facts.labels[label] ?? "", condition, seed: number("seed", 0), truncation: number("truncation", 1) };
}

let shown = [];
async function draw() {
  const now = asked();
  const own = latents.slice(now.seed * perSeed, (now.seed + 1) * perSeed);
  const begun = performance.now();
  const values = await sample(own, now.condition, now.truncation);
  const each = values.length / facts.n;
  shown.forEach((place, i) => {
    const one = values.subarray(i * each, (i + 1) * each);
    place.setAttribute("aria-label", `${now.label || "sample"}, number ${i + 1} of seed ${now.seed}`);
    if (facts.modality === "image") {
      paint(place, one);
    } else {
      URL.revokeObjectURL(place.src);
      place.src = URL.createObjectURL(wave(one));
    }
  });
  byId("status").textContent = `Made in ${Math.round(performance.now() - begun)} ms.`;
}

// one drawing at a time: what the dials say meanwhile is drawn next, and what they said in between is not
let busy = false;
let again = false;
async function update() {
  for (const output of document.querySelectorAll("output")) output.textContent = byId(output.id.slice(0, -6)).value;
  again = true;
  if (busy) return;
  busy = true;
  try {
    while (again) {
      again = false;
      await draw();
    }
  } finally {
    busy = false;
  }
}

async function start() {
  try {
    await load();
    shown = places();
    byId("dials").addEventListener("input", update);
    byId("dials").addEventListener("submit", (event) => event.preventDefault());
    await update();
  } catch (error) {
    byId("status").textContent = `This browser cannot compute the generator: ${error.message}`;
    throw error;
  }
}

// for whoever looks into the page, and for its test
window.multigan = { facts, sample, ready: start() };
