"""The rules of `seat` and the state of `pair`, compiled: what playing thousands of dialogues in a closed loop needs.

A state of two is a row of 12 integers, in the order of `pair.PairState`; what a seat remembers lies in small arrays.
The reference is `seat.SeatRules`, which does the same in plain Python; the tests hold both together, number by number.

Axes: D dialogues, T frames, K groups of hazards. Hazards are per frame.
"""

import math
from pathlib import Path

import numba
import numpy as np

from babble_jax.compilation import compile_native
from babble_jax.timing.floor import belief, draw, seat, state

_inline = numba.njit(nogil=True, error_model="numpy")

ON, SINCE, KIND, FLOOR, THROUGH, CAME, OWN_TAKING, TAKING = 0, 2, 4, 6, 7, 8, 9, 11
"""Places of the fields of a state of two."""
WIDTH = 12

MERGE, MIN_IPU, LONGEST, ISOLATION = 0, 1, 2, 3
"""Places of the limits."""
CATCH_UP_STARTS, CATCH_UP_ENDS, PACE_STARTS, PACE_ENDS, HOLD_BACK, HOLD_BACK_BACKCHANNELS = range(6)
GIVE_BACK, WITHDRAW, WITHDRAW_PACE, HOLD_BACK_RESUMES, DOUBT_STARTS, DOUBT_ENDS, CANCEL = range(6, 13)
"""Places of a policy's numbers."""

_BINS = np.append(state.BIN_OF, np.int32(len(state.EDGES) - 1))
_LAST = len(state.BIN_OF) - 1
_NUM_BINS = state.BINS
_TURN, _LONE, _BACKCHANNEL = state.TURN, state.LONE, state.BACKCHANNEL
_SOLO, _SILENCE, _OVERLAP, _MIXED = state.SOLO, state.SILENCE, state.OVERLAP, state.MIXED
_OTHERWISE, _PAUSE, _GAP = state.OTHERWISE, state.PAUSE, state.GAP
_BETWEEN, _WITHIN = state.BETWEEN, state.WITHIN
_OVERLAPPING, _SOON, _LATE, _LONG = state.OVERLAPPING, state.SOON, state.LATE, state.LONG
_KIND_STRIDE, _OTHER_KIND_STRIDE = seat.KIND_STRIDE, seat.OTHER_KIND_STRIDE
_INTO, _FINE = belief.INTO, draw.FINE
_LEAST_SHARE, _SAMPLES_EVERY, _SURE, _RARE = seat.LEAST_SHARE, seat.SAMPLES_EVERY, seat.SURE, seat.RARE


@_inline
def _skip(s, frames, limits):
    """Moves a state on by frames in which nothing happens, in place."""
    if frames <= 0:
        return
    for i in range(2):
        s[SINCE + i] += frames
        if s[ON + i] and s[KIND + i] == _LONE and s[SINCE + i] > limits[LONGEST]:
            s[KIND + i] = _TURN


@_inline
def _advance(s, own, other, limits):
    """Moves a state on by a frame with these toggles, in place."""
    if own == 0 and other == 0 and s[FLOOR] >= 0:
        _skip(s, 1, limits)
        return
    silence = min(s[SINCE], s[SINCE + 1])
    for i in range(2):
        code = own if i == 0 else other
        if code > 0:
            s[ON + i] = 1 - s[ON + i]
            if s[ON + i]:
                lone = _LONE if s[SINCE + i] >= limits[ISOLATION] else _TURN
                s[KIND + i] = _BACKCHANNEL if code == 2 else lone
            s[SINCE + i] = 1
        else:
            s[SINCE + i] += 1
        if s[ON + i] and s[KIND + i] == _LONE and s[SINCE + i] > limits[LONGEST]:
            s[KIND + i] = _TURN
    through = s[THROUGH]
    if s[ON] != s[ON + 1]:
        who = 0 if s[ON] else 1
        if not (who == s[FLOOR] and through == _SOLO):
            if through == _MIXED or s[FLOOR] < 0:
                s[CAME] = _OTHERWISE
            elif who == s[FLOOR]:
                s[CAME] = _WITHIN if through == _OVERLAP else _PAUSE
            else:
                s[CAME] = _BETWEEN if through == _OVERLAP else _GAP
                gap = silence if through == _SILENCE else 0
                how = _OVERLAPPING if through == _OVERLAP else (_SOON if gap < _LONG else _LATE)
                s[TAKING] = how
                s[OWN_TAKING + who] = how
        s[FLOOR] = who
        s[THROUGH] = _SOLO
    else:
        run = _OVERLAP if s[ON] else _SILENCE
        s[THROUGH] = run if through in (_SOLO, run) else _MIXED


