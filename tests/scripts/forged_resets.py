"""Puts resets into recorded sessions, forged or genuine, and makes both ends react as Linux does:

* a reset counts when its sequence number is the next one that its receiver expects (RFC 5961); inside the window it is
  answered by an ACK that challenges it, elsewhere it is ignored;
* who took one is silent, and answers what still comes with bare resets: window 0, IP-ID 0, no options;
* who did not get one goes on with what was recorded, as far as it does not need the other end for it.
"""
from packets import ACK, FIN, RST
from recorded import OTHER, distance, made_segment

LINUX_DELAY_S = 0.00003  # until a host reacts
WINDOW = 64000
TTL_SEEN = 3    # hops that no two paths to one host differ by
IDS_NEEDED = 4  # packets that show how a host counts


class Case:
    def __init__(self, packets, is_genuine):
        self.packets, self.is_genuine = packets, is_genuine
        self.contradictions, self.how, self.kind, self.to = set(), "", "", None
        self.is_harmless = False   # the reset came too late or was not taken
        self.is_encrypted = False  # what was said last cannot be read


class State:
    """What can be known at a moment of a recorded session."""

    def __init__(self, packets):
        self.packets, self.first = packets, packets[0]
        self.last = {side: [p for p in packets if p.side == side][-1] for side in "CS"}
        self.sent = {side: max((p for p in packets if p.side == side), key=lambda p: distance(p.end, packets[0].seq)
                                if side == "C" else distance(p.end, self.isn("S"))).end for side in "CS"}

    def isn(self, side):
        return next(p.seq for p in self.packets if p.side == side)


def round_trip(packets):
    return packets[1].time - packets[0].time + packets[2].time - packets[1].time


def beside(packets):
    """The side that the capture was taken at: its TTL is still whole."""
    return "S" if packets[1].ttl in (64, 128, 255) and packets[0].ttl not in (64, 128, 255) else "C"


def is_encrypted(packets):
    return any(p.payload[:2] == b"\x17\x03" for p in packets)


def decided(packets):
    """When it was known what became of the mail; under TLS, some time before the end."""
    if is_encrypted(packets):
        return [p for p in packets if p.payload][-5].time
    sent = next(p for p in packets if p.side == "S" and b"\n354" in b"\n" + p.payload).time
    replies = [p.time for p in packets if p.side == "S" and p.payload and p.time > sent]
    return min(replies + [p.time for p in packets if p.flags & FIN])


def triggers(packets):
    """Packets with payload, from the first of the client until the mail is decided."""
    first = next(p.time for p in packets if p.side == "C" and p.payload)
    return [p for p in packets if p.payload and first <= p.time < decided(packets)]


class Answering:
    """The other end of a packet, as a model for what it sends."""

    def __init__(self, packet):
        self.source, self.target, self.ports = packet.target, packet.source, packet.ports[::-1]
        self.side = OTHER[packet.side]


def reactive_reset(packet, ttl, time):
    """What Linux answers to a segment without a connection for it."""
    return made_segment(Answering(packet), time, (packet.ack, 0), RST, 0, ttl, 0)


class Playing:
    """The rest of a session after resets; dies[side]: when that side is dead, as seen where the capture was taken."""

    def __init__(self, packets):
        self.packets, self.rtt, self.beside = packets, round_trip(packets), beside(packets)
        self.ttls = {side: [p.ttl for p in packets if p.side == side][-1] for side in "CS"}
        self.dies = {}
        self.out = []

    def travel(self, side):
        """From the capture to that side."""
        return 0 if side == self.beside else self.rtt / 2

    def kill(self, side, time):
        """A reset, at this time at the capture, reaches the side and is taken."""
        at = time + 2 * self.travel(side)
        if at < self.dies.get(side, 1e18):
            self.dies[side] = at

    def play(self):
        kept = {"C": None, "S": None}  # furthest byte that each side really sent
        waits = {"C": False, "S": False}
        for packet in self.packets:
            side, other = packet.side, OTHER[packet.side]
            due = packet.time
            if due >= self.dies.get(side, 1e18) or waits[side]:
                waits[other] = waits[other] or (bool(packet.payload) or bool(packet.flags & FIN))
                continue
            if kept[other] is not None and packet.flags & ACK and distance(packet.ack, kept[other]) > 0:
                waits[other] = waits[other] or bool(packet.payload)
                continue  # it answers what was never sent
            self.out.append(packet)
            kept[side] = packet.end if kept[side] is None or distance(packet.end, kept[side]) > 0 else kept[side]
            arrives = due + self.travel(other)
            if other in self.dies and arrives >= self.dies[other] - self.travel(other) and not packet.flags & RST:
                seen = due + 2 * self.travel(other) + LINUX_DELAY_S
                self.out.append(reactive_reset(packet, self.ttls[other], seen))
                self.kill(side, seen)
        self.out.sort(key=lambda p: p.time)
        return self.out


