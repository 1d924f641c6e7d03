// Preloaded into a command: asks it to end, as Ctrl-C in a closed terminal would, when the process that started it is gone.
import { Socket } from "node:net";

const parent = new Socket({ fd: 3 });
parent.on("close", () => process.kill(process.pid, "SIGTERM"));
parent.on("error", () => parent.destroy());
parent.resume();
parent.unref();
