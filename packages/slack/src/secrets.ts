import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

/** Keys and tokens of Slack are visible ASCII. Blanks around one came with copying; what is nothing else is none: an empty key would verify for everybody. */
const Value = z
  .string()
  .trim()
  .regex(/^[!-~]+$/);

/** What Slack signs its requests with. Who has it can click as anybody, so it is a secret of its own, for the Slack door alone. */
export const SigningSecret = z.strictObject({ signingSecret: Value });
export type SigningSecret = z.infer<typeof SigningSecret>;

/** What the app calls Slack with, and the id of the workspace that it is installed in. Strict: the signing secret has no place beside it. */
export const BotSecret = z.strictObject({ botToken: Value, team: Value });
export type BotSecret = z.infer<typeof BotSecret>;

/** Reads a secret of Secrets Manager as it is now. Nothing while it has no value, or one that is not whole: the app is not installed yet. */
export function secretReader<T>(
  client: Pick<SecretsManagerClient, "send">,
  SecretId: string,
  schema: z.ZodType<T>,
): () => Promise<T | undefined> {
  return async () => schema.safeParse(parsed(await textOf(client, SecretId))).data;
}

async function textOf(client: Pick<SecretsManagerClient, "send">, SecretId: string): Promise<string> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? "";
  } catch (cause) {
    if (cause instanceof Error && cause.name === "ResourceNotFoundException") return ""; // Also a secret that has no value yet.
    throw cause;
  }
}

/** The text never reaches an error: it may be half a secret. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
