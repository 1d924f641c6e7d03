/**
 * It will never work: bad data, a missing parent, a forged step. The consumer parks the message in the dead-letter queue at once,
 * with the code and the message, and an alarm tells people. Anything else that is thrown is tried again.
 */
export class NonRetriableError extends Error {
  override readonly name = "NonRetriableError";
  /** Stable, for programs and the alarm. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
