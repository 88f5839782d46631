// The records of a live call as the station streams them (docs/api.md): a length, a kind, a payload.
// Bytes come in pieces that end anywhere. Imports nothing.

export const kHello = 1, kAudio = 2, kNote = 3, kSkipped = 4, kEnded = 5;
export const kFrameSamples = 960; // of one packet: 20 ms of positions
export const kRateHz = 48_000;    // of positions, whatever rate the call was coded at

const kHeaderBytes = 5;             // u32le length of what follows, u8 kind
const kMaxRecordBytes = 64 * 1024;  // two packets and a little; more is not a stream of ours

// Keeps what is not complete yet.
export class RecordCutter {
  rest = new Uint8Array(0);

  // Gives the complete records as one block, or null. Throws RangeError on a length no record has.
  push(bytes) {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    let end = 0;
    while (all.length - end >= kHeaderBytes) {
      const length = lengthAt(all, end);
      if (end + 4 + length > all.length) break;
      end += 4 + length;
    }
    this.rest = all.slice(end);
    return end ? all.slice(0, end) : null;
  }
}

function lengthAt(bytes, at) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  if (length < 1 || length > kMaxRecordBytes) throw new RangeError(`a record of ${length} bytes`);
  return length;
}

// Complete records one by one: {kind, data} with data parsed from JSON, or {kind: kAudio, position, index,
// paused, legs: [{low, high, packet}]}. Kinds of a later version are left out.
export function* records(block) {
  for (let at = 0; at < block.length;) {
    const length = lengthAt(block, at);
    const kind = block[at + 4];
    const payload = block.subarray(at + kHeaderBytes, at + 4 + length);
    at += 4 + length;
    if (kind === kAudio) yield audio(payload);
    else if (kind <= kEnded) yield { kind, data: JSON.parse(new TextDecoder().decode(payload)) };
  }
}

function audio(payload) {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const position = Number(view.getBigInt64(0, true));
  const legs = [];
  let at = 10;
  for (let leg = 0; leg < view.getUint8(9); leg++) {
    const size = view.getUint16(at + 2, true);
    legs.push({ low: view.getInt8(at), high: view.getInt8(at + 1), packet: payload.subarray(at + 4, at + 4 + size) });
    at += 4 + size;
  }
  return { kind: kAudio, position, index: Math.round(position / kFrameSamples), paused: (view.getUint8(8) & 1) !== 0, legs };
}
