/** The bundled preload, as it ships, in a context that has what a sandboxed preload has: no Node, and only 'electron' to require. */
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltShell, buildShell } from './bundles.ts';

let built: BuiltShell;
beforeAll(async () => {
  built = await buildShell();
});
afterAll(() => {
  built.remove();
});

/** What the page finds on its window. */
interface Bridge {
  send(message: unknown): void;
  subscribe(listener: (message: unknown) => void): () => void;
}

interface Page {
  /** By name: everything the preload put on the page's window. */
  readonly exposed: Readonly<Record<string, unknown>>;
  readonly bridge: Bridge;
  /** Channels the preload listens on. */
  readonly channels: readonly string[];
  readonly required: readonly string[];
  /** As main does it: hands the page a line and keeps the core's end. */
  connectCore(): CoreEnd;
  /** What main's message on the channel brings. */
  deliver(ports: readonly Port[]): void;
}

/** As much of a MessagePort as the preload uses. */
type Port = Pick<MessagePort, 'addEventListener' | 'start' | 'close' | 'postMessage'>;

/** A port whose messages arrive at once. */
class InstantPort extends EventTarget {
  closed = false;

  arrives(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
  start(): void {}
  postMessage(): void {}
  close(): void {
    this.closed = true;
  }
}

interface CoreEnd {
  readonly heard: unknown[];
  say(message: unknown): void;
  close(): void;
}

const openPorts: MessagePort[] = [];
afterAll(() => {
  for (const port of openPorts) port.close();
});

function loadPage(): Page {
  const exposed: Record<string, unknown> = {};
  const listeners = new Map<string, (event: { readonly ports: readonly Port[] }) => void>();
  const required: string[] = [];
  const electron = {
    contextBridge: {
      exposeInMainWorld(name: string, value: unknown) {
        exposed[name] = value;
      },
    },
    ipcRenderer: {
      on(channel: string, listener: (event: { readonly ports: readonly Port[] }) => void) {
        listeners.set(channel, listener);
      },
    },
  };
  const sandboxRequire = (name: string): unknown => {
    required.push(name);
    if (name !== 'electron') throw new Error(`module not found: ${name}`);
    return electron;
  };
  vm.runInNewContext(readFileSync(built.preload, 'utf8'), {
    require: sandboxRequire,
    exports: {},
    module: { exports: {} },
  });
  const deliver = (ports: readonly Port[]): void => {
    listeners.get('anjungan:port')?.({ ports });
  };
  return {
    exposed,
    deliver,
    bridge: exposed['anjungan'] as Bridge,
    channels: [...listeners.keys()],
    required,
    connectCore() {
      const { port1, port2 } = new MessageChannel();
      openPorts.push(port1);
      const heard: unknown[] = [];
      port1.addEventListener('message', (event: MessageEvent<unknown>) => {
        heard.push(event.data);
      });
      port1.start();
      deliver([port2]);
      return {
        heard,
        say(message) {
          port1.postMessage(message);
        },
        close() {
          port1.close();
        },
      };
    },
  };
}

const tap = (step: number): unknown => ({ type: 'action', step, action: { kind: 'continue' } });
const view = (step: number): unknown => ({ type: 'view', view: { step } });

describe('the preload', () => {
  it('requires only electron, and runs without Node', () => {
    expect(loadPage().required).toEqual(['electron']);
  });

  it('gives the page exactly window.anjungan with send and subscribe, and listens on one channel', () => {
    const page = loadPage();
    expect(Object.keys(page.exposed)).toEqual(['anjungan']);
    expect(Object.keys(page.bridge)).toEqual(['send', 'subscribe']);
    expect(page.channels).toEqual(['anjungan:port']);
  });

  it('carries messages both ways', async () => {
    const page = loadPage();
    const seen: unknown[] = [];
    page.bridge.subscribe((message) => seen.push(message));
    const core = page.connectCore();
    core.say(view(1));
    await expect.poll(() => seen).toEqual([view(1)]);
    page.bridge.send(tap(1));
    await expect.poll(() => core.heard).toEqual([tap(1)]);
  });

  it('keeps the newest view for a page that has not subscribed yet, once', () => {
    const page = loadPage();
    const port = new InstantPort();
    page.deliver([port]);
    port.arrives(view(1));
    port.arrives(view(2));
    const first: unknown[] = [];
    const second: unknown[] = [];
    page.bridge.subscribe((message) => first.push(message));
    page.bridge.subscribe((message) => second.push(message));
    expect(first).toEqual([view(2)]);
    expect(second).toEqual([]);
  });

  it('stops telling a listener that has unsubscribed', async () => {
    const page = loadPage();
    const first: unknown[] = [];
    const second: unknown[] = [];
    const unsubscribe = page.bridge.subscribe((message) => first.push(message));
    page.bridge.subscribe((message) => second.push(message));
    unsubscribe();
    page.connectCore().say(view(1));
    await expect.poll(() => second).toHaveLength(1);
    expect(first).toEqual([]);
  });

  it('keeps at most 32 messages until its first line', async () => {
    const page = loadPage();
    for (let step = 0; step < 40; step += 1) page.bridge.send(tap(step));
    const core = page.connectCore();
    page.bridge.send('the last');
    await expect.poll(() => core.heard).toContain('the last');
    expect(core.heard).toEqual([...Array.from({ length: 32 }, (_, step) => tap(step)), 'the last']);
  });

  it('says lost when the core is gone, and drops what is said to nobody', async () => {
    const page = loadPage();
    const seen: unknown[] = [];
    page.bridge.subscribe((message) => seen.push(message));
    page.connectCore().close();
    await expect.poll(() => seen).toEqual([{ type: 'lost' }]);
    page.bridge.send(tap(4));
    const next = page.connectCore();
    page.bridge.send(tap(5));
    await expect.poll(() => next.heard).toEqual([tap(5)]);
  });

  it('listens to its newest line only, and closes the one before without calling it lost', async () => {
    const page = loadPage();
    const seen: unknown[] = [];
    page.bridge.subscribe((message) => seen.push(message));
    const first = page.connectCore();
    const second = page.connectCore();
    first.say('from the old core');
    second.say('from the new core');
    await expect.poll(() => seen).toContain('from the new core');
    expect(seen).toEqual(['from the new core']);
    page.bridge.send(tap(1));
    await expect.poll(() => second.heard).toEqual([tap(1)]);
    expect(first.heard).toEqual([]);
  });

  it('closes a line that is replaced, and does not hear what was still on its way there', () => {
    const page = loadPage();
    const first = new InstantPort();
    const seen: unknown[] = [];
    page.bridge.subscribe((message) => seen.push(message));
    page.deliver([first]);
    page.deliver([new InstantPort()]);
    expect(first.closed).toBe(true);
    first.arrives(view(1));
    first.dispatchEvent(new Event('close'));
    expect(seen).toEqual([]);
  });

  it('keeps its line when a message on its channel brings no port', () => {
    const page = loadPage();
    const port = new InstantPort();
    page.deliver([port]);
    page.deliver([]);
    const seen: unknown[] = [];
    page.bridge.subscribe((message) => seen.push(message));
    port.arrives(view(1));
    expect(seen).toEqual([view(1)]);
    expect(port.closed).toBe(false);
  });
});
