"""A batch of SQS is judged by the action of one message, as on AWS: there is no permission ``sqs:SendMessageBatch``.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""
from ministack.core import iam_actions
from place import replaces


@replaces(iam_actions, "extract_iam_action", ["could not extract action for %s %s %s — allowing"])
def judged_as_single(extract):
    def extract_action(service, method, path, headers, body, query_params):
        action = extract(service, method, path, headers, body, query_params)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    return extract_action
