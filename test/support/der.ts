/** As much of DER (ITU-T X.690) as a certificate takes: values with a tag and a length in front. */
export const TAGS = {
  boolean: 0x01,
  null: 0x05,
  /** In a list of names of servers. */
  dnsName: 0x82,
  /** In the body of a certificate. */
  version: 0xa0,
  extensions: 0xa3,
} as const;

export function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, ...parts);
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const text = (content: string): Buffer => tagged(0x0c, Buffer.from(content));
/** Whole bytes, so that no bit of the last one is left over. */
export const bits = (content: Buffer): Buffer => tagged(0x03, Buffer.of(0), content);

/** Big-endian, in two's complement, without bytes that tell nothing. */
export const integer = (content: Buffer): Buffer => tagged(0x02, content);

/** To the second. Years from 1950 to 2049 are written with two digits. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

/** From its usual form: "2.5.4.3". */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(toBase128)]));
}

/** Seven bits a byte; all bytes but the last have the highest bit set. */
function toBase128(value: number): readonly number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** One byte up to 127; more are counted in front. */
function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}
