"""`gym` and `gymnasium`: environments with the right spaces, whose worlds are random numbers."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np

from .notes import numbers

LENGTH = 40
"""Steps in an episode: short, so that code which learns at the end of one comes to it."""
KNOWN: dict[str, tuple[tuple[int, ...], int | None, tuple[int, ...], float]] = {
    "cartpole": ((4,), 2, (), 1.0),
    "mountaincarcontinuous": ((2,), None, (1,), 1.0),
    "mountaincar": ((2,), 3, (), 1.0),
    "pendulum": ((3,), None, (1,), 2.0),
    "acrobot": ((6,), 3, (), 1.0),
    "lunarlandercontinuous": ((8,), None, (2,), 1.0),
    "lunarlander": ((8,), 4, (), 1.0),
    "bipedalwalker": ((24,), None, (4,), 1.0),
    "carracing": ((96, 96, 3), None, (3,), 1.0),
    "halfcheetah": ((17,), None, (6,), 1.0),
    "hopper": ((11,), None, (3,), 1.0),
    "walker2d": ((17,), None, (6,), 1.0),
    "ant": ((27,), None, (8,), 1.0),
    "swimmer": ((8,), None, (2,), 1.0),
    "reacher": ((11,), None, (2,), 1.0),
    "humanoid": ((376,), None, (17,), 0.4),
    "breakout": ((210, 160, 3), 4, (), 1.0),
    "pong": ((210, 160, 3), 6, (), 1.0),
    "spaceinvaders": ((210, 160, 3), 6, (), 1.0),
    "frozenlake": ((), 4, (16,), 1.0),
    "taxi": ((), 6, (500,), 1.0),
    "cliffwalking": ((), 4, (48,), 1.0),
}
"""By name: shape of an observation, number of actions or None, shape of an action (or states where an observation is a
number), largest action."""


class Space:
    """What all spaces can."""

    shape: tuple[int, ...] = ()
    dtype: Any = np.dtype("float32")

    def __init__(self, name: str = "space") -> None:
        self.generator = numbers(name)

    def seed(self, seed: Any = None) -> list[Any]:
        """Starts its numbers anew."""
        self.generator = numbers(f"space {seed}")
        return [seed]


class Discrete(Space):
    """Whole numbers."""

    def __init__(self, n: int, seed: Any = None, start: int = 0) -> None:
        super().__init__(f"discrete {n}")
        self.n, self.start, self.dtype = int(n), start, np.dtype("int64")

    def sample(self, *_: Any) -> Any:
        """One of them."""
        return np.int64(self.start + self.generator.integers(self.n))

    def contains(self, x: Any) -> bool:
        """Whether it is one of them."""
        return self.start <= int(x) < self.start + self.n

    __contains__ = contains


class Box(Space):
    """Arrays between bounds."""

    def __init__(self, low: Any, high: Any, shape: Any = None, dtype: Any = np.float32, seed: Any = None) -> None:
        shape = tuple(shape) if shape is not None else np.broadcast_shapes(np.shape(low), np.shape(high))
        super().__init__(f"box {shape}")
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.low, self.high = (np.broadcast_to(np.asarray(v, self.dtype), shape).copy() for v in (low, high))

    def sample(self, *_: Any) -> Any:
        """An array inside; where there is no bound, around zero."""
        low = np.where(np.isfinite(self.low), np.maximum(self.low.astype("float64"), -1e3), -1.0)
        high = np.where(np.isfinite(self.high), np.minimum(self.high.astype("float64"), 1e3), 1.0)
        return (low + (high - low) * self.generator.random(self.shape)).astype(self.dtype)

    def contains(self, x: Any) -> bool:
        """Whether it is inside."""
        return np.shape(x) == self.shape

    __contains__ = contains


class Several(Space):
    """MultiDiscrete, MultiBinary: arrays of whole numbers."""

    def __init__(self, sizes: Any, *_: Any, **__: Any) -> None:
        super().__init__(f"several {sizes}")
        self.nvec = np.asarray(sizes) if np.ndim(sizes) else np.full(int(sizes), 2)
        self.n, self.shape, self.dtype = len(self.nvec), self.nvec.shape, np.dtype("int64")

    def sample(self, *_: Any) -> Any:
        """One of them."""
        return self.generator.integers(self.nvec)


class Env:
    """The base of environments, the user's own among them."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}
    reward_range = (-float("inf"), float("inf"))
    observation_space: Any = None
    action_space: Any = None
    spec: Any = None
    render_mode: Any = None
    np_random = numbers("environment")

    def reset(self, *, seed: Any = None, options: Any = None) -> Any:
        """What `super().reset(seed=seed)` of the user's asks for."""
        self.np_random = numbers(f"environment {seed}")

    def render(self, *_: Any, **__: Any) -> Any:
        """A black picture."""
        return np.zeros((64, 64, 3), "uint8")

    def close(self) -> None:
        """Nothing is open."""

    def seed(self, seed: Any = None) -> list[Any]:
        """As older versions have it."""
        return [seed]

    @property
    def unwrapped(self) -> Any:
        """Itself."""
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        pass


