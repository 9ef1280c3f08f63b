// Numbers and times as people read them. Nothing here touches the page.

const NARROW_SPACE = "\u202f";

export const count = (n) => Math.round(n).toLocaleString("en-US").replaceAll(",", NARROW_SPACE);

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** Binary units, for memory. */
export function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  let value = n;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(digits(value))} ${units[unit]}`;
}

/** Decimal units, for a network's speed. */
export function rate(n) {
  const units = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];
  let unit = 0;
  let value = Math.abs(n);
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(digits(value))} ${units[unit]}`;
}

/** The same for an axis, where "2 MB/s" is better than "2.00 MB/s". */
export const tidy = (text) => text.replace(/(\.\d*?)0+(?=\s)/, "$1").replace(/\.(?=\s)/, "");

export const percent = (value) => `${value < 9.95 ? value.toFixed(1) : Math.round(value)}%`;

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export const clock = (ms) => clockFormat.format(ms);

/** A short span of time, for gaps: "0.4 s", "12 s", "3 min 5 s". */
export function span(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A long span of time, for an uptime: "3 d 4 h", "12 min". */
export function age(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.max(0, Math.floor(seconds))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
