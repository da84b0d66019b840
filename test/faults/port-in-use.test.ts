import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCore, type BuiltCore, eventually } from '../processes.ts';
import { kioskOf, openPage, startTerminalProcesses, type TerminalProcesses } from '../terminal-processes.ts';

let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore();
});
afterAll(() => {
  core.remove();
});

const EX_UNAVAILABLE = 69;

async function occupy(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function expectRefused(terminal: TerminalProcesses): Promise<void> {
  const { port } = terminal.config.browser;
  const refused = terminal.start();
  expect(await refused.ended).toEqual({ code: EX_UNAVAILABLE, signal: null });
  expect(refused.errors).toEqual([
    `core: the port is taken: 127.0.0.1:${port} (EADDRINUSE); browser.port in the configuration names another`,
  ]);
}

it('the kiosk page’s port is taken: the core says so in one line and leaves, without having asked for a card', async () => {
  const terminal = await startTerminalProcesses(core.file, 'tcp');
  const server = await occupy(terminal.config.browser.port);
  try {
    let everAccepting = false;
    terminal.bench.reader?.onState(() => {
      everAccepting ||= terminal.reader().accepting;
    });
    await expectRefused(terminal);
    expect(everAccepting).toBe(false);
    // The slot is shut: a card stays at the mouth, in the customer's hand.
    await terminal.bench.act({ device: 'reader', verb: 'insert', persona: 'normal', flaw: 'none' });
    expect(terminal.reader()).toMatchObject({ accepting: false, place: 'mouth' });
    expect(terminal.journal().chain).toMatchObject({ intact: true });
  } finally {
    server.close();
    await terminal.close();
  }
}, 60_000);

it('taken after the core before was killed at the open slot: the slot is shut, and no card is left in it', async () => {
  const terminal = await startTerminalProcesses(core.file, 'tcp');
  let server: Server | undefined;
  try {
    const first = terminal.start();
    await kioskOf(first);
    await eventually('the reader accepts a card', () => terminal.reader().accepting);
    await first.kill();
    expect(terminal.reader().accepting).toBe(true);
    server = await occupy(terminal.config.browser.port);
    await expectRefused(terminal);
    expect(terminal.reader()).toMatchObject({ accepting: false, place: 'none' });

    server.close();
    await once(server, 'close');
    const next = terminal.start();
    const kiosk = await kioskOf(next);
    const page = await openPage(kiosk.origin, kiosk.token);
    await page.screen('idle');
    page.close();
  } finally {
    server?.close();
    await terminal.close();
  }
}, 60_000);

it('taken after the core before was killed with a card inside: the card comes back all the same', async () => {
  const terminal = await startTerminalProcesses(core.file, 'tcp');
  let server: Server | undefined;
  try {
    const first = terminal.start();
    await kioskOf(first);
    await terminal.insert('normal');
    await eventually('the card is inside', () => terminal.reader().place === 'inside');
    await first.kill();
    server = await occupy(terminal.config.browser.port);
    const refused = expectRefused(terminal);
    await terminal.takeCard();
    await refused;
    expect(terminal.reader()).toMatchObject({ accepting: false, place: 'none' });
    const events = terminal.journal().rows.map((row) => row.event);
    expect(events.slice(events.lastIndexOf('terminal-started'))).toEqual(
      expect.arrayContaining(['card-found', 'card-taken', 'terminal-stopped']),
    );
  } finally {
    server?.close();
    await terminal.close();
  }
}, 60_000);
