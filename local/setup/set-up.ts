import { MissingPrerequisite } from "./missing-prerequisite.ts";
import { printSetup } from "./progress.ts";
import { ensureTools, type Tools, type WantedTool } from "./tools.ts";

/**
 * `ensureTools` for a command: prints what it does to standard output. When this machine lacks something, says what and how to
 * get it, without a stack trace, and ends the process with 1.
 */
export async function setUp(root: string, want: readonly WantedTool[]): Promise<Tools> {
  const { report, end } = printSetup(process.stdout);
  try {
    return await ensureTools({ root, want, report });
  } catch (cause) {
    if (!(cause instanceof MissingPrerequisite)) throw cause;
    end();
    console.error(cause.message);
    process.exit(1);
  } finally {
    end();
  }
}
