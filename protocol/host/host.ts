/**
 * The host simulator: a TCP server that speaks a profile, verifies what a host verifies, and misbehaves when it is told.
 * In a test it runs in the same process; `run.ts` makes it a process of its own.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { systemClock, type Clock } from '../clock.ts';
import { explain } from '../iso8583/error.ts';
import { isReply } from '../iso8583/mti.ts';
import type { HostProfile } from '../profile/profile.ts';
import { fail, ok, type Result } from '../result.ts';
import { fromHex } from '../security/hex.ts';
import type { DukptBase } from '../security/dukpt-receiver.ts';
import { openDatabase, type Database, type StorageError } from '../storage/sqlite.ts';
import { createAnswers, type Decision, type HostSession } from './answers.ts';
import { sendAs, type HostBehaviour, type Wire } from './behaviour.ts';
import { createFaults, writeFaults, type Fault } from './faults.ts';
import { addPersonas, addPopulation, openMembers, type Members } from './members.ts';
import { createKeysOf, type BasesError, type KeysOf } from './message-keys.ts';
import { algorithmsOf } from './terminal-keys.ts';
import { createTerminals } from './terminals.ts';
import { listener, type HostTls } from './tls.ts';
import { createDelays, createWire } from './wire.ts';

/** A TEST key, printed in manuals: the terminal master key of every simulated terminal. */
export const TEST_MASTER_KEY = '0123456789ABCDEFFEDCBA9876543210';

export interface HostOptions {
  readonly profile: HostProfile;
  /** Path of the members' database; default in memory. The personas are in it from the start. */
  readonly database?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly bind?: string;
  /** 32 hex; default the TEST key. */
  readonly masterKey?: string;
  /** DUKPT's base derivation keys, where the profile has it; default TEST keys. */
  readonly bases?: readonly DukptBase[];
  /** Members besides the personas, from `seed` (default 1); default none. */
  readonly members?: number;
  readonly seed?: number;
  readonly behaviour?: HostBehaviour;
  /** The same for some answers only; instead of `behaviour`. */
  readonly faults?: readonly Fault[];
  /** Milliseconds before every answer to an inquiry, besides what the card's own takes; default 0. */
  readonly delayMs?: number;
  /** DE39 of every inquiry; default as the member is. */
  readonly answer?: string;
  /** How late `late` is; default 35,000 ms. */
  readonly lateMs?: number;
  /** TLS 1.3 instead of plain TCP, with a certificate asked of every terminal. Default plain TCP. */
  readonly tls?: HostTls;
  /** Answers that may wait for their time; more are not sent. Default 20,000. */
  readonly maxDelayed?: number;
  /** Terminals that may sign on; default all. */
  readonly terminals?: readonly string[];
  readonly clock?: Clock;
  /** Random bytes for session keys; default the system's. */
  readonly random?: (bytes: number) => Uint8Array;
}

export type HostError =
  | StorageError
  | BasesError
  | { readonly code: 'port-in-use' | 'cannot-listen' | 'bad-master-key'; readonly detail: string };

export interface HostState {
  readonly running: boolean;
  readonly port: number;
  readonly connections: number;
  readonly delayMs: number;
  /** `normal` where only some answers go wrong, which `faults` then says. */
  readonly behaviour: HostBehaviour;
  /** As faults.ts writes them. */
  readonly faults?: string;
  readonly responseCode?: string;
}

