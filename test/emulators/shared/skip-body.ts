/** Reads so many bytes, or all when there are fewer; what comes after them is left alone. */
export async function skipBody(body: AsyncIterable<Buffer>, bytes: number): Promise<void> {
  if (bytes === 0) return;
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    if (seen >= bytes) return;
  }
}
