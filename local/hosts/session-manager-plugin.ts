/**
 * Stands in for AWS's session-manager-plugin, which the AWS CLI runs as `session-manager-plugin RESPONSE REGION StartSession
 * PROFILE PARAMETERS ENDPOINT`. RESPONSE is JSON or the name of the variable that holds it. Joins the tunnel to standard input
 * and output until both directions have ended.
 */
import { connect } from "node:net";

/** Above 1.2.497 the response comes by a variable, below 1.2.764 the CLI warns. */
const VERSION = "1.2.764.0";

const [response = "", , operation] = process.argv.slice(2);
if (response === "--version") {
  console.log(VERSION);
} else if (operation === "StartSession") {
  openTunnel(JSON.parse(response.startsWith("{") ? response : (process.env[response] ?? "{}")));
} else {
  fail(`this stand-in knows StartSession, not ${operation}`);
}

function openTunnel({ TokenValue = "", StreamUrl = "" }: { TokenValue?: string; StreamUrl?: string }): void {
  const { protocol, hostname, port } = new URL(StreamUrl);
  if (protocol !== "tcp:") fail(`${StreamUrl} is no tunnel of the local cloud`);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on("error", ({ message }) => fail(message));
  socket.write(`${TokenValue}\n`);

  let head = Buffer.alloc(0);
  const onData = (data: Buffer) => {
    head = Buffer.concat([head, data]);
    const end = head.indexOf("\n");
    if (end < 0) return;
    socket.off("data", onData).pause();
    const word = head.subarray(0, end).toString();
    if (word !== "connected") fail(word);
    const rest = head.subarray(end + 1);
    if (rest.length > 0) socket.unshift(rest);
    process.stdin.pipe(socket);
    socket.pipe(process.stdout);
    process.stdout.on("error", () => socket.destroy()); // ssh has gone.
  };
  socket.on("data", onData);
  socket.on("close", () => process.exit(process.exitCode ?? 0));
}

function fail(why: string): never {
  console.error(`session-manager-plugin: ${why}`);
  process.exit(1);
}
