"""WaveNet written down from the paper, in numpy and float64: one stream, each past sample looked up, no tricks.

Follows van den Oord et al. 2016 (arXiv 1609.03499): eq. 2 the gate, section 2.5 its conditioning, figure 4 residual,
skip and output. It shares no code with the package.
"""

import numpy as np


def array(part, name):
    return np.asarray(part[name], np.float64)


def linear(part, x):
    y = x @ array(part, "kernel")
    return y + array(part, "bias") if "bias" in part else y


def log_probabilities(params, stacks, layers, taps, hop, samples, speaker, local):
    """Computes log-probabilities [T, Q] at each of samples [T], with speakers, features [N, C] and an embedding."""
    embedding = array(params["input"], "embedding")
    levels, channels = embedding.shape
    line = [levels // 2, *samples]
    dilations = [2**i for _ in range(stacks) for i in range(layers)]
    inputs = [[] for _ in dilations]  # of each layer, all that it ever saw
    log_probs = []
    for t in range(len(samples)):
        x, skipped = embedding[line[t]], 0.0
        for i, dilation in enumerate(dilations):
            layer = params[f"layer_{i}"]
            inputs[i].append(x)
            # w[0] meets the oldest input, w[-1] the present one; before the first sample all is zero.
            w = array(layer["gate"], "kernel").reshape(taps, channels, 2 * channels)
            h = array(layer["gate"], "bias") + array(layer, "speaker")[speaker]
            h = h + local[t // hop] @ array(layer["features"], "kernel")
            for k in range(taps):
                back = (taps - 1 - k) * dilation
                if back <= t:
                    h = h + inputs[i][t - back] @ w[k]
            z = np.tanh(h[:channels]) / (1 + np.exp(-h[channels:]))
            y = linear(layer["out"], z)
            size = array(params["post"]["hidden"], "bias").shape[0]
            skipped = skipped + y[:size]
            if i + 1 < len(dilations):
                x = x + y[size:]
        hidden = linear(params["post"]["hidden"], np.maximum(skipped, 0))
        logits = linear(params["post"]["output"], np.maximum(hidden, 0))
        log_probs.append(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
    return np.stack(log_probs)
