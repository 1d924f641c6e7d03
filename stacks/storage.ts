/** Versioned and private; what it holds proves something, so it outlives a deployment. */
function bucket(name: string) {
  return new sst.aws.Bucket(name, {
    versioning: true,
    cors: false,
    enforceHttps: true,
    transform: {
      bucket: (args, opts) => {
        args.forceDestroy = false;
        opts.retainOnDelete = true;
      },
    },
  });
}

/** Code releases, content-addressed and kept: a request in flight still runs its own. */
export const releases = bucket("Releases");
/** Job inputs, which functions write, results, which builds write, and keys of change digests, which only builds read. */
export const jobs = bucket("Jobs");
/** Terraform's states and locks. */
export const states = bucket("States");
/** Who is who, written by the platform team's pipeline. */
export const directory = bucket("Directory");
