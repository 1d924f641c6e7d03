/**
 * `import "node:http"`, which the AWS SDK does at its first call, reads every property of the module, and the getters of these
 * three load the whole of undici (Node 24, `lib/http.js`): nearly all of the 27 ms that the import took in a function, of a start
 * that a person at the Slack door waits for, and of each build. Neither opens a WebSocket. A Node that does not allow it is only slower: `Reflect` does not throw.
 */
const http = process.getBuiltinModule("node:http");
for (const name of ["WebSocket", "CloseEvent", "MessageEvent"])
  Reflect.defineProperty(http, name, { value: undefined });