class World(Env):
    """An environment of random numbers; `five` says which API it follows."""

    def __init__(self, name: str, five: bool, render_mode: Any = None) -> None:
        plain = re.sub(r"[^a-z0-9]|noframeskip|deterministic", "", name.rpartition("/")[2].lower())
        known = next((k for k in sorted(KNOWN, key=len, reverse=True) if plain.startswith(k)), "cartpole")
        shape, actions, form, top = KNOWN[known]
        self.five, self.render_mode, self.generator, self.at = five, render_mode, numbers(name), 0
        picture = len(shape) == 3
        if shape:
            low, high = (0, 255) if picture else (-np.inf, np.inf)
            self.observation_space: Any = Box(low, high, shape, np.uint8 if picture else np.float32)
        else:
            self.observation_space = Discrete(form[0])
        self.action_space: Any = Box(-top, top, form) if actions is None else Discrete(actions)
        self.spec = type("Spec", (), {"id": name, "max_episode_steps": LENGTH, "reward_threshold": 100.0})()
        self._max_episode_steps = LENGTH

    def reset(self, *, seed: Any = None, options: Any = None, **_: Any) -> Any:
        """A new episode."""
        self.at = 0
        seen = self.observation_space.sample()
        return (seen, {}) if self.five else seen

    def step(self, action: Any) -> Any:
        """One step; the episode ends after LENGTH of them."""
        self.at += 1
        seen, reward = self.observation_space.sample(), float(self.generator.normal())
        ends = self.at >= LENGTH
        return (seen, reward, ends, False, {}) if self.five else (seen, reward, ends, {})


class Vector(Env):
    """Environments side by side: `gym.vector`."""

    def __init__(self, makers: Any, *_: Any, **__: Any) -> None:
        self.envs = [make() for make in makers]
        self.num_envs = len(self.envs)
        one = self.envs[0]
        self.single_observation_space, self.single_action_space = one.observation_space, one.action_space
        self.observation_space, self.action_space = one.observation_space, Actions(self.envs)

    def reset(self, **_: Any) -> Any:
        """All from the start."""
        seen = [env.reset() for env in self.envs]
        if isinstance(seen[0], tuple):
            return np.stack([s[0] for s in seen]), {}
        return np.stack(seen)

    def step(self, actions: Any) -> Any:
        """All one step on; one that has ended starts anew."""
        made = [env.step(action) for env, action in zip(self.envs, np.asarray(actions), strict=True)]
        seen, *rest, _ = (list(part) for part in zip(*made, strict=True))
        for i, env in enumerate(self.envs):
            if any(part[i] for part in rest[1:]):
                again = env.reset()
                seen[i] = again[0] if isinstance(again, tuple) else again
        return (np.stack(seen), *(np.array(part) for part in rest), {})


class Actions(Space):
    """An action for each of several environments."""

    def __init__(self, envs: Any) -> None:
        super().__init__("actions")
        self.envs, self.shape = envs, (len(envs), *envs[0].action_space.shape)
        self.nvec = np.array([getattr(env.action_space, "n", 0) for env in envs])

    def sample(self, *_: Any) -> Any:
        """One for each."""
        return np.stack([env.action_space.sample() for env in self.envs])


class Wrapper(Env):
    """The base of wrappers."""

    def __init__(self, env: Any, *_: Any, **__: Any) -> None:
        self.env, self.observation_space, self.action_space = env, env.observation_space, env.action_space

    def reset(self, **options: Any) -> Any:
        """The inner one's, looked at."""
        seen = self.env.reset(**options)
        look = getattr(self, "observation", lambda x: x)
        return (look(seen[0]), seen[1]) if isinstance(seen, tuple) else look(seen)

    def step(self, action: Any) -> Any:
        """The inner one's, looked at."""
        seen, reward, *rest = self.env.step(getattr(self, "action", lambda x: x)(action))
        seen, reward = getattr(self, "observation", lambda x: x)(seen), getattr(self, "reward", lambda x: x)(reward)
        return (seen, reward, *rest)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("observation", "reward", "action"):
            raise AttributeError(name)
        return getattr(self.env, name)


def names(five: bool) -> dict[str, Any]:
    """The package: `five` values from a step, as gymnasium has it."""

    def make(name: Any, *_: Any, render_mode: Any = None, **__: Any) -> World:
        return World(str(name), five, render_mode)

    classes = {"Env": Env, "Wrapper": Wrapper, "ObservationWrapper": Wrapper, "RewardWrapper": Wrapper}
    spaces = {"Box": Box, "Discrete": Discrete, "MultiDiscrete": Several, "MultiBinary": Several, "Space": Space}
    module = type("spaces", (), spaces)
    wrappers = dict.fromkeys(("TimeLimit", "RecordVideo", "RecordEpisodeStatistics", "Monitor"), Wrapper)
    rest = {"make": make, "spaces": module, "register": lambda *a, **k: None, "ActionWrapper": Wrapper}
    vector = dict.fromkeys(("SyncVectorEnv", "AsyncVectorEnv"), Vector)

    def make_vec(name: Any, num_envs: int = 1, *_: Any, **__: Any) -> Vector:
        return Vector([lambda: make(name)] * num_envs)

    rest["vector"] = type("vector", (), {**vector, "make": staticmethod(make_vec)})
    rest["make_vec"] = make_vec
    rest["wrappers"] = type("wrappers", (), wrappers)
    return {**classes, **spaces, **wrappers, **rest}
