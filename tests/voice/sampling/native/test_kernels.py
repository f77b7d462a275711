"""The kernels run on CPUs with fewer features: those that numba is told of, and those of an ARM."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CPUS = {
    "generic": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma,+sse4.2,+bmi,+bmi2"},
}
PRODUCTS = r"""
import re
import sys
import llvmlite.binding
import numba
import numpy as np
from babble_jax.voice.sampling.native import kernels
from babble_jax.voice.sampling.native.layout import MatrixWriter
from babble_jax.voice.sampling.native.rows import float_rows, int8_rows

@numba.njit
def multiply(weights, quantized, rows, columns, x, codes, y, integers):
    float_rows(weights, 0, rows, columns, x, columns, y, 128, 5)
    int8_rows(quantized, 0, rows, columns, codes, columns, integers, 128, 5)

draws = np.random.default_rng(0)
matrix, x = draws.normal(size=(24, 100)), draws.normal(size=(5, 24)).astype(np.float32)
codes = draws.integers(0, 256, (5, 24), dtype=np.uint8)
y, integers = np.zeros((5, 128), np.float32), np.zeros((5, 128), np.int32)
floats, bytes = MatrixWriter(False), MatrixWriter(True)
floats.add(matrix, np.zeros(100)), bytes.add(matrix, np.zeros(100))
vectors = (x.ravel(), codes.ravel(), y.ravel(), integers.ravel())
multiply(floats.products().floats, bytes.products().bytes, 100, 24, *vectors)
np.testing.assert_allclose(y[:, :100], x @ matrix, rtol=1e-5, atol=1e-5)
steps = bytes.products().bytes.reshape(-1, 6, kernels.PART, 4).transpose(0, 2, 1, 3).reshape(128, 24)
np.testing.assert_array_equal(integers, codes.astype(int) @ steps.T.astype(int))
print(kernels.VNNI, kernels.AVX2, kernels._FUSED)
if len(sys.argv) > 1:
    llvmlite.binding.initialize_all_targets()
    llvmlite.binding.initialize_all_asmprinters()
    machine = llvmlite.binding.Target.from_triple(sys.argv[1]).create_target_machine()
    code = multiply.inspect_llvm(multiply.signatures[0])
    code = re.sub('target triple = "[^"]*"', f'target triple = "{sys.argv[1]}"', code)
    code = re.sub('target datalayout = "[^"]*"', f'target datalayout = "{machine.target_data}"', code)
    # numba's own counting of references, which it writes for each machine
    code = re.sub(r"= tail call i8 @llvm.x86.atomic.sub.cc.*", "= add i8 0, 0", code)
    print(machine.emit_assembly(llvmlite.binding.parse_assembly(code)))
"""


def run(environment, *arguments):
    """Runs the products in a process whose numba knows another CPU."""
    result = subprocess.run(
        [sys.executable, "-c", PRODUCTS, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("cpu", "features"), [("generic", "False False False"), ("AVX2", "False True True")])
def test_products_are_right_with_fewer_features(cpu, features):
    assert run(CPUS[cpu]).strip() == features


@pytest.mark.slow
@pytest.mark.parametrize("triple", ["aarch64-unknown-linux-gnu", "arm64-apple-macosx"])
def test_products_compile_for_an_arm(triple):
    """The vectors of the generic kernels become instructions of NEON; nobody has run them."""
    assembly = run(CPUS["generic"], triple)
    assert len(re.findall(r"\bfm(la|ul)", assembly)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("cpu", list(CPUS))
def test_the_sampler_passes_its_tests_with_fewer_features(cpu):
    path = Path(__file__).parents[1] / "test_native.py"
    names = "(compiled_sampler or company or int8) and (three-tier or wavenet) and not three-tap"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", path, "-k", names],
        capture_output=True,
        text=True,
        env=os.environ | CPUS[cpu],
    )
    assert result.returncode == 0, result.stdout
