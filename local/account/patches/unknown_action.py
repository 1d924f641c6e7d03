"""A call that MiniStack cannot name is refused instead of allowed, for everybody but the account's root."""
from ministack.core import iam_actions
from place import replaces

# SES v2 is judged elsewhere, for which its action is None here.
_JUDGED_ELSEWHERE = frozenset({"ses"})


@replaces(iam_actions, "extract_iam_action", ["could not extract action for %s %s %s — allowing"])
def refusing_the_unknown(extract):
    def extract_action(service, method, path, headers, body, query_params):
        action = extract(service, method, path, headers, body, query_params)
        if action is None and service not in _JUDGED_ELSEWHERE:
            return f"{service}:UnknownTo{method.capitalize()}"
        return action

    return extract_action
