/** The bench: one view from the server, drawn; what hands do goes back as verbs. Its own state is only the language. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Language, WorkbenchVerb, WorkbenchView } from '../../main/contract.ts';
import { CardReader } from './card-reader.tsx';
import { connect } from './connection.ts';
import type { Connection, Line } from './connection.ts';
import { Host } from './host.tsx';
import { Kiosk } from './kiosk.tsx';
import { Log } from './log.tsx';
import { DRAWN, Icon } from './parts.tsx';
import { PinPad } from './pin-pad.tsx';
import { Printer } from './printer.tsx';
import { STRINGS } from './strings.ts';
import { frameableUrl } from './verbs.ts';

const LANGUAGE_KEY = 'anjungan.workbench.language';
const TOAST_MS = 6_000;
const MOST_TOASTS = 3;

type Toast = { readonly number: number; readonly verb: string; readonly reason: string };

function keptLanguage(): Language {
  return sessionStorage.getItem(LANGUAGE_KEY) === 'en' ? 'en' : 'id';
}

export function App({ token }: { readonly token: string | undefined }) {
  const [language, setLanguage] = useState<Language>(keptLanguage);
  const [line, setLine] = useState<Line>('connecting');
  const [view, setView] = useState<WorkbenchView | undefined>(undefined);
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const connection = useRef<Connection | undefined>(undefined);
  const counter = useRef(0);
  const strings = STRINGS[language];

  const toast = useCallback((verb: string, reason: string): void => {
    counter.current += 1;
    const number = counter.current;
    setToasts((now) => [...now, { number, verb, reason }].slice(-MOST_TOASTS));
    window.setTimeout(() => setToasts((now) => now.filter((each) => each.number !== number)), TOAST_MS);
  }, []);

  useEffect(() => {
    const mine = connect(token, { onLine: setLine, onView: setView, onRefused: toast });
    connection.current = mine;
    return () => mine.close();
  }, [token, toast]);

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `${strings.title} · Anjungan`;
    sessionStorage.setItem(LANGUAGE_KEY, language);
  }, [language, strings]);

  const send = useCallback(
    (verb: WorkbenchVerb): void => {
      if (connection.current?.send(verb) !== true) toast(verb.verb, strings.notSent);
    },
    [strings, toast],
  );

  return (
    <>
      <header class="top">
        <h1>
          Anjungan <span>{strings.title}</span>
        </h1>
        <span class="badge">{strings.simulation}</span>
        <p class="line-state" data-line={line} role="status">
          <span class="led" aria-hidden="true" />
          {strings.line[line]}
        </p>
        <div class="languages" role="group" aria-label={strings.language}>
          {(['id', 'en'] as const).map((each) => (
            <button
              key={each}
              type="button"
              lang={each}
              aria-pressed={language === each}
              aria-label={each === 'id' ? 'ID, Bahasa Indonesia' : 'EN, English'}
              onClick={() => setLanguage(each)}
            >
              {each.toUpperCase()}
            </button>
          ))}
        </div>
      </header>
      {view === undefined ? (
        <main class="empty-bench">
          <p>{line === 'no-token' ? strings.noToken : strings.waiting}</p>
        </main>
      ) : (
        <main class="bench" data-line={line}>
          <Kiosk url={frameableUrl(view.kioskUrl, location.href)} strings={strings} />
          <CardReader reader={view.reader} personas={view.personas} language={language} strings={strings} send={send} />
          <PinPad pad={view.pad} pin={view.pin} strings={strings} send={send} />
          <Host host={view.host} strings={strings} send={send} />
          <Printer paper={view.paper} strings={strings} send={send} />
          <Log log={view.log} strings={strings} />
        </main>
      )}
      <div class="toasts" role="alert">
        {toasts.map((each) => (
          <div key={each.number} class="toast">
            <Icon d={DRAWN.jam} size={20} />
            <p>
              <strong>
                {strings.refused}: {strings.verb[each.verb] ?? each.verb}
              </strong>
              <span>{strings.reason[each.reason] ?? each.reason}</span>
            </p>
            <button
              type="button"
              aria-label={strings.close}
              onClick={() => setToasts((now) => now.filter((other) => other.number !== each.number))}
            >
              <Icon d={DRAWN.close} />
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
