// Why the station refused something or raised an alarm. It says so in English; in another language the page's own text
// for the code comes first, and the station's line, which knows more, stands behind it. of: {code, message}.
import { html } from './dom.js';
import { has, lang, t } from './i18n.js';

// What the station says to programs ("GET /api/...") is none of a person's business where the page has words of its own.
const line = ({ code, message }) => (has(code) && /\bapi\b/i.test(message) ? '' : message);
const own = (of) => (has(of.code) && !(line(of) && lang() === 'en') ? t(of.code) : '');

// To be read aloud, where two languages in a row are noise.
export const whyText = (of) => own(of) || line(of);

export const Why = ({ of }) => html`${own(of)} ${line(of) && html`<bdi lang="en" dir="auto">${line(of)}</bdi>`}`;
