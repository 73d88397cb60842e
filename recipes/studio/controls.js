// What is moved or pressed goes to the studio as numbers: where a dial rests, and now and then while it moves.
const RESTS_MS = 120, MOVES_MS = 350;
let waiting = null, timer = null, told = 0;
const tell = (name, data) => {
  waiting = [name, data];
  clearTimeout(timer);
  timer = setTimeout(() => { told = Date.now(); trigger(...waiting); }, Date.now() - told > MOVES_MS ? 0 : RESTS_MS);
};
const bounded = (value) => Math.max(-1, Math.min(1, Math.round(value * 100) / 100));
const values = (bars) => [...bars.querySelectorAll('input')].map((input) => Number(input.value));
const written = (input) => {
  const text = input.value + input.dataset.unit;
  input.setAttribute('aria-valuetext', text);
  input.parentElement.querySelector('output').textContent = text;
};
const moved = (bars) => {
  const point = element.querySelector('svg.plane');
  if (point) place(point, values(bars));
  for (const chip of element.querySelectorAll('.chip')) chip.setAttribute('aria-pressed', 'false');
  tell('input', { of: bars.dataset.of, values: values(bars) });
};
const place = (svg, [valence, arousal]) => {
  const dot = svg.querySelector('.point'), middle = svg.viewBox.baseVal.width / 2, reach = Number(svg.dataset.reach);
  dot.setAttribute('cx', middle + reach * valence);
  dot.setAttribute('cy', middle - reach * arousal);
};
const pointed = (event) => {
  const svg = event.target.closest && event.target.closest('svg.plane');
  if (!svg || !(event.buttons & 1)) return;
  event.preventDefault();
  const box = svg.getBoundingClientRect(), half = box.width / 2;
  const reach = Number(svg.dataset.reach) / svg.viewBox.baseVal.width * box.width;
  const at = [(event.clientX - box.left - half) / reach, (box.top + half - event.clientY) / reach].map(bounded);
  const bars = element.querySelector('.bars');
  bars.querySelectorAll('input').forEach((input, i) => { input.value = at[i]; written(input); });
  moved(bars);
};
element.addEventListener('input', (event) => {
  const input = event.target, bars = input.closest('.bars');
  if (!bars) return;
  written(input);
  moved(bars);
});
element.addEventListener('pointerdown', pointed);
element.addEventListener('pointermove', pointed);
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]');
  if (!button) return;
  if (button.dataset.act === 'copy') {
    navigator.clipboard?.writeText(element.querySelector('code').textContent);
    return;
  }
  const act = button.dataset.act, number = Number(button.dataset.number);
  if (act === 'keep') button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
  if (act === 'emotion') {
    for (const chip of element.querySelectorAll('.chip')) chip.setAttribute('aria-pressed', String(chip === button));
    element.querySelectorAll('.bars input').forEach((input, i) => { input.value = i === number ? 100 : 0; written(input); });
  }
  trigger('select', { act, number });
});
