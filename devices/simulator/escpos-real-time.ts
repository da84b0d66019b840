/**
 * Takes the real-time requests (DLE EOT, DLE ENQ, DLE DC4) out of the bytes as they arrive, before the receive buffer; as
 * in a real printer they are found even inside other data, which is why a driver must not send data that looks like one.
 */

export interface RealTimeRequests {
  /** DLE EOT n; any n. */
  status(n: number): void;
  /** DLE ENQ 1 (go on at the line where it stopped) and 2 (`clear` first). */
  recover(clear: boolean): void;
  /** DLE DC4 8. */
  clear(): void;
}

const DLE = 0x10;
const EOT = 0x04;
const ENQ = 0x05;
const DC4 = 0x14;
const CLEAR = [DLE, DC4, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08] as const;

/** `push` answers the bytes that turned out to be data. */
export function createRealTimeScanner(requests: RealTimeRequests): { push(byte: number): readonly number[] } {
  let held: number[] = [];

  /** What `held` is: the length of the request, more to come, or data. */
  function read(): 'whole' | 'more' | 'data' {
    const [first, second] = held;
    if (first !== DLE) return 'data';
    if (second === undefined) return 'more';
    if (second === EOT || second === ENQ) return held.length < 3 ? 'more' : 'whole';
    if (held.some((byte, index) => byte !== CLEAR[index])) return 'data';
    return held.length < CLEAR.length ? 'more' : 'whole';
  }

  function perform(): void {
    const [, kind, n = 0] = held;
    if (kind === EOT) requests.status(n);
    else if (kind === DC4) requests.clear();
    else if (n === 1 || n === 2) requests.recover(n === 2);
  }

  return {
    push(byte) {
      held.push(byte);
      const data: number[] = [];
      for (;;) {
        const is = held.length === 0 ? 'more' : read();
        if (is === 'more') return data;
        if (is === 'whole') {
          perform();
          held = [];
        } else {
          data.push(...held.splice(0, 1));
        }
      }
    },
  };
}
