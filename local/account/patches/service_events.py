"""The local CodeBuild may put events with the source ``aws.codebuild``.

As on AWS nobody may claim ``aws.*``. Who knows LOCAL_EMITTER_TOKEN is the service itself and says so in the field
``LocalServiceEmitter``, which no SDK sends.
"""
import hmac
import os

from ministack.services import eventbridge
from place import replaces

_TOKEN = os.environ.get("LOCAL_EMITTER_TOKEN", "")


@replaces(eventbridge, "_put_events", ["def _put_events(data, allow_aws_source=False):",
                                       'if not allow_aws_source and isinstance(source, str) and source.startswith("aws."):'])
def knowing_the_service(put):
    def put_events(data, allow_aws_source=False):
        claimed = str(data.pop("LocalServiceEmitter", ""))
        return put(data, allow_aws_source or (bool(_TOKEN) and hmac.compare_digest(claimed, _TOKEN)))

    return put_events
