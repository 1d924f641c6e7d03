/** Keys in the shape that the AWS SDK for JavaScript takes. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Credentials of an assumed role, and when they stop working. */
export interface SessionCredentials extends Credentials {
  sessionToken: string;
  expiration: Date;
}
