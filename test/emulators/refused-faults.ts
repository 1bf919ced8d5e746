import { expect } from "vitest";

interface Faulty<Fault> {
  fault(fault: Fault): void;
  pendingFaults(): readonly Fault[];
}

/** A fault that could strike and change nothing is not taken on. */
export function expectRefused<Fault extends { readonly kind: string; readonly route: string }>(
  emulator: Faulty<Fault>,
  fault: Fault,
): void {
  expect(() => emulator.fault(fault)).toThrow(`the fault ${fault.kind} cannot strike ${fault.route}: `);
  expect(emulator.pendingFaults()).toEqual([]);
}
