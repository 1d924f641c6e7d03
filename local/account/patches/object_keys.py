"""An object in a bucket with a KMS key is written only by who may ``kms:GenerateDataKey`` and read only by who may
``kms:Decrypt`` with that key, by role and by key policy, as on AWS. MiniStack asks for neither.

The key is the one that the request names, else the bucket's.
"""
from ministack.core import iam_actions, iam_evaluator
from ministack.services import s3
from place import replaces

_NEEDED = {"PutObject": "kms:GenerateDataKey", "GetObject": "kms:Decrypt", "GetObjectVersion": "kms:Decrypt"}
_NAMES_KEY = "x-amz-server-side-encryption-aws-kms-key-id"


@replaces(iam_actions, "s3_additional_checks", ["def s3_additional_checks(method: str, path: str, headers: dict, body: bytes,"])
def with_the_key(additional_checks):
    def checks(method, path, headers, body, query_params):
        found = additional_checks(method, path, headers, body, query_params)
        action = iam_actions._s3_action(method, path, query_params)
        key = _key_of(path, headers) if method != "HEAD" and action in _NEEDED else None
        return [*found, (_NEEDED[action], key)] if key else found

    return checks


@replaces(iam_evaluator, "enforce", ["service_context: dict[str, Any] | None = None", "_resource_policy(service, resource_arn)"])
def judged_as_kms(enforce):
    def enforce_key(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if service == "s3" and iam_action.startswith("kms:"):
            service = "kms"
            service_context = {**(service_context or {}), "kms:ViaService": f"s3.{region}.amazonaws.com"}
        return enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn,
                       service_context=service_context)

    return enforce_key


def _key_of(path, headers):
    bucket = path.lstrip("/").partition("/")[0]
    return headers.get(_NAMES_KEY) or s3._bucket_default_sse_headers(bucket).get(_NAMES_KEY)
