/** A body up to a number of bytes; its end, early or not, is noted instead of thrown. */
export class IncomingBody {
  /** All of it has come, and it was not larger than the limit. */
  isWhole = false;
  /** It was larger than the limit. */
  isCut = false;
  takenBytes = 0;

  constructor(
    private readonly body: AsyncIterable<Buffer>,
    private readonly limitBytes = Number.POSITIVE_INFINITY,
  ) {}

  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.body) {
        const room = this.limitBytes - this.takenBytes;
        this.takenBytes += Math.min(chunk.length, room);
        yield chunk.subarray(0, room);
        if (chunk.length > room) {
          this.isCut = true;
          return;
        }
      }
      this.isWhole = true;
    } catch {
      // The client went away: what has come is all there is.
    }
  }
}
