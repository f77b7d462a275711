"""A voice of a new speaker from minutes of recordings: what `babble adapt` and `babble_jax.adapt_voice` call."""

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.config import check_seed
from babble_jax.dataset.bandwidths import estimate_bandwidths
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.input_files import is_file, read_bytes
from babble_jax.notes import print_note
from babble_jax.presets import registry
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.language_tags import is_language_tag
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.train.config import MOST_STEPS, LogConfig, OptimizerConfig
from babble_jax.train.ending import BEST, Budget
from babble_jax.train.tasks.voice.adaptation.recordings import (
    SpeakerRecordings,
    name_speaker,
    prepare_recordings,
)
from babble_jax.train.tasks.voice.adaptation.speaker import describe_base, make_new_speaker
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.presets import BABBLERS_PRESET
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train

LEARNING_RATE = 3e-4
"""Rate of the updates: about the mean of the last part by Adam of the training of the voice babblers."""
MINUTES = 15.0
"""Minutes of updates where neither they nor a number of updates is given."""
LEAST_MINUTES, MOST_MINUTES = 0.01, 1440.0
CONSENT_UNKNOWN = "not stated; obtain the speaker's consent before you share this voice"
"""Line of the card about consent where nothing is said of it."""
_HELD_OUT = 16  # recordings that an evaluation reads, at most
_NOTICE = """The voice in this folder
========================

It was adapted from the voice {voice} to recordings of {speaker}. The folder holds no recording.

Source of the recordings: {source}
Licence: {licence}
Consent of the speaker: {consent}

{base}"""


@dataclasses.dataclass(frozen=True, eq=False)
class AdaptReport:
    """Report of an adaptation.

    Attributes:
      voice: folder of the adapted voice.
      speaker: its name.
      recordings: data set of its recordings, with seconds and gain.
      nearest_bits: bits per sample of held-out recordings by the row of each speaker of the voice, before any update,
        the nearest first.
      bits: the same of the adapted voice.
      step: updates of its parameters, of all those that were made the best ones.
      card: of the voice.
    """

    voice: Path
    speaker: str
    recordings: SpeakerRecordings
    nearest_bits: dict[str, float]
    bits: float
    step: int
    card: dict[str, Any]


@check_arguments
def adapt_voice(
    recordings: str | os.PathLike | Sequence[str | os.PathLike],
    out: str | os.PathLike,
    *,
    voice: str | os.PathLike = DEFAULT_VOICE,
    minutes: float | None = None,
    steps: int | None = None,
    speaker: str | None = None,
    workdir: str | os.PathLike | None = None,
    consent: str | None = None,
    source: str | None = None,
    licence: str | None = None,
    kind: str | None = None,
    language: str | None = None,
    learning_rate: float = LEARNING_RATE,
    seed: int = 0,
) -> AdaptReport:
    """Adapts a voice to a new speaker, or goes on with an adaptation that was interrupted.

    The recordings become a data set at the rate and level of the voice. The speaker of the voice with the fewest bits
    on held-out recordings gives the first parameters. All parameters are then trained on at a low rate, and those with
    the fewest bits on held-out recordings are released; no update is a candidate, too.

    Args:
      recordings: folders or files of sound of the new speaker alone, 20 s of speech at least.
      out: folder for the adapted voice; absent, or empty.
      voice: name of a voice that ships, or folder of one, that makes samples by itself.
      minutes: of updates, without measuring and evaluations; None for 15, unless `steps` says otherwise.
      steps: number of updates in place of minutes: then the result depends on the seed alone.
      speaker: name of the new speaker; None for that of the first folder.
      workdir: folder for the data set and the training; None for OUT-work.
      consent: who agreed to what, for the card.
      source: where the recordings can be obtained, for the card.
      licence: of the recordings and the weights, for the card.
      kind: of the sounds, such as speech, for the card; None for that of the nearest speaker of the voice.
      language: of the recordings as a BCP 47 tag such as fr, for the card; None where it is not to be stated.
      learning_rate: of the updates.
      seed: random seed.

    Returns:
      The report. The folder of the voice has float16 weights, a card and a NOTICE.

    Raises:
      BabbleError: no such voice or recordings, a voice that cannot be adapted, too little speech, a folder that is
        taken, or values out of their range.
      StoppedError: SIGTERM or Ctrl-C has stopped the training, which has saved; the same call goes on.

    Examples:
      >>> model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
      >>> dataset = build_dataset("recordings", "pair", sample_rate=4000).path
      >>> options = {"model": model, "by_speaker": True, "batch_size": 4, "subsequence": 64}
      >>> pair = train_voice(dataset, "pair-run", 1, **options).voice
      >>> report = adapt_voice("cleo.wav", "mine", voice=pair, steps=1, speaker="cleo")
      >>> load_voice(report.voice).config.speakers, sorted(report.nearest_bits)
      (('cleo',), ['ann', 'ben'])
    """
    return adapt_and_release(
        [recordings] if isinstance(recordings, str | os.PathLike) else recordings,
        Path(out),
        voice=voice,
        minutes=minutes,
        steps=steps,
        speaker=speaker,
        workdir=None if workdir is None else Path(workdir),
        words={
            "consent": consent,
            "source": source,
            "licence": licence,
            "kind": kind,
            "language": language,
        },
        learning_rate=learning_rate,
        seed=seed,
    )


