/** Whether two sizes in bytes are known and differ. One that nobody knows says nothing. */
export function haveOtherSizes(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}
