/** What stands around every screen: bank, place, clock; the other language; whom to call; which terminal this is. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Action, View } from '../../main/contract.ts';
import { formatClock } from '../format.ts';
import { otherLanguage, stringsOf } from '../strings/catalogue.ts';
import { Icon } from './icon.tsx';
import { Mark } from './mark.tsx';

const MINUTE_MS = 60_000;

/** Milliseconds since 1970, anew at every full minute. */
function useMinute(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), MINUTE_MS - (Date.now() % MINUTE_MS) + 20);
    return () => clearTimeout(timer);
  }, [now]);
  return now;
}

function Clock({ view }: { readonly view: View }) {
  const now = useMinute();
  const { timeZone, zone } = view.terminal;
  const { time, date } = formatClock(now, timeZone, zone, stringsOf(view.language).months);
  return (
    <div class="header__clock">
      <div class="header__time">{time}</div>
      <div class="header__date">{date}</div>
    </div>
  );
}

export type Tone = 'green' | 'calm' | 'warm' | 'alarm';

export interface FrameProps {
  readonly view: View;
  readonly tone: Tone;
  readonly act: (action: Action) => void;
  readonly children: ComponentChildren;
}

export function Frame({ view, tone, act, children }: FrameProps) {
  const { frame } = stringsOf(view.language);
  const other = otherLanguage(view.language);
  const { terminal } = view;
  return (
    <div class="kiosk" data-tone={tone} data-screen={view.screen.kind} data-step={view.step}>
      <header class="header">
        <Mark class="header__mark" />
        <div class="header__who">
          <div class="header__brand">
            {frame.brand}
            {terminal.simulated ? <span class="sample">{frame.sample}</span> : null}
          </div>
          <div class="header__place">
            {terminal.bank}
            <br />
            {terminal.place}
          </div>
        </div>
        <Clock view={view} />
      </header>
      <main>{children}</main>
      <footer class="footer">
        <button type="button" class="language" lang={other} onClick={() => act({ kind: 'language', language: other })}>
          <Icon name="language" />
          {stringsOf(other).ownName}
        </button>
        <div class="footer__help">
          <Icon name="phone" />
          <div>
            <strong>{frame.help(terminal.callCentre)}</strong>
            {frame.hours}
          </div>
        </div>
        <div class="footer__terminal">{frame.terminal(terminal.id)}</div>
      </footer>
    </div>
  );
}