class Attacker:
    """What one forged reset looks like; chosen at random. One in five imitates the side well and stops both ends."""

    def __init__(self, chance):
        self.choose(chance)
        if chance.random() < 0.2:
            self.to, self.place = chance.choice(("client", "one seen", "one seen", "server")), "exact"
            self.ttl = chance.choice((0, 0, -1, 1, 2, -2))
            self.ident = chance.choice(("continuing", "zero"))

    def choose(self, chance):
        self.to = chance.choice(("client", "client", "client", "server", "server", "both", "one seen"))
        self.ttl = 0 if chance.random() < 0.45 else chance.choice((-1, 1)) * chance.randint(1, 60)
        self.ident = chance.choice(("continuing", "zero", "random"))
        self.place = chance.choice(("exact",) * 5 + ("series", "guesses", "ahead", "behind", "outside"))
        self.has_ack, self.has_stamp = chance.random() < 0.5, chance.random() < 0.4
        self.window = chance.choice((0, 0, "same", chance.randint(1, 65535)))
        self.delay = chance.uniform(0.0001, 0.030)

    def offsets(self, chance):
        return {"exact": [0], "series": [0, 1460, 4380], "guesses": [chance.randint(1, 9000), 0],
                "ahead": [chance.randint(3, 20000)], "behind": [-chance.randint(3, 600)],
                "outside": [chance.randint(200000, 900000000)]}[self.place]

    def words(self):
        return "to %s, TTL %+d, IP-ID %s, %s, %sACK, %stimestamp, window %s, %.1f ms" % (
            self.to, self.ttl, self.ident, self.place, "" if self.has_ack else "no ", "" if self.has_stamp else "no ",
            self.window, self.delay * 1e3)


def forge(attacker, named, state, time, offset, ident):
    """The reset in the name of a side."""
    model = state.last[named]
    ttl = min(255, max(1, model.ttl + attacker.ttl))
    window = model.window if attacker.window == "same" else attacker.window
    stamp = model.stamp if attacker.has_stamp else None
    numbers = ((state.sent[named] + offset) & 0xFFFFFFFF, state.sent[OTHER[named]] if attacker.has_ack else 0)
    return made_segment(model, time, numbers, RST | (ACK if attacker.has_ack else 0), window, ttl, ident, stamp)


def challenge(named, state, time):
    """The answer of the side that got a reset inside its window."""
    model = state.last[OTHER[named]]
    numbers = (state.sent[OTHER[named]], state.sent[named])
    return made_segment(model, time, numbers, ACK, model.window, model.ttl, model.ident, model.stamp)


def next_ident(attacker, state, named, chance):
    ids = [p.ident for p in state.packets if p.side == named and p.ident]
    if state.first.is_v6 or attacker.ident == "zero" or not ids:
        return 0
    return ids[-1] + 1 if attacker.ident == "continuing" else chance.randint(1, 65535)


def named_sides(to, near):
    """In whose names resets are sent that the capture shows."""
    return {"client": "S", "server": "C", "both": "SC", "one seen": OTHER[near]}[to]


def forged_case(packets, chance):
    attacker = Attacker(chance)
    time = min(chance.choice(triggers(packets)).time + attacker.delay, decided(packets) - 0.0001)
    state = State([p for p in packets if p.time < time])
    playing = Playing(packets)
    resets, extra = [], []
    for n, named in enumerate(named_sides(attacker.to, playing.beside)):
        offsets = attacker.offsets(chance)
        for k, offset in enumerate(offsets):
            at = time + n * chance.uniform(0.00001, 0.001) + k * 0.00002
            resets.append(forge(attacker, named, state, at, offset, next_ident(attacker, state, named, chance)))
            receiver = OTHER[named]
            if offset == 0:
                playing.kill(receiver, at)
            elif 0 < offset < WINDOW and receiver not in playing.dies:
                extra.append(challenge(named, state, at + 2 * playing.travel(receiver) + LINUX_DELAY_S))
            if offset == 0 and attacker.to == "one seen":
                playing.dies[named] = at + playing.rtt / 2
    case = Case(sorted(playing.play() + resets + extra, key=lambda p: p.time), False)
    case.is_encrypted = is_encrypted(packets)
    case.is_harmless = not playing.dies
    case.to = {"C": "client", "S": "server"}[playing.beside] if attacker.to == "one seen" else attacker.to
    case.contradictions = contradictions(case, attacker, state, resets)
    case.kind = "forged, to %s%s: %s" % (case.to, " (both, one seen)" if attacker.to == "one seen" else "",
                                         name_of(case.contradictions))
    case.how = attacker.words()
    return case


