import { describe, expect, it } from "vitest";
import { hostsIn, inventoryOf } from "../../src/ansible/hosts.ts";

const outputs = (host: object) => JSON.stringify({ outputs: {}, hosts: [host] });
const host = { name: "web-7", instance_id: "i-0123456789abcdef0", address: "10.0.0.7" };

describe("the hosts of an apply", () => {
  it("are its outputs', with Ubuntu's user unless they say another", () => {
    expect(hostsIn(outputs(host))).toEqual([{ name: "web-7", instance: host.instance_id, user: "ubuntu" }]);
    expect(hostsIn(outputs({ ...host, user: "admin" }))).toMatchObject([{ user: "admin" }]);
  });

  it.each([
    ["an instance that is an option", { instance_id: "-oProxyCommand=id" }],
    ["an instance that is a host name", { instance_id: "example.org" }],
    ["a user with a space", { user: "ubuntu -v" }],
    ["a name that is a template", { name: "{{ lookup('pipe','id') }}" }],
  ])("are refused with %s: they become part of a command line", (_, changed) => {
    expect(() => hostsIn(outputs({ ...host, ...changed }))).toThrow();
  });
});

it("an inventory reaches hosts by their instance ids, and the build itself by no connection", () => {
  expect(inventoryOf(hostsIn(outputs(host)))).toEqual({
    all: { hosts: { "web-7": { ansible_host: host.instance_id, ansible_user: "ubuntu" } } },
  });
  expect(inventoryOf(undefined)).toMatchObject({ all: { hosts: { localhost: { ansible_connection: "local" } } } });
});
