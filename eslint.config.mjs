import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { ACTING_ENGINE, layers } from "./scripts/lint-layers.mjs";

const PRODUCT = ["bin/**/*.ts", "lib/**/*.ts", "providers/**/*.ts"];
/** Besides bin: the one place that loads Node's own SQLite has to ask the process for it. */
const PROCESS_FILES = ["bin/**/*.ts", "lib/state/sqlite.ts"];
const TOOLS = ["test/**/*.ts", "bench/**/*.ts", "*.config.ts"];

/** Engine files that wait for answers to questions they ask through functions handed in; pure in all else. */
const ASKING_ENGINE = ["plan", "resolve", "file-moves", "conflict-names"].map((name) => `lib/engine/${name}.ts`);

const NO_EXIT = {
  object: "process",
  property: "exit",
  message: "It cuts off output and open files. Set process.exitCode in bin, or throw.",
};
const CLOCK_AND_CHANCE = [
  { object: "Date", property: "now" },
  { object: "Math", property: "random" },
].map((property) => ({ ...property, message: "Pure files of the engine are handed such values." }));

const NO_DEFAULT_EXPORT = {
  selector: "ExportDefaultDeclaration",
  message: "Export by name, so that a thing is called the same everywhere.",
};
const NO_CAST = {
  selector: "TSAsExpression:not([typeAnnotation.typeName.name='const']), TSTypeAssertion",
  message: "Check the value instead: a schema where it comes in, a constructor in lib/model, `satisfies` elsewhere.",
};
const NO_WAITING = {
  selector: "AwaitExpression, :function[async=true], ForOfStatement[await=true]",
  message: "Pure files of the engine do not wait for anything.",
};
const NO_CLOCK = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: "Pure files of the engine are handed the time.",
};

export default defineConfig([
  globalIgnores(["dist/", "coverage/", ".ci/", "node_modules/"]),
  // A rule that is wrong is changed here, for all and with a reason, not switched off in a comment.
  { linterOptions: { noInlineConfig: true } },
  js.configs.recommended,
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { URL: "readonly", Buffer: "readonly" } },
    rules: { "no-restricted-properties": ["error", NO_EXIT] },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { allowDefaultCaseForExhaustiveSwitch: false, requireDefaultForNonUnion: true },
      ],
      // A leading "_" says that a value is taken only to be left out.
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
          destructuredArrayIgnorePattern: "^_",
          ignoreRestSiblings: true,
        },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An async function without await is how a contract that says "rejects" keeps its word for mistakes found at once.
      "@typescript-eslint/require-await": "off",
      // The reason of an abort signal is what a caller asked to be thrown.
      "@typescript-eslint/only-throw-error": ["error", { allowThrowingUnknown: true }],
      "@typescript-eslint/prefer-promise-reject-errors": ["error", { allowThrowingUnknown: true }],
      // A parameter property becomes optional by it, without becoming a property that may be missing.
      "@typescript-eslint/no-useless-default-assignment": "off",
      // File names may hold control characters, and keys of paths use them.
      "no-control-regex": "off",
      "no-restricted-properties": ["error", NO_EXIT],
      eqeqeq: "error",
      "object-shorthand": "error",
    },
  },
  {
    files: PRODUCT,
    plugins: { trisync: { rules: { layers } } },
    rules: {
      "trisync/layers": "error",
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "process", message: "Only bin touches it; take what you need as an argument." },
      ],
      "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, NO_CAST],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["lib/model/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT] },
  },
  {
    files: ["lib/engine/**/*.ts"],
    ignores: ACTING_ENGINE.map((name) => `lib/engine/${name}*.ts`),
    rules: {
      "no-restricted-properties": ["error", NO_EXIT, ...CLOCK_AND_CHANCE],
      "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, NO_CAST, NO_WAITING, NO_CLOCK],
    },
  },
  {
    files: ASKING_ENGINE,
    rules: { "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, NO_CAST, NO_CLOCK] },
  },
  {
    // Inner loops over typed arrays, whose indices are in range by construction.
    files: ["lib/hash/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    files: ["bin/**/*.ts", "lib/cli.ts", "lib/report/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: PROCESS_FILES,
    rules: { "no-restricted-globals": "off" },
  },
  {
    files: TOOLS,
    rules: {
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-dynamic-delete": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
]);
