/** What the file system of every host is made from, as data: another recipe is another base. */
export const RECIPE = {
  suite: "bookworm",
  /** There from the beginning. Ubuntu's cloud images have all of it and more; `tini` is the host's first process. */
  packages: ["openssh-server", "python3", "python3-apt", "sudo", "procps", "tini", "init-system-helpers"],
  /** Only downloaded: a play installs them in a host that has no network. One line a role. */
  archives: ["auditd", "unattended-upgrades"],
  /** Who logs in, with sudo and without a password, as on Ubuntu's images. */
  user: "ubuntu",
} as const;
