/** The composition root: configuration -> devices, link, journal -> session. Runs in plain Node and knows no user interface. */
import type { Clock } from '../protocol/clock.ts';
import type { LinkEvent, LinkSecurity } from '../protocol/link/contract.ts';
import { createLink } from '../protocol/link/link.ts';
import { openStanSource, type StanSource } from '../protocol/link/stan.ts';
import { loadTls, type TlsDial } from '../protocol/link/tls.ts';
import { loadProfile } from '../protocol/profile/profile.ts';
import { fail, ok, type Result } from '../protocol/result.ts';
import type { Config } from './config.ts';
import { TIME_ZONES } from './config.ts';
import { linesOf, openDevices, type Devices, type TapLine } from './devices.ts';
import { createJournal } from './journal/journal.ts';
import { openTicketCounter, type TicketCounter } from './session/tickets.ts';
import { createStorage, lockInstance, type Storage } from './storage.ts';
import { runTerminal, type Terminal } from './terminal.ts';

export interface CoreOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** One line for the technician; never personal data. */
  readonly log: (line: string) => void;
  readonly tap?: TapLine | undefined;
  readonly onLinkEvent?: ((event: LinkEvent) => void) | undefined;
  readonly onHostTime?: ((ms: number) => void) | undefined;
}

export interface Core {
  readonly terminal: Terminal;
  readonly storage: Storage;
  readonly devices: Devices;
  /** Gives back a card, signs off, closes everything; settles within about `graceMs` and two seconds. */
  stop(graceMs: number): Promise<void>;
  /** Closes everything at once and says nothing to anybody, as the end of the process would. */
  abandon(): Promise<void>;
}

/** What the host is still answering when the terminal stops may come in for so long. */
const DRAIN_MS = 1000;

/** Why the core cannot even stand: nothing was opened. */
export type CoreFailure =
  | { readonly code: 'second-instance'; readonly detail: string }
  | { readonly code: 'profile'; readonly detail: string }
  | { readonly code: 'incomplete'; readonly detail: string };

/** A number source whose storage may fail now and work later. */
function lazyStan(open: () => Result<StanSource, { readonly code: string; readonly detail: string }>): StanSource {
  let source: StanSource | undefined;
  return {
    next() {
      if (source === undefined) {
        const opened = open();
        if (!opened.ok) return fail({ code: 'unknown', detail: opened.error.detail });
        source = opened.value;
      }
      return source.next();
    },
  };
}

function lazyTickets(storage: Storage): TicketCounter {
  let counter: TicketCounter | undefined;
  return {
    next(day) {
      if (counter === undefined) {
        const opened = storage.open();
        const made = opened.ok ? openTicketCounter(opened.value) : opened;
        if (!made.ok) return made;
        counter = made.value;
      }
      return counter.next(day);
    },
  };
}

/** The PIN pad as the link sees it: keys in under the master key, MACs out. */
function padSecurity(devices: Devices): LinkSecurity {
  const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
  return {
    async loadKeys(keys) {
      const pin = await devices.pad.loadKey('pin', hex(keys.pinKey), keys.pinCheck);
      if (!pin.ok) return pin;
      return devices.pad.loadKey('mac', hex(keys.macKey), keys.macCheck);
    },
    async mac(data) {
      const mac = await devices.pad.mac(data);
      return mac.ok ? ok(Buffer.from(mac.value).toString('hex').toUpperCase()) : mac;
    },
  };
}

/** The files are looked at before anything starts: a certificate that has expired is not found by the first customer. */
function openTls(config: Config, now: number): Result<TlsDial | undefined, CoreFailure> {
  const files = config.host.tls;
  if (files === undefined) return ok(undefined);
  const { servername, ...paths } = files;
  const loaded = loadTls({ ...paths, ...(servername === undefined ? {} : { servername }) }, now);
  if (loaded.ok) return loaded;
  return fail({ code: 'incomplete', detail: `host.tls.${loaded.error.file}: ${loaded.error.detail}` });
}

