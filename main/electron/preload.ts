/**
 * The page's only way out: `window.anjungan`, a line to the core. It carries whatever the two say; `{type:'lost'}` is the
 * preload's own word for a core that has gone. Bundled to one CommonJS file, because a sandboxed preload
 * can be nothing else, and can require nothing but 'electron'.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { pagePortChannel } from './messages.ts';

type Listener = (message: unknown) => void;

/** What the page says before its first line is there; more than a few mean that nobody is going to answer. */
const outboxLimit = 32;

const listeners = new Set<Listener>();
const outbox: unknown[] = [];
let port: MessagePort | undefined;
/** Until the first line. After a loss nothing is kept: it was said to a screen whose core is gone. */
let waiting = true;
/** The newest message, when it came before anybody listened. One is enough: each View is the whole truth. */
let unheard: { readonly message: unknown } | undefined;

function receive(message: unknown): void {
  if (listeners.size === 0) unheard = { message };
  for (const listener of listeners) listener(message);
}

function connect(next: MessagePort): void {
  port?.close();
  port = next;
  waiting = false;
  next.addEventListener('message', (event: MessageEvent<unknown>) => {
    // A port that has been replaced may still have had something on its way.
    if (port === next) receive(event.data);
  });
  next.addEventListener('close', () => {
    if (port !== next) return;
    port = undefined;
    receive({ type: 'lost' });
  });
  next.start();
  for (const message of outbox.splice(0)) next.postMessage(message);
}

ipcRenderer.on(pagePortChannel, (event) => {
  const [next] = event.ports;
  if (next !== undefined) connect(next);
});

contextBridge.exposeInMainWorld('anjungan', {
  send(message: unknown): void {
    if (port) port.postMessage(message);
    else if (waiting && outbox.length < outboxLimit) outbox.push(message);
  },
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    const missed = unheard;
    unheard = undefined;
    if (missed) listener(missed.message);
    return () => {
      listeners.delete(listener);
    };
  },
});
