/** What can go wrong between a simulated PIN pad and the line, byte by byte; tests and the workbench switch it on. */

export interface PinPadFaultVerbs {
  /** The next `count` answers get lost. Default 1. */
  dropNextAnswer(count?: number): void;
  /** The next answer is kept back and sent in one piece with the one after it. */
  mergeNextAnswer(): void;
  /** The next `count` answers carry a wrong check byte. Default 1. */
  wrongCheckBytes(count?: number): void;
  /** These bytes come before the next answer; without one, at once. */
  noise(bytes: Uint8Array, when?: 'now' | 'before-next-answer'): void;
  /** Every byte by itself. */
  splitWrites(on: boolean): void;
  /** The pad neither hears nor says anything. */
  silence(on: boolean): void;
}

export function createPinPadFaults(send: (bytes: Uint8Array) => void) {
  let drop = 0;
  let merge = false;
  let wrongCheck = 0;
  let split = false;
  let silent = false;
  let before: Uint8Array = new Uint8Array(0);
  let kept: Uint8Array = new Uint8Array(0);

  function out(bytes: Uint8Array): void {
    if (silent) return;
    if (!split) send(bytes);
    else for (const byte of bytes) send(Uint8Array.of(byte));
  }

  const verbs: PinPadFaultVerbs = {
    dropNextAnswer(count = 1) {
      drop = count;
    },
    mergeNextAnswer() {
      merge = true;
    },
    wrongCheckBytes(count = 1) {
      wrongCheck = count;
    },
    noise(bytes, when = 'now') {
      if (when === 'now') out(bytes);
      else before = bytes.slice();
    },
    splitWrites(on) {
      split = on;
    },
    silence(on) {
      silent = on;
    },
  };

  return {
    verbs,
    get silent() {
      return silent;
    },
    /** A key's byte. */
    key: out,
    /** A whole frame. */
    answer(frame: Uint8Array): void {
      if (drop > 0) {
        drop -= 1;
        return;
      }
      const bytes = Buffer.concat([before, kept, frame]);
      before = kept = new Uint8Array(0);
      if (wrongCheck > 0) {
        wrongCheck -= 1;
        const last = bytes.length - 1;
        bytes[last] = bytes[last] === 0x30 ? 0x31 : 0x30;
      }
      if (merge) {
        merge = false;
        kept = bytes;
      } else {
        out(bytes);
      }
    },
  };
}