def adapt_and_release(
    recordings: Sequence[str | os.PathLike],
    out: Path,
    *,
    voice: str | os.PathLike,
    minutes: float | None,
    steps: int | None,
    speaker: str | None,
    workdir: Path | None,
    words: Mapping[str, str | None],
    learning_rate: float,
    seed: int,
    finish: Callable[[Path, SpeakerRecordings], None] = lambda folder, recordings: None,
) -> AdaptReport:
    """Does what `adapt_voice` says.

    Args:
      recordings: see `adapt_voice`.
      out: see `adapt_voice`.
      voice: see `adapt_voice`.
      minutes: see `adapt_voice`.
      steps: see `adapt_voice`.
      speaker: see `adapt_voice`.
      workdir: see `adapt_voice`.
      words: consent, source, licence, kind and language.
      learning_rate: see `adapt_voice`.
      seed: see `adapt_voice`.
      finish: adds to the folder of the voice, which is not at `out` yet.
    """
    _check_values(recordings, minutes, steps, words, learning_rate, seed)
    check_unfinished(out)
    files.check_folder(out, "voice")
    base = load_voice(voice)
    if base.config.mel is not None:
        raise BabbleError(
            f"{voice}: is a vocoder, which says what a mel spectrogram contains; adapt a voice that speaks by itself, "
            f"such as {DEFAULT_VOICE}."
        )
    name = name_speaker(recordings, speaker)
    work = (out.with_name(f"{out.name}-work") if workdir is None else workdir).resolve()
    with files.lock_folder(work):
        speech = prepare_recordings(recordings, base, name, work)
        print_note(f"recordings: {speech}")
        task = adaptation_task(base, speech, work, learning_rate, seed)
        start = _start(base, task, work)
        _train(task, work, MINUTES if minutes is None and steps is None else minutes, steps)
        best = load_voice(work / "run" / BEST)
        card = _card(base, start, best, speech, words)
        with files.atomic_folder(out, "voice") as folder:
            save_voice(dataclasses.replace(best, card=card), folder, half=True)
            files.write_text(folder / "NOTICE", _notice(voice, name, card))
            finish(folder, speech)
    bits = start.card["nearest_bits"]
    return AdaptReport(out, name, speech, bits, card["validation_bits"], card["steps"], card)


def _check_values(
    recordings: Sequence[str | os.PathLike],
    minutes: float | None,
    steps: int | None,
    words: Mapping[str, str | None],
    learning_rate: float,
    seed: int,
) -> None:
    """Raises `BabbleError` where a value is out of its range."""
    if not recordings:
        raise BabbleError("No recordings are named; give a folder or a file of sound of the new speaker.")
    if minutes is not None and steps is not None:
        raise BabbleError("Both minutes and steps are given; give one of them.")
    if minutes is not None and not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise BabbleError(f"minutes is {minutes:g}; choose from {LEAST_MINUTES} to {MOST_MINUTES:.0f}.")
    if steps is not None and not 1 <= steps <= MOST_STEPS:
        raise BabbleError(f"steps is {str(steps)[:30]}; choose from 1 to {MOST_STEPS}.")
    if not 0 < learning_rate <= 1:
        raise BabbleError(f"learning_rate is {learning_rate:g}; choose from above 0 to 1.")
    for field, text in words.items():
        if text is not None and (not text.strip() or not text.isprintable()):
            raise BabbleError(f"{field} is empty, or more than a line of text; give one line, or none.")
    if (language := words["language"]) is not None and not is_language_tag(language):
        raise BabbleError(f"language {language} is no BCP 47 tag; give one such as ru or en-GB.")
    try:
        check_seed(seed)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error


def describe_release(step: int) -> str:
    """Names the parameters that were released, by the updates of them."""
    return f"update {step}" if step else "the parameters before any update"


def check_unfinished(out: Path) -> None:
    """Raises `BabbleError` where a folder holds a voice that was adapted: there is nothing to go on with."""
    if not is_file(out / "voice.json"):
        return
    card = load_voice(out).card
    if "adapted_from" in card:
        raise BabbleError(
            f"{out}: is finished ({card['validation_bits']:.3f} bits per sample of held-out recordings; released: "
            f"{describe_release(card['steps'])}); name another folder (--out) for a new one."
        )


