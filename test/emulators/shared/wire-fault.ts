/** What goes wrong on the way, whatever the request asks for. */
export type WireFault =
  /** The connection ends before the request is looked at; `afterBodyBytes` of its body are taken first. */
  | { readonly kind: "cut-before"; readonly afterBodyBytes?: number | undefined }
  /** The request is carried out, the connection ends before the answer. */
  | { readonly kind: "cut-after" }
  /** The request is carried out, the connection ends half-way through the answer, before one that has no body. */
  | { readonly kind: "cut-half" }
  /** The request is carried out; the answer is complete HTTP, but only half of the JSON, of another text or of the download. */
  | { readonly kind: "half-json" | "half-body" }
  /** The request is carried out; the answer is complete HTTP with nothing in it. */
  | { readonly kind: "empty-body" }
  /** The download ends early; `quiet` announces the shorter length, so that HTTP sees nothing wrong. */
  | {
      readonly kind: "truncated-download";
      readonly afterBytes?: number | undefined;
      readonly quiet?: boolean | undefined;
    }
  /** One byte of the download is wrong. */
  | { readonly kind: "wrong-bytes" }
  /** The body comes in pieces of this size with a pause after each. */
  | { readonly kind: "slow-body"; readonly pieceBytes: number; readonly pauseMs: number }
  /** The answer comes so much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The request is carried out, but no answer ever comes. */
  | { readonly kind: "hang" };

const KINDS: Readonly<Record<WireFault["kind"], true>> = {
  "cut-before": true,
  "cut-after": true,
  "cut-half": true,
  "half-json": true,
  "half-body": true,
  "empty-body": true,
  "truncated-download": true,
  "wrong-bytes": true,
  "slow-body": true,
  slow: true,
  hang: true,
};

export function isWireFault(fault: { readonly kind: string }): fault is WireFault {
  return fault.kind in KINDS;
}
