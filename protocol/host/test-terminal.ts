/** For tests only: a terminal of real parts around a link, with the PIN pad's work done by protocol/security. */
import type { Clock } from '../clock.ts';
import type { Message } from '../iso8583/message.ts';
import type { LinkEvent, LinkSecurity, LinkState } from '../link/contract.ts';
import { createLink, type Link } from '../link/link.ts';
import type { LinkOptions } from '../link/options.ts';
import { openStanSource, type StanSource } from '../link/stan.ts';
import { buildInquiry, type TerminalIdentity } from '../profile/inquiry.ts';
import type { InquiryRequest } from '../profile/contract.ts';
import { loadProfile, type HostProfile } from '../profile/profile.ts';
import { fail, ok, type Result } from '../result.ts';
import { fromHex } from '../security/hex.ts';
import { unwrapKey } from '../security/keys.ts';
import { macX919 } from '../security/mac.ts';
import { encryptPinBlock0 } from '../security/pin-block.ts';
import { openDatabase } from '../storage/sqlite.ts';
import { startHost, TEST_MASTER_KEY, type HostOptions, type RunningHost } from './host.ts';
import { PERSONA_PIN, personas, type Persona, type PersonaId } from './personas.ts';

export function value<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export const jht: HostProfile = value(loadProfile('jht'));

export const identity: TerminalIdentity = {
  terminalId: 'ANJ00001',
  acceptorId: 'CONTOH000000001',
  acceptorName: 'BANK CONTOH JAKARTA',
  acquirerId: '999936',
};

export function persona(id: PersonaId): Persona {
  const found = personas.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no persona ${id}`);
  return found;
}

/** Does what a PIN pad does for the link; the keys stay inside. */
export interface TestPad extends LinkSecurity {
  readonly loads: () => number;
  pinBlock(pin: string, pan: string): string;
}

export function createTestPad(masterKeyHex = TEST_MASTER_KEY): TestPad {
  const master = fromHex(masterKeyHex, 16);
  if (master === undefined) throw new Error('a master key is 32 hex digits');
  let pinKey: Uint8Array | undefined;
  let macKey: Uint8Array | undefined;
  let loads = 0;
  return {
    loads: () => loads,
    loadKeys(keys) {
      const pin = unwrapKey(master, keys.pinKey, keys.pinCheck);
      const mac = unwrapKey(master, keys.macKey, keys.macCheck);
      if (!pin.ok) return Promise.resolve(pin);
      if (!mac.ok) return Promise.resolve(mac);
      loads += 1;
      pinKey = pin.value;
      macKey = mac.value;
      return Promise.resolve(ok());
    },
    mac: (data) => Promise.resolve(macKey === undefined ? fail({ code: 'no-key' }) : ok(macX919(macKey, data))),
    pinBlock(pin, pan) {
      if (pinKey === undefined) throw new Error('no PIN key');
      return value(encryptPinBlock0(pinKey, pin, pan));
    },
  };
}

export interface TestTerminal {
  readonly link: Link;
  readonly pad: TestPad;
  readonly events: readonly LinkEvent[];
  readonly states: readonly LinkState[];
  inquiry(persona: Persona, more?: Partial<InquiryRequest> & { readonly pin?: string }): Message;
}

export interface TestBench {
  host(options?: Partial<HostOptions>): Promise<RunningHost>;
  terminal(port: number | readonly number[], options?: Partial<LinkOptions> & { readonly pad?: TestPad }): TestTerminal;
  /** Ends everything that was made here. */
  close(): Promise<void>;
}

/** Hosts and terminals on one clock, torn down together. */
export function createBench(clock: Clock): TestBench {
  const closers: (() => Promise<void>)[] = [];

  function stanSource(): StanSource {
    const database = value(openDatabase(':memory:'));
    closers.unshift(() => {
      database.close();
      return Promise.resolve();
    });
    return value(openStanSource({ database, terminalId: identity.terminalId, clock, timeZone: 'Asia/Jakarta' }));
  }

  return {
    async host(options = {}) {
      const host = value(await startHost({ profile: jht, clock, ...options }));
      closers.push(() => host.close());
      return host;
    },
    terminal(port, options = {}) {
      const pad = options.pad ?? createTestPad();
      const ports = typeof port === 'number' ? [port] : port;
      const link = createLink({
        profile: jht,
        endpoints: ports.map((one) => ({ host: '127.0.0.1', port: one })),
        terminal: identity,
        timeZone: 'Asia/Jakarta',
        security: pad,
        stan: stanSource(),
        clock,
        random: () => 0.5,
        ...options,
      });
      const events: LinkEvent[] = [];
      const states: LinkState[] = [];
      link.onEvent((event) => events.push(event));
      link.onState((state) => states.push(state));
      closers.unshift(() => link.close());
      return {
        link,
        pad,
        events,
        states,
        inquiry: (of, { pin = PERSONA_PIN, ...more } = {}) =>
          buildInquiry(jht, identity, {
            product: 'JHTBAL',
            language: 'id',
            track2: of.track2,
            pinBlock: pad.pinBlock(pin, of.pan),
            entry: 'stripe',
            ...more,
          }),
      };
    },
    async close() {
      for (const close of closers.splice(0)) await close();
    },
  };
}
