"""``aws:SecureTransport`` is true on loopback.

There is no TLS here, so the usual bucket policy that denies insecure transport would deny everything.
"""
from ministack.core import iam_evaluator
from place import replaces


@replaces(iam_evaluator, "_resolve_condition_key", ['if k == "aws:securetransport":'])
def over_loopback(resolve):
    def resolve_key(key, ctx):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, ctx)

    return resolve_key
