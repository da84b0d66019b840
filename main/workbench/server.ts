/** The workbench page's server: shows the simulated hardware, passes verbs on. Simulation only. */
import type { WebSocket } from 'ws';
import type { Clock } from '../../protocol/clock.ts';
import { PERSONA_PIN, personas } from '../../protocol/host/personas.ts';
import type { Result } from '../../protocol/result.ts';
import type { Asset } from '../browser/assets.ts';
import { serveLoopback, type ListenFailure } from '../browser/loopback.ts';
import type { CardReaderSimulatorState, PaperState, PinPadSimulatorState, WorkbenchView } from '../contract.ts';
import { maskCard } from '../session/mask.ts';
import type { Bench } from './bench.ts';
import { parseVerb } from './verbs.ts';

export interface WorkbenchServer {
  readonly origin: string;
  readonly address: string;
  /** The kiosk's address, once it is known. */
  showKiosk(url: string): void;
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  readonly bench: Bench;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly port: number;
  readonly clock: Clock;
  /** Reusable: a page that reloads needs it again. */
  readonly token: string;
  /** Where the kiosk page will be, for the frame. */
  readonly kioskOrigin?: string;
}

const LOG_LINES = 200;

const NO_READER: CardReaderSimulatorState = {
  plugged: false,
  place: 'none',
  accepting: false,
  jammed: false,
  retained: 0,
};
const NO_PAD: PinPadSimulatorState = { plugged: false, entering: false, digits: 0, tampered: false, keys: [] };
const NO_PAPER: PaperState = {
  plugged: false,
  columns: 42,
  paper: 'ok',
  cover: 'closed',
  jammed: false,
  tickets: [],
  current: [],
};
const NO_HOST: WorkbenchView['host'] = { running: false, connections: 0, delayMs: 0, behaviour: 'normal' };

const PERSONA_VIEWS: WorkbenchView['personas'] = personas.map((persona) => ({
  id: persona.id,
  name: persona.name,
  note: persona.note,
  card: maskCard(persona.pan),
}));

export async function serveWorkbench(options: WorkbenchOptions): Promise<Result<WorkbenchServer, ListenFailure>> {
  const { bench, clock } = options;
  const pages = new Set<WebSocket>();
  const log: WorkbenchView['log'][number][] = [];
  let kioskUrl: string | undefined;

  const view = (): WorkbenchView => ({
    ...(kioskUrl === undefined ? {} : { kioskUrl }),
    personas: PERSONA_VIEWS,
    pin: PERSONA_PIN,
    reader: (bench.reader?.state() as CardReaderSimulatorState | undefined) ?? NO_READER,
    pad: (bench.pad?.state() as PinPadSimulatorState | undefined) ?? NO_PAD,
    paper: (bench.printer?.state() as PaperState | undefined) ?? NO_PAPER,
    host: (bench.host?.state() as WorkbenchView['host'] | undefined) ?? NO_HOST,
    log: [...log],
  });

  let due = false;
  const publish = (): void => {
    if (due) return;
    due = true;
    // Several changes of one moment make one message.
    setImmediate(() => {
      due = false;
      const message = JSON.stringify({ type: 'workbench', view: view() });
      for (const page of pages) page.send(message);
    });
  };

  const note = (source: WorkbenchView['log'][number]['source'], text: string): void => {
    log.push({ at: clock.now(), source, text: text.slice(0, 300) });
    if (log.length > LOG_LINES) log.shift();
    publish();
  };

  const sources = [
    ['reader', bench.reader],
    ['pad', bench.pad],
    ['printer', bench.printer],
    ['host', bench.host],
  ] as const;
  for (const [source, simulator] of sources) {
    simulator?.onState(publish);
    simulator?.onLog((line) => {
      note(source, line);
    });
  }

  const onSocket = (socket: WebSocket): void => {
    pages.add(socket);
    socket.on('close', () => pages.delete(socket));
    socket.send(JSON.stringify({ type: 'workbench', view: view() }));
    socket.on('message', (data: Buffer) => {
      if (socket.readyState !== socket.OPEN) return;
      const verb = parseVerb(data.toString('utf8'));
      if (verb === undefined) {
        socket.close(1008, 'not a verb');
        return;
      }
      void bench.act(verb).then((done) => {
        // What was typed on the pad is not written down, not even here.
        if (verb.device !== 'pad')
          note(verb.device, `${verb.verb}${'persona' in verb ? ` ${verb.persona}` : ''}${done.ok ? '' : ' (refused)'}`);
        if (!done.ok) socket.send(JSON.stringify({ type: 'refused', verb, reason: done.error.detail }));
      });
    });
  };

  const served = await serveLoopback({
    bind: '127.0.0.1',
    port: options.port,
    assets: options.assets,
    index: '/workbench.html',
    hidden: ['/index.html'],
    socketPath: '/workbench',
    protocol: 'anjungan.workbench.v1',
    admit: (token) => token === options.token,
    onSocket,
    frames: options.kioskOrigin === undefined ? [] : [options.kioskOrigin],
    clock,
  });
  if (!served.ok) return served;
  return {
    ok: true,
    value: {
      origin: served.value.origin,
      address: `${served.value.origin}/#token=${options.token}`,
      showKiosk(url) {
        kioskUrl = url;
        publish();
      },
      close: served.value.close,
    },
  };
}
