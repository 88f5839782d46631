// Text of others must not turn what stands beside it. Overrides and embeddings are left out, and so is an isolate
// that is not a pair: a U+2069 of the text's own would end the isolation around it, that of <bdi> too.
const kTurning = /\u2068([^\u202a-\u202e\u2066-\u2069]*)\u2069|[\u202a-\u202e\u2066-\u2069]/g;

export const plain = (text) => text.replace(kTurning, (_, inner) => (inner === undefined ? '' : `\u2068${inner}\u2069`));
