import type { Json } from "../json/json.ts";
import { type Control, finding, type Hosts } from "./control.ts";

/** A control that every host's sshd gives exactly these answers. What it does not say does not hold. */
function sshdSays(id: string, title: string, wanted: Readonly<Record<string, string>>): Control {
  return {
    id,
    title,
    onHosts: true,
    async ask({ hosts }) {
      const answers = await answersOf(hosts, Object.keys(wanted));
      const wrong = answers.flatMap(({ host, said }) =>
        Object.entries(wanted)
          .filter(([name, value]) => said[name] !== value)
          .map(([name]) => `${name} of ${host} is ${said[name] ?? "not said"}`),
      );
      return finding("ssh: sudo sshd -T", answers as Json, wrong);
    },
  };
}

/** @throws when there is no host: nothing that was asked must not look like something that holds. */
async function answersOf(hosts: Hosts, names: readonly string[]) {
  const answers = await hosts.sshd();
  if (answers.length === 0) throw new Error("The apply left no host to ask");
  return answers.map(({ host, settings }) => ({
    host,
    said: Object.fromEntries(names.map((name) => [name, settings.get(name) ?? null])),
  }));
}

const SHOWN = 5;

/** The playbook that made the hosts what they are finds nothing to do in check mode. */
function playbookFindsNothing(playbook: string): Control {
  return {
    id: "role-finds-nothing",
    title: "The role in check mode finds nothing to change",
    onHosts: true,
    async ask({ hosts, instances }) {
      if (instances.length === 0) throw new Error("The apply left no host to ask");
      const changes = await hosts.wouldChange(playbook);
      const wrong = changes.map(({ host, task }) => `${task} on ${host}`);
      const more = wrong.length > SHOWN ? [`and ${wrong.length - SHOWN} more`] : [];
      const answered = changes.map(({ host, task }) => ({ host, task }));
      return finding(`ansible-playbook --check ${playbook}.yml`, answered, [...wrong.slice(0, SHOWN), ...more]);
    },
  };
}

export const hostControls: readonly Control[] = [
  sshdSays("ssh-refuses-passwords", "SSH refuses passwords", {
    passwordauthentication: "no",
    kbdinteractiveauthentication: "no",
  }),
  sshdSays("ssh-refuses-root", "SSH refuses root", { permitrootlogin: "no" }),
  playbookFindsNothing("virtual-machine"),
];
