"""A call that runs on the cluster: packed here, unpacked there, and run again where its machine is lost.

joblib has a Ray backend (``ray.util.joblib``), a pool of actors. It is not used: when a machine dies, it does not run
that machine's tasks again but ends with ActorUnavailableError (tried with Ray 2.60 and joblib 1.6), and it cannot hand
out results as they come (``return_as="generator"``). Plain Ray tasks are run again elsewhere. So joblib's own threads
each send one Ray task and wait for it; joblib keeps what it does well, the number at once, the order and the errors.

https://docs.ray.io/en/latest/ray-core/fault_tolerance/tasks.html
"""

import io
import pickle
import threading
from collections.abc import Callable
from typing import Any

from pipeline.cluster import machine
from pipeline.errors import BadInputError

RETRIES = 3  # Ray's default: a task that loses its worker four times is what kills it
SHARED = 1_000_000  # bytes; joblib's own bound (max_nbytes) from which it hands arrays over once for all tasks
ALIKE = "every machine of the cluster needs the same path, code and packages"


class Sent:
    """A function that runs on the cluster; a call waits for its result, and several threads may call at once.

    An array of a megabyte or more goes to the cluster once, for all calls that hold it, and arrives read-only.
    What the function raises is raised here; a call whose worker or machine is lost is run again.
    """

    def __init__(self, function: Callable[..., Any], *, gpu: bool) -> None:
        """Wrap a function. ``gpu``: each call needs a GPU for itself."""
        import ray

        self._function = function
        self._waiting: set[Any] = set()
        self._arrays: dict[int, tuple[Any, Any]] = {}  # by id: the array, which keeps the id its own, and its reference
        self._lock = threading.Lock()
        self._perform = ray.remote(_performer()).options(num_gpus=int(gpu), max_retries=RETRIES)
        origin = machine.Machine.this()
        self._origin = ray.put((origin.folder, pickle.dumps(origin)))

    def __call__(self, *task: Any) -> Any:
        """Return ``function(*task)``, computed on the cluster."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        content, arrays = self._packed(task)
        call = self._perform.remote(self._origin, machine.files(task[0]), content, *arrays)
        self._waiting.add(call)
        try:
            complaint, result = ray.get(call)
        except RayTaskError as error:
            if not isinstance(error.cause, Exception):
                raise
            raise error.cause from error
        except RayError as error:
            raise BadInputError(
                f"parallel.backend: expected a worker that lives until its task is done, got {1 + RETRIES} losses: "
                f"{' '.join(str(error).split())}; look at its memory and at Ray's logs"
            ) from error
        finally:
            self._waiting.discard(call)
        if complaint:
            raise BadInputError(f"parallel.backend: {complaint}; {ALIKE}")
        return result

    def cancel(self) -> None:
        """End the calls that nobody waits for any more."""
        import ray

        for call in list(self._waiting):
            ray.cancel(call, force=True)

    def _packed(self, task: tuple[Any, ...]) -> tuple[bytes, list[Any]]:
        """Return the function and a task as bytes, and references to the arrays that are not in them."""
        import numpy as np
        import ray
        from ray import cloudpickle

        found: list[Any] = []

        class Packer(cloudpickle.Pickler):  # type: ignore[misc]  # Ray is not analysed
            def persistent_id(_, thing: Any) -> int | None:  # noqa: N805  # `self` is the outer one
                if type(thing) is not np.ndarray or thing.nbytes < SHARED or thing.dtype.hasobject:
                    return None
                with self._lock:
                    if id(thing) not in self._arrays:
                        self._arrays[id(thing)] = thing, ray.put(thing)
                found.append(self._arrays[id(thing)][1])
                return len(found) - 1

        content = io.BytesIO()
        Packer(content, protocol=pickle.HIGHEST_PROTOCOL).dump((self._function, task))
        return content.getvalue(), found


def unpacked(content: bytes, arrays: tuple[Any, ...]) -> Any:
    """Return what :class:`Sent` packed, on the machine that got it."""

    class Unpacker(pickle.Unpickler):
        def persistent_load(self, place: int) -> Any:
            return arrays[place]

    return Unpacker(io.BytesIO(content)).load()


def _performer() -> Callable[..., tuple[str, Any]]:
    """Return what runs on a worker. It is sent by value, so that it can say it where our package is missing.

    There it returns what is wrong with the machine, or nothing and the result.
    """

    def perform(origin: tuple[str, bytes], named: dict[str, int], content: bytes, *arrays: Any) -> tuple[str, Any]:
        import os
        import socket
        import sys

        folder, description = origin
        try:
            os.chdir(folder)
            if sys.path[0] != folder:
                sys.path.insert(0, folder)
            from pipeline.cluster.sent import unpacked
        except (OSError, ImportError) as error:
            return f"expected the checkout in {folder} on {socket.gethostname()}, got: {error}", None
        complaint = unpacked(description, ()).complaint(named)
        if complaint:
            return complaint, None
        function, task = unpacked(content, arrays)
        return "", function(*task)

    return perform
