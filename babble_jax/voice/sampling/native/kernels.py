"""Matrix-vector products on a CPU, in vector instructions that plain numba does not emit.

Axes: R rows in blocks of 64, C columns, S streams.

Weights lie block by block of 64 rows, and part by part of a block (`PART` rows), a column (float32) or four columns
(int8) of the part after the other, so that a product reads them once from end to end, and every accumulator holds 16
rows: nothing is summed across a vector, and a sum has one order of its terms, whatever the parts and the streams.

The registers of AVX-512 hold the sums of 64 rows for four streams, those of AVX2 the sums of 64 rows for one stream or
of 16 rows for four. There a part has 16 rows, and four streams are multiplied with one part after the other.

float32: any CPU. LLVM cuts the vectors of 16 into those that the CPU has. Where it has no fused multiply-add, a
product and a sum take its place, since LLVM would call a function of the C library for each element.

int8: activations are unsigned, weights signed, sums 32-bit. Where the CPU has AVX-512 VNNI, four columns are one
instruction. AVX2 has it in two, of which the first saturates at 16 bits unless weights stay within 63. Elsewhere
LLVM chooses the instructions, and int8 may be slower than float32.
"""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from babble_jax.compilation import cpu_features

ROWS = 64
"""Rows of a block of weights: four vectors of 16."""

VNNI = cpu_features() >= {"avx512vnni", "avx512f"}
AVX2 = "avx2" in cpu_features() and not VNNI
MAX_INT8_WEIGHT = 63 if AVX2 else 127
"""Largest magnitude of a quantized weight."""
PART = 16 if AVX2 else ROWS
"""Rows of a block that lie together."""
GROUP = 4 if VNNI or AVX2 else 1
"""Streams per pass over the weights: as many as there are registers for."""
_FUSED = "fma" in cpu_features() or platform.machine().lower() in ("aarch64", "arm64")

_I8, _I16, _I32, _F32 = ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.FloatType()
_FLOATS, _INTS = ir.VectorType(_F32, 16), ir.VectorType(_I32, 16)


def _at(builder: Any, array: Any, offset: Any, kind: Any) -> Any:
    """Builds a pointer to element `offset` of an array's data, cast to a pointer to `kind`."""
    return builder.bitcast(builder.gep(array, [offset]), kind.as_pointer())


def _broadcast(builder: Any, value: Any, count: int) -> Any:
    """Builds a vector of `count` copies of a value."""
    one = ir.VectorType(value.type, count)
    single = builder.insert_element(ir.Constant(one, ir.Undefined), value, _I32(0))
    mask = ir.Constant(ir.VectorType(_I32, count), [0] * count)
    return builder.shuffle_vector(single, ir.Constant(one, ir.Undefined), mask)


def _dot4(builder: Any, total: Any, x: Any, w: Any) -> Any:
    """Adds to 16 sums four products each: x <64 x i8> unsigned, w <64 x i8> signed."""
    module = builder.module
    if VNNI:
        kind = ir.FunctionType(_INTS, [_INTS, _INTS, _INTS])
        name = "llvm.x86.avx512.vpdpbusd.512"
        function = cgutils.get_or_insert_function(module, kind, name)
        return builder.call(function, [total, builder.bitcast(x, _INTS), builder.bitcast(w, _INTS)])
    if not AVX2:
        for column in range(4):
            mask = ir.Constant(ir.VectorType(_I32, 16), list(range(column, 64, 4)))
            a, b = (builder.shuffle_vector(v, ir.Constant(v.type, ir.Undefined), mask) for v in (x, w))
            total = builder.add(total, builder.mul(builder.zext(a, _INTS), builder.sext(b, _INTS)))
        return total
    bytes32, shorts, ints = ir.VectorType(_I8, 32), ir.VectorType(_I16, 16), ir.VectorType(_I32, 8)
    pairs = cgutils.get_or_insert_function(
        module, ir.FunctionType(shorts, [bytes32, bytes32]), "llvm.x86.avx2.pmadd.ub.sw"
    )
    fours = cgutils.get_or_insert_function(
        module, ir.FunctionType(ints, [shorts, shorts]), "llvm.x86.avx2.pmadd.wd"
    )
    halves = []
    for half in (0, 1):
        mask = ir.Constant(ir.VectorType(_I32, 32), list(range(32 * half, 32 * half + 32)))
        a, b = (builder.shuffle_vector(v, ir.Constant(v.type, ir.Undefined), mask) for v in (x, w))
        halves.append(builder.call(fours, [builder.call(pairs, [a, b]), ir.Constant(shorts, [1] * 16)]))
    mask = ir.Constant(ir.VectorType(_I32, 16), list(range(16)))
    return builder.add(total, builder.shuffle_vector(*halves, mask))


