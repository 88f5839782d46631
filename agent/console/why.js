// Why the station refused something or raised an alarm. It says so in English; in another language the page's own text
// for the code comes first, and the station's line, which knows more, stands behind it. of: {code, message}.
import { html } from './dom.js';
import { has, lang, t } from './i18n.js';

const own = ({ code, message }) => (has(code) && !(message && lang() === 'en') ? t(code) : '');

// To be read aloud, where two languages in a row are noise.
export const whyText = (of) => own(of) || of.message;

export const Why = ({ of }) => html`${own(of)} ${of.message && html`<bdi lang="en" dir="auto">${of.message}</bdi>`}`;
