/**
 * Which bytes of a message its MAC is over: everything from the message type up to the MAC itself, the MAC's bit on in the
 * bitmap. Who holds the key computes it: the PIN pad in the terminal, the host simulator on the other side.
 */
import type { CodecError } from '../iso8583/error.ts';
import { withElements } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import { ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { HostProfile } from './profile.ts';

/** Hex digits of a MAC in a message. */
const MAC_DIGITS = 16;
/** The MAC is always the last of a message: so many bytes of it, hex digits unless the profile has it raw. */
const wireBytes = (profile: HostProfile | undefined): number =>
  profile === undefined || profile.mac.kind === 'none' ? MAC_DIGITS : profile.mac.wireBytes;

export function needsMac(profile: HostProfile, mti: string): boolean {
  return profile.mac.kind !== 'none' && profile.mac.messages.includes(mti);
}

/** 64, or 128 in a message with elements above 64. */
export function macElement(message: Message): 64 | 128 {
  return (message.elements.at(-1) ?? 0) > 64 ? 128 : 64;
}

/** The message with this MAC (16 upper-case hex) in its place. */
export function withMac(message: Message, mac: string): Message {
  return withElements(message, { [macElement(message)]: mac });
}

/** The bytes to compute a MAC over, for a message about to be sent. */
export function macInput(profile: HostProfile, message: Message): Result<Uint8Array, CodecError> {
  const packed = profile.codec.pack(withMac(message, '0'.repeat(MAC_DIGITS)));
  return packed.ok ? ok(packed.value.subarray(0, -wireBytes(profile))) : packed;
}

/**
 * The same for a message that was received and has its MAC element: the bytes it is over, and the MAC that came, as hex.
 * Without a profile, a MAC of hex digits.
 */
export function receivedMacInput(
  frame: Uint8Array,
  profile?: HostProfile,
): { readonly data: Uint8Array; readonly mac: string } {
  const size = wireBytes(profile);
  const at = Math.max(0, frame.length - size);
  const mac = Buffer.from(frame.subarray(at));
  return {
    data: frame.subarray(0, at),
    mac: size === MAC_DIGITS ? mac.toString('latin1') : mac.toString('hex').toUpperCase(),
  };
}