def _multiply_add(builder: Any, total: Any, x: Any, w: Any) -> Any:
    """Adds to 16 floats the products of 16 others."""
    if not _FUSED:
        return builder.fadd(total, builder.fmul(x, w))
    kind = ir.FunctionType(_FLOATS, [_FLOATS] * 3)
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.v16f32")
    return builder.call(function, [x, w, total])


def _product(quantized: bool) -> Any:
    """Makes an intrinsic that multiplies one block of 64 rows with the vectors of one to four streams.

    The intrinsic is `f(weights, first, columns, x, x_first, x_step, y, y_first, y_step, streams)`. `first`, `x_first`
    and `y_first` are offsets into the arrays, `x_step` and `y_step` the distance from one stream to the next.
    `columns` counts columns, or groups of four of them where `quantized`.
    """

    @intrinsic
    def product(typing, weights, first, columns, x, x_first, x_step, y, y_first, y_step, streams):
        count = streams.literal_value if isinstance(streams, types.IntegerLiteral) else None
        if count is None:
            return None
        signature = types.void(weights, first, columns, x, x_first, x_step, y, y_first, y_step, streams)

        def generate(context, builder, signature, arguments):
            arrays = [
                cgutils.create_struct_proxy(signature.args[i])(context, builder, arguments[i]).data
                for i in (0, 3, 6)
            ]
            weights, x, y = arrays
            first, columns, x_first, x_step, y_first, y_step = (arguments[i] for i in (1, 2, 4, 5, 7, 8))
            kind = _INTS if quantized else _FLOATS
            zero = ir.Constant(kind, [0 if quantized else 0.0] * 16)
            width = first.type
            bytes_or_floats = 4 if quantized else 1  # of a row, in a column or a group of columns

            def multiply(vectors: range) -> None:
                """Multiplies some of the four vectors of 16 rows."""
                totals = [
                    {j: cgutils.alloca_once_value(builder, zero) for j in vectors} for _ in range(count)
                ]
                for total in (one for totals_of_stream in totals for one in totals_of_stream.values()):
                    builder.store(zero, total)
                with cgutils.for_range(builder, columns, intp=width) as loop:
                    parts = {}
                    for j in vectors:
                        part, row = divmod(16 * j, PART)
                        behind = builder.mul(columns, width(part * PART * bytes_or_floats))
                        column = builder.mul(loop.index, width(PART * bytes_or_floats))
                        offset = builder.add(builder.add(first, behind), column)
                        offset = builder.add(offset, width(row * bytes_or_floats))
                        vector = ir.VectorType(_I8, 64) if quantized else _FLOATS
                        pointer = _at(builder, weights, offset, vector)
                        parts[j] = builder.load(pointer, align=1 if quantized else 4)
                    for s in range(count):
                        start = builder.add(x_first, builder.mul(x_step, width(s)))
                        if quantized:
                            start = builder.add(start, builder.mul(loop.index, width(4)))
                            group = builder.load(_at(builder, x, start, _I32), align=1)
                            operand = builder.bitcast(_broadcast(builder, group, 16), ir.VectorType(_I8, 64))
                        else:
                            start = builder.add(start, loop.index)
                            operand = _broadcast(builder, builder.load(_at(builder, x, start, _F32)), 16)
                        for j in vectors:
                            total = builder.load(totals[s][j])
                            if quantized:
                                total = _dot4(builder, total, operand, parts[j])
                            else:
                                total = _multiply_add(builder, total, operand, parts[j])
                            builder.store(total, totals[s][j])
                for s in range(count):
                    for j in vectors:
                        offset = builder.add(
                            y_first, builder.add(builder.mul(y_step, width(s)), width(16 * j))
                        )
                        builder.store(builder.load(totals[s][j]), _at(builder, y, offset, kind), align=4)

            at_once = PART // 16 if count > 1 else 4
            for begin in range(0, 4, at_once):
                multiply(range(begin, begin + at_once))
            return context.get_dummy_value()

        return signature, generate

    return product


float_block = _product(quantized=False)
int8_block = _product(quantized=True)


@intrinsic
def power_of_two(typing, exponent):
    """Computes 2^exponent in float32, for an int32 from -126 to 127."""
    signature = types.float32(types.int32)

    def generate(context, builder, signature, arguments):
        (value,) = arguments
        bits = builder.shl(builder.add(value, _I32(127)), _I32(23))
        return builder.bitcast(bits, _F32)

    return signature, generate


@intrinsic
def divide(typing, numerator, denominator):
    """Divides in float32 as the CPU does, alone and in vectors, where fast mathematics would take an estimate.

    Args:
      typing: numba's.
      numerator: float32.
      denominator: float32.
    """
    signature = types.float32(types.float32, types.float32)

    def generate(context, builder, signature, arguments):
        return builder.fdiv(*arguments, flags=("nsz",))  # flags of its own: numba adds none to them

    return signature, generate
