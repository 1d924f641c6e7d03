/** What the host's first process does: it boots, says so, and stays until its standard input closes. */
const BOOT = 'echo "127.0.1.1 $(hostname)" >>/etc/hosts; ssh-keygen -A >/dev/null; echo booted; exec cat >/dev/null';

/** What root may do in a host: what Docker grants. A host is no boundary against somebody who means harm. */
const CAPABILITIES = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

const NO_EXEC = ["nosuid", "noexec", "nodev"];

/** The runtime's `config.json` (OCI runtime specification 1.0) of one host. `keys` is where Instance Connect puts keys. */
export function hostConfig(host: { hostname: string; cgroup: string; root: string; keys: string }): object {
  return {
    ociVersion: "1.0.2",
    hostname: host.hostname,
    root: { path: host.root, readonly: false },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: "/",
      args: ["/usr/bin/tini", "--", "/bin/sh", "-c", BOOT],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      noNewPrivileges: false, // Or there would be no sudo.
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
      },
      { destination: "/dev/shm", type: "tmpfs", source: "shm", options: [...NO_EXEC, "mode=1777", "size=65536k"] },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: [...NO_EXEC, "ro"] },
      { destination: "/run/instance-connect", type: "bind", source: host.keys, options: [...NO_EXEC, "bind", "ro"] },
    ],
    linux: {
      cgroupsPath: host.cgroup,
      // The network namespace is new and nothing is put into it: it has loopback only.
      namespaces: ["pid", "network", "ipc", "uts", "mount"].map((type) => ({ type })),
      resources: { devices: [{ allow: false, access: "rwm" }] },
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}
