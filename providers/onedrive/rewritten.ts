import { nameOf, type SyncPath } from "../../lib/model/path.js";

/**
 * Kinds of documents that libraries of companies write properties into after they were uploaded: size, hash and eTag change
 * then without anybody having touched them, and may do so again.
 */
const REWRITTEN: ReadonlySet<string> = new Set(
  (
    "doc docm docx dot dotm dotx xls xlsb xlsm xlsx xlt xltm xltx ppt pptm pptx pot potm potx pps ppsm ppsx " +
    "vsd vsdm vsdx vss vst one mpp pub htm html xhtml mht mhtml asp aspx master pdf"
  ).split(" "),
);

/** Whether the drive may rewrite a file of this name. */
export function mayBeRewritten(path: SyncPath, isPersonal: boolean): boolean {
  const name = nameOf(path).toLowerCase();
  const dot = name.lastIndexOf(".");
  return !isPersonal && dot !== -1 && REWRITTEN.has(name.slice(dot + 1));
}
