/** The bundled Electron shell, as it ships, against a stand-in of Electron: what it denies, serves, keeps running and how it leaves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltShell, buildShell } from './bundles.ts';
import { type Shell, type ShellSettings, startShell } from './stand-in/shell-process.ts';

const start = 'anjungan://app/index.html';
let built: BuiltShell;
const started: Shell[] = [];

beforeAll(async () => {
  built = await buildShell();
});
afterAll(async () => {
  await Promise.all(started.map((shell) => shell.end()));
  built.remove();
});

async function newShell(settings: Omit<ShellSettings, 'bundle'> = {}): Promise<Shell> {
  const shell = await startShell({ bundle: built.main, ...settings });
  started.push(shell);
  return shell;
}

async function readyShell(settings: Omit<ShellSettings, 'bundle'> = {}): Promise<Shell> {
  const shell = await newShell(settings);
  await shell.ready();
  return shell;
}

interface WindowOptions {
  readonly kiosk: boolean;
  readonly frame: boolean;
  readonly show: boolean;
  readonly webPreferences: Readonly<Record<string, unknown>>;
}

async function windowOptions(shell: Shell): Promise<WindowOptions> {
  const [call] = await shell.calls('BrowserWindow');
  return call?.with[0] as WindowOptions;
}

describe('before Chromium is ready', () => {
  it('asks for the sandbox, no menu, a scheme of its own and no way to zoom, swipe, look up names or open a key ring', async () => {
    const shell = await newShell();
    const calls = await shell.calls();
    const names = calls.map((call) => call.what);
    expect(names).toContain('app.enableSandbox');
    expect(calls).toContainEqual({ what: 'Menu.setApplicationMenu', with: [null] });
    expect(calls).toContainEqual({
      what: 'protocol.registerSchemesAsPrivileged',
      with: [[{ scheme: 'anjungan', privileges: { standard: true, secure: true, supportFetchAPI: true } }]],
    });
    const switches = calls.filter((call) => call.what === 'app.commandLine.appendSwitch').map((call) => call.with[0]);
    expect(switches).toEqual([
      'disable-pinch',
      'overscroll-history-navigation',
      'host-resolver-rules',
      'password-store',
    ]);
    expect(names).not.toContain('BrowserWindow');
    expect(names).not.toContain('utilityProcess.fork');
  });

  it.each(['no-sandbox', 'remote-debugging-port', 'disable-web-security', 'single-process'])(
    'an installed terminal refuses --%s and leaves with 78',
    async (name) => {
      const shell = await newShell({ switches: [name] });
      expect(await shell.exited).toBe(78);
      expect(shell.log()).toContain(`--${name} is refused`);
    },
  );

  it('a developer may use --no-sandbox', async () => {
    const shell = await readyShell({ packaged: false, switches: ['no-sandbox'] });
    expect(await shell.calls('BrowserWindow')).toHaveLength(1);
  });

  it('a second instance says so and leaves with 69, without a window or a core', async () => {
    const shell = await newShell({ secondInstance: true });
    expect(await shell.exited).toBe(69);
    expect(shell.log()).toContain('already running');
  });
});

describe('the window', () => {
  let shell: Shell;
  beforeAll(async () => {
    shell = await readyShell();
  });

  it('covers the primary display, without a frame, and shows itself when there is something to see', async () => {
    expect(await windowOptions(shell)).toMatchObject({
      x: 0,
      y: 0,
      width: 1080,
      height: 1920,
      kiosk: true,
      frame: false,
      show: false,
    });
    expect(await shell.calls('window.show')).toHaveLength(0);
    await shell.emit('window', 'ready-to-show');
    expect(await shell.calls('window.show')).toHaveLength(1);
  });

  it('gives the page a sandbox, a context of its own and nothing else', async () => {
    const { webPreferences } = await windowOptions(shell);
    expect(webPreferences).toMatchObject({
      preload: built.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      plugins: false,
      devTools: false,
      navigateOnDragDrop: false,
      disableDialogs: true,
      spellcheck: false,
    });
  });

  it('loads the start page and nothing else', async () => {
    expect(await shell.calls('page.loadURL')).toEqual([{ what: 'page.loadURL', with: [start] }]);
  });

  it('cannot be closed, leaves neither full screen nor the top, and follows the display', async () => {
    expect(await shell.emit('window', 'close')).toEqual({ prevented: true });
    await shell.emit('window', 'leave-full-screen');
    expect(await shell.calls('window.setKiosk')).toEqual([{ what: 'window.setKiosk', with: [true] }]);
    await shell.emit('window', 'minimize');
    expect(await shell.calls('window.restore')).toHaveLength(1);

    await shell.emit('screen', 'display-metrics-changed');
    expect(await shell.calls('window.setBounds')).toHaveLength(0);
    const bounds = { x: 0, y: 0, width: 1024, height: 768 };
    await shell.order({ do: 'move display', bounds });
    await shell.emit('screen', 'display-metrics-changed');
    expect(await shell.calls('window.setBounds')).toEqual([{ what: 'window.setBounds', with: [bounds] }]);
  });

  it('comes to the front when a second instance was started', async () => {
    const before = (await shell.calls('window.focus')).length;
    await shell.emit('app', 'second-instance');
    expect(await shell.calls('window.focus')).toHaveLength(before + 1);
  });

  it('keeps the display awake, writes no crash dumps and hears nothing from the page', async () => {
    expect(await shell.calls('powerSaveBlocker.start')).toEqual([
      { what: 'powerSaveBlocker.start', with: ['prevent-display-sleep'] },
    ]);
    const names = (await shell.calls()).map((call) => call.what);
    expect(names).not.toContain('crashReporter.start');
    expect(names).not.toContain('ipcMain.on');
    expect(names).not.toContain('ipcMain.handle');
  });
});

describe('denied to the page', () => {
  let shell: Shell;
  beforeAll(async () => {
    shell = await readyShell();
  });

  it('windows', async () => {
    for (const url of ['https://example.com/', start]) {
      expect(await shell.order({ do: 'open window', url })).toEqual({ action: 'deny' });
    }
  });

  it.each([
    ['https://example.com/', true],
    ['file:///etc/passwd', true],
    ['anjungan://other/index.html', true],
    ['anjungan://app/workbench.html', true],
    ['anjungan://app@example.com/index.html', true],
    ['anjungan://user@app/index.html', true],
    ['javascript:alert(1)', true],
    ['not an address', true],
    // A frame, even of our own page.
    [start, false],
  ])('going to %s (main frame: %s)', async (url, isMainFrame) => {
    expect(await shell.emit('page', 'will-frame-navigate', { url, isMainFrame })).toEqual({ prevented: true });
  });

  it('but it may load itself again', async () => {
    expect(await shell.emit('page', 'will-frame-navigate', { url: start, isMainFrame: true })).toEqual({
      prevented: false,
    });
  });

  it.each(['will-redirect', 'will-attach-webview', 'context-menu', 'content-bounds-updated', 'will-prevent-unload'])(
    '%s',
    async (event) => {
      expect(await shell.emit('page', event, { url: start })).toEqual({ prevented: true });
    },
  );

  it.each([
    ['F12', {}],
    ['F11', {}],
    ['F5', {}],
    ['BrowserBack', {}],
    ['Alt', { alt: true }],
    ['Control', { control: true }],
    ['r', { control: true }],
    ['p', { control: true }],
    ['I', { control: true, shift: true }],
    ['+', { control: true }],
    ['ArrowLeft', { alt: true }],
    ['F4', { alt: true }],
    ['q', { meta: true }],
  ])('the keys of %s %o', async (key, held) => {
    expect(await shell.emit('page', 'before-input-event', {}, { key, ...held })).toEqual({ prevented: true });
  });

  it.each(['5', 'Enter', 'Tab', 'Backspace', 'Escape', 'ArrowDown', ' ', 'A'])('but not the key %o', async (key) => {
    expect(await shell.emit('page', 'before-input-event', {}, { key })).toEqual({ prevented: false });
  });

  it('DevTools, enlarging and WebRTC', async () => {
    await shell.emit('page', 'devtools-opened');
    expect(await shell.calls('page.closeDevTools')).toHaveLength(1);
    await shell.pageLoads();
    expect(await shell.calls('page.setVisualZoomLevelLimits')).toContainEqual({
      what: 'page.setVisualZoomLevelLimits',
      with: [1, 1],
    });
    expect(await shell.calls('page.setWebRTCIPHandlingPolicy')).toEqual([
      { what: 'page.setWebRTCIPHandlingPolicy', with: ['disable_non_proxied_udp'] },
    ]);
  });

  it('a Bluetooth device', async () => {
    expect(await shell.order({ do: 'choose bluetooth device' })).toEqual({ prevented: true, chosen: '' });
  });

  describe.each(['kiosk session', 'default session'] as const)('in the %s', (session) => {
    it.each(['media', 'geolocation', 'notifications', 'fullscreen', 'clipboard-read', 'openExternal'])(
      'the permission %s, asked for or looked up',
      async (permission) => {
        const asked = await shell.ask(session, 'setPermissionRequestHandler', [null, permission], 'calls back');
        expect(asked).toEqual({ given: false });
        const lookedUp = await shell.ask(session, 'setPermissionCheckHandler', [null, permission], 'returns');
        expect(lookedUp).toEqual({ given: false });
      },
    );

    it.each(['hid', 'serial', 'usb'])('%s devices', async (deviceType) => {
      expect(await shell.ask(session, 'setDevicePermissionHandler', [{ deviceType }], 'returns')).toEqual({
        given: false,
      });
    });

    it('pairing, recording the screen and downloads', async () => {
      expect(await shell.ask(session, 'setBluetoothPairingHandler', [{}], 'calls back')).toEqual({
        given: { confirmed: false },
      });
      expect(await shell.ask(session, 'setDisplayMediaRequestHandler', [{}], 'calls back')).toEqual({ given: null });
      expect(await shell.emit(session, 'will-download')).toEqual({ prevented: true });
    });

    it.each([
      'https://example.com/',
      'http://127.0.0.1:8080/',
      'ws://127.0.0.1/ui',
      'file:///etc/passwd',
      'anjungan://other/index.html',
      'data:text/html,<script></script>',
      'blob:anjungan://app/1',
      'devtools://devtools/bundled/inspector.html',
    ])('the request %s', async (url) => {
      expect(await shell.ask(session, 'onBeforeRequest', [{ url }], 'calls back')).toEqual({ given: { cancel: true } });
    });

    it.each([start, 'anjungan://app/assets/index.js', 'data:image/svg+xml,<svg/>'])('but not %s', async (url) => {
      expect(await shell.ask(session, 'onBeforeRequest', [{ url }], 'calls back')).toEqual({
        given: { cancel: false },
      });
    });
  });
});

describe('the scheme', () => {
  interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  let shell: Shell;
  beforeAll(async () => {
    shell = await readyShell();
  });
  const get = async (url: string, method = 'GET'): Promise<Answer> =>
    (await shell.order({ do: 'fetch', url, method })) as Answer;

  it.each([
    [start, 'text/html; charset=utf-8', 'id="root"'],
    ['anjungan://app/assets/index.js', 'text/javascript; charset=utf-8', '"kiosk"'],
    ['anjungan://app/assets/index.css', 'text/css; charset=utf-8', 'margin'],
  ])('serves %s', async (url, type, content) => {
    const { status, headers, body } = await get(url);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(type);
    expect(body).toContain(content);
  });

  it('sends the content security policy and its companions with every answer, refusals too', async () => {
    for (const url of [start, 'anjungan://app/nothing']) {
      const { headers } = await get(url);
      const policy = headers['content-security-policy']?.split('; ');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("connect-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it.each([
    'anjungan://app/',
    'anjungan://app/../core.js',
    'anjungan://app/%2e%2e/core.js',
    'anjungan://app/..%2fcore.js',
    'anjungan://app/assets/..%2f..%2f..%2fcore.js',
    'anjungan://app/assets\\..\\..\\core.js',
    'anjungan://app//etc/passwd',
    'anjungan://app/workbench.html',
    'anjungan://app/assets/workbench-1a2b.js',
    'anjungan://app/assets/index.js.map',
    'anjungan://app/constructor',
    'anjungan://other/index.html',
    'anjungan://app:80/index.html',
    'anjungan://user:password@app/index.html',
    'https://app/index.html',
    'nonsense',
  ])('has no %s', async (url) => {
    expect(await get(url)).toMatchObject({ status: 404, body: '' });
  });

  it.each(['POST', 'PUT', 'HEAD', 'DELETE'])('takes no %s', async (method) => {
    expect(await get(start, method)).toMatchObject({ status: 405, body: '' });
  });
});

describe('the core', () => {
  it('is started once, from beside the shell, with its arguments', async () => {
    const shell = await readyShell({ commandLine: ['--enable-features=X', '--config', '/etc/anjungan/terminal.json'] });
    const [fork, ...more] = await shell.calls('utilityProcess.fork');
    expect(more).toEqual([]);
    expect(fork?.with).toEqual([
      `${built.folder}/core.js`,
      ['--ui', 'port', '--config', '/etc/anjungan/terminal.json'],
      { serviceName: 'anjungan-core', stdio: 'inherit' },
    ]);
  });

  it.each([
    [['--config=/a.json'], ['--ui', 'port', '--config', '/a.json']],
    [
      ['.', '--no-sandbox'],
      ['--ui', 'port'],
    ],
    [['--config'], ['--ui', 'port']],
  ])('is given of %j only %j', async (commandLine, args) => {
    const shell = await readyShell({ commandLine });
    const [fork] = await shell.calls('utilityProcess.fork');
    expect(fork?.with[1]).toEqual(args);
  });

  it('gets one end of a line when the page has loaded, and the page the other', async () => {
    const shell = await readyShell();
    expect(await shell.calls('core.postMessage')).toEqual([]);
    await shell.pageLoads();
    expect(await shell.calls('core.postMessage')).toEqual([
      { what: 'core.postMessage', with: [{ type: 'ui-port' }, ['channel 1 end 1']] },
    ]);
    expect(await shell.calls('page.postMessage')).toEqual([
      { what: 'page.postMessage', with: ['anjungan:port', null, ['channel 1 end 2']] },
    ]);
  });

  it('gets a new line for each load of the page', async () => {
    const shell = await readyShell();
    await shell.pageLoads();
    await shell.pageLoads();
    expect((await shell.calls('core.postMessage')).map((call) => call.with[1])).toEqual([
      ['channel 1 end 1'],
      ['channel 2 end 1'],
    ]);
  });

  it.each(['chrome-error://chromewebdata/', 'https://example.com/'])('is not connected to %s', async (url) => {
    const shell = await readyShell();
    await shell.order({ do: 'page is at', url });
    await shell.pageLoads();
    expect(await shell.calls('core.postMessage')).toEqual([]);
    expect(await shell.calls('page.postMessage')).toEqual([]);
  });

  it('is started again after a wait when it ends, the page is loaded anew, and both get a new line', async () => {
    const shell = await readyShell();
    await shell.pageLoads();
    await shell.coreEnds(1);
    // What was on the screen goes at once.
    expect(await shell.calls('page.loadURL')).toHaveLength(2);
    await shell.advance(249);
    expect(await shell.calls('utilityProcess.fork')).toHaveLength(1);
    await shell.advance(1);
    expect(await shell.calls('utilityProcess.fork')).toHaveLength(2);
    expect(await shell.calls('page.postMessage')).toHaveLength(1);
    await shell.pageLoads();
    expect((await shell.calls('page.postMessage')).map((call) => call.with[2])).toEqual([
      ['channel 1 end 2'],
      ['channel 2 end 2'],
    ]);
    expect((await shell.calls('core.postMessage')).at(-1)?.with).toEqual([{ type: 'ui-port' }, ['channel 2 end 1']]);
  });

  it('gets its line as soon as it is up when the page was quicker', async () => {
    const shell = await readyShell();
    await shell.pageLoads();
    await shell.coreEnds(1);
    await shell.pageLoads();
    expect(await shell.calls('page.postMessage')).toHaveLength(1);
    await shell.advance(250);
    expect(await shell.calls('page.postMessage')).toHaveLength(2);
  });

  it('that reports a fatal error does not take the shell along, and its report is not logged', async () => {
    const shell = await readyShell();
    await shell.order({
      do: 'emit',
      target: 'core',
      event: 'error',
      args: ['FatalError', 'v8::somewhere', '{"environmentVariables":{"SECRET":"x"}}'],
      bare: true,
    });
    await shell.coreEnds(5);
    await shell.advance(250);
    expect(await shell.calls('utilityProcess.fork')).toHaveLength(2);
    expect(shell.log()).toContain('FatalError');
    expect(shell.log()).not.toContain('SECRET');
  });

  it.each([64, 78])(
    'that was started wrongly (%i) is not started again: the shell leaves with the same',
    async (code) => {
      const shell = await readyShell();
      await shell.coreEnds(code);
      expect(await shell.exited).toBe(code);
    },
  );

  it('is tried a little later each time; the sixth failure in a minute ends the shell with 75', async () => {
    const shell = await readyShell();
    for (const wait of [250, 500, 1000, 2000, 4000]) {
      const before = (await shell.calls('utilityProcess.fork')).length;
      await shell.coreEnds(1);
      await shell.advance(wait - 1);
      expect(await shell.calls('utilityProcess.fork')).toHaveLength(before);
      await shell.advance(1);
      expect(await shell.calls('utilityProcess.fork')).toHaveLength(before + 1);
    }
    await shell.coreEnds(1);
    expect(await shell.exited).toBe(75);
  });

  it('may fail for ever when it fails seldom', async () => {
    const shell = await readyShell();
    for (let failure = 0; failure < 12; failure += 1) {
      await shell.coreEnds(1);
      await shell.advance(15_000);
    }
    expect(await shell.calls('utilityProcess.fork')).toHaveLength(13);
  });
});

describe('a page that fails', () => {
  it.each([
    ['dies', 'render-process-gone', [{ reason: 'oom', exitCode: 9 }]],
    ['has no preload', 'preload-error', ['/preload.cjs', { name: 'SyntaxError' }]],
    ['does not load', 'did-fail-load', [-6, 'ERR_FILE_NOT_FOUND', start, true]],
  ])('because it %s is loaded again', async (_why, event, args) => {
    const shell = await readyShell();
    await shell.emit('page', event, {}, ...args);
    expect(await shell.calls('page.loadURL')).toHaveLength(1);
    await shell.advance(250);
    expect(await shell.calls('page.loadURL')).toHaveLength(2);
  });

  it('gets no line before it has loaded again', async () => {
    const shell = await readyShell();
    await shell.pageLoads();
    await shell.emit('page', 'render-process-gone', {}, { reason: 'oom', exitCode: 9 });
    await shell.coreEnds(1);
    await shell.advance(500);
    expect(await shell.calls('utilityProcess.fork')).toHaveLength(2);
    expect(await shell.calls('page.postMessage')).toHaveLength(1);
  });

  it('because another load replaced it has not failed', async () => {
    const shell = await readyShell();
    await shell.emit('page', 'did-fail-load', {}, -3, 'ERR_ABORTED', start, true);
    await shell.advance(10_000);
    expect(await shell.calls('page.loadURL')).toHaveLength(1);
  });

  it('that hangs is given five seconds, then taken down and loaded again', async () => {
    const shell = await readyShell();
    await shell.emit('page', 'unresponsive');
    await shell.advance(4999);
    expect(await shell.calls('page.forcefullyCrashRenderer')).toHaveLength(0);
    await shell.advance(1);
    expect(await shell.calls('page.forcefullyCrashRenderer')).toHaveLength(1);
    await shell.advance(250);
    expect(await shell.calls('page.loadURL')).toHaveLength(2);
  });

  it('that was only slow is left alone', async () => {
    const shell = await readyShell();
    await shell.emit('page', 'unresponsive');
    await shell.advance(3000);
    await shell.emit('page', 'responsive');
    await shell.advance(10_000);
    expect(await shell.calls('page.forcefullyCrashRenderer')).toHaveLength(0);
  });

  it('counts with the core: the sixth failure of either in a minute ends the shell with 75', async () => {
    const shell = await readyShell();
    const pageDies = async (): Promise<unknown> =>
      shell.emit('page', 'render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    for (let failure = 0; failure < 3; failure += 1) await pageDies();
    for (let failure = 0; failure < 2; failure += 1) {
      await shell.coreEnds(1);
      await shell.advance(4000);
    }
    expect(await shell.calls('utilityProcess.fork')).toHaveLength(3);
    await pageDies();
    // The core lives, and perhaps holds a card.
    expect((await shell.calls('core.postMessage')).at(-1)?.with[0]).toEqual({ type: 'stop' });
    await shell.coreEnds(0);
    expect(await shell.exited).toBe(75);
  });

  it('takes its window along: the shell leaves with 75', async () => {
    const shell = await readyShell();
    await shell.emit('window', 'closed');
    await shell.coreEnds(0);
    expect(await shell.exited).toBe(75);
  });
});

describe('leaving', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'on %s asks the core to give the card back, and waits for it',
    async (signal) => {
      const shell = await readyShell();
      await shell.pageLoads();
      shell.signal(signal);
      await expect.poll(async () => (await shell.calls('core.postMessage')).at(-1)?.with).toEqual([{ type: 'stop' }]);
      await shell.advance(29_999);
      expect(await shell.calls('app.exit')).toEqual([]);
      await shell.coreEnds(0);
      expect(await shell.exited).toBe(0);
    },
  );

  it('ends a core that does not stop in 30 seconds', async () => {
    const shell = await readyShell();
    await shell.emit('app', 'before-quit');
    await shell.advance(29_999);
    expect(await shell.calls('core.kill')).toEqual([]);
    void shell.advance(1);
    expect(await shell.exited).toBe(0);
    expect(await shell.calls('core.kill')).toHaveLength(1);
    expect(shell.log()).toContain('did not stop in time');
  });

  it('is one way only: a desktop that quits, a second signal and a dying core change nothing', async () => {
    const shell = await readyShell();
    expect(await shell.emit('app', 'before-quit')).toEqual({ prevented: true });
    expect(await shell.emit('app', 'before-quit')).toEqual({ prevented: true });
    shell.signal('SIGTERM');
    await shell.emit('page', 'render-process-gone', {}, { reason: 'killed', exitCode: 0 });
    await shell.advance(1000);
    expect(await shell.calls('page.loadURL')).toHaveLength(1);
    expect(await shell.calls('core.postMessage')).toHaveLength(1);
    await shell.coreEnds(1);
    expect(await shell.exited).toBe(0);
    expect(await shell.calls('app.exit')).toEqual([{ what: 'app.exit', with: [0] }]);
  });

  it('while the core is waiting to be started again does not start it', async () => {
    const shell = await readyShell();
    await shell.coreEnds(1);
    await shell.emit('app', 'before-quit');
    expect(await shell.exited).toBe(0);
  });

  it('after a bug in the shell itself is with 70, through the core, and shows no dialogue', async () => {
    const shell = await readyShell();
    await shell.order({ do: 'throw', message: 'a bug' });
    await expect.poll(async () => (await shell.calls('core.postMessage')).at(-1)?.with).toEqual([{ type: 'stop' }]);
    await shell.coreEnds(0);
    expect(await shell.exited).toBe(70);
    expect(shell.log()).toContain('a bug');
  });
});

describe('development', () => {
  it('has a frame, DevTools and every key, and closes', async () => {
    const shell = await readyShell({ packaged: false, env: { ANJUNGAN_DEV: '1' } });
    expect(await windowOptions(shell)).toMatchObject({
      kiosk: false,
      frame: true,
      webPreferences: { devTools: true, sandbox: true },
    });
    expect(await shell.emit('page', 'before-input-event', {}, { key: 'F12' })).toEqual({ prevented: false });
    expect(await shell.emit('window', 'close')).toEqual({ prevented: false });
    await shell.emit('window', 'closed');
    await shell.coreEnds(0);
    expect(await shell.exited).toBe(0);
  });

  it('still goes nowhere and asks for nothing', async () => {
    const shell = await readyShell({ packaged: false, env: { ANJUNGAN_DEV: '1' } });
    expect(await shell.emit('page', 'will-frame-navigate', { url: 'https://example.com/', isMainFrame: true })).toEqual(
      { prevented: true },
    );
    expect(
      await shell.ask('kiosk session', 'onBeforeRequest', [{ url: 'https://example.com/' }], 'calls back'),
    ).toEqual({
      given: { cancel: true },
    });
  });

  it('is not to be had in an installed terminal', async () => {
    const shell = await readyShell({ packaged: true, env: { ANJUNGAN_DEV: '1' } });
    expect(await windowOptions(shell)).toMatchObject({
      kiosk: true,
      frame: false,
      webPreferences: { devTools: false },
    });
  });

  it('without ANJUNGAN_DEV is a kiosk too', async () => {
    const shell = await readyShell({ packaged: false });
    expect(await windowOptions(shell)).toMatchObject({ kiosk: true, webPreferences: { devTools: false } });
  });
});

describe('an unbuilt renderer', () => {
  it('ends the shell with 70 and says what is missing', async () => {
    const bare = await buildShell();
    try {
      bare.removeRenderer();
      const shell = await startShell({ bundle: bare.main });
      started.push(shell);
      void shell.ready();
      expect(await shell.exited).toBe(70);
      expect(shell.log()).toContain('no kiosk page');
    } finally {
      bare.remove();
    }
  });
});
