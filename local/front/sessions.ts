/** Who stands behind an access key. */
export interface Session {
  readonly account: string;
  /** A root may do what MiniStack lets root do; an owner may do everything in one target account. */
  readonly kind: "root" | "owner" | "role";
  /** Only for kind `role`: its full ARN, path included, which is what AWS calls `aws:PrincipalArn`. */
  readonly roleArn?: string;
  readonly role?: string;
  readonly name?: string;
  /** The name of the session at the beginning of a chain of roles: of the build behind a target's role. */
  readonly origin?: string;
  readonly token?: string;
  /** Real time in ms: what AWS issues does not follow the movable clock. */
  readonly expiresAt: number;
}

/** The ARN that AWS shows for a caller: of the assumed role's session, or of the account's root. */
export function callerArn({ account, role, name }: Session): string {
  return role ? `arn:aws:sts::${account}:assumed-role/${role}/${name}` : `arn:aws:iam::${account}:root`;
}

/** The ARN that policies compare with: of the role itself, or of the account's root. */
export function principalArn({ account, roleArn }: Session): string {
  return roleArn ?? `arn:aws:iam::${account}:root`;
}

/** Splits a role's ARN, or says nothing when it is none. The name is the last part of its path. */
export function parseRoleArn(arn: string): { account: string; role: string } | undefined {
  const [, account, role] = arn.match(/^arn:aws:iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]+)$/) ?? [];
  return account && role ? { account, role } : undefined;
}

/**
 * Access key → session, for every key that works on the front. It lives in memory: the front, both emulators and all
 * builds end together.
 */
export class Sessions {
  readonly #byKey = new Map<string, Session>();

  remember(accessKeyId: string, session: Session): void {
    this.#byKey.set(accessKeyId, session);
  }

  /** The session of a key, `expired`, or `unknown`, which a key with another session's token is too. */
  find(accessKeyId: string, token: string | undefined): Session | "unknown" | "expired" {
    const session = this.#byKey.get(accessKeyId);
    if (!session || (session.token !== undefined && session.token !== token)) return "unknown";
    return session.expiresAt > Date.now() ? session : "expired";
  }
}
