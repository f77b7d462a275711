"""The sections on several devices, and on the memory of training, of the page of benchmarks."""

import statistics

from experiments.report.results import Result
from experiments.report.tables import columns, number, percent, significant, source, span, table


def section_on_devices(result: Result) -> list[str]:
    """Tabulates what the reduction of gradients costs here, and what is to be expected of many devices."""
    streams, samples = result.values["batch"]
    measured = [
        [
            number(row["processes"]),
            number(row["devices"]),
            number(row["processor_seconds"], 3),
            number(row["ratio"], 3),
            span(row["ratio_range"], 3),
        ]
        for row in result.rows
    ]
    values = result.values["arithmetic"]
    counts = list(values["links"][0]["efficiency"])
    expected = [
        [
            link["name"],
            significant(link["bandwidth"] / 1e9),
            significant(link["latency"] * 1e6),
            *(percent(link["efficiency"][count]) for count in counts),
        ]
        for link in values["links"]
    ]
    seconds = {(row["processes"], row["devices"]): row["processor_seconds"] for row in result.rows}
    extra = seconds[2, 2] - seconds[1, 2]
    return [
        "## Training on several devices",
        f"The same updates of one batch ({streams} streams of {samples} samples, "
        f"{result.values['parameters'] / 1e6:.2f} million parameters) on virtual devices of one CPU, and in two "
        "processes of one device each. What is more than on one device is the overhead: smaller products, a copy of "
        "the optimizer on each device, and the sum of the gradients.",
        columns(
            {
                "seconds": "processor seconds of an update, of all threads and processes, median over rounds in turn.",
                "ratio, range": "to one device, median and range over the rounds.",
            }
        ),
        table(["processes", "devices", "seconds", "ratio", "range"], measured),
        source(result),
        f"The two processes send their gradient of {4 * result.values['parameters'] / 1e6:.1f} MB through sockets "
        f"of the machine: they take {1000 * extra:.0f} ms more than two devices of one process.",
        "Expected, not measured: the share of its time for which each of N devices computes. The shape is SampleRNN of "
        f"three tiers, frames of 16 and 4 samples and dim 1024, {values['gradient_bytes'] / 4e6:.1f} million "
        "parameters: a gradient of "
        f"{values['gradient_bytes'] / 1e6:.1f} MB an update, a checkpoint of "
        f"{values['checkpoint_bytes'] / 1e6:.0f} MB. "
        f"Each device has {values['streams']} streams of {values['subsequence']} samples, "
        f"{values['flops_per_device'] / 1e12:.2f} TFLOP and "
        f"{values['batch_bytes_per_device'] / 1e6:.2f} MB of batch, and is "
        f"taken to reach {values['rate'] / 1e12:.0f} TFLOP/s: {1000 * values['compute_seconds']:.0f} ms an update. A "
        "ring sends 2 (N - 1) / N times the gradient through each link, in 2 (N - 1) steps, after the gradient is "
        "complete. A slower device makes the links matter less.",
        columns({"GB/s": "of a link, in one direction.", "µs": "latency of a step of the ring."}),
        table(
            ["link", "GB/s", "µs", *(f"{count} device{'s' * (count != '1')}" for count in counts)], expected
        ),
        source(result),
    ]


def section_on_memory(result: Result) -> list[str]:
    """Tabulates what bfloat16 products and recomputation do to memory and bits."""
    streams, samples = result.values["batch"]
    rows = [
        [
            row["products"],
            "yes" if row["remat"] else "no",
            number(row["state_bytes"] / 1e6),
            number(row["temporary_bytes"] / 1e6),
            number(row["flops"] / 1e12, 2),
        ]
        for row in result.rows
    ]
    bits = result.values["bits"]
    difference = [one - two for one, two in zip(bits["bfloat16"], bits["float32"], strict=True)]
    return [
        "## Memory of training",
        f"An update of SampleRNN at dim {result.values['dim']} with {streams} streams of {samples} samples, as XLA "
        "compiles it for a CPU. With remat the loss is computed again in the backward pass. That is no gain here: all "
        "of it is there once more when it is computed again.",
        columns(
            {
                "products": "type of the factors of matrix products (`--model.dtype`); sums are float32.",
                "state": "parameters and moments of the optimizer, MB.",
                "beside it": "what else is in memory at once, MB.",
                "TFLOP": "floating-point operations of an update, as XLA counts them.",
            }
        ),
        table(["products", "remat", "state", "beside it", "TFLOP"], rows, left=2),
        f"Bits per sample of a small voice after {result.values['updates']} updates, from {len(difference)} seeds: "
        f"{number(statistics.mean(bits['float32']), 3)} with float32 products; with bfloat16 products the "
        f"difference is {span((min(difference), max(difference)), 4)}.",
        source(result),
    ]
