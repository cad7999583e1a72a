// Words, numbers and times in the two languages. A catalogue is a flat object: {'code.title': 'My code', …}; {name} is filled in, and
// a key with .one is taken where the value `n` is 1. A key that is missing shows itself and is told on the console: tests fail by it.

const STORED = 'waystation-language';
let catalogue = {};
let language = stored() ?? (navigator.languages.find((tag) => /^(zh|en)/.test(tag))?.slice(0, 2) ?? 'zh');

function stored() {
  try { return ['zh', 'en'].find((one) => one === localStorage.getItem(STORED)); } catch { return undefined; }
}

/** 'zh' or 'en'. */
export function currentLanguage() { return language; }

/** The language as the API and the element <html> name it. */
export function languageTag() { return language === 'zh' ? 'zh-CN' : 'en'; }

/** Keeps the choice and loads the page anew: every text is made afresh. */
export function chooseLanguage(chosen) {
  try { localStorage.setItem(STORED, chosen); } catch { /* Without storage the choice holds for this page only. */ }
  // The service writes the first words in it.
  document.cookie = `${STORED}=${chosen}; Path=/; SameSite=Strict; Max-Age=31536000`;
  location.reload();
}

/** Adds texts; called once a catalogue is loaded. */
export function addTexts(texts) { catalogue = {...catalogue, ...texts}; }

async function load(loads) {
  for (const module of await Promise.all(loads.map((one) => one(language)))) addTexts(module.default);
}

let others;
let rest = Promise.resolve();

/**
 * Loads what the application says first, in the language in force: `load(language)` imports one of its catalogues. The `later` ones come
 * while the first view is shown already; every other view waits for them by `allTexts`.
 */
export async function prepareTexts(first, later = []) {
  document.documentElement.lang = languageTag();
  others = later;
  await load(first);
  rest = undefined;
  allTexts().catch(() => { /* Who waits for them asks again and is told. */ });
}

/** Waits until every catalogue is there; asks again for what did not come. */
export async function allTexts() {
  rest ??= load(others);
  try {
    await rest;
  } catch (error) {
    rest = undefined;
    throw error;
  }
}

/** The text of a key. */
export function t(key, values = {}) {
  const found = (values.n === 1 ? catalogue[`${key}.one`] : undefined) ?? catalogue[key];
  if (found === undefined) {
    console.error(`no text for ${key} in ${language}`);
    return key;
  }
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}

/** Whether there is a text: for codes that the service may add to. */
export function hasText(key) { return key in catalogue; }

function shown(value) { return typeof value === 'number' ? count(value) : String(value); }

const zone = 'Asia/Shanghai';
const formats = new Map();
function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(languageTag(), {timeZone: zone, ...options}));
  return formats.get(key);
}

/** 12,345 */
export function count(value) { return new Intl.NumberFormat(languageTag()).format(value); }

/** 0.123 as 12 % */
export function percent(share, digits = 0) {
  return new Intl.NumberFormat(languageTag(), {style: 'percent', maximumFractionDigits: digits}).format(share);
}

/** Fen as yuan. */
export function money(fen) {
  return new Intl.NumberFormat(languageTag(), {style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol'}).format(fen / 100);
}

/** A day: 11月22日 周日 / Sun 22 Nov. `text` is a time or a calendar date. */
export function day(text, {year = false, weekday = true} = {}) {
  const at = text.length === 10 ? new Date(`${text}T12:00:00+08:00`) : new Date(text);
  return format({month: 'short', day: 'numeric', ...(weekday && {weekday: 'short'}), ...(year && {year: 'numeric'})}).format(at);
}

/** A date with its year: 2026年11月22日 / 22 Nov 2026. */
export function date(text) { return day(text, {year: true, weekday: false}); }

/** A month: 2026年11月 / November 2026. */
export function month(text) { return format({year: 'numeric', month: 'long'}).format(new Date(text)); }

/** 18:05 in the program's time zone. */
export function clock(text, {seconds = false} = {}) {
  return format({hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(seconds && {second: '2-digit'})}).format(new Date(text));
}

/** Day and time. */
export function moment(text) { return `${day(text)} ${clock(text)}`; }

/** A length of time in its two largest units: 2 h 5 min. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const units = [['span.d', 86400], ['span.h', 3600], ['span.min', 60], ['span.s', 1]];
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) return t('span.s', {n: 0});
  const [key, size] = units[first];
  const rest = whole % size;
  const next = units[first + 1];
  const head = t(key, {n: Math.floor(whole / size)});
  return next && rest >= next[1] && first < 3 ? `${head} ${t(next[0], {n: Math.floor(rest / next[1])})}` : head;
}

/** How long ago, in its largest unit: 3 min ago. */
export function ago(text, now = Date.now()) {
  const seconds = (now - new Date(text).getTime()) / 1000;
  const unit = [86400, 3600, 60].find((one) => seconds >= one) ?? 1;
  return seconds < 5 ? t('ago.now') : t('ago', {span: span(Math.floor(seconds / unit) * unit)});
}

/** Metres as a distance. */
export function distance(metres) {
  return metres < 950 ? t('distance.m', {n: Math.round(metres / 10) * 10}) : t('distance.km', {n: Math.round(metres / 100) / 10});
}

/** Of two names the one in the language in force. */
export function named(zh, en) { return language === 'en' && en ? en : zh ?? en; }