@_inline
def _index(s, seat):
    other = 1 - seat
    index = (s[ON + seat] * 2 + s[ON + other]) * 3 + s[KIND + seat]
    index = (index * 3 + s[KIND + other]) * 2 + (1 if s[FLOOR] == seat else 0)
    index = ((index * 6 + s[CAME]) * 3 + s[OWN_TAKING + seat]) * 3 + s[TAKING]
    own, others = min(s[SINCE + seat], _LAST), min(s[SINCE + other], _LAST)
    return (index * _NUM_BINS + _BINS[own]) * _NUM_BINS + _BINS[others]


@_inline
def _at_risk(s, seat, limits):
    since = s[SINCE + seat]
    if s[ON + seat]:
        return since >= limits[MIN_IPU]
    after = limits[MERGE]
    if s[KIND + seat] == _BACKCHANNEL:
        after = max(limits[ISOLATION], after)
    return since >= after


@_inline
def _overdue(s, seat, limits):
    return s[ON + seat] and s[KIND + seat] == _BACKCHANNEL and s[SINCE + seat] >= limits[LONGEST]


@_inline
def _hazard(table, group, index, effects):
    return (
        table[index, 0] * effects[group[index, 0]],
        table[index, 1] * effects[group[index, 1]],
    )


@_inline
def _mixed(table, group, s, p, effects, odds):
    """Returns the own hazards, averaged over the kind of the other's IPU; `odds` of what is doubted while it runs."""
    index = _index(s, 0)
    first, second = _hazard(table, group, index, effects)
    if p and s[KIND + 1] == _LONE:
        if s[ON + 1]:
            p = p * odds[s[ON]] / (p * odds[s[ON]] + 1 - p)
        a, b = _hazard(table, group, index + _OTHER_KIND_STRIDE, effects)
        return (1 - p) * first + p * a, (1 - p) * second + p * b
    return first, second


@_inline
def _believe(table, group, s, p, toggled, short_code, assumed, limits):
    """Returns the probability that the other's IPU is a backchannel, after one more frame of theirs.

    `short_code` is 1 or 0 where the kind of an IPU that begins is given, -1 where it is inferred.
    """
    since = s[SINCE + 1]
    if toggled and not s[ON + 1]:
        if short_code >= 0:
            return float(short_code)
        if since < limits[ISOLATION]:
            return 0.0
        turn, short = _hazard(table, group, _index(s, 1), assumed)
        return short / (turn + short)
    if s[KIND + 1] != _LONE or not 0 < p < 1:
        return p
    if s[ON + 1]:
        if since < limits[MIN_IPU]:
            return p
        if since >= limits[LONGEST]:
            return p if toggled else 0.0
    index = _index(s, 1)
    a, b = _hazard(table, group, index, assumed)
    c, d = _hazard(table, group, index + _KIND_STRIDE, assumed)
    if s[ON + 1]:
        plain, short = a, c
    else:
        plain = a + b if since >= limits[MERGE] else 0.0
        short = c + d if since >= max(limits[ISOLATION], limits[MERGE]) else 0.0
    if toggled:
        one, two = p * -math.expm1(-short), (1 - p) * -math.expm1(-plain)
    else:
        one, two = p * math.exp(-short), (1 - p) * math.exp(-plain)
    return one / max(one + two, 1e-30)


@_inline
def _bin_into(frames):
    """Returns the bin of the time into an IPU."""
    last = 0
    for i in range(len(_INTO)):
        if frames >= _INTO[i]:
            last = i
    return last