def name_of(found):
    if not found:
        return "nothing contradicts"
    return sorted(found)[0] + " only" if len(found) == 1 else "several contradictions"


def goes_on(case, reset, state):
    """Does the named side say or acknowledge something that it cannot have sent before?"""
    own, other = state.sent[reset.side], state.sent[OTHER[reset.side]]
    for packet in case.packets:
        if packet.time <= reset.time or packet.is_made or packet.side != reset.side:
            continue
        says = (packet.payload or packet.flags & FIN) and distance(packet.end, own) > 0
        if (says and distance(packet.end, reset.seq) > 0) or distance(packet.ack, other) > 0:
            return True
    return False


def contradictions(case, attacker, state, resets):
    """What of this the packets show that the named side cannot have sent."""
    found, reset = set(), resets[0]
    own = [p for p in state.packets if p.side == reset.side]
    real = [p for p in case.packets if not p.is_made]
    if any(goes_on(case, r, state) for r in resets):
        found.add("its sender goes on")
    if abs(attacker.ttl) >= TTL_SEEN:
        found.add("TTL")
    if attacker.place == "behind" and attacker.has_ack:
        found.add("sequence number behind")
    ids = [p.ident for p in own if p.ident]
    if attacker.ident == "random" and attacker.has_ack and len(ids) >= IDS_NEEDED and attacker.place in ("exact", "series"):
        if 100 < min((reset.ident - ids[-1]) % 65536, (ids[-1] - reset.ident) % 65536):
            found.add("IP-ID")
    second = next((r for r in resets if r.side != reset.side), None)
    if second and not any(reset.time < p.time < second.time and p.side == reset.side for p in real):
        if not any(p.flags & FIN for p in real):
            found.add("both ends")
    if attacker.place == "series":
        found.add("series")
    return found


def abort(side, state, time, chance):
    """Linux, when a program ends whose peer's bytes nobody read, or that asked for a reset."""
    model = state.last[side]
    stamp = model.stamp
    if stamp:
        stamp = (stamp[0] + int((time - model.time) * 1000), state.last[OTHER[side]].stamp[0])
    ids = [p.ident for p in state.packets if p.side == side and p.ident]
    numbers = (state.sent[side], state.sent[OTHER[side]])
    ttl = model.ttl + chance.choice((0, 0, 0, -1, 1))
    return made_segment(model, time, numbers, RST | ACK, model.window, ttl, ids[-1] + 1 if ids else 0, stamp)


def genuine_case(packets, chance):
    """One end resets: its program ends, or its host has forgotten the connection."""
    side, is_active = chance.choice("CS"), chance.random() < 0.5
    span = triggers(packets)
    if not is_active:  # it answers the next segment of the other side
        span = [p for p in span if p.side == OTHER[side]] or span
    trigger = chance.choice(span)
    playing = Playing(packets)
    rtt = playing.rtt
    if is_active:
        time = trigger.time + chance.choice((0.0001, 0.002, 0.01, 0.03, rtt / 2, 2 * rtt, 5))
        state = State([p for p in packets if p.time < time])
        reset = abort(side, state, time, chance)
        playing.packets = [p for p in packets if p.time < time or p.side != side]
        playing.dies[side] = time
        playing.kill(OTHER[side], time)
        played = playing.play() + [reset]
    else:
        playing.dies[side] = trigger.time + playing.travel(side)
        state = State([p for p in packets if p.time <= trigger.time])
        played = playing.play()
    case = Case(sorted(played, key=lambda p: p.time), True)
    case.is_encrypted = is_encrypted(packets)
    case.kind = "genuine, %s by the %s" % ("abort" if is_active else "no socket any more",
                                           "client" if side == "C" else "server")
    case.how = "after packet at %.3f" % (trigger.time - packets[0].time)
    return case

