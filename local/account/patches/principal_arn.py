"""``aws:PrincipalArn`` of a session is its role's ARN, as on AWS.

MiniStack gives the session's, so that a right key, bus or trust policy would deny everybody.
"""
import re

from ministack.core import iam_evaluator
from place import replaces

_SESSION = re.compile(r"^arn:aws:sts::(\d+):assumed-role/([^/]+)/.*$")


@replaces(iam_evaluator, "_resolve_condition_key", ['if k == "aws:principalarn":', "return ctx.principal_arn"])
def with_role_arn(resolve):
    def resolve_key(key, ctx):
        value = resolve(key, ctx)
        if key.lower() == "aws:principalarn" and isinstance(value, str):
            return _SESSION.sub(r"arn:aws:iam::\1:role/\2", value)
        return value

    return resolve_key
