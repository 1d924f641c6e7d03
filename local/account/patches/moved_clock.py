"""A request that is signed later than now is taken: functions live by a clock that is moved ahead, and AWS's with it."""
from ministack.core import sigv4
from place import replaces


@replaces(sigv4, "request_time_failure", ["if signed_at > now + window:"])
def by_the_callers_clock(judge):
    def too_old(signature, *, now=None):
        failure = judge(signature, now=now)
        return None if failure and failure[1].startswith("Signature not yet current") else failure

    return too_old
