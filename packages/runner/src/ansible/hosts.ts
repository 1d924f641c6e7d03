import * as z from "zod";

/** A host that an apply made. */
export type Host = Readonly<{
  /** As people know it. */
  name: string;
  instance: string;
  /** Who logs in. */
  user: string;
}>;

const Outputs = z.looseObject({
  hosts: z.array(
    z.looseObject({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/),
      instance_id: z.string().regex(/^i-[0-9a-f]{8,17}$/),
      user: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
        .default("ubuntu"),
    }),
  ),
});

/**
 * The hosts in an apply's outputs. What becomes part of a command line is an instance id and a user name, and nothing else.
 *
 * @throws ZodError when a root names a host in another way.
 */
export function hostsIn(outputs: string): readonly Host[] {
  return Outputs.parse(JSON.parse(outputs)).hosts.map(({ name, instance_id, user }) => ({
    name,
    instance: instance_id,
    user,
  }));
}

const HERE = {
  localhost: { ansible_connection: "local", ansible_python_interpreter: "{{ ansible_playbook_python }}" },
};

/** Ansible's inventory: these hosts, or the build itself when none are given. */
export function inventoryOf(hosts: readonly Host[] | undefined): object {
  if (!hosts) return { all: { hosts: HERE } };
  const reached = hosts.map(({ name, instance, user }) => [name, { ansible_host: instance, ansible_user: user }]);
  return { all: { hosts: Object.fromEntries(reached) } };
}
