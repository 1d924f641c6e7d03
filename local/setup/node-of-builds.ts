import { fileURLToPath } from "node:url";

/** Node as the image of the builds has it on its `PATH`. The runner's own `package.json` pins it, and `npm ci` fetches it beside the project's own. */
export const nodeOfBuilds = fileURLToPath(new URL("../../packages/runner/node_modules/node/bin/node", import.meta.url));
