import { expect, it } from "vitest";
import { appliedHosts } from "../../src/ansible/hosts.ts";
import { buildInventory, inventoryOf } from "../../src/ansible/inventory.ts";
import { memoryStore } from "../memory-build.ts";

const host = { name: "web-7", instance_id: "i-0123456789abcdef0", address: "10.20.0.9" };

async function read(hosts: unknown) {
  const jobs = memoryStore();
  const outputs = await jobs.put("results/outputs.json", JSON.stringify({ outputs: {}, hosts }));
  return appliedHosts({ jobs }, outputs, "hosts_unknown");
}

it("names hosts as people do and reaches them by instance id", async () => {
  const hosts = await read([host, { ...host, name: "web-8", user: "admin" }]);

  expect(inventoryOf(hosts)).toEqual({
    all: {
      hosts: {
        "web-7": { ansible_host: "i-0123456789abcdef0", ansible_user: "ubuntu" },
        "web-8": { ansible_host: "i-0123456789abcdef0", ansible_user: "admin" },
      },
    },
  });
});

it.each([
  ["an option for ssh", { ...host, instance_id: "-oProxyCommand=id" }],
  ["a command", { ...host, instance_id: "i-01234567;id" }],
  ["a template", { ...host, name: "{{ lookup('pipe','id') }}" }],
  ["a line end", { ...host, name: "web-7\nweb-8" }],
  ["an account with a command", { ...host, user: "ubuntu$(id)" }],
  ["no instance", { name: "web-7" }],
])("refuses hosts with %s", async (_, wrong) => {
  await expect(read([wrong])).rejects.toMatchObject({ code: "hosts_unknown" });
});

it("refuses a name that stands twice", async () => {
  await expect(read([host, host])).rejects.toThrow("The apply's outputs name a host twice.");
});

it("refuses outputs that are not the promised bytes", async () => {
  const jobs = memoryStore();
  const outputs = await jobs.put("results/outputs.json", JSON.stringify({ hosts: [host] }));
  const changed = { ...outputs, sha256: "0".repeat(64) as never };

  await expect(appliedHosts({ jobs }, changed, "could_not_run")).rejects.toMatchObject({ code: "could_not_run" });
});

it("reaches the build itself without SSH", () => {
  expect(buildInventory.all.hosts.localhost).toMatchObject({ ansible_connection: "local" });
});
