/**
 * The kiosk: draws the one View it was given, and hands touches back. It keeps nothing else: when the core is not heard,
 * the last View is dropped at once, so that nobody's data stays on the screen.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Action, ActionMessage, View } from '../main/contract.ts';
import type { Connection } from './connection.ts';
import { connect } from './connection.ts';
import { Frame } from './controls/frame.tsx';
import type { Tone } from './controls/frame.tsx';
import { Mark } from './controls/mark.tsx';
import { Warning } from './controls/warning.tsx';
import { screenWords } from './outline.ts';
import { AskingHost } from './screens/asking-host.tsx';
import { CardEntering } from './screens/card-entering.tsx';
import { CardRetained } from './screens/card-retained.tsx';
import { CardUnreadable } from './screens/card-unreadable.tsx';
import { ChooseMembership } from './screens/choose-membership.tsx';
import { Goodbye } from './screens/goodbye.tsx';
import { Idle } from './screens/idle.tsx';
import { Menu } from './screens/menu.tsx';
import { NotLinked } from './screens/not-linked.tsx';
import { OutOfService } from './screens/out-of-service.tsx';
import { PinWrong } from './screens/pin-wrong.tsx';
import { Pin } from './screens/pin.tsx';
import { Printing } from './screens/printing.tsx';
import { ReceiptChoice } from './screens/receipt-choice.tsx';
import { ReceiptFailed } from './screens/receipt-failed.tsx';
import { ReceiptQr } from './screens/receipt-qr.tsx';
import { Result } from './screens/result.tsx';
import { SomethingElse } from './screens/something-else.tsx';
import { Sorry } from './screens/sorry.tsx';
import { TakeCard } from './screens/take-card.tsx';
import { TakeReceipt } from './screens/take-receipt.tsx';
import { stringsOf } from './strings/catalogue.ts';
import { toneOf } from './tone.ts';
import { useTouchGuard } from './touch-guard.ts';

/** How long the core may be silent before the customer is asked for patience. */
const PATIENCE_MS = 1_000;

interface DrawnProps {
  readonly view: View;
  readonly act: (action: Action) => void;
}

function ScreenOf({ view, act }: DrawnProps) {
  const { screen } = view;
  const all = { view, act, t: stringsOf(view.language), words: screenWords(view) };
  switch (screen.kind) {
    case 'out-of-service':
      return <OutOfService screen={screen} {...all} />;
    case 'idle':
      return <Idle screen={screen} {...all} />;
    case 'card-entering':
      return <CardEntering screen={screen} {...all} />;
    case 'card-unreadable':
      return <CardUnreadable screen={screen} {...all} />;
    case 'pin':
      return <Pin screen={screen} {...all} />;
    case 'pin-wrong':
      return <PinWrong screen={screen} {...all} />;
    case 'menu':
      return <Menu screen={screen} {...all} />;
    case 'asking-host':
      return <AskingHost screen={screen} {...all} />;
    case 'choose-membership':
      return <ChooseMembership screen={screen} {...all} />;
    case 'result':
      return <Result screen={screen} {...all} />;
    case 'not-linked':
      return <NotLinked screen={screen} {...all} />;
    case 'receipt-choice':
      return <ReceiptChoice screen={screen} {...all} />;
    case 'receipt-qr':
      return <ReceiptQr screen={screen} {...all} />;
    case 'something-else':
      return <SomethingElse screen={screen} {...all} />;
    case 'take-card':
      return <TakeCard screen={screen} {...all} />;
    case 'card-retained':
      return <CardRetained screen={screen} {...all} />;
    case 'printing':
      return <Printing screen={screen} {...all} />;
    case 'take-receipt':
      return <TakeReceipt screen={screen} {...all} />;
    case 'receipt-failed':
      return <ReceiptFailed screen={screen} {...all} />;
    case 'goodbye':
      return <Goodbye screen={screen} {...all} />;
    case 'sorry':
      return <Sorry screen={screen} {...all} />;
  }
}

export interface KioskProps {
  readonly view: View;
  readonly send: (message: ActionMessage) => void;
}

/** One View, drawn. */
export function Kiosk({ view, send }: KioskProps) {
  const latest = useRef({ view, send });
  latest.current = { view, send };
  const act = useCallback((action: Action): void => {
    const { view: current, send: out } = latest.current;
    out({ step: current.step, action });
  }, []);
  useTouchGuard(view, act);

  useLayoutEffect(() => {
    document.documentElement.lang = view.language;
  }, [view.language]);

  const tone: Tone = toneOf(view.screen);
  return (
    <>
      <Frame view={view} tone={tone} act={act}>
        <ScreenOf key={view.screen.kind} view={view} act={act} />
      </Frame>
      {view.warning === undefined ? null : <Warning view={view} warning={view.warning} act={act} />}
    </>
  );
}

/** Nobody to ask: after a moment, ask for patience in both languages. */
function Moment() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main class="moment" data-screen="unconnected">
      {long ? (
        <>
          <Mark class="moment__mark" />
          <h1 class="moment__words" aria-live="polite">
            <span lang="id">{stringsOf('id').moment}</span>
            <span lang="en">{stringsOf('en').moment}</span>
          </h1>
        </>
      ) : null}
    </main>
  );
}

export function App() {
  const [view, setView] = useState<View>();
  const connection = useRef<Connection>(undefined);
  useEffect(() => {
    const current = connect({ onView: setView, onLost: () => setView(undefined) });
    connection.current = current;
    return () => current.close();
  }, []);
  const send = useCallback((message: ActionMessage): void => connection.current?.send(message), []);
  return view === undefined ? <Moment /> : <Kiosk view={view} send={send} />;
}
