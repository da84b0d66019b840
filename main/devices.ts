/** From the configuration's names to drivers on lines; a table per device class. */
import { createOmron3S4YR } from '../devices/card-reader/omron-3s4yr.ts';
import type { CardReader } from '../devices/card-reader/contract.ts';
import type { Clock } from '../devices/clock.ts';
import { createZt598 } from '../devices/pin-pad/zt598.ts';
import type { PinPad } from '../devices/pin-pad/contract.ts';
import { createEscPosPrinter } from '../devices/receipt-printer/escpos-printer.ts';
import type { ReceiptPrinter } from '../devices/receipt-printer/contract.ts';
import { openPipe } from '../devices/transport/open.ts';
import type { LineAddress, OpenPipe } from '../devices/transport/pipe.ts';
import type { Config, LineConfig } from './config.ts';

export interface Devices {
  readonly reader: CardReader;
  readonly pad: PinPad;
  readonly printer: ReceiptPrinter;
}

export type DeviceName = 'reader' | 'pad' | 'printer';

/** Lets a command line watch the bytes of a device's line. */
export type TapLine = (device: DeviceName, open: OpenPipe) => OpenPipe;

/** The parity a device family speaks unless the configuration says otherwise. */
const PARITY = { reader: 'even', pad: 'none', printer: 'none' } as const;

function address(line: LineConfig, device: DeviceName): LineAddress {
  return line.kind === 'tcp' ? line : { ...line, parity: line.parity ?? PARITY[device] };
}

export type DeviceLines = { readonly [D in DeviceName]: LineConfig };

/** The lines of a complete configuration, or the settings that name none. */
export function linesOf(
  config: Config,
): { readonly ok: true; readonly lines: DeviceLines } | { readonly ok: false; readonly missing: readonly string[] } {
  const { cardReader, pinPad, receiptPrinter } = config.devices;
  const missing = Object.entries({ cardReader, pinPad, receiptPrinter }).flatMap(([name, device]) =>
    device.line === undefined ? [`devices.${name}.line`] : [],
  );
  if (cardReader.line === undefined || pinPad.line === undefined || receiptPrinter.line === undefined)
    return { ok: false, missing };
  return { ok: true, lines: { reader: cardReader.line, pad: pinPad.line, printer: receiptPrinter.line } };
}

export function openDevices(
  config: Config,
  lines: DeviceLines,
  clock: Clock,
  tap: TapLine = (_, open) => open,
): Devices {
  const open = (device: DeviceName): OpenPipe => tap(device, openPipe(address(lines[device], device)));
  const { pinPad, receiptPrinter } = config.devices;
  return {
    reader: createOmron3S4YR({ open: open('reader'), clock }),
    pad: createZt598({
      open: open('pad'),
      clock,
      model: pinPad.driver,
      masterKeyIndex: pinPad.masterKey,
      pinKeyIndex: pinPad.pinKey,
      macKeyIndex: pinPad.macKey,
    }),
    printer: createEscPosPrinter({ open: open('printer'), clock, columns: receiptPrinter.columns }),
  };
}
