// The station's HTTP API (docs/api.md), same origin. Every failure is an ApiError; nothing else throws.

const kTimeoutMs = 10_000; // a tag waits for one disk sync; ten seconds is a dead station

export class ApiError extends Error {
  constructor(status, code, message, body = null) {
    super(message);
    this.status = status; // 0: no answer at all
    this.code = code;
    this.body = body; // what the station said beside that
  }
  // Trying the very same request again may succeed.
  get passing() {
    return this.code === 'E_WHO' || [0, 401, 408, 421, 429].includes(this.status) || this.status >= 500;
  }
}

// signal: of who may stop waiting for the answer.
export async function request(method, path, body, signal = null) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') {
    headers['X-Earful'] = '1';
    headers['Content-Type'] = 'application/json';
  }
  let answer;
  let text;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.any([AbortSignal.timeout(kTimeoutMs), ...(signal ? [signal] : [])]),
    });
    text = await answer.text();
  } catch {
    throw new ApiError(0, 'E_UNREACHABLE', ''); // the browser's own words name no cause
  }
  let json = null;
  try {
    json = text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError(answer.ok ? 502 : answer.status, 'E_HTTP', ''); // a page of a proxy's, in its own words
  }
  if (!answer.ok) {
    throw new ApiError(answer.status, json?.error?.code ?? 'E_HTTP', json?.error?.message ?? '', json);
  }
  return json;
}

// A last word of a page that goes away; nobody waits for its answer.
export const part = (path, body) => void fetch(`/api/v1/${path}`, {
  method: 'POST', keepalive: true, headers: { 'X-Earful': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body),
}).catch(() => {});

export const get = (path, signal) => request('GET', path, undefined, signal);
export const post = (path, body) => request('POST', path, body);
export const put = (path, body) => request('PUT', path, body);

export const callPath = (id) => `calls/${encodeURIComponent(id)}`;
export const audioUrl = (id) => `/api/v1/${callPath(id)}/audio`;