def adaptation_task(
    base: PretrainedVoice, recordings: SpeakerRecordings, work: Path, learning_rate: float, seed: int
) -> VoiceTask:
    """Makes the task that trains a voice on: its own model, with the values of the training of the voice babblers.

    Args:
      base: the voice.
      recordings: of the new speaker.
      work: folder of the adaptation, in which `start` is the voice before any update.
      learning_rate: of the updates.
      seed: random seed.
    """
    config, preset = base.config, BABBLERS_PRESET.config
    frame, levels = config.sample_model.frame, config.quantizer.q_levels
    noise = preset.noise * levels / preset.quantizer.q_levels if config.quantizer.kind == "mu_law" else 0.0
    own = VoiceTrainConfig(
        dataset=str(recordings.dataset),
        model=config.model,
        quantizer=config.quantizer,
        optimizer=OptimizerConfig(learning_rate=learning_rate, warmup_steps=20),
        batch_size=preset.batch_size,
        subsequence=max(1, preset.subsequence // frame) * frame,
        by_speaker=bool(config.speakers),
        by_activity=bool(config.local),
        units=config.units,
        noise=noise,
        segment_shuffle=preset.segment_shuffle if config.local else 0.0,
        mixture=config.mixture,
        emphasis=config.emphasis,
        seed=seed,
        init_from=str(work / "start"),
    )
    train_split = open_dataset(recordings.dataset, "train")
    speakers = (recordings.speaker,) if config.speakers else ()
    bandwidth = estimate_bandwidths(train_split, bool(speakers))
    return VoiceTask(own, DatasetProperties(config.sample_rate, config.gain, speakers, bandwidth))


def _start(base: PretrainedVoice, task: VoiceTask, work: Path) -> PretrainedVoice:
    """Makes the voice before any update, or loads the one of an earlier start; says which speaker is the nearest."""
    folder = work / "start"
    if not is_file(folder / "voice.json"):
        new = make_new_speaker(base, task, _HELD_OUT)
        card: dict[str, Any] = {**new.voice.card, "nearest_bits": new.bits}
        if new.unit_lm is not None:
            card["own_share"] = new.unit_lm.share
            print_note(f"units: {new.unit_lm}")
        save_voice(dataclasses.replace(new.voice, card=card), folder)
    start = load_voice(folder)
    bits = [f"{name}, {value:.3f} bits" for name, value in start.card["nearest_bits"].items()]
    others = f"; {'; '.join(bits[1:])}" if bits[1:] else ""
    print_note(f"nearest: {bits[0]} per sample of held-out recordings before any update{others}")
    return start


def _train(task: VoiceTask, work: Path, minutes: float | None, steps: int | None) -> None:
    """Trains on; what is best lies in `BEST` then."""
    log = LogConfig(
        every=20, evaluate_every=0, evaluate_recordings=_HELD_OUT, save_every=200, keep=1, audio_seconds=0
    )
    budget = Budget(None if minutes is None else 60 * minutes)
    try:
        train(task, work / "run", MOST_STEPS if steps is None else steps, log, budget)
    except StoppedError as stop:
        saved = "" if "nothing was saved" in str(stop) else f"; what is done lies in {work}"
        raise StoppedError(f"stopped{saved}; give the same command to go on", stop.signal) from None


def _card(
    base: PretrainedVoice,
    start: PretrainedVoice,
    best: PretrainedVoice,
    recordings: SpeakerRecordings,
    words: Mapping[str, str | None],
) -> dict[str, Any]:
    """Makes the card of the adapted voice."""
    nearest, before = next(iter(start.card["nearest_bits"].items()))
    card = {
        "adapted_from": {
            **describe_base(base),
            "speaker": nearest if base.config.speakers else None,
        },
        "steps": int(best.card["steps"]),
        "minutes_of_speech": round(recordings.seconds / 60, 2),
        "gain_db": round(recordings.gain_db, 2),
        "validation_bits": float(best.card["validation_bits"]),
        "validation_bits_before": before,
        "source": words["source"] or f"recordings of {recordings.speaker}; where they are is not stated",
        "licence": words["licence"]
        or f"weights: as those of {base.name} (see NOTICE); recordings: not stated",
        "consent": words["consent"] or CONSENT_UNKNOWN,
        "temperature": base.temperature,
    }
    kind = base.card.get("kind")
    kind = words["kind"] or (kind.get(nearest) if isinstance(kind, Mapping) else kind)
    card |= {name: value for name, value in (("kind", kind), ("language", words["language"])) if value}
    share = start.card.get("own_share")
    return card if share is None else card | {"own_share": round(share, 3)}


def _notice(voice: str | os.PathLike, speaker: str, card: Mapping[str, Any]) -> str:
    """Makes the text of the NOTICE: what the voice was adapted from and to, and the NOTICE of the former.

    Args:
      voice: name or folder of the voice that was adapted.
      speaker: name of the new speaker.
      card: of the adapted voice.
    """
    shipped = str(voice) in registry.names("voices")
    path = registry.path("voices", "NOTICE") if shipped else Path(voice) / "NOTICE"
    base = "There is no NOTICE beside that voice."
    if is_file(path):
        text = read_bytes(path).decode("utf-8", errors="replace")
        base = f"The NOTICE of {card['adapted_from']['voice']} follows.\n\n{text}"
    return _NOTICE.format(
        voice=card["adapted_from"]["voice"],
        speaker=speaker,
        source=card["source"],
        licence=card["licence"],
        consent=card["consent"],
        base=base,
    )
