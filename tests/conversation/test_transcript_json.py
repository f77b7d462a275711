"""JSON of diarization and transcription: which objects are segments, and of which list."""

import json

import pytest

from babble_jax.conversation.formats import seglst, transcript_json
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from babble_jax.conversation.source import Source
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


@pytest.mark.parametrize("name", ["transcript_json", "seglst"])
def test_the_dialogue(tmp_path, name):
    path = tmp_path / "talk"
    path.write_text(getattr(annotations, name)())
    conversation = read_one(path)
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert (conversation.id, conversation.unit) == (
        "talk",
        {"seglst": "utterance", "transcript_json": "word"}[name],
    )


def put(folder, value, name: str = "talk.json"):
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def word(text: str, **fields):
    return {"word": text, **fields}


# Each is what a programme writes of A from 1 to 2.5 s and B from 2.75 to 4 s, made small.
VALUES = {
    "pyannote": [{"speaker": "A", "start": 1, "end": 2.5}, {"speaker": "B", "start": 2.75, "end": 4.0}],
    "pyannoteAI": {
        "diarization": [{"speaker": "A", "start": 1, "end": 2.5}, {"speaker": "B", "start": 2.75, "end": 4}]
    },
    "pyannote.core": {
        "pyannote": "Annotation",
        "content": [
            {"segment": {"start": 1.0, "end": 2.5}, "track": "_", "label": "A"},
            {"segment": {"start": 2.75, "end": 4.0}, "track": "_", "label": "B"},
        ],
        "uri": "talk",
    },
    "insanely-fast-whisper": {
        "speakers": [
            {"speaker": "A", "text": "hi", "timestamp": [1.0, 2.5]},
            {"speaker": "B", "text": "yes", "timestamp": [2.75, 4]},
        ],
        "chunks": [{"timestamp": [1.0, 4.0], "text": "hi yes"}],
        "text": "hi yes",
    },
    "Amazon Transcribe": {
        "jobName": "job",
        "results": {
            "transcripts": [{"transcript": "hi yes"}],
            "speaker_labels": {
                "segments": [
                    {
                        "start_time": "0.9",
                        "speaker_label": "A",
                        "end_time": "2.6",
                        "items": [{"start_time": "1.0", "speaker_label": "A", "end_time": "2.5"}],
                    },
                    {
                        "start_time": "2.75",
                        "speaker_label": "B",
                        "end_time": "4.0",
                        "items": [{"start_time": "2.75", "speaker_label": "B", "end_time": "4.0"}],
                    },
                ]
            },
            "items": [
                {
                    "start_time": "1.0",
                    "end_time": "2.5",
                    "type": "pronunciation",
                    "alternatives": [{"content": "hi"}],
                }
            ],
        },
    },
    "Amazon Connect": {
        "Transcript": [
            {
                "Content": "hi",
                "BeginOffsetMillis": 1000,
                "EndOffsetMillis": 2600,
                "ParticipantRole": "A",
                "Items": [
                    {
                        "Type": "pronunciation",
                        "Content": "hi",
                        "BeginOffsetMillis": 1000,
                        "EndOffsetMillis": 2500,
                    },
                    {"Type": "punctuation", "Content": "."},
                ],
            },
            {"Content": "yes", "BeginOffsetMillis": 2750, "EndOffsetMillis": 4000, "ParticipantRole": "B"},
        ]
    },
    "Google": {
        "results": [
            {
                "alternatives": [
                    {
                        "words": [
                            {"startTime": "1s", "endTime": "2.500s", "word": "hi", "speakerTag": 1},
                            {
                                "startTime": {"seconds": "2", "nanos": 750000000},
                                "endTime": "4s",
                                "word": "yes",
                                "speakerTag": 2,
                            },
                        ]
                    },
                    {"words": [{"startTime": "1s", "endTime": "2s", "word": "high", "speakerTag": 1}]},
                ]
            }
        ]
    },
    "Azure": {
        "phrases": [
            {"speaker": 1, "offsetMilliseconds": 1000, "durationMilliseconds": 1500, "text": "hi"},
            {"speaker": 2, "offsetMilliseconds": 2750, "durationMilliseconds": 1250, "text": "yes"},
        ]
    },
    "Azure in ticks": {
        "recognizedPhrases": [
            {
                "speaker": 1,
                "offsetInTicks": 10_000_000,
                "durationInTicks": 15_000_000,
                "nBest": [{"display": "hi"}],
            },
            {"speaker": 2, "offset": "PT2.75S", "duration": "PT1.25S", "nBest": [{"display": "yes"}]},
        ]
    },
    "Deepgram": {
        "metadata": {"duration": 5.0, "channels": 1},
        "results": {
            "channels": [
                {
                    "alternatives": [
                        {
                            "words": [
                                word("hi", start=1.0, end=2.5, speaker=0),
                                word("yes", start=2.75, end=4.0, speaker=1),
                            ],
                            "paragraphs": {
                                "paragraphs": [
                                    {
                                        "sentences": [{"text": "Hi.", "start": 1, "end": 2.5}],
                                        "speaker": 0,
                                        "start": 1,
                                        "end": 2.5,
                                    }
                                ]
                            },
                        }
                    ]
                }
            ]
        },
    },
    "Deepgram, a channel for each": {
        "metadata": {},
        "results": {
            "channels": [
                {"alternatives": [{"words": [word("hi", start=1.0, end=2.5)]}]},
                {"alternatives": [{"words": [word("yes", start=2.75, end=4.0)]}]},
            ]
        },
    },
    "AssemblyAI": {
        "audio_url": "https://x",
        "words": [
            {"text": "hi", "start": 1000, "end": 2500, "speaker": "A"},
            {"text": "yes", "start": 2750, "end": 4000, "speaker": "B"},
        ],
        "utterances": [{"speaker": "A", "text": "hi yes", "start": 1000, "end": 4000}],
    },
    "Speechmatics": {
        "results": [
            {
                "start_time": 1,
                "end_time": 2.5,
                "type": "word",
                "alternatives": [{"content": "hi", "speaker": "A"}],
            },
            {
                "start_time": 2.5,
                "end_time": 2.5,
                "type": "punctuation",
                "alternatives": [{"content": ".", "speaker": "A"}],
            },
            {
                "start_time": 2.75,
                "end_time": 4,
                "type": "word",
                "alternatives": [{"content": "yes", "speaker": "B"}],
            },
        ]
    },
    "Rev.ai": {
        "monologues": [
            {
                "speaker": 0,
                "elements": [
                    {"type": "text", "value": "hi", "ts": 1, "end_ts": 2.5},
                    {"type": "punct", "value": "."},
                ],
            },
            {"speaker": 1, "elements": [{"type": "text", "value": "yes", "ts": 2.75, "end_ts": 4}]},
        ]
    },
    "lhotse": '{"id": "1", "recording_id": "talk", "start": 1.0, "duration": 1.5, "channel": 0, "speaker": "A"}\n'
    '{"id": "2", "recording_id": "talk", "start": 2.75, "duration": 1.25, "channel": 0, "speaker": "B"}\n',
    "NeMo": '{"audio_filepath": "talk", "offset": 1, "duration": 1.5, "label": "speaker1", "text": "-"}\n'
    '{"audio_filepath": "talk", "offset": 2.75, "duration": 1.25, "label": "speaker2", "text": "-"}\n',
    "CHiME-5": [
        {
            "speaker": "A",
            "start_time": {"original": "0:00:01.00", "U01": "0:00:09"},
            "end_time": {"original": "0:00:02.50"},
            "session_id": "talk",
        },
        {
            "speaker": "B",
            "start_time": {"original": "0:00:02.75"},
            "end_time": {"original": "0:00:04.00"},
            "session_id": "talk",
        },
    ],
}


