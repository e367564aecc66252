"""Joining a Ray cluster: it answers, it lends cores, and it stays quiet beside the progress bars."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.errors import BadInputError

ANSWER_SECONDS = 5.0  # for a cluster on a local network
INSTALL = "pip install -e '.[ray]', or `parallel.backend: local`"


class Cluster:
    """A cluster that this process has joined."""

    def cpus(self) -> int:
        """Return the cores that the cluster lends."""
        return self._count("CPU")

    def gpus(self) -> int:
        """Return the GPUs that the cluster lends."""
        return self._count("GPU")

    def mailbox(self) -> Any:
        """Return a queue that every machine can put into. It lives on this machine, and so as long as the run."""
        import ray
        from ray.util.queue import Queue
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        return Queue(actor_options={"num_cpus": 0, "scheduling_strategy": here})

    @staticmethod
    def _count(resource: str) -> int:
        import ray

        return int(ray.cluster_resources().get(resource, 0))


@contextmanager
def joined(address: str) -> Iterator[Cluster]:
    """Join the cluster at an address: ``auto``, the one that runs on this machine, or ``host:port`` of its head.

    Raises
    ------
    BadInputError
        If Ray is not installed, nothing answers, or the cluster lends no core.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise BadInputError(f"parallel.backend: expected Ray installed for 'ray', got: {error}; {INSTALL}") from error
    try:
        if address != "auto":
            host, _, port = address.rpartition(":")
            socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, OverflowError, RuntimeError, ValueError) as error:
        raise BadInputError(
            f"parallel.address: expected a Ray cluster at {address!r}, got: {' '.join(str(error).split())}; "
            "start one with `ray start --head`, or `parallel.backend: local`"
        ) from error
    try:
        cluster = Cluster()
        if not cluster.cpus():
            raise BadInputError(
                f"parallel.address: expected a cluster that lends cores, got none at {address!r}; "
                "add a machine with `ray start --address=HEAD:6379 --num-cpus=N`"
            )
        yield cluster
    finally:
        ray.shutdown()
