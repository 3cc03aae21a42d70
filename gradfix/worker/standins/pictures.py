"""`PIL`, `cv2` and `imageio`, and pictures in their place: random ones, of the size that is asked for."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .notes import numbers, words

SIZE = (64, 64)


def pixels(name: str, size: tuple[int, int] = SIZE, channels: int = 3) -> np.ndarray[Any, Any]:
    """A random picture that belongs to a name."""
    return numbers(name).integers(0, 256, (*size, channels), dtype="uint8")


def seen(path: Any) -> np.ndarray[Any, Any]:
    """What a file shows, where it is there and TensorFlow can read it, else a random picture."""
    name = os.fspath(path) if hasattr(path, "__fspath__") else str(path)
    if os.path.isfile(name):
        import tensorflow as tf

        try:
            return np.asarray(tf.io.decode_image(tf.io.read_file(name), expand_animations=False))
        except tf.errors.OpError:
            pass
    return pixels(f"picture {os.path.basename(name)}")


def resized(image: np.ndarray[Any, Any], height: int, width: int) -> np.ndarray[Any, Any]:
    """The nearest pixels."""
    rows = np.arange(height) * image.shape[0] // height
    columns = np.arange(width) * image.shape[1] // width
    return image[rows][:, columns]


def gray(image: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One channel, dropped."""
    return image if image.ndim == 2 else image.mean(axis=-1).astype(image.dtype)


class Picture:
    """`PIL.Image.Image`."""

    def __init__(self, array: Any = None, mode: str | None = None) -> None:
        self.array = np.asarray(array, dtype="uint8") if array is not None else np.zeros((*SIZE, 3), "uint8")
        self.mode = mode or ("L" if self.array.ndim == 2 else "RGBA" if self.array.shape[-1] == 4 else "RGB")
        self.format, self.filename, self.info = "PNG", "", dict[str, Any]()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.array.shape[1], self.array.shape[0]

    width = property(lambda self: self.size[0])
    height = property(lambda self: self.size[1])

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.array.astype(dtype) if dtype is not None else self.array.copy()

    def resize(self, size: Any, *_: Any, **__: Any) -> Picture:
        """Of another size."""
        return Picture(resized(self.array, int(size[1]), int(size[0])))

    def convert(self, mode: str = "RGB", *_: Any, **__: Any) -> Picture:
        """Of another mode."""
        flat = gray(self.array)
        if mode in ("L", "1", "I", "F"):
            return Picture(flat)
        rgb = self.array[..., :3] if self.array.ndim == 3 else np.stack([flat] * 3, axis=-1)
        return Picture(np.concatenate([rgb, np.full_like(rgb[..., :1], 255)], axis=-1) if mode == "RGBA" else rgb)

    def crop(self, box: Any = None) -> Picture:
        """A part."""
        left, top, right, bottom = (int(v) for v in box or (0, 0, *self.size))
        return Picture(resized(self.array, max(1, bottom - top), max(1, right - left)))

    def thumbnail(self, size: Any, *_: Any, **__: Any) -> None:
        """Smaller, in place."""
        self.array = resized(self.array, int(size[1]), int(size[0]))

    def getdata(self, *_: Any) -> list[Any]:
        """The pixels in a row."""
        flat = self.array.reshape(-1, *self.array.shape[2:])
        return [tuple(int(v) for v in p) if np.ndim(p) else int(p) for p in flat]

    def copy(self) -> Picture:
        """Another."""
        return Picture(self.array.copy())

    def _same(self, *_: Any, **__: Any) -> Picture:
        return self

    rotate = transpose = filter = load = point = __enter__ = _same

    def _nothing(self, *_: Any, **__: Any) -> None:
        return None

    save = show = close = verify = paste = __exit__ = _nothing


def opened(path: Any, *_: Any, **__: Any) -> Picture:
    """`Image.open`."""
    array = seen(path)
    return Picture(array[..., 0] if array.shape[-1] == 1 else array)