@pytest.mark.parametrize("name", VALUES)
def test_what_programmes_write(tmp_path, name):
    conversation = inspect(put(tmp_path, VALUES[name])).conversations[0]
    times = [row[1:] for row in segments(conversation) if row[2] > row[1]]
    assert times == [(1.0, 2.5), (2.75, 4.0)]
    assert len(conversation.speakers) == 2
    assert conversation.id == "talk"


def whisperx(*words: dict) -> dict:
    first = {"start": 1.0, "end": 3.0, "text": "in 2014", "speaker": "A", "words": [*words]}
    return {
        "segments": [
            first,
            {"start": 4.0, "end": 5.0, "text": "yes", "speaker": "B", "words": []},
            {"start": 6, "end": 7},
        ]
    }


def test_words_are_taken_where_they_all_have_times(tmp_path):
    value = whisperx(word("in", start=1.0, end=1.2), word("2014", start=1.5, end=3.0), word("."))
    reading = read(put(tmp_path, value))
    assert segments(reading.conversations[0]) == [("A", 1.0, 1.2), ("A", 1.5, 3.0), ("B", 4.0, 5.0)]
    assert [skip.reason for skip in reading.skipped] == ["no speaker, of 1 segment"]
    assert reading.notes == (
        f"{tmp_path}/talk.json: the segments are those of segments[].words[] and segments[]",
    )
    value = whisperx(word("in", start=1.0, end=1.2), word("2014"))
    assert segments(read(put(tmp_path, value)).conversations[0]) == [("A", 1.0, 3.0), ("B", 4.0, 5.0)]


