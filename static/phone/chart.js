// A small chart of two series over time, with the same in words.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 96;
const STEPS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000];

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function inWords(name, series) {
  if (series.length === 0) return `${name}: none yet.`;
  const values = series.map((sample) => sample.value).sort((a, b) => a - b);
  return `${name}: ${values[0]} to ${values.at(-1)} ms, the middle ${values[Math.floor(values.length / 2)]} ms, ${values.length} measured.`;
}

// Answers as a line, keys as dots: not told apart by colour alone.
export function draw(figure, { answers, keys, now, span }) {
  const fresh = (series) => series.filter((sample) => now - sample.at <= span);
  const [line, dots] = [fresh(answers), fresh(keys)];
  const most = Math.max(0, ...line.map((sample) => sample.value), ...dots.map((sample) => sample.value));
  const top = STEPS.find((step) => step >= most) ?? most;
  const x = (sample) => (WIDTH * (1 - (now - sample.at) / span)).toFixed(1);
  const y = (sample) => (HEIGHT - 1 - (HEIGHT - 4) * (sample.value / top)).toFixed(1);
  const svg = figure.querySelector("svg");
  svg.replaceChildren(
    shape("path", { class: "grid", d: `M0 ${HEIGHT - 1}H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 3H${WIDTH}` }),
    shape("polyline", { class: "answers", points: line.map((sample) => `${x(sample)},${y(sample)}`).join(" ") }),
    ...dots.map((sample) => shape("circle", { class: "key-dot", cx: x(sample), cy: y(sample), r: 3.5 })),
  );
  figure.querySelector("[data-top]").textContent = `${top} ms`;
  const words = `${inWords("The phone's answers", line)} ${inWords("Key to picture", dots)}`;
  const place = figure.querySelector("[data-chart-words]");
  if (place.textContent !== words) place.textContent = words;
}
