"""Starts MiniStack 1.5.33 as Sluice's AWS account, with the changes in ``patches/``.

Configured by MiniStack's own variables, and by LOCAL_EMITTER_TOKEN (see ``patches/service_events.py``).
LOCAL_SKIP_PATCH names patches to leave out, separated by commas: the tests show by it that each one is needed.
"""
import importlib
import os
import sys
from importlib.metadata import version

PINNED = "1.5.33"

# In this order, where two change the same function: the later one is asked first.
PATCHES = (
    "long_poll_wake",
    "hung_up_receiver",
    "give_back",
    "principal_arn",
    "secure_transport",
    "moved_clock",
    "object_keys",
    "unknown_action",
    "empty_secrets",
    "batch_actions",
    "leading_keys",
    "bus_policy",
    "event_conditions",
    "event_entries",
    "service_events",
    "rule_delivery",
)


def apply_patches() -> None:
    """Applies every patch that is not skipped. Each refuses to start where MiniStack is not what it expects."""
    skipped = os.environ.get("LOCAL_SKIP_PATCH", "").split(",")
    for name in PATCHES:
        if name not in skipped:
            importlib.import_module(f"patches.{name}")


if __name__ == "__main__":
    if version("ministack") != PINNED:
        raise SystemExit(f"The patches are for MiniStack {PINNED}, but {version('ministack')} is installed")
    apply_patches()
    import ministack.app

    sys.argv = ["ministack"]
    ministack.app.main()
