import { pipeline } from "node:stream";
import type { Readable } from "node:stream";
import { createThrottle } from "../http/throttle.js";
import type { Throttle } from "../http/throttle.js";
import type { Provider, Upload, UploadContent } from "../../providers/provider.js";

/** The same provider with all content, up and down, sharing one bandwidth. Undefined: no limit. */
export function limitBandwidth(provider: Provider, bytesPerSecond: number | undefined): Provider {
  if (bytesPerSecond === undefined) return provider;
  const throttle = createThrottle(bytesPerSecond);
  const slow = (upload: Upload, signal: AbortSignal): Upload => ({
    ...upload,
    content: slowContent(upload.content, throttle, signal),
  });
  return {
    capabilities: provider.capabilities,
    identify: (signal, isAfresh) => provider.identify(signal, isAfresh),
    list: (cursor, signal) => provider.list(cursor, signal),
    stat: (path, signal) => provider.stat(path, signal),
    hash: (file, signal) => provider.hash(file, signal),
    createFolders: (paths, signal) => provider.createFolders(paths, signal),
    move: (moves, signal) => provider.move(moves, signal),
    delete: (entries, signal) => provider.delete(entries, signal),
    refusal: (path, sizeBytes) => provider.refusal(path, sizeBytes),
    requests: () => provider.requests(),
    close: (signal, ending) => provider.close(signal, ending),
    download: async (file, start, signal) => slowStream(await provider.download(file, start, signal), throttle, signal),
    upload: (upload, signal) => provider.upload(slow(upload, signal), signal),
    uploadBatch: (uploads, signal) =>
      provider.uploadBatch(
        uploads.map((upload) => slow(upload, signal)),
        signal,
      ),
  };
}

function slowContent(content: UploadContent, throttle: Throttle, signal: AbortSignal): UploadContent {
  return {
    sizeBytes: content.sizeBytes,
    open: (start, end) => slowStream(content.open(start, end), throttle, signal),
    read: async (start, end, into) => {
      await throttle.take(end - start, signal);
      return content.read(start, end, into);
    },
  };
}

/** Errors of either stream end both; whoever reads the slow one sees them. */
function slowStream(stream: Readable, throttle: Throttle, signal: AbortSignal): Readable {
  return pipeline(stream, throttle.stream(signal), () => undefined);
}
