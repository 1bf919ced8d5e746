import { parseArgs } from "node:util";
import { tmpdir } from "node:os";
import { SERVICES, type Service } from "./target.js";

export interface Options {
  /** Only workloads whose name begins with one of these. */
  readonly only: readonly string[];
  readonly services: readonly Service[];
  /** Latencies of the emulated services in milliseconds, each a round of its own. */
  readonly latenciesMs: readonly number[];
  readonly json: boolean;
  /** Where the trees are made; what is measured there is that disk. */
  readonly directory: string;
  readonly sizes: Sizes;
}

export interface Sizes {
  /** Small files of 4 KiB, half of which are in the directory that is renamed; or photos. */
  readonly smallFiles: number;
  readonly largeBytes: number;
  /** Files of the comparison on disk. */
  readonly diskFiles: number;
  /** Aims are stated for these sizes only. */
  readonly areFull: boolean;
}

export const USAGE = `npm run bench -- [options]
  --only NAMES       only workloads whose names begin so, with commas between them: hash, start-up, first, unchanged,
                     changed, renamed, down, large-up, large-down, disk
  --services LIST    only these: dropbox, onedrive, yandex, flickr, gphotos, folder (all of them)
  --latency LIST     latencies of the emulated services in milliseconds (0,20)
  --files N          files of the unchanged run on disk (100000)
  --quick            a tenth of everything or less
  --directory DIR    where the trees are made (the system's directory for temporary files)
  --json             the figures as one JSON object`;

/** Undefined when help was asked for. Throws an Error that says what is wrong. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      services: { type: "string", default: SERVICES.join(",") },
      latency: { type: "string", default: "0,20" },
      files: { type: "string" },
      quick: { type: "boolean", default: false },
      directory: { type: "string", default: tmpdir() },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { json, directory, quick } = values;
  return {
    only: values.only.split(","),
    json,
    directory,
    services: values.services.split(",").map(readService),
    latenciesMs: values.latency.split(",").map((text) => readCount("--latency", text)),
    sizes: {
      smallFiles: quick ? 200 : 2000,
      largeBytes: (quick ? 64 : 1024) * 1024 ** 2,
      diskFiles: values.files === undefined ? (quick ? 5000 : 100_000) : readCount("--files", values.files),
      areFull: !quick,
    },
  };
}

function readService(text: string): Service {
  const service = SERVICES.find((name) => name === text);
  if (service === undefined) throw new Error(`--services: there is no ${JSON.stringify(text)}`);
  return service;
}

function readCount(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${option}: not a whole number: ${JSON.stringify(text)}`);
  return Number(text);
}
