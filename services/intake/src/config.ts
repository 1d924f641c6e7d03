import { EnvironmentTable } from "@sluice/blueprints";
import { ObjectRef, PrincipalId } from "@sluice/events";
import * as z from "zod";
import { Quotas } from "./core/quotas.ts";

/** A variable that holds JSON. */
const json = <S extends z.ZodType>(schema: S) =>
  z.string().transform((text): z.infer<S> => schema.parse(JSON.parse(text)));

const Partner = z.strictObject({
  account: z.string().regex(/^\d{12}$/),
  source: z.string().regex(/^partner\.[a-z0-9-]{1,40}$/),
  blueprints: z.array(z.string()),
  principal: PrincipalId,
});

const Config = z.object({
  BUS_NAME: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  DEAD_LETTER_QUEUE_URL: z.url(),
  DIRECTORY_BUCKET: z.string().min(1),
  ENVIRONMENTS: json(EnvironmentTable),
  PARTNERS: json(z.array(Partner)),
  QUOTAS: json(Quotas),
  CODE_RELEASE: json(ObjectRef),
});

export const config = Config.parse(process.env);
