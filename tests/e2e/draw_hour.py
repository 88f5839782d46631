"""A listening hour drawn as docs/sampling.md says, written from that page alone."""

import hashlib
import json


def draw(frame_bytes, seed):
    """The hour as a dict: calls as (id, probability) in the order in which they are heard."""
    head, *calls = [json.loads(line) for line in frame_bytes.decode().splitlines()]

    def sha256(text):
        return hashlib.sha256(text.encode("ascii")).digest()

    def by_ticket(purpose, some):
        return sorted(some, key=lambda call: sha256(f"{purpose} {seed} {call['id']}"))

    can_be = [call for call in calls if head["shortest_ms"] <= call["ms"] <= head["longest_ms"]]
    unheard = [call for call in can_be if not call["heard"]]
    heard = [call for call in can_be if call["heard"]]

    def filling(ms, some):
        total = sum(call["ms"] for call in some)
        return min(len(some), 400, (2 * ms * len(some) + total) // (2 * total)) if total else 0

    drawn, again = [], []
    if unheard:
        n, everything = max(1, filling(head["hour_ms"], unheard)), len(unheard)
        for i, call in enumerate(sorted(unheard, key=lambda call: (call["ms"], call["id"]))):
            call["length"] = str(3 * i // everything + 1)
        strata = {}
        for call in unheard:
            strata.setdefault(tuple(call[name].encode() for name in head["strata"]), []).append(call)
        start = int.from_bytes(sha256(f"start {seed}")[:8], "big") % everything
        before = 0
        for _, members in sorted(strata.items()):
            after = before + len(members)
            share = (n * after + start) // everything - (n * before + start) // everything
            drawn += by_ticket("stratum", members)[:share]
            before = after
    if heard and len(drawn) == len(unheard):
        left = head["hour_ms"] - sum(call["ms"] for call in unheard)
        m = max(filling(left, heard) if left > 0 else 0, 0 if unheard else 1)
        again = by_ticket("heard", heard)[:m]
    order = by_ticket("order", drawn) + by_ticket("order", again)
    return {
        "frame_sha256": hashlib.sha256(frame_bytes).hexdigest(),
        "calls": [(call["id"], len(again) / len(heard) if call["heard"] else len(drawn) / len(unheard)) for call in order],
    }
