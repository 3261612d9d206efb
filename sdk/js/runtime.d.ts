/**
 * What the engine has beside the language itself (QuickJS, ES2023 and some of later years). Named in `types` of tsconfig.json,
 * in place of TypeScript's `dom`, so that `fetch`, `setTimeout` and `process`, which are not there, are mistakes in the editor.
 */

interface Console {
  /** A line of the deployment's log, on standard output. */
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  /** A line of the deployment's log, on standard error. */
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
}
declare var console: Console;

declare class TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array;
}
/** UTF-8 only; what is not UTF-8 becomes U+FFFD. */
declare class TextDecoder {
  readonly encoding: "utf-8";
  decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}

declare var crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
};
/** Milliseconds, with fractions. */
declare var performance: { now(): number };
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function queueMicrotask(callback: () => void): void;
