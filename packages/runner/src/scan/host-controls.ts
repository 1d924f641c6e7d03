import { type Control, finding, type SshdSettings } from "./control.ts";

/** Asks sshd itself what it goes by, on every host: a file that it does not read says nothing. */
function sshdSays(wanted: Readonly<Record<string, string>>): Control["ask"] {
  return async ({ hosts }) => {
    const settings = await hosts.sshdSettings();
    const asked = Object.keys(wanted);
    const answered = Object.fromEntries(
      Object.entries(settings).map(([host, of]) => [
        host,
        Object.fromEntries(asked.map((key) => [key, of[key] ?? null])),
      ]),
    );
    return finding(
      "sshd -T",
      answered,
      Object.entries(settings).flatMap(([host, of]) => wrongIn(host, of, wanted)),
    );
  };
}

function wrongIn(host: string, settings: SshdSettings, wanted: Readonly<Record<string, string>>): string[] {
  return Object.entries(wanted)
    .filter(([key, value]) => settings[key] !== value)
    .map(([key]) => `${host} says ${key} ${settings[key] ?? "nothing"}`);
}

export const hostControls: readonly Control[] = [
  {
    id: "ssh-refuses-passwords",
    title: "SSH refuses passwords",
    onHosts: true,
    ask: sshdSays({ passwordauthentication: "no", kbdinteractiveauthentication: "no", permitemptypasswords: "no" }),
  },
  {
    id: "ssh-refuses-root",
    title: "SSH refuses root",
    onHosts: true,
    ask: sshdSays({ permitrootlogin: "no" }),
  },
  {
    id: "role-finds-nothing",
    title: "The playbook in check mode finds nothing to change",
    onHosts: true,
    async ask({ hosts }) {
      const { changed, ...rest } = await hosts.wouldChange();
      const wrong = changed === 0 ? [] : [`it would change ${changed} ${changed === 1 ? "thing" : "things"}`];
      return finding("ansible-playbook --check", { changed, ...rest }, wrong);
    },
  },
];
