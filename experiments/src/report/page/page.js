// Moves one moment through all that shows simulated time: the slider, the cursors in the charts,
// and the services of the graphs. Everything else on the page is there without it.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const slider = document.getElementById("moment");
  if (!slider || data.starts.length === 0) return;
  const SVG = "http://www.w3.org/2000/svg";
  // The drawings count in tenths of a pixel.
  const UNITS = 10;

  const digits = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size >= 100 || value === 0) return String(Math.round(value));
    return String(Number(value.toPrecision(3)));
  };
  const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`);
  const make = (parent, name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  };

  // A cursor and its reading in every panel of a chart; pointing at a panel moves the moment.
  const charts = data.figures.map((figure) => {
    const svg = document.querySelector(`#${CSS.escape(`figure-${figure.id}`)} svg`);
    const [low, high] = figure.x;
    const panels = figure.areas.map(([left, top, right, bottom], place) => {
      const line = make(svg, "line", { class: "cursor", y1: top * UNITS, y2: bottom * UNITS });
      const words = make(svg, "text", { class: "reading" });
      const readings = figure.panels[place].map(([name, values], row) => {
        const reading = make(words, "tspan", { y: (top + 12 + 13 * row) * UNITS });
        return { name, values, reading };
      });
      return { left, right, line, words, readings };
    });
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * figure.width;
      const panel = panels.find((own) => own.left <= x && x <= own.right);
      if (!panel) return;
      show(momentAt(low + ((x - panel.left) / (panel.right - panel.left)) * (high - low)));
    });
    return (moment) => {
      const share = (data.starts[moment] - low) / (high - low);
      for (const { left, right, line, words, readings } of panels) {
        const x = left + share * (right - left);
        line.setAttribute("x1", x * UNITS);
        line.setAttribute("x2", x * UNITS);
        const isLeft = share < 0.5;
        words.setAttribute("text-anchor", isLeft ? "start" : "end");
        for (const { name, values, reading } of readings) {
          reading.setAttribute("x", (isLeft ? x + 5 : x - 5) * UNITS);
          reading.textContent = `${name} ${digits(values[moment])}`;
        }
      }
    };
  });

  // The services of a graph.
  const graphs = [...document.querySelectorAll(".graph")].map((graph) => {
    const services = data.systems[graph.dataset.system];
    const nodes = [...graph.querySelectorAll(".node")].map((node) => {
      const part = (name) => node.querySelector(`.${name}`);
      const full = Number(part("frame").getAttribute("width"));
      const name = part("name").parentNode.querySelector("title").textContent;
      const parts = { busy: part("busy"), queue: part("queue"), breaker: part("breaker") };
      const words = { busy: part("busy-words"), queue: part("queue-words") };
      return { node, parts, words, full, name, levels: services[node.dataset.service] };
    });
    return (moment) => {
      for (const { node, parts, words, full, name, levels } of nodes) {
        const [busy, queue, waiting] = [levels.busy[moment], levels.queue[moment], levels.waiting[moment]];
        parts.busy.setAttribute("width", full * (busy ?? 0));
        parts.queue.setAttribute("width", full * (queue ?? 0));
        words.busy.textContent = percent(busy);
        words.queue.textContent = digits(waiting);
        node.classList.toggle("full", busy >= 0.95 || queue >= 0.95);
        let label = `${name}: ${percent(busy)} busy, ${digits(waiting)} waiting`;
        if (parts.breaker) {
          const said = breaker(levels.open?.[moment] ?? 0, levels.half?.[moment] ?? 0);
          parts.breaker.textContent = said;
          node.classList.toggle("open", said !== "breaker closed");
          label += `, ${said}`;
        }
        node.setAttribute("aria-label", label);
      }
    };
  });

  const breaker = (open, half) => {
    if (open + half < 0.005) return "breaker closed";
    if (open >= 0.995) return "breaker open";
    const parts = [];
    if (open >= 0.005) parts.push(`${percent(open)} open`);
    if (half >= 0.005) parts.push(`${percent(half)} half open`);
    return `breakers ${parts.join(", ")}`;
  };

  const step = data.starts.length > 1 ? data.starts[1] - data.starts[0] : 1;
  const momentAt = (time) =>
    Math.max(0, Math.min(data.starts.length - 1, Math.floor(time / step + 1e-6)));

  const show = (moment) => {
    slider.value = moment;
    const text = `${Number(data.starts[moment].toFixed(3))} s`;
    document.getElementById("at").textContent = text;
    slider.setAttribute("aria-valuetext", text);
    for (const move of [...charts, ...graphs]) move(moment);
  };

  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const button of document.querySelectorAll("button[data-moment]")) {
    button.addEventListener("click", () => show(Number(button.dataset.moment)));
  }
  show(Number(slider.value));
})();
