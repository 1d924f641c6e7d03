/** An event of an AWS service, as its rule's pattern sees it. `time` is real. */
export interface ServiceEvent {
  readonly source: `aws.${string}`;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly time: Date;
  readonly detail: unknown;
}

/**
 * Puts events of services on the account's default bus. The field `LocalServiceEmitter`, which no SDK sends, tells the
 * emulator that this is the service itself: everybody else is refused a source that begins with `aws.`.
 *
 * @throws when the bus does not take them all.
 */
export function serviceEvents(to: { url: string; account: string; region: string; emitterToken: string }) {
  return async (events: readonly ServiceEvent[]): Promise<void> => {
    const answer = await fetch(to.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSEvents.PutEvents",
        // The emulator takes the root's calls with any signature.
        authorization: `AWS4-HMAC-SHA256 Credential=${to.account}/20260101/${to.region}/events/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify({
        LocalServiceEmitter: to.emitterToken,
        Entries: events.map((event) => ({
          Source: event.source,
          DetailType: event.detailType,
          Resources: event.resources,
          Time: event.time.getTime() / 1000,
          Detail: JSON.stringify(event.detail),
        })),
      }),
    });
    const text = await answer.text();
    const { FailedEntryCount }: { FailedEntryCount?: number } = answer.ok ? JSON.parse(text) : {};
    if (FailedEntryCount !== 0)
      throw new Error(`The default bus refused events of a service: ${answer.status} ${text}`);
  };
}
