// The charts, with uPlot (vendored; a global made by its own script).

import { bytes, clock, percent, rate, tidy } from "./format.js";

const { uPlot } = window;

/** What a chart shows: the last two and a half minutes. */
export const WINDOW = 150_000;
/** Samples farther apart than this are not joined by a line. */
const APART = 5_000;
const GAPS_KEPT = 100;
/** The width of the y axis' labels, the same on all charts. */
const Y_AXIS = 60;
/** Up to this many cores, a line each is readable; beyond it, heat is. */
const LINES_AT_MOST = 12;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Rows of samples in the order of time, as uPlot wants them: columns. */
class Samples {
  at = [];
  columns;
  fresh = 0;

  constructor(width) {
    this.columns = Array.from({ length: width }, () => []);
  }

  push(at, values) {
    const last = this.at.at(-1);
    if (last !== undefined && at <= last) {
      if (last - at < APART) return;
      this.clear(); // The machine's clock was set back.
    } else if (last !== undefined && at - last > APART) {
      this.break();
    }
    // Drawing trims, but a page in the background does not draw.
    if (this.at[0] < at - 2 * WINDOW) this.trim(at - WINDOW - APART);
    this.at.push(at);
    this.columns.forEach((column, index) => column.push(values[index]));
    this.fresh += values.length;
  }

  /** Ends the line here: what follows does not join. */
  break() {
    if (this.at.length === 0 || this.columns[0].at(-1) === null) return;
    this.at.push(this.at.at(-1) + 1);
    for (const column of this.columns) column.push(null);
  }

  trim(before) {
    let old = 0;
    while (old < this.at.length && this.at[old] < before) old += 1;
    if (old === 0) return;
    this.at.splice(0, old);
    for (const column of this.columns) column.splice(0, old);
  }

  clear() {
    this.at.length = 0;
    for (const column of this.columns) column.length = 0;
  }

  last(column) {
    return this.columns[column].at(-1) ?? null;
  }
}

/** All charts together: they share the time axis and what happened on it. */
export class Charts {
  drawn = 0;
  /** The right edge, by the machine's clock. */
  now = Date.now();
  /** Times without a connection: `{from, to, kind}`; `to` is null while it lasts. */
  gaps = [];

  #charts = [];
  #asked = false;

  add(chart) {
    chart.charts = this;
    this.#charts.push(chart);
    return chart;
  }

  advance(at) {
    if (at > this.now || this.now - at > APART) this.now = at;
    this.ask();
  }

  /** Opens a gap; whoever asked closes it by setting `to`. */
  gap(from, kind) {
    const gap = { from, to: null, kind };
    this.gaps.push(gap);
    if (this.gaps.length > GAPS_KEPT) this.gaps.shift();
    return gap;
  }

  break() {
    for (const chart of this.#charts) chart.samples.break();
  }

  clear() {
    for (const chart of this.#charts) chart.samples.clear();
    this.gaps.length = 0;
  }

  restyle() {
    for (const chart of this.#charts) chart.build();
    this.ask();
  }

  /** Draws with the next frame, once, however many events came. */
  ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      const from = this.now - WINDOW;
      this.gaps = this.gaps.filter((gap) => gap.to === null || gap.to > from);
      for (const chart of this.#charts) {
        chart.samples.trim(from - APART);
        chart.draw();
        this.drawn += chart.samples.fresh;
        chart.samples.fresh = 0;
      }
    });
  }
}

class Chart {
  charts = null;
  samples;
  plot = null;
  #tip;

  constructor(box, width) {
    this.box = box;
    this.samples = new Samples(width);
    this.#tip = document.createElement("div");
    this.#tip.className = "tip";
    this.#tip.hidden = true;
    new ResizeObserver(() => {
      if (this.plot === null) return;
      this.plot.setSize({ width: box.clientWidth, height: box.clientHeight });
    }).observe(box);
  }

  /** The columns to draw; the samples as they are, unless a chart says else. */
  data() {
    return [this.samples.at, ...this.samples.columns];
  }

  draw() {
    if (this.plot === null) this.build();
    this.plot.setData(this.data());
  }

