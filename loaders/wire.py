"""Arrays through a pipe without pickle, for answers of a process that may have been taken over.

A value is an array of numbers, a text, or a list, tuple or dict of values; tuples come out as lists.
"""

import json
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np

_HEADER: Final = 65_536
"""Bytes of the longest description of a value."""

_PLACE: Final = "\0array"
"""Key that stands for an array in the description."""


def send(connection: Connection, value: Any) -> None:
    """Send a value: first what it is, then each of its arrays as bytes."""
    arrays: list[np.ndarray[Any, Any]] = []
    connection.send_bytes(json.dumps(_described(value, arrays)).encode())
    for array in arrays:
        connection.send_bytes(array.tobytes())


def receive(connection: Connection, most: int) -> Any:
    """Receive a value of at most ``most`` bytes of arrays; ValueError or OSError for anything else."""
    return _rebuilt(json.loads(connection.recv_bytes(_HEADER)), connection, [most])


def _described(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, dict):
        return {name: _described(part, arrays) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_described(part, arrays) for part in value]
    if isinstance(value, str):
        return value
    arrays.append(np.asarray(value))
    return {_PLACE: [arrays[-1].dtype.str, arrays[-1].shape]}


def _rebuilt(described: Any, connection: Connection, left: list[int]) -> Any:
    """Put a value together; of ``left`` bytes, what its arrays take is taken off."""
    if isinstance(described, list):
        return [_rebuilt(part, connection, left) for part in described]
    if isinstance(described, dict) and _PLACE in described:
        dtype, shape = described[_PLACE]
        data = connection.recv_bytes(left[0])
        left[0] -= len(data)
        return np.frombuffer(data, np.dtype(dtype)).reshape(shape)
    if isinstance(described, dict):
        return {name: _rebuilt(part, connection, left) for name, part in described.items()}
    if not isinstance(described, str):
        raise ValueError(f"{type(described).__name__} is not sent")  # noqa: TRY004 -- one kind of error for the caller
    return described
