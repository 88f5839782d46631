// The part of the address after '#': token, call and time, as in #call=ID&t=65,72&token=TOKEN.
// t is start[,end] in seconds (W3C media fragments). What is malformed is left out.

export function parseFragment(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const out = { token: params.get('token') || '', call: params.get('call') || '', startMs: null, endMs: null };
  const time = /^(?:npt:)?(\d+(?:\.\d+)?)?(?:,(\d+(?:\.\d+)?))?$/.exec(params.get('t') || '');
  if (time && (time[1] || time[2])) {
    out.startMs = Number(time[1] || 0) * 1000;
    if (time[2] && Number(time[2]) * 1000 > out.startMs) out.endMs = Number(time[2]) * 1000;
  }
  return out;
}

// Takes the token out of the address bar and the history, and keeps the rest.
export function withoutToken(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  params.delete('token');
  const rest = params.toString().replaceAll('%2C', ',');
  return rest ? `#${rest}` : '';
}
