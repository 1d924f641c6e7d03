import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTunnels, type Tunnels } from "../tunnels.ts";

const CALLER = { account: "111111111111", session: "req_1" };
let tunnels: Tunnels;
beforeEach(async () => {
  tunnels = await startTunnels({ tokenMs: 100 });
});
afterEach(() => tunnels.stop());

function shell(script: string) {
  return () => spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
}
function dial({ StreamUrl }: { StreamUrl: string }, said: string) {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(StreamUrl).port), allowHalfOpen: true });
  socket.write(said);
  return socket;
}

it("carries bytes both ways, and the end of one way does not end the other", async () => {
  const opened = tunnels.open(CALLER, shell("cat; echo over"));

  const socket = dial(opened, `${opened.TokenValue}\nhello `);
  socket.end("there\n");

  expect(await text(socket)).toBe("connected\nhello there\nover\n");
});

it("takes a token once, and in its time", async () => {
  const opened = tunnels.open(CALLER, shell("echo in; exec cat"));
  const late = tunnels.open(CALLER, shell("echo in"));

  const [first] = await once(dial(opened, `${opened.TokenValue}\n`), "data");
  expect(String(first)).toContain("connected\n");
  expect(await text(dial(opened, `${opened.TokenValue}\n`))).toBe("the token opens no session\n");
  await new Promise((go) => setTimeout(go, 150));
  expect(await text(dial(late, `${late.TokenValue}\n`))).toBe("the token opens no session\n");
  expect(await text(dial(late, "guess\n"))).toBe("the token opens no session\n");
});

it("ends what it runs when the client has gone, and when it is terminated by its account", async () => {
  const [first, second] = [shell("exec cat")(), shell("exec cat")()];
  const [left, ended] = [tunnels.open(CALLER, () => first), tunnels.open(CALLER, () => second)];
  const [one, other] = [dial(left, `${left.TokenValue}\n`), dial(ended, `${ended.TokenValue}\n`)];
  await Promise.all([once(one, "data"), once(other, "data")]);
  const ends = Promise.all([once(first, "exit"), once(second, "exit")]);

  one.destroy();
  expect(tunnels.terminate("222222222222", ended.SessionId)).toBe(false);
  expect(tunnels.terminate(CALLER.account, ended.SessionId)).toBe(true);

  await ends;
});
