/** Who must approve in one environment, or that nobody has to. */
export type ApprovalRule =
  | "automatic"
  | Readonly<{
      groups: readonly string[];
      /** How many different people. */
      approvers: number;
      /** From when the gate opens; then it is refused. */
      expiresAfterMinutes: number;
      /** Instead of `approvers`, when the plan destroys or replaces anything. */
      destructive?: Readonly<{ approvers: number }>;
    }>;

/** A policy says it for each environment; an environment that it does not name has nobody who could approve. */
export type ApprovalPolicy = Readonly<Record<string, ApprovalRule>>;

/** The only environment in which a policy may be `automatic`. Checked at definition and again by approvals. */
export const AUTOMATIC_ONLY_IN = "sandbox";

/** How long a grant may wait for its apply to start, from the last decision. */
export const GRANT_EXPIRES_AFTER_MINUTES = 60;

/**
 * @throws when a rule is `automatic` outside the sandbox, or names nobody.
 */
export function defineApprovalPolicy<const P extends ApprovalPolicy>(policy: P): P {
  for (const [environment, rule] of Object.entries<ApprovalRule>(policy)) {
    if (rule === "automatic") {
      if (environment !== AUTOMATIC_ONLY_IN)
        throw new Error(`automatic is allowed in ${AUTOMATIC_ONLY_IN} only, not in ${environment}`);
      continue;
    }
    if (rule.groups.length === 0 || rule.approvers < 1 || rule.expiresAfterMinutes < 1)
      throw new Error(`The approval rule of ${environment} names nobody, or gives them no time`);
  }
  return policy;
}

export const policies = {
  infrastructure: defineApprovalPolicy({
    sandbox: "automatic",
    staging: { groups: ["infrastructure"], approvers: 1, expiresAfterMinutes: 240 },
    production: { groups: ["infrastructure"], approvers: 1, expiresAfterMinutes: 240, destructive: { approvers: 2 } },
  }),
  /** What is gone cannot be brought back: one person more than for making it. */
  removal: defineApprovalPolicy({
    sandbox: "automatic",
    staging: { groups: ["infrastructure"], approvers: 2, expiresAfterMinutes: 240 },
    production: { groups: ["infrastructure"], approvers: 3, expiresAfterMinutes: 240 },
  }),
} satisfies Record<string, ApprovalPolicy>;

/** The rule of a policy in an environment; nothing when either is unknown, which means nobody. */
export function ruleOf(policy: string, environment: string): ApprovalRule | undefined {
  const found: ApprovalPolicy | undefined = Object.hasOwn(policies, policy)
    ? policies[policy as keyof typeof policies]
    : undefined;
  return found && Object.hasOwn(found, environment) ? found[environment] : undefined;
}
