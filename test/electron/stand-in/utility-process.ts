/**
 * Loaded before the core's bundle in plain Node: gives the process the `parentPort` that Electron's utility process has, and
 * passes what goes through it to and from the test over Node's IPC channel. A line to a page is `{toPage}` one way and
 * `{fromPage}` the other.
 */
import { EventEmitter } from 'node:events';

class Port extends EventEmitter {
  #started = false;

  start(): void {
    this.#started = true;
  }

  postMessage(message: unknown): void {
    if (!this.#started) throw new Error('the core spoke on a line before it had started it');
    process.send?.({ toPage: message });
  }
}

const parentPort = Object.assign(new EventEmitter(), {
  postMessage(message: unknown): void {
    process.send?.({ toMain: message });
  },
});
Object.assign(process, { parentPort });

let page: Port | undefined;
process.on('message', (message: { readonly toCore?: { readonly type: string }; readonly fromPage?: unknown }) => {
  if (message.fromPage !== undefined) page?.emit('message', { data: message.fromPage });
  if (message.toCore === undefined) return;
  if (message.toCore.type === 'ui-port') page = new Port();
  parentPort.emit('message', { data: message.toCore, ports: page && message.toCore.type === 'ui-port' ? [page] : [] });
});