export function startCore(options: CoreOptions): Result<Core, CoreFailure> {
  const { config, clock, log } = options;
  const profile = loadProfile(config.host.profile);
  if (!profile.ok) {
    return fail({
      code: 'profile',
      detail: profile.error.map((mistake) => `${mistake.profile} ${mistake.path}: ${mistake.rule}`).join('; '),
    });
  }
  const lines = linesOf(config);
  if (!lines.ok) return fail({ code: 'incomplete', detail: `no line for ${lines.missing.join(', ')}` });
  if (config.host.endpoints.length === 0) return fail({ code: 'incomplete', detail: 'no host.endpoints' });
  const tls = openTls(config, clock.now());
  if (!tls.ok) return tls;

  const lock = lockInstance(config.data.folder);
  if (!lock.ok && lock.error.code === 'second-instance') {
    return fail({ code: 'second-instance', detail: `another terminal runs on ${config.data.folder}` });
  }

  const storage = createStorage(config.data.folder);
  const journal = createJournal(storage.open, clock);
  journal.onHealth((healthy, error) => {
    log(
      healthy
        ? 'journal: works again'
        : `journal: cannot be written (${error?.code ?? 'unknown'}: ${error?.detail ?? ''})`,
    );
  });
  journal.append({ event: 'terminal-started', fields: {} });

  const { terminal: t } = config;
  const timeZone = TIME_ZONES[t.zone];
  const identity = {
    terminalId: t.id,
    acceptorId: t.acceptorId,
    acceptorName: t.acceptorName,
    acquirerId: t.acquirerId,
  };
  const devices = openDevices(config, lines.lines, clock, options.tap);
  const link = createLink({
    profile: profile.value,
    endpoints: config.host.endpoints,
    terminal: identity,
    timeZone,
    security: padSecurity(devices),
    stan: lazyStan(() => {
      const opened = storage.open();
      return opened.ok ? openStanSource({ database: opened.value, terminalId: t.id, clock, timeZone }) : opened;
    }),
    clock,
    timeouts: { connect: config.host.connectMs, reply: config.host.replyMs, echoIdle: config.host.echoIdleMs },
    keyChangeMs: config.host.keyExchangeMs,
    failBackMs: config.host.failBackMs,
    ...(tls.value === undefined ? {} : { dial: tls.value }),
  });
  link.onEvent((event) => {
    if (event.kind !== 'sent' && event.kind !== 'received' && event.kind !== 'echo')
      log(`host: ${event.kind} ${event.detail}`);
    if (event.kind === 'unmatched' || event.kind === 'garbled' || event.kind === 'mac-wrong') {
      journal.append({ event: 'host-unmatched', fields: { kind: event.kind, stan: event.stan } });
    }
    options.onLinkEvent?.(event);
  });

  const terminal = runTerminal(
    {
      clock,
      ...devices,
      link,
      profile: profile.value,
      identity,
      terminal: {
        id: t.id,
        bank: t.bank,
        place: t.place,
        zone: t.zone,
        timeZone,
        simulated: config.simulated,
        callCentre: t.callCentre,
      },
      journal,
      tickets: lazyTickets(storage),
      onHostTime: options.onHostTime,
    },
    { delays: config.delays, language: t.language },
  );

  const release = async (drainMs: number): Promise<void> => {
    await Promise.all([link.close(drainMs), devices.reader.close(), devices.pad.close(), devices.printer.close()]);
  };
  return ok({
    terminal,
    storage,
    devices,
    async stop(graceMs) {
      await terminal.stop(graceMs);
      await release(DRAIN_MS);
      journal.append({ event: 'terminal-stopped', fields: {} });
      storage.close();
      if (lock.ok) lock.value.release();
    },
    async abandon() {
      await terminal.stop(0);
      storage.close();
      if (lock.ok) lock.value.release();
      await release(0);
    },
  });
}
