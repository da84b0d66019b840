/** What goes over the devices' lines, as a technician may see it: commands and lengths, never what is inside. */
import type { TapLine } from '../devices.ts';

/** The bytes that say what a frame is; everything after them may be personal and is only counted. */
const HEAD = { reader: 5, pad: 5, printer: 3 } as const;

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Wraps each pipe so that `emit` hears every write and read, masked. */
export function traceLines(emit: (line: string) => void): TapLine {
  return (device, open) => async () => {
    const opened = await open();
    if (!opened.ok) {
      emit(`${device.padEnd(7)} --  ${opened.error.code}`);
      return opened;
    }
    const pipe = opened.value;
    const show = (direction: '->' | '<-', bytes: Uint8Array): void => {
      const head = bytes.subarray(0, HEAD[device]);
      const rest = bytes.length - head.length;
      emit(`${device.padEnd(7)} ${direction} ${hex(head)}${rest > 0 ? ` +${rest} bytes` : ''}`);
    };
    return {
      ok: true,
      value: {
        ...pipe,
        write(bytes, deadlineMs) {
          show('->', bytes);
          return pipe.write(bytes, deadlineMs);
        },
        onData(listener) {
          pipe.onData((bytes) => {
            show('<-', bytes);
            listener(bytes);
          });
        },
      },
    };
  };
}
