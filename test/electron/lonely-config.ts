/** A terminal's configuration whose host and devices are all absent: a core with it starts, and is out of service. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Nobody listens on the lowest ports. */
const nowhere = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port }) as const;

/** Writes it into `folder`, which its data goes to as well; answers its path. */
export function writeLonelyConfig(folder: string): string {
  const config = {
    terminal: {
      id: 'TERM0001',
      acceptorId: '000000000000001',
      acceptorName: 'ANJUNGAN UJI',
      acquirerId: '009',
      bank: 'Bank Contoh',
      place: 'Mal Pelayanan Publik',
    },
    host: { endpoints: [{ host: '127.0.0.1', port: 4 }] },
    devices: { cardReader: { line: nowhere(1) }, pinPad: { line: nowhere(2) }, receiptPrinter: { line: nowhere(3) } },
    data: { folder: path.join(folder, 'data') },
  };
  const file = path.join(folder, 'terminal.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
}