def test_a_word_may_be_another_speakers(tmp_path):
    value = whisperx(word("in", start=1.0, end=1.2, speaker="B"), word("2014", start=1.5, end=3.0))
    assert segments(read(put(tmp_path, value)).conversations[0])[:2] == [("B", 1.0, 1.2), ("A", 1.5, 3.0)]


def test_a_transcript_without_speakers_is_refused(tmp_path):
    path = put(tmp_path, {"segments": [{"start": 1, "end": 2, "text": "hi"}], "language": "en"})
    with pytest.raises(BabbleError, match=r"no segment names its speaker.*--conversation"):
        read(path)
    path.rename(tmp_path / "talk_ann.json")
    put(tmp_path, {"segments": [{"start": 3, "end": 4, "text": "hi"}]}, "talk_bob.json")
    layout = Layout(conversation="(?P<conversation>.+)_(?P<speaker>.+)")
    assert read(tmp_path, layout=layout).conversations[0].speakers == ("ann", "bob")


def test_times_in_another_unit(tmp_path):
    path = put(
        tmp_path, [{"speaker": "A", "start": 1000, "end": 2500}, {"speaker": "B", "start": 2750, "end": 4000}]
    )
    with pytest.raises(BabbleError, match=r"median segment 1375 s long.*--time-unit"):
        read(path)
    assert segments(read(path, layout=Layout(time_unit="ms")).conversations[0]) == [
        ("A", 1.0, 2.5),
        ("B", 2.75, 4.0),
    ]
    path = put(tmp_path, [{"speaker": "A", "start_frame": 10, "end_frame": 25}, {"speaker": "B", "start_frame": 30,
                                                                                "end_frame": 40}])  # fmt: skip
    with pytest.raises(BabbleError, match="counts frames"):
        read(path)


def test_broken_segments_are_counted_by_their_reason(tmp_path):
    rows = [{"speaker": "A", "start": 1, "end": 2}, {"speaker": "B", "start": 2, "end": 3}]
    broken = [
        {"speaker": "A", "start": 3, "end": 2},
        {"speaker": "A", "start": 5, "end": 4},
        {"speaker": "A", "start": "x", "end": 4},
        {"speaker": "A", "start": float("nan"), "end": 4},
        {"speaker": None, "start": 1, "end": 2},
    ]
    reading = read(put(tmp_path, [*rows, *broken]))
    assert len(reading.conversations[0].onset) == 2
    assert [skip.reason for skip in reading.skipped] == [
        "no speaker, of 1 segment", "the end ... is before the start ..., of 2 segments",
        "... is not a time in seconds, of 1 segment", "the time ... is not finite, of 1 segment",
    ]  # fmt: skip


def test_lines_that_are_no_json_are_skipped(tmp_path):
    reading = read(put(tmp_path, VALUES["lhotse"] + "{broken\n[1]\n\n"))
    assert [(skip.line, skip.reason) for skip in reading.skipped] == [
        (3, "no object of JSON"),
        (4, "no object of JSON"),
    ]


@pytest.mark.parametrize(
    "text", ["[" * 70, '{"speaker": "A", "start": 1, "end": ', '[{"speaker": "A", "start": 1}]', "[]"]
)
def test_what_is_no_such_json(text):
    for module in (transcript_json, seglst):
        parts, skipped = module.parse(Source("x", text))
        assert parts == []
        assert len(skipped) == 1


@pytest.mark.parametrize(
    "text",
    ['{"name": "x", "version": "1.0"}', '{"start": 1, "stop": 2}', '[{"start": 1, "end": 2, "id": 3}]', "{a: 1}",
     '[{"id": "c", "start": 0, "duration": 9, "supervisions": [{"speaker": "A", "start": 1, "duration": 2}]}]'],
)  # fmt: skip
def test_other_json_is_none(text):
    assert not transcript_json.sniff(text)
    assert not seglst.sniff(text)


def test_sessions_are_conversations(tmp_path):
    value = json.loads(annotations.seglst("S01")) + json.loads(annotations.seglst("S02"))
    assert [one.id for one in read(put(tmp_path, value)).conversations] == ["S01", "S02"]
