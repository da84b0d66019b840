/** What passed over the lines, newest last. Follows the newest line unless somebody has scrolled up to read. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { WorkbenchView } from '../../main/contract.ts';
import type { Strings } from './strings.ts';

type Source = WorkbenchView['log'][number]['source'];
const SOURCES: readonly Source[] = ['reader', 'pad', 'printer', 'host'];

/** HH:mm:ss.mmm in the bench's own time zone. */
export function clockTime(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

export function Log({ log, strings }: { readonly log: WorkbenchView['log']; readonly strings: Strings }) {
  const pane = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [hidden, hide] = useState<ReadonlySet<Source>>(new Set());
  const shown = log.filter((line) => !hidden.has(line.source));
  const last = shown.at(-1);

  useLayoutEffect(() => {
    if (pane.current !== null && following.current) pane.current.scrollTop = pane.current.scrollHeight;
  }, [shown.length, last?.at, last?.text]);

  function toggle(source: Source): void {
    const next = new Set(hidden);
    if (!next.delete(source)) next.add(source);
    hide(next);
  }

  return (
    <section class="log" aria-labelledby="log">
      <header class="log-head">
        <h2 class="tape" id="log">
          {strings.log.name}
        </h2>
        <div class="log-sources">
          {SOURCES.map((source) => (
            <button
              key={source}
              type="button"
              data-source={source}
              aria-pressed={!hidden.has(source)}
              onClick={() => toggle(source)}
            >
              {strings.log.source[source]}
            </button>
          ))}
        </div>
      </header>
      <div
        class="log-pane"
        ref={pane}
        role="log"
        aria-live="off"
        aria-labelledby="log"
        tabIndex={0}
        onScroll={(event) => {
          const node = event.currentTarget;
          following.current = node.scrollHeight - node.scrollTop - node.clientHeight < 24;
        }}
      >
        {shown.length === 0 ? <p class="log-empty">{strings.log.empty}</p> : null}
        {shown.map((line, at) => (
          <p key={at} class="log-line" data-source={line.source}>
            <time>{clockTime(line.at)}</time> <b>{strings.log.source[line.source]}</b> <span>{line.text}</span>
          </p>
        ))}
      </div>
    </section>
  );
}
