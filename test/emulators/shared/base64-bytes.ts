import * as z from "zod";

/** The bytes of a file as they travel to the control port. */
export const Base64Bytes = z.object({ base64: z.string() }).transform(({ base64 }) => Buffer.from(base64, "base64"));

/** The bytes of a file as they travel back. */
export function toBase64(bytes: Buffer): { readonly base64: string } {
  return { base64: bytes.toString("base64") };
}

/** Files with their bytes in place of the function that reads them. */
export async function withBytes(
  files: readonly { read(): Promise<Buffer> }[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return await Promise.all(files.map(async (file) => ({ ...file, content: toBase64(await file.read()) })));
}
