import { holdsSecret, isPlainThoughMarked, isSecret, withoutSecrets } from "../masking/masked.ts";
import type { Secrets } from "../masking/secrets.ts";
import type { Mask } from "./mask.ts";

/** The mask of a plan by its secrets: what Terraform marks anywhere in it is hidden wherever it stands. */
export function maskOf(secrets: Secrets): Mask {
  return {
    hides(value, isMarked) {
      if (isMarked && !isPlainThoughMarked(value, secrets)) return "marked";
      return isSecret(value, secrets) ? "equal" : undefined;
    },
    hidesName: (name) => holdsSecret(name, secrets),
    text: (words) => withoutSecrets(words, secrets),
  };
}
