import { Chance } from "../shared/chance.js";

export interface SampleOptions {
  /** Written as the capture time, without a zone. */
  readonly takenAt?: Date | undefined;
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  /** Writes a position, which the service takes out of downloads. */
  readonly hasPosition?: boolean | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Makes the file about so much larger. */
  readonly paddingBytes?: number | undefined;
}

/** A JPEG as far as headers go, different for each seed and always the same for one. */
export function sampleJpeg(seed: number | string, options: SampleOptions = {}): Buffer {
  const { width = 640, height = 480, paddingBytes = 0 } = options;
  const frame = Buffer.from("ffc0000b080000000001011100", "hex");
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([
    Buffer.from("ffd8", "hex"),
    segment(0xe1, exifBlock(options)),
    segment(0xfe, Buffer.from(`sample ${String(seed)}`)),
    frame,
    segment(0xda, Buffer.from("010100003f00", "hex")),
    padding(seed, 64 + paddingBytes),
    Buffer.from("ffd9", "hex"),
  ]);
}

export function samplePng(seed: number | string): Buffer {
  const header = Buffer.from("89504e470d0a1a0a0000000d4948445200000010000000100802000000", "hex");
  return Buffer.concat([header, Buffer.from(`sample ${String(seed)}`)]);
}

export function sampleMp4(
  seed: number | string,
  { paddingBytes = 0 }: Pick<SampleOptions, "paddingBytes"> = {},
): Buffer {
  const data = Buffer.concat([Buffer.from(`sample ${String(seed)}`), padding(seed, 64 + paddingBytes)]);
  return Buffer.concat([box("ftyp", Buffer.from("isom\0\0\u0002\0isommp42", "latin1")), box("mdat", data)]);
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, content]);
}

/** Bytes below 0x80, so that no marker of a JPEG comes up by chance. */
function padding(seed: number | string, length: number): Buffer {
  const chance = new Chance(Buffer.from(String(seed)).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7));
  const pattern = Buffer.from(Array.from({ length: Math.min(length, 4093) }, () => chance.below(0x80)));
  return Buffer.alloc(length, pattern);
}

interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Buffer;
}

/** A small TIFF structure: make and model, then the capture time, then the position. */
function exifBlock({ takenAt, make = "Acme", model = "X1", hasPosition = false }: SampleOptions): Buffer {
  const main: Field[] = [text(0x010f, make), text(0x0110, model)];
  const photo: Field[] = takenAt === undefined ? [] : [text(0x9003, toExifDate(takenAt))];
  const position: Field[] = hasPosition ? [text(0x0001, "N"), rationals(0x0002, [52, 31, 12])] : [];
  const pointers = [photo, position].filter((fields) => fields.length > 0).length;
  const mainAt = 8;
  const photoAt = mainAt + directoryBytes([...main, ...Array.from({ length: pointers }, () => pointer(0, 0))]);
  const positionAt = photoAt + (photo.length > 0 ? directoryBytes(photo) : 0);
  if (photo.length > 0) main.push(pointer(0x8769, photoAt));
  if (position.length > 0) main.push(pointer(0x8825, positionAt));
  return Buffer.concat([
    Buffer.from("Exif\0\0MM\0\u002a\0\0\0\u0008", "latin1"),
    directory(main, mainAt),
    ...(photo.length > 0 ? [directory(photo, photoAt)] : []),
    ...(position.length > 0 ? [directory(position, positionAt)] : []),
  ]);
}

function text(tag: number, value: string): Field {
  return { tag, type: 2, count: value.length + 1, value: Buffer.from(`${value}\0`, "latin1") };
}

function pointer(tag: number, at: number): Field {
  return { tag, type: 4, count: 1, value: uint32(at) };
}

function rationals(tag: number, values: readonly number[]): Field {
  return {
    tag,
    type: 5,
    count: values.length,
    value: Buffer.concat(values.flatMap((one) => [uint32(one), uint32(1)])),
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function directoryBytes(fields: readonly Field[]): number {
  const outside = fields.reduce((sum, { value }) => sum + (value.length > 4 ? value.length : 0), 0);
  return 2 + 12 * fields.length + 4 + outside;
}

function directory(fields: readonly Field[], at: number): Buffer {
  const table = Buffer.alloc(2 + 12 * fields.length + 4);
  table.writeUInt16BE(fields.length);
  const outside: Buffer[] = [];
  let outsideAt = at + table.length;
  for (const [index, { tag, type, count, value }] of fields.entries()) {
    const entry = 2 + 12 * index;
    table.writeUInt16BE(tag, entry);
    table.writeUInt16BE(type, entry + 2);
    table.writeUInt32BE(count, entry + 4);
    if (value.length <= 4) {
      value.copy(table, entry + 8);
      continue;
    }
    table.writeUInt32BE(outsideAt, entry + 8);
    outside.push(value);
    outsideAt += value.length;
  }
  return Buffer.concat([table, ...outside]);
}

function toExifDate(date: Date): string {
  return date.toISOString().slice(0, 19).replace("T", " ").replaceAll("-", ":");
}
