/**
 * Pictures of what a hand has to do, drawn here. Each is a stack of layers, so that a moving part is moved by `transform`
 * alone. They say nothing that the words do not say, so they are hidden from assistive technology.
 */
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

function Layer({ class: className = '', children }: { readonly class?: string; readonly children: ComponentChildren }) {
  return (
    <svg class={`art__layer ${className}`} viewBox="0 0 400 400">
      {children}
    </svg>
  );
}

function Device({ lit }: { readonly lit: boolean }) {
  return (
    <Layer>
      <rect x="46" y="18" width="308" height="132" rx="34" class="art-device" />
      <rect x="46" y="18" width="308" height="62" rx="31" class="art-device-light" />
      <circle cx="312" cy="49" r="9" class={lit ? 'art-lamp' : 'art-slot'} />
      <rect x="84" y="45" width="70" height="8" rx="4" class="art-slot" opacity="0.35" />
      <rect x="78" y="104" width="244" height="18" rx="9" class="art-slot" />
    </Layer>
  );
}

/** A debit card seen from above, chip end first; the stripe is underneath, on the right. */
function Card() {
  return (
    <g>
      <rect x="112" y="126" width="176" height="262" rx="18" class="art-slot" opacity="0.28" />
      <rect x="112" y="118" width="176" height="262" rx="18" class="art-card" />
      <path d="M242 122v254" class="art-stripe" />
      <path d="M276 122v254" class="art-stripe" />
      <rect x="170" y="146" width="46" height="58" rx="10" class="art-chip" />
      <path d="M170 165h16v20h-16M216 165h-16v20h16M193 146v12M193 192v12" class="art-chip-line" />
      <path d="M136 232v112M156 232v66" class="art-card-text" />
    </g>
  );
}

function Chevrons({ down = false }: { readonly down?: boolean }) {
  return (
    <Layer class={down ? 'art__chevrons art__layer--down' : 'art__chevrons'}>
      {[52, 348].map((x) => (
        <g key={x} class="art-chevron">
          <path d={`m${x - 20} 262 20-20 20 20`} />
          <path d={`m${x - 20} 296 20-20 20 20`} />
          <path d={`m${x - 20} 330 20-20 20 20`} />
        </g>
      ))}
    </Layer>
  );
}

export type CardMotion = 'insert' | 'reading' | 'take' | 'kept';

export function CardArt({ motion }: { readonly motion: CardMotion }) {
  return (
    <div class={`art art--card art--${motion}`} aria-hidden="true">
      <Device lit={motion !== 'kept'} />
      <div class="art__below">
        <Layer class="art__moving">
          <Card />
        </Layer>
      </div>
      {motion === 'insert' ? <Chevrons /> : null}
      {motion === 'take' ? <Chevrons down /> : null}
    </div>
  );
}

/** Turning the card: the same card twice, stripe up and chip up, with an arrow between. */
export function TurnArt() {
  return (
    <div class="art art--turn" aria-hidden="true">
      <Layer>
        <g transform="translate(-34 60) scale(.72)">
          <rect x="112" y="118" width="176" height="262" rx="18" class="art-card" />
          <rect x="242" y="118" width="34" height="262" class="art-slot" />
          <rect x="150" y="160" width="60" height="150" rx="8" class="art-card-text-fill" />
        </g>
        <g transform="translate(146 60) scale(.72)">
          <Card />
        </g>
        <path d="M112 112c36-56 140-56 176 0" class="art-arrow" />
        <path d="m294 72-4 42-40-10" class="art-arrow" />
      </Layer>
    </div>
  );
}

const KEYS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** One hand types on the pad, the other shelters it. */
export function PinArt() {
  return (
    <div class="art art--pin" aria-hidden="true">
      <Layer>
        <rect x="82" y="126" width="236" height="262" rx="30" class="art-device" />
        <rect x="82" y="126" width="236" height="60" rx="30" class="art-device-light" />
        {KEYS.map((key) => (
          <rect
            key={key}
            x={104 + (key % 3) * 50}
            y={176 + Math.floor(key / 3) * 50}
            width="40"
            height="38"
            rx="9"
            class="art-key"
          />
        ))}
        <rect x="258" y="176" width="42" height="38" rx="9" class="art-key-red" />
        <rect x="258" y="226" width="42" height="38" rx="9" class="art-key-yellow" />
        <rect x="258" y="276" width="42" height="88" rx="9" class="art-key-green" />
      </Layer>
      <Layer class="art__press">
        <path d="M326 366 L232 284" class="art-finger" />
        <path d="M224 276l8 7" class="art-nail" />
        <path
          d="M272 352 C262 372 276 400 300 560 L440 560 L392 372 C380 338 336 318 310 336 Z"
          class="art-skin-fill"
        />
        <path d="M290 366c10-10 24-12 32-6M304 392c10-8 22-9 30-4" class="art-crease" />
      </Layer>
      <Layer class="art__cover">
        <path d="M-260 92 L84 78 L84 196 L-260 206 Z" class="art-sleeve" />
        <path d="M74 82 h16 v112 h-16z" class="art-cuff" />
        <path d="M90 88 C120 74 160 72 190 78 L206 196 C170 206 120 204 90 188 Z" class="art-skin-fill" />
        <path d="M186 93 H316" class="art-finger" />
        <path d="M190 122 H342" class="art-finger" />
        <path d="M192 151 H334" class="art-finger" />
        <path d="M190 180 H304" class="art-finger" />
        <path d="M204 107.500 H300 M206 136.500 H318 M206 165.500 H304" class="art-crease" />
        <path d="M140 190 C152 214 176 222 204 216" class="art-finger art-thumb" />
      </Layer>
    </div>
  );
}

export function PaperArt({ motion }: { readonly motion: 'printing' | 'take' }) {
  return (
    <div class={`art art--paper art--paper-${motion}`} aria-hidden="true">
      <Device lit />
      <div class="art__below">
        <Layer class="art__moving">
          <path
            d="M108 60 H292 V352 l-15.300 14 -15.300 -14 -15.300 14 -15.300 -14 -15.300 14 -15.300 -14 -15.300 14 -15.300 -14 -15.300 14 -15.300 -14 -15.300 14 -15.300 -14 Z"
            class="art-card"
          />
          <path d="M136 150h128M136 178h84M136 236h128M136 264h60M136 310h100" class="art-card-text" />
          <path d="M136 207h128" class="art-card-strong" />
        </Layer>
      </div>
      {motion === 'take' ? <Chevrons down /> : null}
    </div>
  );
}

/** A calm round picture with one icon, for screens where no hand has to do anything. */
export function Emblem({ icon, busy = false }: { readonly icon: IconName; readonly busy?: boolean }) {
  return (
    <div class="emblem" aria-hidden="true">
      <div class="emblem__disc">
        <Icon name={icon} />
      </div>
      {busy ? (
        <div class="emblem__dots">
          <i />
          <i />
          <i />
        </div>
      ) : null}
    </div>
  );
}
