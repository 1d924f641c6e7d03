/** The profile that tools name. */
export const PROFILE = "target";

/**
 * An AWS configuration file with which the CLI takes the target account's role by itself and again when the session ends, as the build's own credentials allow.
 * There is no secret in it.
 *
 * @throws when a value could be read as another line or setting
 */
export function awsProfile(values: {
  roleArn: string;
  externalId: string;
  sessionName: string;
  region: string;
}): string {
  for (const [name, value] of Object.entries(values))
    if (!/^[A-Za-z0-9+=,.@:/_-]+$/.test(value)) throw new Error(`${name} cannot stand in an AWS profile`);
  return [
    `[profile ${PROFILE}]`,
    `role_arn = ${values.roleArn}`,
    `external_id = ${values.externalId}`,
    `role_session_name = ${values.sessionName}`,
    "credential_source = EcsContainer",
    `region = ${values.region}`,
    "",
  ].join("\n");
}
