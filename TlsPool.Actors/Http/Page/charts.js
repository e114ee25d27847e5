// Lines over the last minutes, drawn as SVG: they scale with the page and take their colours from its style.
const width = 300, height = 100, space = "http://www.w3.org/2000/svg";

function element(name, kind, attributes) {
  const made = document.createElementNS(space, name);
  made.setAttribute("class", kind);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// points: [milliseconds, value]; the right edge is now.
export function draw(svg, points, span, now, label) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-label", label);
  const most = Math.max(1, ...points.map(point => point[1]));
  const x = time => (width * (1 - (now - time) / span)).toFixed(1);
  const y = value => (height - 2 - (height - 8) * value / most).toFixed(1);
  const parts = [0.25, 0.5, 0.75].map(part => element("line", "grid", { x1: 0, x2: width, y1: height * part, y2: height * part }));
  if (points.length > 1) {
    const line = points.map(point => `${x(point[0])},${y(point[1])}`).join(" ");
    parts.push(element("polygon", "area", { points: `${x(points[0][0])},${height} ${line} ${x(points.at(-1)[0])},${height}` }));
    parts.push(element("polyline", "line", { points: line }));
  }
  svg.replaceChildren(...parts);
}