  build() {
    this.plot?.destroy();
    const { series, y, hooks = {}, points = true } = this.options();
    const muted = css("muted");
    const axis = {
      stroke: muted,
      font: `11px ${css("sans")}`,
      ticks: { show: false },
      grid: { stroke: css("grid"), width: 1 },
    };
    this.plot = new uPlot(
      {
        width: this.box.clientWidth,
        height: this.box.clientHeight,
        padding: [10, 6, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: false, y: false, setScale: false },
          points: { show: points, size: 7 },
          sync: { key: "showcase", scales: ["x", null] },
        },
        focus: { alpha: 0.18 },
        scales: {
          x: { time: false, range: () => [this.charts.now - WINDOW, this.charts.now] },
          y: y.scale,
        },
        axes: [
          {
            ...axis,
            size: 26,
            gap: 6,
            space: 84,
            incrs: [10_000, 15_000, 30_000, 60_000],
            grid: { show: false },
            // A time that would be cut off at the right edge is left out.
            values: (_, splits) => splits.map((ms) => (this.#toEdge(ms) < 24 ? "" : clock(ms))),
          },
          { ...axis, size: Y_AXIS, gap: 8, space: 34, ...y.axis },
        ],
        series: [{}, ...series],
        hooks: {
          ...hooks,
          drawClear: [...(hooks.drawClear ?? []), (plot) => this.#drawGaps(plot)],
          setCursor: [(plot) => this.#moveTip(plot)],
        },
      },
      this.data(),
      this.box,
    );
    this.#tip.hidden = true;
    this.plot.over.append(this.#tip);
    this.plot.over.addEventListener("mouseleave", () => {
      this.#tip.hidden = true;
    });
  }

  /** How far from the right edge a time is, in pixels. */
  #toEdge(ms) {
    return ((this.charts.now - ms) / WINDOW) * (this.box.clientWidth - Y_AXIS);
  }

  #drawGaps(plot) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const gap of this.charts.gaps) {
      const left = plot.valToPos(gap.from, "x", true);
      const right = plot.valToPos(gap.to ?? this.charts.now, "x", true);
      const wide = Math.max(right - left, 3 * ratio);
      const colour = css(gap.kind === "reset" ? "bad" : gap.kind === "open" ? "warn" : "replayed");
      ctx.fillStyle = colour;
      ctx.globalAlpha = 0.16;
      ctx.fillRect(left, bbox.top, wide, bbox.height);
      ctx.globalAlpha = 0.9;
      ctx.fillRect(left, bbox.top, wide, 2.5 * ratio);
    }
    ctx.restore();
  }

  #moveTip(plot) {
    const tip = this.#tip;
    const { idx, left, top } = plot.cursor;
    if (idx == null || left < 0 || !plot.over.matches(":hover")) {
      tip.hidden = true;
      return;
    }
    const rows = this.tip(idx, plot);
    if (rows === null) {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren();
    const time = document.createElement("div");
    time.className = "tip-time";
    time.textContent = clock(this.samples.at[idx]);
    tip.append(time);
    for (const [label, value, colour] of rows) {
      const row = document.createElement("div");
      row.className = "tip-row";
      const swatch = document.createElement("i");
      swatch.style.background = colour;
      const name = document.createElement("span");
      name.textContent = label;
      const number = document.createElement("b");
      number.textContent = value;
      row.append(swatch, name, number);
      tip.append(row);
    }
    tip.hidden = false;
    const width = plot.over.clientWidth;
    const onLeft = left > width / 2;
    tip.style.left = onLeft ? "auto" : `${left + 14}px`;
    tip.style.right = onLeft ? `${width - left + 14}px` : "auto";
    tip.style.top = `${Math.max(0, Math.min(top - 20, plot.over.clientHeight - tip.offsetHeight))}px`;
  }
}

const spline = uPlot.paths.spline();

/** A colour with less of it, whatever notation it has. */
function faint(colour, share) {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
}

/** From the colour to nearly nothing, downwards. */
function fade(colour, from = 0.42, to = 0.04) {
  return (plot) => {
    const { top, height } = plot.bbox;
    if (!Number.isFinite(height) || height <= 0) return faint(colour, from);
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, faint(colour, from));
    gradient.addColorStop(1, faint(colour, to));
    return gradient;
  };
}

// --- CPU ---------------------------------------------------------------------

export class CpuChart extends Chart {
  /** "lines" or "heat"; until someone chooses, by the number of cores. */
  mode = "lines";
  #heat = [];

  constructor(box, cores) {
    super(box, cores);
    this.cores = cores;
    this.mode = cores > LINES_AT_MOST ? "heat" : "lines";
  }

  setCores(cores) {
    if (cores === this.cores) return;
    if ((this.cores > LINES_AT_MOST) !== (cores > LINES_AT_MOST)) {
      this.mode = cores > LINES_AT_MOST ? "heat" : "lines";
    }
    this.cores = cores;
    this.samples = new Samples(cores);
    this.plot?.destroy();
    this.plot = null;
  }

