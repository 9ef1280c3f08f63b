// The tape: the newest events as small blocks, one per id, newest at the right.
// A cut shows as a notch, a replayed event in its own colour, a lost one as a
// hole, so that the claim "nothing was lost" is something to look at.

const KEPT = 400;
const PITCH = 7;
const BLOCK = 5;

export class Tape {
  #canvas;
  #cells = [];
  #asked = false;

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  /** `kind`: history, live, replayed, lost, twice, cut or reset. */
  push(kind) {
    this.#cells.push(kind);
    if (this.#cells.length > KEPT) this.#cells.shift();
    this.draw();
  }

  draw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
    });
  }

  #paint() {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0) return;
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const colours = {
      empty: colour("tape-empty"),
      history: colour("tape-history"),
      live: colour("live"),
      replayed: colour("replayed"),
      twice: colour("warn"),
      lost: colour("bad"),
      cut: colour("muted"),
      reset: colour("bad"),
    };
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);

    const slots = Math.floor(width / PITCH);
    const top = 5;
    const tall = height - 2 * top;
    for (let slot = 0; slot < slots; slot += 1) {
      const kind = this.#cells[this.#cells.length - 1 - slot] ?? "empty";
      const x = width - (slot + 1) * PITCH + (PITCH - BLOCK);
      context.fillStyle = colours[kind];
      context.strokeStyle = colours[kind];
      if (kind === "cut" || kind === "reset") {
        const middle = x + BLOCK / 2;
        const thick = kind === "reset" ? 3 : 1.5;
        context.fillRect(middle - thick / 2, 0, thick, height);
      } else if (kind === "lost") {
        context.lineWidth = 1.5;
        context.strokeRect(x + 0.75, top + 0.75, BLOCK - 1.5, tall - 1.5);
      } else {
        context.beginPath();
        context.roundRect(x, top, BLOCK, tall, 1.5);
        context.fill();
      }
    }
  }
}
