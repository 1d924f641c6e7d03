import { once } from "node:events";
import type { Server } from "node:http";

/** Lets a server listen on a free port of 127.0.0.1. `close` also ends its open connections. */
export async function listen(server: Server): Promise<{ url: string; close(): Promise<void> }> {
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0; // Long polls and large bodies take what they take; who hangs up ends them.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("The server listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
