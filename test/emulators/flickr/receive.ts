import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { header } from "../shared/header.js";
import { IncomingBody } from "../shared/incoming-body.js";
import type { Receiver, Spool } from "../shared/spool.js";
import type { FilePart } from "./exchange.js";
import { decodeAuthorization, decodeForm, Fields } from "./fields.js";
import { boundaryOf, type PartHead, type PartSink, readMultipart } from "./multipart.js";
import type { Field } from "./signature.js";

export interface Received {
  readonly fields: Fields;
  readonly files: ReadonlyMap<string, FilePart>;
  /** False when a multipart body was broken. */
  readonly isWellFormed: boolean;
  /** False when the client went away, or was cut off, before the end. */
  readonly isWhole: boolean;
  /** The body was larger than what is taken at all. */
  readonly isTooLarge: boolean;
  readonly bodyBytes: number;
}

/** Takes a request in. File parts go to the spool while they come; text parts are decoded. */
export async function receive(
  request: IncomingMessage,
  spool: Spool,
  { cutBytes, maxBytes }: { readonly cutBytes: number | undefined; readonly maxBytes: number },
): Promise<Received> {
  const body = new IncomingBody(request, Math.min(cutBytes ?? maxBytes, maxBytes));
  const form = new FormParts(spool);
  const boundary = boundaryOf(header({ request }, "content-type") ?? "");
  const isWellFormed =
    boundary === undefined
      ? await form.takeUrlEncoded(body.chunks(), header({ request }, "content-type") ?? "")
      : await readMultipart(body.chunks(), boundary, (head) => form.open(head));
  if (!body.isWhole) await form.abandon();
  const query = (request.url ?? "").split("?").slice(1).join("?");
  return {
    fields: new Fields(decodeForm(query), form.fields, decodeAuthorization(header({ request }, "authorization"))),
    files: form.files,
    isWellFormed,
    isWhole: body.isWhole,
    isTooLarge: body.isCut && cutBytes === undefined,
    bodyBytes: body.takenBytes,
  };
}

class FormParts {
  readonly fields: Field[] = [];
  readonly files = new Map<string, FilePart>();
  #open: Receiver | undefined;

  constructor(private readonly spool: Spool) {}

  async takeUrlEncoded(chunks: AsyncIterable<Buffer>, contentType: string): Promise<boolean> {
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const isForm = contentType.toLowerCase().startsWith("application/x-www-form-urlencoded");
    if (isForm) this.fields.push(...decodeForm(Buffer.concat(parts).toString()));
    return isForm || parts.every((part) => part.length === 0);
  }

  open(head: PartHead): PartSink {
    return head.filename === undefined ? this.#textPart(head.name) : this.#filePart(head, head.filename);
  }

  async abandon(): Promise<void> {
    await this.#open?.abandon();
  }

  #textPart(name: string): PartSink {
    const parts: Buffer[] = [];
    return {
      write: (chunk) => void parts.push(Buffer.from(chunk)),
      end: () => void this.fields.push([name, Buffer.concat(parts).toString()]),
    };
  }

  #filePart({ name, contentType }: PartHead, filename: string): PartSink {
    const receiver = this.spool.receive();
    const hash = createHash("sha256");
    this.#open = receiver;
    return {
      write: (chunk) => {
        hash.update(chunk);
        return receiver.write(chunk);
      },
      end: async () => {
        this.files.set(name, { bytes: await receiver.end(), sha256: hash.digest("hex"), filename, contentType });
        this.#open = undefined;
      },
    };
  }
}
