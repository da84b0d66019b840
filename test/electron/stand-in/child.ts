/**
 * The process the bundled shell runs in: plain Node with the stand-in in Electron's place and time that passes only when
 * told to. Started by shell-process.ts, which it obeys over Node's IPC channel.
 *
 * Arguments: the bundle (main.cjs), the settings as JSON, then the shell's own command line.
 */
import { createRequire, registerHooks } from 'node:module';
import { mock } from 'node:test';
import { createStandIn, type StandInSettings } from './electron.ts';

export type Target = 'app' | 'window' | 'page' | 'core' | 'screen' | 'kiosk session' | 'default session';

export type Order =
  | { readonly do: 'calls' }
  | { readonly do: 'ready' }
  | { readonly do: 'advance'; readonly ms: number }
  /** `first` is the event object (it gets a preventDefault) unless `bare`; answers whether it was prevented. */
  | {
      readonly do: 'emit';
      readonly target: Target;
      readonly event: string;
      readonly args: readonly unknown[];
      readonly bare?: boolean;
    }
  /** A handler the shell has set on a session; the last argument becomes its callback when `calledBack`. */
  | {
      readonly do: 'ask';
      readonly target: Target;
      readonly handler: string;
      readonly args: readonly unknown[];
      readonly calledBack: boolean;
    }
  | { readonly do: 'open window'; readonly url: string }
  | { readonly do: 'choose bluetooth device' }
  | { readonly do: 'fetch'; readonly url: string; readonly method: string }
  | { readonly do: 'page is at'; readonly url: string }
  | { readonly do: 'move display'; readonly bounds: { x: number; y: number; width: number; height: number } }
  | { readonly do: 'throw'; readonly message: string };

const [bundle, settingsText, ...commandLine] = process.argv.slice(2);
if (bundle === undefined || settingsText === undefined) throw new Error('child.ts <bundle> <settings> [argument ...]');
const settings = JSON.parse(settingsText) as StandInSettings;
const standIn = createStandIn(settings);

function target(name: Target): NodeJS.EventEmitter {
  const found = {
    app: standIn.app,
    screen: standIn.screen,
    window: standIn.windows.at(-1),
    page: standIn.windows.at(-1)?.webContents,
    core: standIn.cores.at(-1),
    'kiosk session': standIn.sessions.get('kiosk'),
    'default session': standIn.sessions.get('default'),
  }[name];
  if (found === undefined) throw new Error(`no ${name} yet`);
  return found;
}

function emit(order: Extract<Order, { do: 'emit' }>): unknown {
  let prevented = false;
  const [first, ...rest] = order.args;
  const event = {
    ...(first as object | undefined),
    preventDefault() {
      prevented = true;
    },
  };
  target(order.target).emit(order.event, ...(order.bare ? order.args : [event, ...rest]));
  return { prevented };
}

function ask(order: Extract<Order, { do: 'ask' }>): unknown {
  const session = standIn.sessions.get(order.target === 'kiosk session' ? 'kiosk' : 'default');
  const handler = session?.handlers.get(order.handler);
  if (handler === undefined) throw new Error(`${order.handler} was never called`);
  let given: unknown = 'no decision';
  const decide = (decision: unknown): void => {
    given = decision;
  };
  const returned = order.calledBack ? handler(...order.args, decide) : handler(...order.args);
  return { given: order.calledBack ? given : returned };
}

async function fetchOwn(url: string, method: string): Promise<unknown> {
  const handler = standIn.sessions.get('kiosk')?.schemes.get('anjungan');
  if (handler === undefined) throw new Error('no handler for the scheme');
  // A Request of Node's fetch refuses some methods and rewrites addresses; Electron's gives both as they came.
  const response = handler({ url, method } as Request);
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

function chooseBluetoothDevice(): unknown {
  let prevented = false;
  let chosen: unknown = 'no choice';
  target('page').emit(
    'select-bluetooth-device',
    {
      preventDefault() {
        prevented = true;
      },
    },
    [{ deviceId: 'a', deviceName: 'A' }],
    (id: unknown) => {
      chosen = id;
    },
  );
  return { prevented, chosen };
}

function obey(order: Order): unknown {
  switch (order.do) {
    case 'calls':
      return standIn.calls;
    case 'ready':
      return standIn.app.becomeReady();
    case 'advance':
      return mock.timers.tick(order.ms);
    case 'emit':
      return emit(order);
    case 'ask':
      return ask(order);
    case 'open window':
      return standIn.windows.at(-1)?.webContents.windowOpenHandler?.({ url: order.url });
    case 'choose bluetooth device':
      return chooseBluetoothDevice();
    case 'fetch':
      return fetchOwn(order.url, order.method);
    case 'page is at': {
      const page = standIn.windows.at(-1)?.webContents;
      if (page) page.url = order.url;
      return undefined;
    }
    case 'move display':
      standIn.screen.bounds = order.bounds;
      return undefined;
    case 'throw':
      setImmediate(() => {
        throw new Error(order.message);
      });
      return undefined;
  }
}

/** Promises and turns of the event loop that an order has set going. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const electronNames = new Set(['electron', 'electron/main']);
const standInUrl = 'stand-in:electron';
Object.assign(globalThis, { [standInUrl]: standIn.module });
registerHooks({
  resolve: (name, context, next) =>
    electronNames.has(name) ? { url: standInUrl, format: 'commonjs', shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === standInUrl
      ? { format: 'commonjs', source: `module.exports = globalThis['${standInUrl}']`, shortCircuit: true }
      : next(url, context),
});
mock.timers.enable({ apis: ['setTimeout', 'Date'] });
process.argv = [process.execPath, ...commandLine];

process.on('message', (order: Order) => {
  // Not caught: what goes wrong here is the shell's bug or the test's, and has to show.
  void Promise.resolve(obey(order)).then(async (answer) => {
    await settle();
    process.send?.({ answer });
  });
});

createRequire(import.meta.url)(bundle);
await settle();
process.send?.({ answer: 'loaded' });
