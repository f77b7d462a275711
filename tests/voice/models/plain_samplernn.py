"""SampleRNN written down from the paper, in numpy and float64: one stream, one sample after another, no tricks.

Follows Mehri et al. 2017 (arXiv 1612.07837), section 2: eq. 1 the frame-level recurrence, eq. 2 its input, eq. 3 the
up-sampling by learned linear maps, eq. 4-5 embedding and MLP. It shares no code with the package.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def kernel(part):
    """A kernel from its direction and length (weight normalization)."""
    v = np.asarray(part["v"], np.float64)
    return v / np.sqrt((v**2).sum(axis=0)) * np.asarray(part["g"], np.float64)


def linear(part, x):
    return x @ kernel(part) + np.asarray(part.get("bias", 0.0), np.float64)


def gru(part, x, h):
    """Reset before the recurrent product."""
    d = len(h)
    inputs, gates = linear(part["input"], x), h @ kernel(part["recurrent"])
    z, r = sigmoid(inputs[:d] + gates[:d]), sigmoid(inputs[d : 2 * d] + gates[d:])
    n = np.tanh(inputs[2 * d :] + (r * h) @ kernel(part["candidate"]))
    return (1 - z) * n + z * h


def log_probabilities(params, frame_sizes, levels, hidden, samples):
    """Computes log-probabilities [T, Q] at each of samples [T], for one GRU layer per tier and a raw top frame."""
    top = frame_sizes[0]
    line = [levels // 2] * top + list(samples)
    states = [np.asarray(params[f"initial_{k}"], np.float64)[0] for k in range(len(frame_sizes))]
    # Per tier: one vector for each finer frame of its running frame.
    upsampled = [np.zeros((0, 0))] * len(frame_sizes)
    log_probs = []
    for t in range(len(samples)):
        now = top + t
        for k, size in enumerate(frame_sizes):
            if t % size:
                continue
            tier = params[f"tier_{k}"]
            x = np.array([4 * s / levels - 2 for s in line[now - size : now]])
            if k:
                x = linear(tier["expand"], x) + upsampled[k - 1][t % frame_sizes[k - 1] // size]
            states[k] = gru(tier["rnn"]["GRU_0"], x, states[k])
            finer = frame_sizes[k + 1] if k + 1 < len(frame_sizes) else 1
            upsampled[k] = linear(tier["upsample"], states[k]).reshape(size // finer, -1)
        mlp = params["sample"]
        embedding = np.asarray(mlp["embedding"], np.float64)
        past = np.concatenate([embedding[s] for s in line[now - frame_sizes[-1] : now]])
        x = past @ kernel(mlp["first"]) + upsampled[-1][t % frame_sizes[-1]]
        for i in range(hidden):
            x = np.maximum(linear(mlp[f"layers_{i}"], x), 0)
        logits = linear(mlp["output"], x)
        log_probs.append(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
    return np.stack(log_probs)
