import { prepare } from "./whole.js";
const setup = { base: { local: { a: "1", b: "2", "d/x": "3" }, remote: { c: "4" } }, edits: ["L write a 5", "R write b 6", "R rm c", "L mkdir e"] };
for (let i = 0; i < 30; i++) { const w = await prepare(setup); for (let j=0;j<3;j++) await w.machine.run(); w.machine.dispose(); }
const t = performance.now();
for (let i = 0; i < 30; i++) { const w = await prepare(setup); for (let j=0;j<3;j++) await w.machine.run(); w.machine.dispose(); }
console.log((performance.now() - t) / 120, "ms per run");
