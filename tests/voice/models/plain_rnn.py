"""A sample-level RNN in numpy and float64: two LSTM layers with skip connections, one sample after another.

Shares no code with the package.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def linear(part, x):
    """Kernel and bias; the kernel from its direction and length (weight normalization)."""
    v = np.asarray(part["v"], np.float64)
    kernel = v / np.sqrt((v**2).sum(axis=0)) * np.asarray(part["g"], np.float64)
    return x @ kernel + np.asarray(part.get("bias", 0.0), np.float64)


def lstm(part, x, h, c):
    i, f, o, g = np.split(
        linear(part["input"], x) + linear(part["recurrent"], h) + np.asarray(part["bias"], np.float64), 4
    )
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def log_probabilities(params, levels, samples):
    """Computes the log-probabilities [T, Q] of the levels at each of samples [T]; real-valued input."""
    net, slope = params["network"], np.asarray(params["input"]["slope"], np.float64)
    states = [np.split(one, 2) for one in np.asarray(params["initial"], np.float64)]
    log_probs, last = [], levels // 2
    for sample in samples:
        x = (4 * last / levels - 2) * slope
        below, total = x, 0.0
        for k, (h, c) in enumerate(states):
            inputs = np.concatenate([below, x]) if k else x  # Graves 2013: the input enters every layer
            states[k] = lstm(net["rnn"][f"LSTM_{k}"], inputs, h, c)
            below = states[k][0]
            total = total + linear(net["rnn"][f"skip_{k}"], below)
        y = np.maximum(linear(net["layers_0"], total), 0)
        logits = linear(net["output"], y)
        log_probs.append(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
        last = sample
    return np.stack(log_probs)
