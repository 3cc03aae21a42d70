"""Runs the one replica of a mirrored strategy in the thread that asks: values are followed in that thread only."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from tensorflow.python.distribute import distribute_utils, mirrored_run


def install() -> None:
    """Has MirroredStrategy do with one device what OneDeviceStrategy does; more devices keep their threads."""
    in_threads = mirrored_run._call_for_each_replica

    def for_each_replica(strategy: Any, function: Any, args: Any, kwargs: Any) -> Any:
        devices = strategy.extended.worker_devices
        if len(devices) != 1:
            return in_threads(strategy, function, args, kwargs)
        args, kwargs = (distribute_utils.select_replica(0, given) for given in (args, kwargs))
        with tf.device(devices[0]), tf.distribute.ReplicaContext(strategy, 0):
            return distribute_utils.regroup((function(*args, **kwargs),))

    mirrored_run._call_for_each_replica = for_each_replica
