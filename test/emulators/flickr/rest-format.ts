import type { Answer } from "../shared/answer.js";
import { textAnswer } from "./answer.js";
import type { ApiFailure } from "./failures.js";
import type { Fields } from "./fields.js";

/** An answer of the API as the tree that JSON and XML are made of. */
export type Tree = Readonly<Record<string, unknown>>;

export type Format =
  { readonly kind: "json" } | { readonly kind: "jsonp"; readonly callback: string } | { readonly kind: "xml" };

/** Undefined for a format that is not known. */
export function formatOf(fields: Fields): Format | undefined {
  switch (fields.get("format")) {
    case undefined:
    case "rest":
      return { kind: "xml" };
    case "json":
      if (fields.get("nojsoncallback") === "1") return { kind: "json" };
      return { kind: "jsonp", callback: fields.get("jsoncallback") ?? "jsonFlickrApi" };
    default:
      return undefined;
  }
}

export function okAnswer(format: Format, tree: Tree): Answer {
  if (format.kind === "xml") return xmlAnswer("ok", elementsOf(tree));
  return jsonAnswer(format, { ...tree, stat: "ok" });
}

export function failureAnswer(format: Format, failure: ApiFailure): Answer {
  if (format.kind === "xml") return uploadFailureAnswer(failure);
  return jsonAnswer(format, { stat: "fail", code: failure.code, message: failure.message });
}

/** The same in XML, with whatever stands beside the code. */
export function uploadFailureAnswer({ code, message, extra }: ApiFailure): Answer {
  const attributes = Object.entries({ code: String(code), msg: message, ...extra.attributes });
  const beside = Object.entries(extra.elements ?? {}).map(([name, text]) => element(name, { _content: text }));
  return xmlAnswer("fail", `<err${attributes.map(attribute).join("")} />${beside.join("")}`);
}

export function xmlAnswer(stat: "ok" | "fail", content: string): Answer {
  const body = `<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="${stat}">\n${content}\n</rsp>\n`;
  return textAnswer(200, "text/xml", body);
}

/** An element: plain members become attributes, `_content` its text, all others elements inside. */
export function element(name: string, value: Tree): string {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  const attributes = entries.filter(([key, one]) => key !== "_content" && typeof one !== "object");
  const text = value["_content"] === undefined ? "" : escapeXml(plainText(value["_content"]));
  const inside = text + elementsOf(value);
  const head = `${name}${attributes.map(attribute).join("")}`;
  return inside === "" ? `<${head} />` : `<${head}>${inside}</${name}>`;
}

function elementsOf(tree: Tree): string {
  return Object.entries(tree)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one: unknown) => [name, one] as const))
    .map(([name, value]) => (isTree(value) ? element(name, value) : ""))
    .join("");
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}

function attribute([name, value]: readonly [string, unknown]): string {
  return ` ${name}="${escapeXml(plainText(value))}"`;
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function jsonAnswer(format: Exclude<Format, { kind: "xml" }>, tree: Tree): Answer {
  const text = JSON.stringify(tree);
  if (format.kind === "json") return textAnswer(200, "application/json", text);
  return textAnswer(200, "text/javascript", `${format.callback}(${text})`);
}
