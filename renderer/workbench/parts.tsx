/** What every device on the bench has: its label, its light with words, its plug; and the small drawings. */
import type { ComponentChildren } from 'preact';
import type { WorkbenchVerb } from '../../main/contract.ts';
import type { Strings } from './strings.ts';

export type Tone = 'ok' | 'busy' | 'ask' | 'warn' | 'off';
export type Send = (verb: WorkbenchVerb) => void;

/** A name for scripts to find a control by: `reader:take`, `pad:press:5`. */
export function hook(...parts: readonly string[]): string {
  return parts.join(':');
}

export function Icon({ d, size = 16 }: { readonly d: string; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={d} />
    </svg>
  );
}

/** 24 x 24 strokes. */
export const DRAWN = {
  in: 'M3 12h12M10 7l5 5-5 5M20 4v16',
  out: 'M21 12H9M14 7l-5 5 5 5M4 4v16',
  pull: 'M20 12H6M11 6l-6 6 6 6M19 7v10',
  jam: 'M12 4 22 20H2zM12 10v5M12 17.6v.4',
  wrench: 'M14.5 6.5a4 4 0 0 0 5 5L11 20a2.6 2.6 0 0 1-4-4zM14.5 6.5 17 4',
  bin: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  tear: 'M6 3v9l3 2 3-2 3 2 3-2V3M4 20l3-2 3 2 3-2 3 2 3-2',
  cover: 'M4 12V8l14-4v4M3 12h18v8H3z',
  check: 'M4 12.5 9.5 18 20 6.5',
  key: 'M8 15a4 4 0 1 1 3.5-6H21v3h-2v3h-3v-3h-4.500A4 4 0 0 1 8 15zM7.500 11h.1',
  close: 'M6 6l12 12M18 6 6 18',
  shield: 'M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM8 12h8',
} as const;

export function Action(props: {
  readonly name: string;
  readonly label: string;
  readonly icon?: string;
  readonly main?: boolean;
  readonly pressed?: boolean;
  readonly onPress: () => void;
  readonly children?: ComponentChildren;
}) {
  return (
    <button
      type="button"
      class="action"
      data-verb={props.name}
      data-main={props.main === true}
      {...(props.pressed === undefined ? {} : { 'aria-pressed': props.pressed })}
      onClick={props.onPress}
    >
      {props.icon === undefined ? null : <Icon d={props.icon} />}
      <span>{props.label}</span>
      {props.children}
    </button>
  );
}

function PlugButton(props: {
  readonly device: 'reader' | 'pad' | 'printer';
  readonly plugged: boolean;
  readonly name: string;
  readonly strings: Strings;
  readonly onPress: () => void;
}) {
  const { plugged, strings } = props;
  const label = plugged ? strings.unplug : strings.plug;
  return (
    <button
      type="button"
      class="plug"
      data-plugged={plugged}
      data-verb={hook(props.device, plugged ? 'unplug' : 'plug')}
      aria-label={`${label}: ${props.name}`}
      title={label}
      onClick={props.onPress}
    >
      <svg viewBox="0 0 67 28" width="67" height="28" aria-hidden="true" focusable="false">
        <g class="plug-head">
          <path class="plug-cable" d="M-14 14H16" />
          <path class="plug-prongs" d="M32 10h9M32 18h9" />
          <path class="plug-shell" d="M14 9h5l3-4h9a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-9l-3-4h-5z" />
        </g>
        <path class="plug-socket" d="M44 4h14a6 6 0 0 1 6 6v8a6 6 0 0 1-6 6H44a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z" />
        <circle class="plug-light" cx="56" cy="14" r="3" />
      </svg>
    </button>
  );
}

export function Head(props: {
  readonly name: string;
  readonly id: string;
  readonly tone: Tone;
  readonly status: string;
  readonly strings: Strings;
  readonly plug?: {
    readonly device: 'reader' | 'pad' | 'printer';
    readonly plugged: boolean;
    readonly onPress: () => void;
  };
}) {
  return (
    <header class="head">
      <div class="head-words">
        <h2 class="tape" id={props.id}>
          {props.name}
        </h2>
        <p class="status" data-tone={props.tone} data-status={props.id}>
          <span class="led" aria-hidden="true" />
          {props.status}
        </p>
      </div>
      {props.plug === undefined ? null : <PlugButton {...props.plug} name={props.name} strings={props.strings} />}
    </header>
  );
}
