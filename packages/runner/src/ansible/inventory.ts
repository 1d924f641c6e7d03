import type { Host } from "./hosts.ts";

/** What Ansible's `yaml` inventory plugin reads, as JSON. */
export type Inventory = Readonly<{ all: { hosts: Record<string, Record<string, string>> } }>;

/** Hosts by the names that people know, reached by instance id. */
export function inventoryOf(hosts: readonly Host[]): Inventory {
  return {
    all: {
      hosts: Object.fromEntries(
        hosts.map(({ name, instance_id, user }) => [name, { ansible_host: instance_id, ansible_user: user }]),
      ),
    },
  };
}

/** The build itself, with the Python that Ansible runs in. */
export const buildInventory: Inventory = {
  all: {
    hosts: {
      localhost: { ansible_connection: "local", ansible_python_interpreter: "{{ ansible_playbook_python }}" },
    },
  },
};
