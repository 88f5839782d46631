// Texts of the page in English, Hebrew, Korean and Lao. The first choice is what this listener picked in this
// browser, then what the browser asks for, then English. A text with {name} in it takes parameters; a text with
// plural forms is an object keyed by Intl.PluralRules.
import en from './i18n/en.js';
import he from './i18n/he.js';
import ko from './i18n/ko.js';
import lo from './i18n/lo.js';
import { plain } from './plain.js';

const tables = { en, he, ko, lo };
const kStorageKey = 'earful.language';

export const languages = Object.keys(tables).map((code) => ({ code, name: tables[code].language_name }));

let current = 'en';
let picked = null;   // in this page
let listener = null; // the id of who listens

export const lang = () => current;
export const has = (key) => Object.hasOwn(tables[current], key);
export const isRtl = () => current === 'he';

// The browser's own regional form of the language (en-GB for en), for dates.
export function locale() {
  const regional = (navigator.languages ?? []).find((tag) => tag.toLowerCase().startsWith(`${current}-`));
  return regional ?? (current === 'en' ? 'en-GB' : current);
}

const keyOf = (listenerId) => `${kStorageKey}.${listenerId}`;

function stored() {
  try {
    return listener && localStorage.getItem(keyOf(listener));
  } catch {
    return null; // a browser that keeps nothing still speaks
  }
}

function choose() {
  for (const tag of [stored(), picked, ...(navigator.languages ?? [])]) {
    const base = String(tag ?? '').toLowerCase().split('-')[0].replace(/^iw$/, 'he');
    if (base in tables) return base;
  }
  return 'en';
}

function apply() {
  current = choose();
  document.documentElement.lang = current;
  document.documentElement.dir = isRtl() ? 'rtl' : 'ltr';
}

export const startLanguage = apply;

function keep() {
  try {
    if (listener && picked) localStorage.setItem(keyOf(listener), picked);
  } catch {
    // It lasts as long as the page, then.
  }
}

// Who listens is known: the language is theirs. What was picked while nobody was known is theirs too.
export function useLanguageOf(listenerId) {
  if (listener === listenerId) return;
  if (listener) picked = null;
  listener = listenerId;
  keep();
  apply();
}

export function setLanguage(code) {
  if (!(code in tables)) return;
  picked = code;
  keep();
  apply();
}

// Names of months and days for a language that the browser does not know, or null.
export const ownCalendar = () =>
  (Intl.DateTimeFormat.supportedLocalesOf([current]).length ? null : tables[current].calendar ?? null);

function pattern(key, params) {
  const text = tables[current][key] ?? en[key] ?? key;
  if (typeof text === 'string') return text;
  const form = new Intl.PluralRules(current).select(Number(params?.n ?? 0));
  return text[form] ?? text.other;
}

// Plain text. Parameters are isolated, so that a Latin name inside Hebrew (or the reverse) does not
// reorder the sentence.
export function t(key, params) {
  return pattern(key, params).replace(/\{(\w+)\}/g, (_, name) => `\u2068${plain(String(params?.[name] ?? ''))}\u2069`);
}

// The same as a list of children, for parameters that are elements.
export function tx(key, params) {
  return pattern(key, params).split(/(\{\w+\})/).filter(Boolean)
    .map((part) => (/^\{\w+\}$/.test(part) ? params?.[part.slice(1, -1)] ?? '' : part));
}
