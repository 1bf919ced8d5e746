/** What the service reads from the Exif block of a JPEG. */
export interface Exif {
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  /** As UTC: the block knows no zone. */
  readonly takenMs?: number | undefined;
  readonly focalLength?: number | undefined;
  readonly apertureFNumber?: number | undefined;
  readonly isoEquivalent?: number | undefined;
  readonly exposureSeconds?: number | undefined;
  /** Where in the file the position is written: what a download has lost. */
  readonly gpsRanges: readonly (readonly [startByte: number, endByte: number])[];
}

/** Finds the Exif block at the beginning of a JPEG; undefined when there is none or it is broken. */
export function parseExif(head: Buffer): Exif | undefined {
  const tiffAt = findExifBlock(head);
  if (tiffAt === undefined) return undefined;
  try {
    return readExif(new TiffReader(head, tiffAt));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function findExifBlock(head: Buffer): number | undefined {
  let at = 2;
  while (at + 10 < head.length && head[at] === 0xff) {
    const isExif = head[at + 1] === 0xe1 && head.toString("latin1", at + 4, at + 10) === "Exif\0\0";
    if (isExif) return at + 10;
    if (head[at + 1] === 0xda) return undefined;
    at += 2 + head.readUInt16BE(at + 2);
  }
  return undefined;
}

function readExif(tiff: TiffReader): Exif {
  const main = tiff.directory(tiff.uint32(4));
  const photo = tiff.directory(tiff.numberOf(main.get(0x8769)) ?? 0);
  const gpsAt = tiff.numberOf(main.get(0x8825));
  return {
    make: tiff.textOf(main.get(0x010f)),
    model: tiff.textOf(main.get(0x0110)),
    takenMs: toMs(tiff.textOf(photo.get(0x9003))),
    exposureSeconds: tiff.rationalOf(photo.get(0x829a)),
    apertureFNumber: tiff.rationalOf(photo.get(0x829d)),
    isoEquivalent: tiff.numberOf(photo.get(0x8827)),
    focalLength: tiff.rationalOf(photo.get(0x920a)),
    gpsRanges: gpsAt === undefined ? [] : tiff.rangesOf(gpsAt),
  };
}

function toMs(exifDate: string | undefined): number | undefined {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(exifDate ?? "");
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  if (year === undefined || month === undefined) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

interface Field {
  readonly type: number;
  readonly count: number;
  /** Where the value, or the offset of the value, stands: relative to the block. */
  readonly at: number;
}

const TYPE_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [7, 1],
  [9, 4],
  [10, 8],
]);

class TiffReader {
  readonly #isLittle: boolean;

  constructor(
    private readonly head: Buffer,
    private readonly start: number,
  ) {
    this.#isLittle = head.toString("latin1", start, start + 2) === "II";
  }

  uint16(at: number): number {
    return this.#isLittle ? this.head.readUInt16LE(this.start + at) : this.head.readUInt16BE(this.start + at);
  }

  uint32(at: number): number {
    return this.#isLittle ? this.head.readUInt32LE(this.start + at) : this.head.readUInt32BE(this.start + at);
  }

  directory(at: number): ReadonlyMap<number, Field> {
    const fields = new Map<number, Field>();
    if (at === 0) return fields;
    for (let index = 0; index < this.uint16(at); index += 1) {
      const entry = at + 2 + 12 * index;
      fields.set(this.uint16(entry), { type: this.uint16(entry + 2), count: this.uint32(entry + 4), at: entry + 8 });
    }
    return fields;
  }

  numberOf(field: Field | undefined): number | undefined {
    if (field === undefined) return undefined;
    return field.type === 3 ? this.uint16(field.at) : this.uint32(field.at);
  }

  textOf(field: Field | undefined): string | undefined {
    if (field === undefined) return undefined;
    const from = this.start + this.#valueAt(field);
    return this.head.toString("latin1", from, from + field.count).replace(/\0.*$/s, "");
  }

  rationalOf(field: Field | undefined): number | undefined {
    if (field === undefined) return undefined;
    const at = this.#valueAt(field);
    return this.uint32(at) / this.uint32(at + 4);
  }

  /** A directory and the values it points to, as places in the file. */
  rangesOf(at: number): readonly (readonly [number, number])[] {
    const fields = this.directory(at);
    const table: readonly [number, number] = [this.start + at, this.start + at + 2 + 12 * fields.size];
    const values = [...fields.values()]
      .map((field): readonly [number, number] => {
        const valueAt = this.start + this.#valueAt(field);
        return [valueAt, valueAt + this.#bytesOf(field)];
      })
      .filter(([, end]) => end <= this.head.length);
    return [table, ...values];
  }

  #bytesOf({ type, count }: Field): number {
    return (TYPE_BYTES.get(type) ?? 1) * count;
  }

  #valueAt(field: Field): number {
    return this.#bytesOf(field) <= 4 ? field.at : this.uint32(field.at);
  }
}