@_inline
def _missed(table, group, present, p, frames, effects, odds, limits, delay, scratch):
    samples = max(1, -(-delay // _SAMPLES_EVERY))
    first = second = 0.0
    for j in range(samples):
        back = frames - int((j + 0.5) * frames / samples)
        scratch[:] = present
        for i in range(2):
            scratch[SINCE + i] = max(present[SINCE + i] - back, 1)
        if _at_risk(scratch, 0, limits):
            a, b = _mixed(table, group, scratch, p, effects, odds)
            first += a
            second += b
    return first * frames / samples, second * frames / samples


@_inline
def _replay(lagged, codes, frame, delay, limits, present, before):
    """Computes `present` anew from `lagged`, and the state before the last own toggle."""
    present[:] = lagged
    before[:] = lagged
    begin = 0
    for i in range(delay):
        code = codes[(frame - delay + i) % (delay + 1), 0] if frame - delay + i >= 0 else 0
        if code:
            _skip(present, i - begin, limits)
            before[:] = present
            _advance(present, code, 0, limits)
            begin = i + 1
    _skip(present, delay - begin, limits)


@compile_native(Path(__file__), nogil=True, error_model="numpy")
def play_dialogue(
    table,
    group,
    own,
    others,
    assumed,
    uniforms,
    forced,
    limits,
    initial,
    delay,
    policy,
    knows_kinds,
    codes_out,
    record,
    pauses,
):
    """Plays one dialogue; fills `codes_out` and `record`.

    Args:
      table: [NUM_STATES, 2] float32 hazards per frame.
      group: [NUM_STATES, 2] int8.
      own: [K] float64 factors of the hazards of seat 0: its effects and the policy.
      others: [K] float64 factors of seat 1.
      assumed: [K] float64, what seat 0 takes them to be.
      uniforms: [T, 2] float32.
      forced: [T, 2] int8 toggles that take place whatever is drawn; -1 where it is drawn.
      limits: [4] int64, see `state.Limits`.
      initial: [12] int64 state.
      delay: frames.
      policy: [13] float64, the numbers before the factors.
      knows_kinds: whether seat 0 knows the kinds of the other's IPUs.
      codes_out: [T, 2] uint16, see `draw.draw_block`.
      record: [T, 4] float64, of seat 0: both hazards, whether anything could happen, probability of a backchannel; of
        no frames where it is not wanted.
      pauses: [B, M + 1] float64, see `belief.PauseDistribution`; of no rows where no silence is a pause.
    """
    truth, lagged, present = initial.copy(), initial.copy(), initial.copy()
    before, scratch = initial.copy(), initial.copy()
    codes = np.zeros((delay + 1, 2), np.int64)
    ring = np.zeros((max(delay, 1), 4))  # spent, withheld
    spent, debt, excess, start_hazard, p = np.zeros(2), np.zeros(2), 0.0, 1.0, 0.0
    used, base = np.zeros(2), np.zeros(2)
    going_lagged, going_present, going_p = initial.copy(), initial.copy(), 0.0
    going, into, p_pause, doubt = False, 0, 0.0, np.zeros(2)
    rates = (-math.expm1(-1 / policy[PACE_STARTS]), -math.expm1(-1 / policy[PACE_ENDS]))
    odds = (math.exp(-policy[DOUBT_STARTS]), math.exp(-policy[DOUBT_ENDS]))
    length, slot, here, last = max(delay, 1), -1, -1, 0
    for frame in range(len(uniforms)):
        toggled = False
        slot = slot + 1 if slot + 1 < length else 0
        last, here = here, here + 1 if here < delay else 0
        if frame > 0:
            if frame > delay:
                late_own, late_other = codes[here, 0], codes[here, 1]
                toggled = late_other > 0
                kind_code = (1 if late_other == 2 else 0) if knows_kinds else -1
                resumed = False
                if len(pauses) and toggled and lagged[ON + 1]:
                    going_lagged[:] = lagged
                    _advance(going_lagged, late_own, 0, limits)
                    _replay(going_lagged, codes, frame, delay, limits, going_present, scratch)
                    going, going_p, into = True, p, _bin_into(lagged[SINCE + 1])
                    doubt[:] = 0.0
                    p_pause = pauses[into, min(1, pauses.shape[1] - 1)]
                elif going:
                    _advance(going_lagged, late_own, 0, limits)
                    resumed = toggled
                    silence, now = lagged[SINCE + 1] + 1, 0.0
                    if not toggled:
                        if silence < limits[MERGE]:
                            now = pauses[into, min(silence, pauses.shape[1] - 1)]
                        for i in range(2):
                            debt[i] += policy[CATCH_UP_STARTS] * max(p_pause - now, 0.0) * doubt[i]
                        _advance(going_present, codes[last, 0], 0, limits)
                    p_pause, going = now, not toggled and silence < limits[MERGE]
                p = _believe(table, group, lagged, p, toggled, kind_code, assumed, limits)
                _advance(lagged, late_own, 1 if toggled else 0, limits)
                if resumed:
                    lagged[:] = going_lagged
                    p = going_p
                if lagged[KIND + 1] != _LONE:
                    p = 0.0
            own_since = present[SINCE] + 1
            if not toggled:
                _advance(present, codes[last, 0], 0, limits)
                own_since = present[SINCE]
                if delay and own_since > delay and present[SINCE + 1] > 2 * delay:
                    for i in range(2):
                        debt[i] += policy[GIVE_BACK] * ring[slot, 2 + i]
            else:
                _replay(lagged, codes, frame, delay, limits, present, before)
                own_since = present[SINCE]
                frames = min(delay, own_since - 1)
                share = policy[CATCH_UP_ENDS] if present[ON] else policy[CATCH_UP_STARTS]
                debt[:] = 0.0
                if frames and share:
                    missed = _missed(table, group, present, p, frames, own, odds, limits, delay, scratch)
                    for i in range(2):
                        at = ring[slot, i] if own_since > delay else 0.0
                        doubt[i] = missed[i] - (spent[i] - at)
                        debt[i] = share * (1 - p_pause) * doubt[i]
                if present[ON + 1] and present[ON] and own_since <= delay:
                    start = _mixed(table, group, before, p, own, odds)[
                        1 if present[KIND] == _BACKCHANNEL else 0
                    ]
                    weight = policy[WITHDRAW if own_since >= limits[MIN_IPU] else CANCEL]
                    excess = weight * max(0.0, 1 - start / max(start_hazard, 1e-12))
                    excess = min(excess, 1.0)
        risk = _at_risk(present, 0, limits)
        base[0], base[1] = _mixed(table, group, present, p, own, odds)
        if going and p_pause > 0:
            on = _mixed(table, group, going_present, going_p, own, odds)
            for i in range(2):
                if risk:
                    doubt[i] += base[i] - on[i]
                base[i] = (1 - p_pause) * base[i] + p_pause * on[i]
        silent = not (present[ON] or present[ON + 1])
        held = (base[0], base[1])
        hold = policy[HOLD_BACK] + (policy[HOLD_BACK_RESUMES] if present[FLOOR] == 0 else 0.0)
        if silent and delay and (hold or policy[HOLD_BACK_BACKCHANNELS]):
            unseen = min(max(present[SINCE + 1] - limits[MERGE], 0), delay)
            a, b = _hazard(table, group, _index(present, 1), assumed)
            begun = -math.expm1(-(a + b) * unseen)
            held = (
                base[0] * math.exp(-hold * begun),
                base[1] * math.exp(-policy[HOLD_BACK_BACKCHANNELS] * begun),
            )
        for i in range(2):
            used[i] = held[i]
            if debt[i] != 0 and risk:
                used[i] = max(held[i] + debt[i] * rates[present[ON]], _LEAST_SHARE * held[i])
                debt[i] -= used[i] - held[i]
        can = risk
        if excess and present[ON] and not risk:
            used[0], used[1], can, excess = -math.log1p(-min(excess, _SURE)), _RARE, True, 0.0
        elif excess and present[ON]:
            goes = 1 / policy[WITHDRAW_PACE]
            mixed = excess * goes + (1 - excess) * used[0]
            one, two = excess * math.exp(-goes), (1 - excess) * math.exp(-used[0])
            excess = one / (one + two)
            used[0] = mixed
        for i in range(2):
            ring[slot, i] = spent[i]
            ring[slot, 2 + i] = base[i] - held[i] if risk else 0.0
            spent[i] += held[i] if risk else 0.0
        if len(record):
            record[frame] = used[0], used[1], 1.0 if can else 0.0, p
        # both decide
        for who in range(2):
            if who == 0:
                first, second = used[0], used[1]
                possible, over, on = can, _overdue(present, 0, limits), present[ON]
            else:
                possible, over, on = _at_risk(truth, 1, limits), _overdue(truth, 1, limits), truth[ON + 1]
                first, second = _hazard(table, group, _index(truth, 1), others)
            u, chance = np.float64(uniforms[frame, who]), 0.0
            if possible and u < first + second:  # else u is above the probability, too
                chance = -math.expm1(-(first + second))
            chance = 1.0 if over else chance
            event, code = 0, 0
            if forced[frame, who] >= 0:
                event = forced[frame, who]
                code = _FINE // 2 + 1 if event else 0
            elif u < chance:
                v, part = u / max(chance, 1e-12), second / (first + second)
                short = v < part
                v = v / max(part, 1e-12) if short else (v - part) / max(1 - part, 1e-12)
                event = 2 if short and not on else 1
                code = 1 + int(min(max(v, 0.0), 1.0) * _FINE)
            codes[here, who] = event
            codes_out[frame, who] = code
        if codes[here, 0]:
            start_hazard = 1.0 if present[ON] else used[1 if codes[here, 0] == 2 else 0]
            spent[:] = 0.0
            debt[:] = 0.0
            excess = 0.0
        _advance(truth, codes[here, 0], codes[here, 1], limits)
