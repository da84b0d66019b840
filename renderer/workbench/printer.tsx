/** The receipt printer: the paper rises out of its slot as it is printed, and a hand tears it off. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { PaperLine, PaperState, Ticket } from '../../main/contract.ts';
import { Paper } from './paper.tsx';
import { Action, DRAWN, Head, hook } from './parts.tsx';
import type { Send, Tone } from './parts.tsx';
import type { Strings } from './strings.ts';
import { paperVerb, plugVerb } from './verbs.ts';

function statusOf(paper: PaperState, strings: Strings): { readonly tone: Tone; readonly status: string } {
  if (!paper.plugged) return { tone: 'off', status: strings.unplugged };
  if (paper.cover === 'open') return { tone: 'warn', status: strings.printer.coverOpen };
  if (paper.jammed) return { tone: 'warn', status: strings.printer.jammed };
  if (paper.paper === 'out') return { tone: 'warn', status: strings.printer.paper.out };
  if (paper.current.length > 0) return { tone: 'busy', status: strings.printer.printing };
  if (paper.tickets.length > 0) return { tone: 'ask', status: strings.printer.hanging };
  return { tone: paper.paper === 'low' ? 'busy' : 'ok', status: strings.printer.paper[paper.paper] };
}

/** The box itself, seen from the front, with the roll in its window and the lid that opens. */
function Box({ paper }: { readonly paper: PaperState }) {
  const roll = { ok: 24, low: 11, out: 0 }[paper.paper];
  return (
    <svg
      class="printer-box"
      viewBox="0 0 300 96"
      aria-hidden="true"
      focusable="false"
      data-cover={paper.cover}
      data-jammed={paper.jammed}
    >
      <path
        class="printer-case"
        d="M14 14h272a10 10 0 0 1 10 9l3 61a10 10 0 0 1-10 11H11A10 10 0 0 1 1 84l3-61a10 10 0 0 1 10-9z"
      />
      <g class="printer-lid">
        <path class="printer-lid-face" d="M20 0h260a8 8 0 0 1 8 7l2 17H10l2-17a8 8 0 0 1 8-7z" />
        <path class="printer-slot" d="M16 3h268" />
      </g>
      <rect class="printer-window" x="18" y="34" width="56" height="54" rx="8" />
      {roll === 0 ? null : <circle class="printer-roll" cx="46" cy="61" r={roll} />}
      <circle class="printer-core" cx="46" cy="61" r="6" />
      <path class="printer-vent" d="M92 44h120M92 54h120M92 64h120M92 74h70" />
      <circle class="printer-feed" cx="262" cy="61" r="15" />
      <path class="printer-feed-mark" d="M262 68V55M256.500 60l5.500-5.500 5.500 5.500" />
      <path class="printer-jam" d="M60 12l16-8 18 9 20-10 22 9 18-8 22 9 20-10 18 9 16-6" />
    </svg>
  );
}

export function Printer(props: { readonly paper: PaperState; readonly strings: Strings; readonly send: Send }) {
  const { paper, strings, send } = props;
  const outlet = useRef<HTMLDivElement>(null);
  const tear = (): void => send({ device: 'printer', verb: 'tear' });
  // One list, so that what is being printed stays the same sheet when it is cut.
  const sheets: readonly { readonly lines: readonly PaperLine[]; readonly cut: Ticket['cut'] | 'feeding' }[] = [
    ...paper.tickets,
    ...(paper.current.length === 0 ? [] : [{ lines: paper.current, cut: 'feeding' as const }]),
  ];

  // While paper feeds, its newest edge stays in sight at the slot.
  useLayoutEffect(() => {
    const node = outlet.current;
    if (node === null || typeof ResizeObserver === 'undefined') return undefined;
    const follow = (): void => {
      node.scrollTop = node.scrollHeight;
    };
    const watch = new ResizeObserver(follow);
    for (const child of Array.from(node.children)) watch.observe(child);
    follow();
    return () => watch.disconnect();
  }, [sheets.length]);

  return (
    <section class="printer" aria-labelledby="printer" data-plugged={paper.plugged}>
      <Head
        id="printer"
        name={strings.printer.name}
        {...statusOf(paper, strings)}
        strings={strings}
        plug={{ device: 'printer', plugged: paper.plugged, onPress: () => send(plugVerb('printer', paper.plugged)) }}
      />
      <div class="outlet" ref={outlet} tabIndex={0} role="region" aria-label={strings.printer.paperOutlet}>
        {sheets.length > 0 ? null : <p class="outlet-empty">{strings.printer.empty}</p>}
        {sheets.map((sheet, at) => (
          <Paper key={at} lines={sheet.lines} cut={sheet.cut} columns={paper.columns} strings={strings} onTake={tear} />
        ))}
      </div>
      <Box paper={paper} />
      <div class="row">
        <Action
          main={paper.tickets.length > 0}
          name={hook('printer', 'tear')}
          icon={DRAWN.tear}
          label={strings.printer.tear}
          onPress={tear}
        />
        <Action
          name={hook('printer', paper.cover === 'open' ? 'close-cover' : 'open-cover')}
          icon={DRAWN.cover}
          label={paper.cover === 'open' ? strings.printer.closeCover : strings.printer.openCover}
          onPress={() => send({ device: 'printer', verb: paper.cover === 'open' ? 'close-cover' : 'open-cover' })}
        />
        <Action
          name={hook('printer', paper.jammed ? 'clear-jam' : 'jam')}
          icon={paper.jammed ? DRAWN.wrench : DRAWN.jam}
          label={paper.jammed ? strings.printer.clearJam : strings.printer.jam}
          onPress={() => send({ device: 'printer', verb: paper.jammed ? 'clear-jam' : 'jam' })}
        />
      </div>
      <div class="segments" role="group" aria-label={strings.printer.paperGroup}>
        <span class="segments-name">{strings.printer.paperGroup}</span>
        {(['ok', 'low', 'out'] as const).map((each) => {
          const verb = paperVerb(each);
          return (
            <button
              key={each}
              type="button"
              class="segment"
              data-verb={hook('printer', verb.verb)}
              aria-pressed={paper.paper === each}
              onClick={() => send(verb)}
            >
              {strings.printer.paperSet[each]}
            </button>
          );
        })}
      </div>
    </section>
  );
}
