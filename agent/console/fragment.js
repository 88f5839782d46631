// The address of a call and of a moment in it: /calls/ID#t=65,72. After '#' may stand a token, and the call
// where the path names none: /#call=ID&token=TOKEN. t is start[,end] in seconds (W3C media fragments).
// #book and #book=KIND are the tag book; #/hour, #/hour/ID, #/thanks and #/cadence are the pages of the listening
// hour. What is malformed is left out.

export const callAddress = (id) => `/calls/${encodeURIComponent(id)}`;

// A link for others, without what opens the session. Times in milliseconds; a stretch where it ends later.
export function momentLink(origin, id, startMs, endMs = 0) {
  const seconds = (ms) => Number((ms / 1000).toFixed(2));
  const until = endMs > startMs ? `,${seconds(endMs)}` : '';
  return `${origin}${callAddress(id)}#t=${seconds(startMs)}${until}`;
}

export function parseAddress({ pathname, hash }) {
  const asked = parseFragment(hash);
  const path = /^\/calls\/([0-9a-f-]+)$/i.exec(pathname);
  return { ...asked, call: asked.call || (path ? path[1] : '') };
}

export function parseFragment(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const [, page = '', pageId = ''] = /^#?\/(hour|thanks|cadence)(?:\/([0-9a-fA-F-]+))?$/.exec(hash) ?? [];
  const out = { token: params.get('token') || '', call: params.get('call') || '', book: params.get('book'), page, pageId, startMs: null, endMs: null };
  const time = /^(?:npt:)?(\d+(?:\.\d+)?)?(?:,(\d+(?:\.\d+)?))?$/.exec(params.get('t') || '');
  if (time && (time[1] || time[2])) {
    out.startMs = Number(time[1] || 0) * 1000;
    if (time[2] && Number(time[2]) * 1000 > out.startMs) out.endMs = Number(time[2]) * 1000;
  }
  return out;
}

// Takes the token out of the address bar and the history, and keeps the rest.
export const withoutToken = (hash) => without('token', hash);
export const withoutCall = (hash) => without('call', hash);

function without(name, hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  params.delete(name);
  const rest = params.toString().replaceAll('%2C', ',');
  return rest ? `#${rest}` : '';
}
