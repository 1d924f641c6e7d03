"""PutEvents answers entry by entry."""
import json

from ministack.core.responses import json_response


def screen(data, refuse, deliver):
    """Delivers the entries that ``refuse`` returns nothing for, and answers for all in the order they came."""
    entries = data.get("Entries", [])
    refusals = [refuse(entry) for entry in entries]
    if not any(refusals):
        return deliver(data)

    accepted = [entry for entry, refusal in zip(entries, refusals) if not refusal]
    status, headers, body = deliver({**data, "Entries": accepted})
    if status != 200:
        return status, headers, body
    answers = iter(json.loads(body)["Entries"])
    merged = [refusal or next(answers) for refusal in refusals]
    return json_response({"FailedEntryCount": sum("ErrorCode" in answer for answer in merged), "Entries": merged})


def refusal(code, message):
    return {"ErrorCode": code, "ErrorMessage": message}
