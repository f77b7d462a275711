"""The page of benchmarks: training, sampling, events, fits and simulation."""

from experiments.report.agents import section_on_live
from experiments.report.ctc import section_on_ctc
from experiments.report.devices import section_on_devices, section_on_memory
from experiments.report.names import FAMILIES, shown
from experiments.report.quality import section_on_quality
from experiments.report.results import Result, Results
from experiments.report.sessions import section_on_sessions
from experiments.report.start_up import section_on_first_block, section_on_start
from experiments.report.tables import columns, listed, number, page, percent, significant, source, table
from experiments.report.units import section_on_units

VOICES = {"samplernn": "SampleRNN", "wavenet": "WaveNet"}


def page_of_benchmarks(results: Results) -> str:
    """The page `benchmarks`."""
    return page(
        "Benchmarks",
        "Times depend on the machine. Programs that are compared ran in turn in the same run on the same "
        "machine.",
        *_training(results["bench_train"]),
        *section_on_quality(results["bench_quality"]),
        *section_on_ctc(results.get("bench_ctc")),
        *section_on_devices(results["bench_devices"]),
        *section_on_memory(results["bench_memory"]),
        *_sampling(results["bench_speak"], results["bench_speak_wavenet"]),
        *_events(results["bench_events"]),
        *_fits(results["bench_fit"]),
        *_simulation(results["bench_simulate"]),
        *_large_corpora(results["bench_large_corpora"]),
        *(
            part
            for name, voice in (("bench_session", "babblers"), ("bench_session_phones", "russian"))
            if name in results
            for part in section_on_sessions(results[name], voice)
        ),
        *(
            part
            for name, voice in (("bench_live", "babblers"), ("bench_live_phones", "russian"))
            if name in results
            for part in section_on_live(results[name], voice)
        ),
        *section_on_units(results["bench_features"]),
        *section_on_start(results["bench_start_up"]),
        *section_on_first_block(results["bench_first_block"]),
    )


def _training(result: Result) -> list[str]:
    rows = [
        [
            number(row["dim"]).replace(",", ""),
            number(row["batch"]),
            significant(row["ours"]),
            significant(row.get("torch")),
            number(row.get("ratio"), 2),
            number(row["flops_per_sample"] / 1e6, 1),
            number(row["peak"] / 1e9),
            percent(row["peak_share"]),
        ]
        for row in result.rows
    ]
    return [
        "## Training",
        "Whole updates of a three-tier SampleRNN, in float32, beside a plain PyTorch SampleRNN of the same "
        "shape, which is checked to give the same output.",
        columns(
            {
                "dim": "units of each layer.",
                "batch": "recordings side by side.",
                "babble_jax, PyTorch": "samples per second, median over several turns.",
                "ratio": "median over the turns of babble_jax over PyTorch.",
                "MFLOP": "floating-point operations per sample, in millions.",
                "peak": "measured rate of matrix products on the machine, GFLOP/s.",
                "share": "of the peak that the training reaches.",
            }
        ),
        table(["dim", "batch", "babble_jax", "PyTorch", "ratio", "MFLOP", "peak", "share"], rows),
        source(result),
    ]


def _sampling(*shown_results: Result) -> list[str]:
    rows, worst = [], {}
    for result in shown_results:
        for row in result.rows:
            samplers, voice = row["samplers"], VOICES.get(row["voice"], row["voice"])
            worst[voice] = max(worst.get(voice, 0.0), row["int8_loses_bits"])
            rows.append(
                [
                    voice,
                    number(row["dim"]).replace(",", ""),
                    number(row["streams"]),
                    number(row["threads"]),
                    *(significant(samplers.get(key)) for key in ("compiled", "native", "int8", "torch")),
                    significant(row.get("ratio"), 2),
                    significant(row["real_time_factor"], 2),
                    percent(row["peak_share"]),
                    significant(row["int8_loses_bits"], 2),
                ]
            )
    losses = listed(f"{significant(value, 2)} of {voice}" for voice, value in worst.items())
    return [
        "## Sampling",
        f"The largest loss of int8 weights, in bits per sample, is {losses}.",
        columns(
            {
                "streams": "sampled together.",
                "threads": "of the native samplers.",
                "compiled, float32, int8, PyTorch": "samples per second of all streams: by the scan that "
                "XLA compiles, by the native sampler with float32 or int8 weights, and by a plain PyTorch "
                "implementation; PyTorch's WaveNet has a queue for each layer.",
                "ratio": "of the fastest native sampler over PyTorch.",
                "real time": "how many times faster than real time at 16 kHz each stream is.",
                "limit": "share of what the machine allows: for one stream the rate of reading the weights, "
                "for several the rate of matrix products. The rate of reading is a measured one, which a "
                "sampler can exceed.",
                "int8 loses": "bits per sample.",
            }
        ),
        table(
            [
                "voice",
                "dim",
                "streams",
                "threads",
                "compiled",
                "float32",
                "int8",
                "PyTorch",
                "ratio",
                "real time",
                "limit",
                "int8 loses",
            ],
            rows,
        ),
        source(*shown_results),
    ]


