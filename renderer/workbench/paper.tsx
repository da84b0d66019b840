/** Draws printed paper, line by line, as dots would lie on it; new lines feed out of the slot one after the other. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PaperLine, Ticket } from '../../main/contract.ts';
import { BASELINE, CELL_WIDTH, placeLine } from './paper-layout.ts';
import type { PlacedLine, PlacedRun } from './paper-layout.ts';
import type { Strings } from './strings.ts';

/** How fast paper feeds, in milliseconds a line; the keyframes in printer.css take as long. */
const FEED_MS = 45;

function Run({ run }: { readonly run: PlacedRun }) {
  return (
    <>
      {run.inverse ? <rect class="ink" x={run.x} y={run.y} width={run.width} height={run.height} /> : null}
      <text
        class={run.inverse ? 'ink reversed' : 'ink'}
        data-bold={run.bold}
        transform={`translate(${run.x} ${run.y + BASELINE * run.scaleY}) scale(${run.scaleX} ${run.scaleY})`}
        textLength={run.width / run.scaleX}
        lengthAdjust="spacingAndGlyphs"
      >
        {run.text}
      </text>
      {run.underline ? <rect class="ink" x={run.x} y={run.y + run.height - 2} width={run.width} height={2} /> : null}
    </>
  );
}

function Drawing({ placed, strings }: { readonly placed: PlacedLine; readonly strings: Strings }) {
  switch (placed.kind) {
    case 'text':
      return (
        <>
          {placed.runs.map((run, at) => (
            <Run key={at} run={run} />
          ))}
        </>
      );
    case 'qr': {
      const scale = placed.size / placed.modules;
      return (
        <g
          role="img"
          aria-label={strings.printer.qr}
          transform={`translate(${placed.x} ${(placed.height - placed.size) / 2}) scale(${scale})`}
        >
          <path class="ink" d={placed.path} shape-rendering="crispEdges" />
        </g>
      );
    }
    case 'unprintable':
      return (
        <text class="ink" y={BASELINE}>
          {strings.printer.unprintable}
        </text>
      );
  }
}

function Line(props: {
  readonly line: PaperLine;
  readonly columns: number;
  readonly wait: number;
  readonly strings: Strings;
}) {
  const { line, columns } = props;
  // The view is a new object every time, and a QR code is dear to encode: what is printed decides, not who it is.
  const print = JSON.stringify(line);
  const placed = useMemo(() => placeLine(line, columns), [print, columns]);
  const wait = useRef(props.wait);
  const width = columns * CELL_WIDTH;
  return (
    <svg
      class="line"
      viewBox={`0 0 ${width} ${placed.height}`}
      style={{ '--dots': `${placed.height}`, animationDelay: `${wait.current}ms` }}
      focusable="false"
    >
      <Drawing placed={placed} strings={props.strings} />
    </svg>
  );
}

export function Paper(props: {
  readonly lines: readonly PaperLine[];
  readonly cut: Ticket['cut'] | 'feeding';
  readonly columns: number;
  readonly strings: Strings;
  readonly onTake: () => void;
}) {
  const shown = useRef(0);
  const before = shown.current;
  useEffect(() => {
    shown.current = props.lines.length;
  }, [props.lines.length]);
  return (
    // A pointer may take the paper itself; the button below does the same for everybody.
    <div
      class="paper"
      data-cut={props.cut}
      style={{ '--paper-dots': `${props.columns * CELL_WIDTH}` }}
      onClick={props.onTake}
    >
      <div class="paper-print">
        {props.lines.map((line, at) => (
          <Line
            key={at}
            line={line}
            columns={props.columns}
            wait={Math.max(0, at - before) * FEED_MS}
            strings={props.strings}
          />
        ))}
      </div>
    </div>
  );
}
