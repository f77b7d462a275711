"""Checks the types of the arguments of public functions: a wrong one is refused in one sentence."""

import collections.abc
import functools
import inspect
import numbers
import os
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np

from babble_jax.errors import BabbleError

P = ParamSpec("P")
R = TypeVar("R")
_NAMES = {
    float: "a number",
    int: "a whole number",
    str: "a str",
    bool: "True or False",
    os.PathLike: "a path",
    types.NoneType: "None",
    np.ndarray: "an array",
}
_VARIADIC = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
_LONGEST = 60  # characters of a value in a message


def check_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Decorates a public function: an argument of another type than its annotation raises a `BabbleError`.

    What the annotation does not say, such as the range of a number, is left to the function; so are a wrong number of
    arguments and names that it does not have.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args: P.args, **options: P.kwargs) -> R:
        values = {
            name: value
            for name, value in signature.bind(*args, **options).arguments.items()
            if signature.parameters[name].kind not in _VARIADIC
        }
        check_types(function, values)
        return function(*args, **options)

    return checked


def check_types(owner: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Checks values by the annotations of a function's parameters or of a dataclass's fields.

    Args:
      owner: the function or dataclass.
      values: by the names of parameters or fields; one without an annotation is not checked.

    Raises:
      BabbleError: a value is of another type; the message says of which it must be.
    """
    hints = _type_hints(owner)
    for name, value in values.items():
        if name in hints and not _fits(value, hints[name]):
            raise BabbleError(
                f"{name} of {owner.__name__} is {_shorten(value)}; give {_describe(hints[name])}."
            )


@functools.cache
def _type_hints(owner: Callable[..., Any]) -> dict[str, Any]:
    return typing.get_type_hints(owner)


def _fits(value: Any, hint: Any) -> bool:
    """Tells whether a value is of the type of an annotation, as far as that says."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is typing.Literal:  # which of them there are is said by the function
        return isinstance(value, tuple({type(part) for part in parts}))
    scalar = getattr(value, "ndim", None) == 0  # an array of numpy or JAX with one value
    if hint is float:
        return isinstance(value, numbers.Real) or (scalar and value.dtype.kind in "biuf")
    if hint is int:
        return isinstance(value, numbers.Integral) or (scalar and value.dtype.kind in "biu")
    if hint is bool:
        return isinstance(value, bool | np.bool_)
    if hint is np.ndarray:
        return isinstance(value, list | tuple) or hasattr(value, "__array__")
    if origin is collections.abc.Sequence:
        if isinstance(value, str | bytes) or not isinstance(value, collections.abc.Iterable):
            return False
        return not isinstance(value, list | tuple) or all(_fits(one, parts[0]) for one in value)
    if origin is None and isinstance(hint, type) and not getattr(hint, "_is_protocol", False):
        return isinstance(value, hint)
    return True


def _describe(hint: Any) -> str:
    """Names the type of an annotation."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_describe(part) for part in parts))
    if origin is typing.Literal:
        return f"one of {', '.join(map(repr, parts))}"
    if origin is collections.abc.Sequence:
        return f"a list, each {_describe(parts[0])}"
    return _NAMES.get(hint, f"a {getattr(hint, '__name__', hint)}")


def _shorten(value: Any) -> str:
    text = repr(value)
    return f"of the type {type(value).__name__}" if len(text) > _LONGEST else text