  setMode(mode) {
    this.mode = mode;
    this.build();
    this.charts.ask();
  }

  /** Distinct for every core: twelve chosen hues, then round the wheel. */
  colour(core) {
    if (this.cores <= LINES_AT_MOST) return css(`core-${core}`);
    const light = css("core-light");
    return `hsl(${(core * 137.508 + 200) % 360} 62% ${light})`;
  }

  average(index) {
    const { columns } = this.samples;
    let sum = 0;
    for (const column of columns) {
      const value = column[index];
      if (value == null) return null;
      sum += value;
    }
    return columns.length === 0 ? null : sum / columns.length;
  }

  data() {
    const { at, columns } = this.samples;
    return [at, at.map((_, index) => this.average(index)), ...columns];
  }

  options() {
    const heat = this.mode === "heat";
    const neutral = css("muted");
    this.#heat = heat ? palette() : [];
    const width = this.cores <= 4 ? 2 : this.cores <= LINES_AT_MOST ? 1.6 : 1;
    const lines = Array.from({ length: this.cores }, (_, core) => {
      const colour = this.colour(core);
      return {
        show: !heat,
        stroke: this.cores > LINES_AT_MOST ? faint(colour, 0.75) : colour,
        width,
        paths: spline,
        points: { show: false },
      };
    });
    return {
      points: !heat && this.cores <= LINES_AT_MOST,
      series: [
        {
          show: !heat,
          stroke: "transparent",
          width: 0,
          fill: fade(neutral, 0.26, 0.06),
          paths: spline,
          points: { show: false },
        },
        ...lines,
      ],
      y: heat
        ? {
            scale: { range: () => [0, this.cores] },
            axis: {
              grid: { show: false },
              splits: () => this.#rows(),
              // Names stand at the middle of their row; core 0 is on top.
              values: (_, splits) => splits.map((row) => `core ${this.cores - 0.5 - row}`),
            },
          }
        : {
            scale: { range: () => [0, 100] },
            axis: { splits: () => [0, 25, 50, 75, 100], values: (_, splits) => splits.map((v) => `${v}%`) },
          },
      hooks: heat ? { drawClear: [(plot) => this.#drawHeat(plot)] } : {},
    };
  }

  #rows() {
    const step = this.cores <= 12 ? 1 : Math.ceil(this.cores / 8);
    const rows = [];
    for (let core = 0; core < this.cores; core += step) rows.push(this.cores - 0.5 - core);
    return rows.reverse();
  }

  #drawHeat(plot) {
    const { ctx, bbox } = plot;
    const { at, columns } = this.samples;
    const tall = bbox.height / this.cores;
    const line = tall >= 5 ? 1 : 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (let index = 0; index < at.length; index += 1) {
      if (columns[0][index] == null) continue;
      // A sample says what was since the one before.
      const since = index > 0 && columns[0][index - 1] != null ? at[index - 1] : at[index] - 1_000;
      const left = Math.floor(plot.valToPos(since, "x", true));
      const right = Math.floor(plot.valToPos(at[index], "x", true));
      for (let core = 0; core < columns.length; core += 1) {
        const level = Math.max(0, Math.min(100, Math.round(columns[core][index])));
        ctx.fillStyle = this.#heat[level];
        const top = Math.round(bbox.top + core * tall);
        const bottom = Math.round(bbox.top + (core + 1) * tall);
        ctx.fillRect(left, top, right - left, bottom - top - line);
      }
    }
    ctx.restore();
  }