def _events(result: Result) -> list[str]:
    rows = [
        [
            number(row["calls"]),
            *(number(row["seconds"][key], 1) for key in ("ours", "pandas")),
            number(row["ratio"], 1),
            *(number(row["processor_milliseconds_per_call"][key], 1) for key in ("ours", "pandas")),
            number(row["counts"]["ipu"]),
            number(row["counts"]["offsets_ipu"]),
        ]
        for row in result.rows
    ]
    header = [
        "calls",
        "babble_jax, s",
        "pandas, s",
        "ratio",
        "babble_jax, ms per call",
        "pandas, ms per call",
    ]
    return [
        "## Reading Switchboard and counting events",
        "Beside a plain pandas implementation. The benchmark ends with an error where the two differ in a "
        "number.",
        columns(
            {
                "s": "wall-clock time.",
                "ratio": "of pandas over babble_jax.",
                "ms per call": "processor time.",
                "IPUs, offsets": "how many are counted; offsets between IPUs.",
            }
        ),
        table([*header, "IPUs", "offsets"], rows),
        source(result),
    ]


def _fits(result: Result) -> list[str]:
    sizes = result.values["offsets"]
    rows = []
    for row in sorted(result.rows, key=lambda row: -row["processor_seconds"]["again"][-1]):
        times = row["processor_seconds"]
        rows.append(
            [
                shown(FAMILIES, row["family"]),
                number(times["first"][-1], 2),
                number(times["with_1000"], 2),
                *(number(seconds, 2) for seconds in times["again"]),
            ]
        )
    parts = [row["processor_seconds"] for row in result.rows]
    totals = [sum(one["again"][i] for one in parts) for i in range(len(sizes))]
    rows.append(
        [
            "all families",
            number(sum(one["first"][-1] for one in parts), 1),
            number(sum(one["with_1000"] for one in parts), 1),
            *(number(total, 1) for total in totals),
        ]
    )
    return [
        "## Fitting families of distributions",
        f"Processor seconds to fit each of {len(parts)} families to offsets of Switchboard. With "
        f"{number(sizes[-1] / sizes[0], 1)} times as many offsets, all families take "
        f"{number(totals[-1] / totals[0], 1)} times as long.",
        columns(
            {
                "compiling": "the first fit to all offsets, which compiles the likelihood.",
                "other columns": "a fit with the compiled program, by the number of offsets.",
            }
        ),
        table(["family", "compiling", "1,000", *(number(size) for size in sizes)], rows),
        source(result),
    ]


def _simulation(result: Result) -> list[str]:
    rows = [
        [
            number(row["hours"]),
            number(row["wall_seconds"], 1),
            number(row["processor_seconds"], 1),
            number(row["processor_seconds_per_hour"], 3),
            number(row["bytes"] / 1e6, 1),
        ]
        for row in result.rows
    ]
    return [
        "## Simulating dialogue timing",
        "Who speaks from when to when, drawn from Switchboard's preset and written as RTTM.",
        columns(
            {
                "hours": "of simulated dialogue.",
                "seconds": "wall-clock time.",
                "processor": "seconds of processor time, and the same per simulated hour.",
                "MB": "size of the files.",
            }
        ),
        table(["hours", "seconds", "processor", "processor per hour", "MB"], rows),
        source(result),
    ]


def _large_corpora(result: Result) -> list[str]:
    rows = [
        [
            number(row["size"]),
            number(row["hours"]),
            verb,
            number(row[verb]["processor_seconds"], 1),
            number(1000 * row[verb]["processor_seconds"] / row["hours"], 1),
            number(row[verb]["peak_mb"]),
        ]
        for verb in ("simulate", "events", "fit")
        for row in result.rows
    ]
    return [
        "## Large corpora",
        "Dialogues from Switchboard's preset in array_record parts, counted and fitted conversation by conversation. A "
        f"fit of more than 500 h is one of quantiles. Families: {', '.join(result.values['families'])}.",
        columns(
            {
                "size": "times that of Switchboard.",
                "processor": "seconds of processor time, and the same per 1,000 hours of dialogue.",
                "MB": "peak memory of the process.",
            }
        ),
        table(["size", "hours", "verb", "processor", "processor per 1,000 h", "MB"], rows),
        source(result),
    ]