export interface RunningHost {
  readonly profile: HostProfile;
  /** The same after stop and start. */
  readonly port: number;
  state(): HostState;
  onState(listener: (state: HostState) => void): () => void;
  /** One line per message, masked. */
  onLog(listener: (line: string) => void): () => void;
  start(): Promise<Result<undefined, HostError>>;
  /** Host down: stops listening, drops every connection. */
  stop(): Promise<void>;
  delay(ms: number): void;
  /** `everything` includes network management: `never` is then a half-open line. Default `business`. */
  behave(behaviour: HostBehaviour | readonly Fault[], scope?: 'business' | 'everything'): void;
  /** Undefined: as the member is. */
  answer(responseCode: string | undefined): void;
  dropConnections(): void;
  /** Every card may be tried again. */
  resetPins(): Result<undefined, StorageError>;
  /** Stops, and closes the database. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 4096;
/** Answers that wait for their time; beyond, they are not sent, as by a host that is overloaded. */
const MAX_DELAYED = 20_000;

/** For the log: what becomes of an answer that is not simply sent. */
function manner(how: HostBehaviour, wait: number | 'never'): string {
  if (wait === 'never' || how === 'never') return ' (never sent)';
  const words = [...(how === 'normal' ? [] : [how]), ...(wait === 0 ? [] : [`after ${wait} ms`])];
  return words.length === 0 ? '' : ` (sent ${words.join(' ')})`;
}

const faultsOf = (behaviour: HostBehaviour): readonly Fault[] => (behaviour === 'normal' ? [] : [{ what: behaviour }]);

function described(faults: readonly Fault[]): Pick<HostState, 'behaviour' | 'faults'> {
  const [first] = faults;
  if (first === undefined) return { behaviour: 'normal' };
  const { what, persona, times, share } = first;
  const all = faults.length === 1 && persona === undefined && times === undefined && share === undefined;
  if (all && what !== 'refuse' && what !== 'answer') return { behaviour: what };
  return { behaviour: 'normal', faults: writeFaults(faults) };
}

export async function startHost(options: HostOptions): Promise<Result<RunningHost, HostError>> {
  const masterKey = fromHex(options.masterKey ?? TEST_MASTER_KEY, 16);
  if (masterKey === undefined) return fail({ code: 'bad-master-key', detail: 'the master key is 32 hex digits' });
  const database = openDatabase(options.database ?? ':memory:');
  if (!database.ok) return database;
  const members = prepareMembers(database.value, options);
  if (!members.ok) {
    database.value.close();
    return members;
  }
  const keysOf = createKeysOf(options.profile, database.value, options.bases);
  if (!keysOf.ok) {
    database.value.close();
    return keysOf;
  }
  const host = createHost(options, members.value, keysOf.value, masterKey, () => database.value.close());
  const started = await host.start();
  if (started.ok) return ok(host);
  await host.close();
  return started;
}

function prepareMembers(database: Database, options: HostOptions): Result<Members, StorageError> {
  const members = openMembers(database);
  if (!members.ok) return members;
  const personas = addPersonas(members.value);
  if (!personas.ok) return personas;
  const population = addPopulation(members.value, options.members ?? 0, options.seed ?? 1);
  return population.ok ? members : population;
}

function createHost(
  options: HostOptions,
  members: Members,
  keysOf: KeysOf,
  masterKey: Uint8Array,
  closeDatabase: () => void,
): RunningHost {
  const { profile } = options;
  const clock = options.clock ?? systemClock;
  const bind = options.bind ?? '127.0.0.1';
  let port = options.port ?? 0;
  let scope: 'business' | 'everything' = 'business';
  let delayMs = options.delayMs ?? 0;
  let forced = options.answer;
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  const delays = createDelays(options.maxDelayed ?? MAX_DELAYED);
  const stateListeners = new Set<(state: HostState) => void>();
  const logListeners = new Set<(line: string) => void>();
  const faults = createFaults(options.seed ?? 1, () => changed());
  faults.set(options.faults ?? faultsOf(options.behaviour ?? 'normal'));
  const answers = createAnswers({
    profile,
    members,
    keysOf,
    terminals: createTerminals({ masterKey, algorithms: algorithmsOf(profile), random: options.random }),
    clock,
    allowed: options.terminals === undefined ? undefined : new Set(options.terminals),
    forced: () => forced,
    turn: (persona) => faults.turn(persona),
  });

  function log(line: string): void {
    for (const listener of logListeners) listener(line);
  }

  const state = (): HostState => ({
    running: server !== undefined,
    port,
    connections: sockets.size,
    delayMs,
    ...described(faults.list),
    ...(forced === undefined ? {} : { responseCode: forced }),
  });

  function changed(): void {
    for (const listener of stateListeners) listener(state());
  }

  function send(wire: Wire, decision: Decision): void {
    const { body, answersAfter, business } = decision;
    const how = business || scope === 'business' ? decision.behaviour : faults.turn(undefined).behaviour;
    const wait = answersAfter === 'never' ? answersAfter : answersAfter + (business ? delayMs : 0);
    if (logListeners.size > 0) log(decision.log + (body === undefined ? '' : manner(how, wait)));
    if (body === undefined || wait === 'never') return;
    if (wait === 0) sendAs(how, wire, body);
    else if (!wire.after(wait, () => sendAs(how, wire, body))) log('too many answers wait: one is not sent');
  }

  function serve(socket: Socket): void {
    if (faults.refuses()) {
      log(`${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'} refused`);
      socket.on('error', () => socket.destroy());
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    changed();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    const session: HostSession = { signedOn: undefined };
    const wire = createWire({ socket, framing: profile.framing, clock, lateMs: options.lateMs ?? 35_000, delays });
    const peer = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
    log(`${peer} connected`);
    socket.on('data', (bytes: Buffer) => {
      const frames = wire.framer.push(bytes);
      for (const frame of frames.ok ? frames.value : frames.error.before) {
        const message = profile.codec.unpack(frame);
        if (!message.ok) log(`${peer} not understood: ${explain(message.error)}`);
        else if (!isReply(message.value.mti)) send(wire, answers.answer(session, frame, message.value));
      }
      if (frames.ok) return;
      const { code, expected, got } = frames.error;
      log(`${peer} framing lost: ${code}: expected ${expected}, got ${got}`);
      socket.destroy();
    });
    // A connection that breaks is the terminal's to repair; 'close' follows every error.
    socket.on('error', (error: NodeJS.ErrnoException) => log(`${peer} ${error.code ?? error.name}`));
    socket.on('close', () => {
      wire.close();
      answers.leave(session);
      sockets.delete(socket);
      log(`${peer} closed`);
      changed();
    });
  }

  function dropConnections(): void {
    for (const socket of sockets) socket.destroy();
  }

  function start(): Promise<Result<undefined, HostError>> {
    if (server !== undefined) return Promise.resolve(ok());
    const starting = listener(options.tls, serve, log);
    starting.maxConnections = MAX_CONNECTIONS;
    return new Promise((resolve) => {
      starting.on('error', (error: NodeJS.ErrnoException) => {
        // Listening already, it is one connection that could not be taken (no descriptors left).
        if (server === starting) return log(`a connection could not be accepted: ${error.code ?? error.name}`);
        const code = error.code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen';
        resolve(fail({ code, detail: `${bind}:${port}: ${error.code ?? error.name}` }));
      });
      starting.listen(port, bind, () => {
        port = (starting.address() as AddressInfo).port;
        server = starting;
        log(`listening on ${bind}:${port}, profile ${profile.name}`);
        changed();
        resolve(ok());
      });
    });
  }

  async function stop(): Promise<void> {
    const stopping = server;
    if (stopping === undefined) return;
    server = undefined;
    const closed = new Promise<void>((resolve) => stopping.close(() => resolve()));
    dropConnections();
    await closed;
    log('stopped');
    changed();
  }

  function listen<T>(listeners: Set<(value: T) => void>): (listener: (value: T) => void) => () => void {
    return (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
  }

  function set(apply: () => void): void {
    apply();
    changed();
  }

  return {
    profile,
    get port() {
      return port;
    },
    state,
    onState: listen(stateListeners),
    onLog: listen(logListeners),
    start,
    stop,
    delay: (ms) => set(() => (delayMs = ms)),
    behave: (next, over = 'business') =>
      set(() => {
        faults.set(typeof next === 'string' ? faultsOf(next) : next);
        scope = over;
      }),
    answer: (responseCode) => set(() => (forced = responseCode)),
    dropConnections,
    resetPins: () => members.resetPins(),
    async close() {
      await stop();
      closeDatabase();
    },
  };
}
