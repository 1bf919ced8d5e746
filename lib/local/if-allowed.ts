import { hasCode } from "./errors.js";

/** Sets an attribute where the disk has it. Those without owners, permissions or settable times still hold the bytes. */
export async function ifAllowed(set: () => Promise<void>): Promise<void> {
  try {
    await set();
  } catch (error) {
    if (!hasCode(error, "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL")) throw error;
  }
}
