/** A persona's debit card, drawn: its face, or its back when the flaw is on the stripe. Invented bank, no logo. */
import type { CardFlaw, Language, PersonaView } from '../../main/contract.ts';

const TONES = 7;

export function toneOf(personas: readonly PersonaView[], persona: PersonaView | undefined): number {
  const place = persona === undefined ? -1 : personas.indexOf(persona);
  return place < 0 ? TONES : place % TONES;
}

/** Flaws of the magnetic stripe show on the back of the card. */
const ON_THE_BACK: ReadonlySet<CardFlaw> = new Set(['unreadable', 'bad-lrc', 'no-stripe']);

function Chip() {
  return (
    <svg class="card-chip" viewBox="0 0 34 26" aria-hidden="true" focusable="false">
      <rect x=".5" y=".5" width="33" height="25" rx="5" />
      <path d="M0 9h11V0M0 17h11v9M34 9H23V0M34 17H23v9M11 9h12v8H11z" />
    </svg>
  );
}

function Back({ flaw }: { readonly flaw: CardFlaw }) {
  return (
    <svg class="card-back" viewBox="0 0 172 108" aria-hidden="true" focusable="false" preserveAspectRatio="none">
      {flaw === 'no-stripe' ? (
        <path class="card-ghost-stripe" d="M0 12h172M0 38h172" />
      ) : (
        <path class="card-stripe" d="M0 12h172v26H0z" />
      )}
      {flaw === 'unreadable' ? (
        <path
          class="card-scratch"
          d="M22 8l14 18-8 14M58 10l-6 12 12 6-4 14M96 6l6 16-10 8 8 14M134 8l-10 16 12 4-2 14"
        />
      ) : null}
      {flaw === 'bad-lrc' ? <path class="card-fault" d="M150 12h12v26h-12z" /> : null}
      <path class="card-sign" d="M12 52h104v18H12z" />
      <path class="card-lines" d="M12 82h96M12 92h70" />
    </svg>
  );
}

export function BankCard(props: {
  readonly persona: PersonaView | undefined;
  readonly label: string;
  readonly tone: number;
  readonly flaw: CardFlaw;
  readonly debit: string;
}) {
  const { persona, flaw } = props;
  const number = persona?.card ?? '******';
  return (
    <span class="card" data-tone={props.tone} data-flaw={flaw}>
      {ON_THE_BACK.has(flaw) ? (
        <Back flaw={flaw} />
      ) : (
        <span class="card-face">
          <span class="card-bank">
            Bank Contoh <em>{props.debit}</em>
          </span>
          <Chip />
          <span class="card-number">
            {number.slice(0, -1)}
            <span class="card-check-digit">{number.slice(-1)}</span>
          </span>
          <span class="card-name">{props.label}</span>
        </span>
      )}
    </span>
  );
}

/** The strip of a card that shows in the tray: whose it is and what it is for. */
export function CardStrip(props: {
  readonly persona: PersonaView;
  readonly tone: number;
  readonly language: Language;
}) {
  const { persona } = props;
  return (
    <span class="card strip" data-tone={props.tone} title={persona.note[props.language]}>
      <span class="strip-name">{persona.name}</span>
      <span class="strip-note">
        <span class="strip-number">{persona.card}</span> {persona.note[props.language]}
      </span>
    </span>
  );
}
