import type { ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A token that nobody has used by then opens nothing. */
const TOKEN_MS = 60_000;
const LONGEST_TOKEN = 256;
const HELLO_MS = 10_000;

interface Session {
  readonly account: string;
  readonly connect: () => ChildProcess;
  readonly timer: NodeJS.Timeout;
  end?: () => void;
}

export interface OpenedSession {
  readonly SessionId: string;
  readonly TokenValue: string;
  readonly StreamUrl: string;
}

/**
 * Session Manager's tunnels, on one port of loopback. A client sends its token and a line feed, hears `connected` or a
 * refusal on a line, and from then on both directions are the connection's bytes. Each token opens one tunnel.
 */
export async function startTunnels({ tokenMs = TOKEN_MS }: { tokenMs?: number } = {}) {
  const byId = new Map<string, Session>();
  const waiting = new Map<string, string>();
  const sockets = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    hello(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("The tunnels listen on no port");
  const { port } = address;

  return {
    open(caller: { account: string; session: string }, connect: () => ChildProcess): OpenedSession {
      const id = `${caller.session}-${randomUUID().slice(0, 17)}`;
      const token = randomBytes(32).toString("base64url");
      waiting.set(token, id);
      const forget = () => {
        if (waiting.delete(token)) byId.delete(id);
      };
      byId.set(id, { account: caller.account, connect, timer: setTimeout(forget, tokenMs).unref() });
      return { SessionId: id, TokenValue: token, StreamUrl: `tcp://127.0.0.1:${port}/${id}` };
    },

    /** Ends a session of this account. Says whether there was one. */
    terminate(account: string, id: string): boolean {
      const session = byId.get(id);
      if (!session || session.account !== account) return false;
      clearTimeout(session.timer);
      for (const [token, of] of waiting) if (of === id) waiting.delete(token);
      byId.delete(id);
      session.end?.();
      return true;
    },

    async stop(): Promise<void> {
      for (const { timer } of byId.values()) clearTimeout(timer);
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };

  function hello(socket: Socket): void {
    let read = "";
    socket.setTimeout(HELLO_MS, () => socket.destroy());
    const onData = (data: Buffer) => {
      read += data.toString("latin1");
      const end = read.indexOf("\n");
      if (end < 0 && read.length < LONGEST_TOKEN) return;
      socket.off("data", onData).pause();
      socket.setTimeout(0);
      const rest = Buffer.from(read.slice(end + 1), "latin1");
      if (rest.length > 0) socket.unshift(rest);
      redeem(socket, read.slice(0, end));
    };
    socket.on("data", onData);
  }

  function redeem(socket: Socket, token: string): void {
    const id = waiting.get(token) ?? "";
    const session = byId.get(id);
    waiting.delete(token);
    if (!session) return void socket.end("the token opens no session\n");
    clearTimeout(session.timer);
    try {
      session.end = join(socket, session.connect(), () => byId.delete(id));
    } catch (cause) {
      byId.delete(id);
      socket.end(`${cause instanceof Error ? cause.message : cause}\n`);
    }
  }
}

export type Tunnels = Awaited<ReturnType<typeof startTunnels>>;

/** Joins a socket and a process in both directions, half-closes included; when one is gone, so is the other. */
function join(socket: Socket, child: ChildProcess, over: () => void): () => void {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("A tunnel needs a process with standard input and output");
  socket.write("connected\n");
  for (const stream of [stdin, stdout]) stream.on("error", () => socket.destroy());
  socket.pipe(stdin);
  stdout.pipe(socket);
  child.on("error", () => socket.destroy());
  child.on("close", () => socket.destroySoon());
  socket.on("close", () => {
    over();
    stdin.destroy();
    child.kill("SIGTERM"); // The runtime hands it on to sshd.
  });
  return () => socket.destroy();
}
