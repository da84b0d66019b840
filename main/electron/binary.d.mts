/** Types of binary.mjs, which stays JavaScript so that Node 20 can run it. */
export type ElectronBinary = { readonly path: string } | { readonly reason: string };

/** Where Electron's executable is, or one line why there is none. Only looks. */
export function findElectronBinary(root: string): ElectronBinary;

/** Fetches it with the package's own install script. Never rejects; settles after `timeoutMs` at the latest. */
export function installElectronBinary(
  root: string,
  options: { readonly timeoutMs: number; readonly onLine: (line: string) => void },
): Promise<ElectronBinary>;