  tip(index, plot) {
    const average = this.average(index);
    if (average === null) return null;
    const rows = [["average", percent(average), css("muted")]];
    if (this.mode === "heat") {
      const share = plot.cursor.top / plot.over.clientHeight;
      const core = Math.max(0, Math.min(this.cores - 1, Math.floor(share * this.cores)));
      const value = this.samples.columns[core][index];
      rows.unshift([`core ${core}`, percent(value), this.#heat[Math.round(Math.min(100, value))]]);
      return rows;
    }
    const busiest = this.samples.columns
      .map((column, core) => [core, column[index]])
      .sort((a, b) => b[1] - a[1])
      .slice(0, 6);
    for (const [core, value] of busiest) rows.push([`core ${core}`, percent(value), this.colour(core)]);
    return rows;
  }
}

/** 101 colours for 0 to 100 percent, between the theme's five. */
function palette() {
  const stops = [0, 1, 2, 3, 4].map((index) => {
    const hex = css(`heat-${index}`);
    return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  });
  return Array.from({ length: 101 }, (_, level) => {
    const place = (level / 100) ** 0.85 * 4;
    const low = Math.min(3, Math.floor(place));
    const share = place - low;
    const mixed = stops[low].map((from, i) => Math.round(from + (stops[low + 1][i] - from) * share));
    return `rgb(${mixed.join(" ")})`;
  });
}

// --- Memory ------------------------------------------------------------------

const GIB = 2 ** 30;

export class MemoryChart extends Chart {
  // Columns: used, swap used. The totals change (almost) never: the axis has them.
  #total = 0;
  #swap = 0;

  constructor(box) {
    super(box, 2);
  }

  push({ at, total, used, swap_total, swap_used }) {
    this.#total = total;
    this.#swap = swap_total;
    this.samples.push(at, [used, swap_total > 0 ? swap_used : null]);
  }

  options() {
    const used = css("memory");
    const swap = css("swap");
    return {
      series: [
        { stroke: used, width: 2, fill: fade(used), paths: spline, points: { show: false } },
        { stroke: swap, width: 1.75, dash: [5, 4], paths: spline, points: { show: false } },
      ],
      y: {
        scale: { range: () => [0, this.#ceiling()] },
        axis: {
          splits: () => this.#splits(),
          values: (_, splits) => splits.map((n) => tidy(bytes(n))),
        },
      },
      hooks: { drawClear: [(plot) => this.#drawTotal(plot)] },
    };
  }

  #ceiling() {
    return Math.max(this.#total, this.#swap, GIB / 16) * 1.06;
  }

  #splits() {
    const highest = this.#ceiling();
    const step = 2 ** Math.ceil(Math.log2(highest / 5));
    const splits = [];
    for (let n = 0; n <= highest; n += step) splits.push(n);
    return splits;
  }

  #drawTotal(plot) {
    if (this.#total === 0) return;
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const y = Math.round(plot.valToPos(this.#total, "y", true));
    ctx.save();
    ctx.strokeStyle = css("muted");
    ctx.globalAlpha = 0.7;
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }

  tip(index) {
    const [used, swap] = this.samples.columns.map((column) => column[index]);
    if (used == null) return null;
    const rows = [["used", bytes(used), css("memory")]];
    if (swap != null) rows.push(["swap", bytes(swap), css("swap")]);
    rows.push(["total", bytes(this.#total), css("muted")]);
    return rows;
  }
}

// --- Network -----------------------------------------------------------------

export class NetworkChart extends Chart {
  // Columns: received, sent below the line.
  constructor(box) {
    super(box, 2);
  }

  push({ at, received, sent }) {
    this.samples.push(at, [received, -sent]);
  }

  options() {
    const received = css("received");
    const sent = css("sent");
    return {
      series: [
        { stroke: received, width: 1.75, fill: faint(received, 0.24), paths: spline, points: { show: false } },
        { stroke: sent, width: 1.75, fill: faint(sent, 0.24), paths: spline, points: { show: false } },
      ],
      y: {
        scale: {
          range: () => {
            const { low, high } = this.#round();
            return [low, high];
          },
        },
        axis: {
          splits: () => this.#splits(),
          values: (_, splits) => splits.map((n) => tidy(rate(n))),
        },
      },
    };
  }

  /** Both directions in one scale, in round numbers so that it stands still. */
  #round() {
    const most = (column) => column.reduce((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
    const [received, sent] = this.samples.columns.map(most);
    const step = this.#step(Math.max(received, sent, 4_000));
    const up = Math.max(1, Math.ceil((received * 1.02) / step)) * step;
    const down = Math.max(1, Math.ceil((sent * 1.02) / step)) * step;
    return { low: -down, high: up, step };
  }

  /** A third of it or less, as 1, 2 or 5 times a power of ten. */
  #step(most) {
    const wanted = most / 3;
    const power = 10 ** Math.floor(Math.log10(wanted));
    return power * [1, 2, 5, 10].find((n) => n * power >= wanted);
  }

  #splits() {
    const { low, high, step } = this.#round();
    return Array.from({ length: Math.round((high - low) / step) + 1 }, (_, n) => low + n * step);
  }

  tip(index) {
    const [received, sent] = this.samples.columns.map((column) => column[index]);
    if (received == null) return null;
    return [
      ["received", rate(received), css("received")],
      ["sent", rate(sent), css("sent")],
    ];
  }
}
