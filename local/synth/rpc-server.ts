import { once } from "node:events";
import { createServer } from "node:http";

type Method = (parameters: unknown) => unknown;

/**
 * Stands in for the server inside SST's Go program, which SST's components call while they are evaluated. A method that
 * is not here is answered in the words that SST understands as "there is no such method".
 */
export async function startRpcServer(methods: Record<string, Method>): Promise<void> {
  const server = createServer(async (request, response) => {
    try {
      const call = JSON.parse(await text(request));
      const method = methods[call.method];
      if (!method) throw new Error(`rpc: can't find ${call.method}`);
      response.end(JSON.stringify({ result: await method(call.params[0]) }));
    } catch (error) {
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const address = server.address();
  if (!address || typeof address === "string") throw new Error("No free port on 127.0.0.1");
  process.env.SST_SERVER = `http://127.0.0.1:${address.port}`;
}

async function text(request: AsyncIterable<unknown>): Promise<string> {
  let body = "";
  for await (const part of request) body += part;
  return body;
}
