// Where the tags' flags stand over the waveform: names that would cover each other go to lanes, and the
// names that find no lane are left out (the flag itself, its title and the list beside it remain).
const kLanes = 2;
const kCharPx = 7.2;  // generous width of a character in a flag
const kPadPx = 18;
const kNarrowPx = 480; // on a phone there is no room for names

export function flagsOf(tags, durationMs, widthPx, labelOf) {
  const ends = new Array(kLanes).fill(-1); // rightmost pixel taken in each lane
  return tags.map((tag) => {
    const x = (tag.position_ms / durationMs) * widthPx;
    const text = labelOf(tag.kind);
    const width = [...text].length * kCharPx + kPadPx;
    const flipped = x + width > widthPx;
    const from = flipped ? x - width : x;
    const lane = widthPx >= kNarrowPx ? ends.findIndex((end) => end < from) : -1;
    if (lane >= 0) ends[lane] = from + width;
    return {
      tag, flipped, label: lane >= 0 ? text : '', lane: Math.max(lane, 0),
      left: percent(tag.position_ms, durationMs),
      shadeLeft: percent(tag.start_ms, durationMs),
      shadeWidth: percent(Math.max(0, (tag.end_ms ?? tag.start_ms) - tag.start_ms), durationMs),
    };
  });
}

const percent = (ms, of) => (of > 0 ? Math.min(100, Math.max(0, (ms / of) * 100)) : 0);
