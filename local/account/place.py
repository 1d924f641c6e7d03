"""How a patch changes MiniStack: at a named function, and only if that still reads as the patch expects."""
import functools
import inspect


def replaces(module, name, relies_on):
    """Replaces ``module.name`` by what the decorated function makes of the original.

    Ends the program when one of the lines in ``relies_on`` is not in the original's source: MiniStack has changed there.
    """
    original = getattr(module, name)
    source = inspect.getsource(original)
    for line in relies_on:
        if line not in source:
            raise SystemExit(f"MiniStack has changed: {module.__name__}.{name} no longer has the line {line!r}")

    def put(make):
        setattr(module, name, functools.wraps(original)(make(original)))
        return make

    return put
