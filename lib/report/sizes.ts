import prettyBytes from "pretty-bytes";
import prettyMs from "pretty-ms";

/** "12 B", "1.5 MB". Units count in thousands, as `--max-size` does. */
export function sizeText(bytes: number): string {
  return prettyBytes(bytes, { maximumFractionDigits: 1 });
}

/** "0.8s", "42s", "3m 5s", "2h 10m". */
export function durationText(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)}s` : prettyMs(Math.round(seconds) * 1000, { unitCount: 2 });
}
