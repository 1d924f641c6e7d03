/** Terraform roots under `terraform/live` that a plan may name. */
export const roots = ["probe", "virtual_machine"] as const;

/** Ansible playbooks that a configuration may name. */
export const playbooks = ["probe", "virtual-machine"] as const;

/** Profiles that a scan may name, each with the controls that `packages/runner` has for it. */
export const profiles = ["probe", "baseline", "removal"] as const;