def pil_names() -> dict[str, Any]:
    """`PIL` and its modules in one."""
    filters = {name: i for i, name in enumerate(words("NEAREST LANCZOS BILINEAR BICUBIC BOX HAMMING ANTIALIAS"))}
    flips = {"FLIP_LEFT_RIGHT": 0, "FLIP_TOP_BOTTOM": 1}
    functions = {
        "open": opened,
        "fromarray": Picture,
        "new": lambda mode, size, *a: Picture(np.zeros((size[1], size[0], 3), "uint8")).convert(mode),
        "Image": Picture,
        "Resampling": type("Resampling", (), filters),
        "Transpose": type("Transpose", (), flips),
        **filters,
        **flips,
    }
    same = type(
        "ImageOps", (), dict.fromkeys(("grayscale", "invert", "exif_transpose", "equalize"), staticmethod(_keep))
    )
    image = type("Image", (), {k: staticmethod(v) if callable(v) else v for k, v in functions.items()})
    return {"Image": image, "ImageOps": same, **{k: v for k, v in functions.items() if k != "Image"}}


def _keep(picture: Any, *_: Any, **__: Any) -> Any:
    return picture


def _read(path: Any, flag: int = 1, *_: Any, **__: Any) -> np.ndarray[Any, Any]:
    image = seen(path)[..., :3]
    return gray(image) if flag == 0 else image


def _color(image: Any, code: int, *_: Any, **__: Any) -> np.ndarray[Any, Any]:
    image = np.asarray(image)
    if code in (6, 7):
        return gray(image)
    if code == 8 and image.ndim == 2:
        return np.stack([image] * 3, axis=-1)
    return image[..., ::-1] if code == 4 else image


def _resize(image: Any, size: Any, *_: Any, **__: Any) -> np.ndarray[Any, Any]:
    return resized(np.asarray(image), int(size[1]), int(size[0]))


def _video(*_: Any, **__: Any) -> Any:
    nothing = {"isOpened": lambda self: False, "read": lambda self: (False, None), "release": lambda self: None}
    return type("VideoCapture", (), nothing)()


def cv2_names() -> dict[str, Any]:
    """`cv2`: reading, colours, sizes."""
    codes = {"COLOR_BGR2RGB": 4, "COLOR_RGB2BGR": 4, "COLOR_BGR2GRAY": 6, "COLOR_RGB2GRAY": 7, "COLOR_GRAY2RGB": 8}
    flags = {"IMREAD_GRAYSCALE": 0, "IMREAD_COLOR": 1, "IMREAD_UNCHANGED": -1, "COLOR_GRAY2BGR": 8, "COLOR_BGR2HSV": 40}
    ways = {f"INTER_{name}": i for i, name in enumerate(["NEAREST", "LINEAR", "CUBIC", "AREA", "LANCZOS4"])}
    return {
        "imread": _read,
        "imdecode": lambda data, flag=1: _read("decoded", flag),
        "resize": _resize,
        "cvtColor": _color,
        "flip": lambda image, code: image[:, ::-1] if code else image[::-1],
        "VideoCapture": _video,
        **dict.fromkeys(("imwrite", "imshow", "waitKey", "destroyAllWindows"), lambda *a, **k: True),
        **dict.fromkeys(("GaussianBlur", "medianBlur", "equalizeHist", "normalize"), _keep),
        **codes,
        **flags,
        **ways,
    }


def imageio_names() -> dict[str, Any]:
    """`imageio`: reading, and a writer that writes nothing."""
    writer = {"append_data": lambda self, image: None, "close": lambda self: None}
    writer.update(__enter__=lambda self: self, __exit__=lambda self, *a: False)
    nothing: dict[str, Any] = dict.fromkeys(("imwrite", "mimsave", "imsave", "mimwrite"), lambda *a, **k: None)
    return {**nothing, "imread": _read, "get_writer": lambda *a, **k: type("Writer", (), writer)()}
