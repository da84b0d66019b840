/** An address from the configuration -> the way to open a pipe to it. */
import type { LineAddress, OpenPipe } from './pipe.ts';
import { openSerial } from './serial.ts';
import { openTcp } from './tcp.ts';

export function openPipe(address: LineAddress): OpenPipe {
  switch (address.kind) {
    case 'serial':
      return openSerial(address);
    case 'tcp':
      return openTcp(address);
  }
}
