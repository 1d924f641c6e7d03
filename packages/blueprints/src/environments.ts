import * as z from "zod";

/** What functions know of the environments that requests land in. The stack makes it from `stacks/environments.ts`. */
export const EnvironmentTable = z.record(
  z.string().regex(/^[a-z][a-z0-9]{1,19}$/),
  z.strictObject({
    account: z.string().regex(/^\d{12}$/),
    region: z.string(),
    images: z.record(z.string(), z.string()).describe("Image ids by name; a request fixes the one that it starts with"),
    reasonRequired: z.boolean().describe("Whether a request must say why"),
  }),
);
export type EnvironmentTable = z.infer<typeof EnvironmentTable>;
