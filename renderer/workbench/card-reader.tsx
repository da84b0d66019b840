/** The card reader and the tray of cards: the card in the hand, at the mouth, inside, held out, stuck, or in the bin. */
import { useState } from 'preact/hooks';
import type { CardFlaw, CardReaderSimulatorState, Language, PersonaView } from '../../main/contract.ts';
import { BankCard, CardStrip, toneOf } from './bank-card.tsx';
import { Action, DRAWN, Head, Icon, hook } from './parts.tsx';
import type { Send, Tone } from './parts.tsx';
import type { Strings } from './strings.ts';
import { FLAWS, personaOf, plugVerb } from './verbs.ts';

const DRAGGED = 'application/x-anjungan-persona';

function statusOf(
  reader: CardReaderSimulatorState,
  strings: Strings,
): { readonly tone: Tone; readonly status: string } {
  if (!reader.plugged) return { tone: 'off', status: strings.unplugged };
  if (reader.place === 'stuck') return { tone: 'warn', status: strings.reader.place.stuck };
  if (reader.jammed) return { tone: 'warn', status: strings.reader.jammed };
  if (reader.place === 'takeout') return { tone: 'ask', status: strings.reader.place.takeout };
  if (reader.place !== 'none' && reader.place !== 'retained')
    return { tone: 'busy', status: strings.reader.place[reader.place] };
  if (reader.accepting) return { tone: 'ok', status: strings.reader.accepting };
  return reader.place === 'retained'
    ? { tone: 'warn', status: strings.reader.place.retained }
    : { tone: 'off', status: strings.reader.shut };
}

/** The machine around the card: everything but the card itself. Arrows point in when it accepts, out when it gives. */
function ReaderBody({ reader }: { readonly reader: CardReaderSimulatorState }) {
  const light = !reader.plugged ? 'dark' : reader.place === 'takeout' ? 'give' : reader.accepting ? 'accept' : 'dark';
  return (
    <>
      <svg class="slot-arrows" data-light={light} viewBox="0 0 60 30" aria-hidden="true" focusable="false">
        <path d="M8 6l9 9-9 9" />
        <path d="M24 6l9 9-9 9" />
        <path d="M40 6l9 9-9 9" />
      </svg>
      <span class="slot-lips" data-light={light} aria-hidden="true" />
      <span class="slot-body" aria-hidden="true">
        <svg viewBox="0 0 140 114" class="slot-works">
          <rect class="slot-window" x="8" y="14" width="126" height="88" rx="10" />
          <path class="slot-rail" d="M0 18h132M0 98h132" />
          <circle class="slot-roller" cx="34" cy="18" r="7" />
          <circle class="slot-roller" cx="108" cy="18" r="7" />
          <circle class="slot-roller" cx="34" cy="98" r="7" />
          <circle class="slot-roller" cx="108" cy="98" r="7" />
        </svg>
      </span>
    </>
  );
}

function Bin({
  reader,
  strings,
  send,
}: {
  readonly reader: CardReaderSimulatorState;
  readonly strings: Strings;
  readonly send: Send;
}) {
  const edges = Math.min(6, reader.retained);
  return (
    <div class="bin">
      <svg class="bin-box" viewBox="0 0 70 34" aria-hidden="true" focusable="false">
        {Array.from({ length: edges }, (_, at) => (
          <rect key={at} class="bin-card" x="13" y={24 - at * 4} width="44" height="3" rx="1" />
        ))}
        <path d="M6 4v24a3 3 0 0 0 3 3h52a3 3 0 0 0 3-3V4" />
      </svg>
      <span class="bin-count">
        {strings.reader.bin}: <strong data-count="retained">{reader.retained}</strong>
      </span>
      <button
        type="button"
        class="quiet"
        data-verb={hook('reader', 'empty-bin')}
        aria-label={strings.reader.emptyBin}
        title={strings.reader.emptyBin}
        onClick={() => send({ device: 'reader', verb: 'empty-bin' })}
      >
        <Icon d={DRAWN.bin} />
      </button>
    </div>
  );
}

export function CardReader(props: {
  readonly reader: CardReaderSimulatorState;
  readonly personas: readonly PersonaView[];
  readonly language: Language;
  readonly strings: Strings;
  readonly send: Send;
}) {
  const { reader, personas, language, strings, send } = props;
  const [chosen, choose] = useState<string | undefined>(undefined);
  const [flaw, setFlaw] = useState<CardFlaw>('none');
  const [over, setOver] = useState(false);
  // What this hand put in last, so that the card still looks as it did at the mouth.
  const [put, setPut] = useState<{ readonly persona: string; readonly flaw: CardFlaw } | undefined>(undefined);

  const hand = personas.find((persona) => persona.id === chosen) ?? personas[0];
  const held =
    reader.place === 'none' || reader.place === 'retained'
      ? undefined
      : (personaOf(personas, reader.label) ?? reader.label ?? '');
  const heldPersona = typeof held === 'object' ? held : undefined;
  const heldLabel = heldPersona?.name ?? (typeof held === 'string' && held !== '' ? held : strings.reader.unknownCard);
  const shown = held === undefined ? hand : heldPersona;
  const takeable = reader.place === 'takeout' || reader.place === 'mouth';

  function insert(persona: PersonaView | undefined): void {
    if (persona === undefined) return;
    setPut({ persona: persona.id, flaw });
    send({ device: 'reader', verb: 'insert', persona: persona.id, flaw });
  }
  function drop(event: DragEvent): void {
    setOver(false);
    const dropped = personas.find((persona) => persona.id === event.dataTransfer?.getData(DRAGGED));
    if (dropped === undefined) return;
    event.preventDefault();
    choose(dropped.id);
    insert(dropped);
  }
  function drag(event: DragEvent, persona: PersonaView): void {
    event.dataTransfer?.setData(DRAGGED, persona.id);
    if (event.dataTransfer !== null) event.dataTransfer.effectAllowed = 'move';
  }

  return (
    <section class="reader" aria-labelledby="reader" data-plugged={reader.plugged}>
      <Head
        id="reader"
        name={strings.reader.name}
        {...statusOf(reader, strings)}
        strings={strings}
        plug={{ device: 'reader', plugged: reader.plugged, onPress: () => send(plugVerb('reader', reader.plugged)) }}
      />
      <div
        class="slot"
        data-place={reader.place}
        data-jammed={reader.jammed}
        data-over={over}
        onDragOver={(event) => {
          if (event.dataTransfer?.types.includes(DRAGGED) !== true) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <ReaderBody reader={reader} />
        {held === undefined && hand === undefined ? null : (
          // One card: what was in the hand slides in and comes back. A retained one does not come back, so that is another.
          <button
            key={reader.place === 'retained' ? 'next' : 'card'}
            type="button"
            class="slot-card"
            draggable={held === undefined}
            disabled={held !== undefined && !takeable}
            data-place={held === undefined ? 'hand' : reader.place}
            data-verb={hook('reader', held === undefined ? 'insert' : 'take', 'card')}
            onDragStart={(event) => (held === undefined && hand !== undefined ? drag(event, hand) : undefined)}
            onClick={() => (held === undefined ? insert(hand) : send({ device: 'reader', verb: 'take' }))}
          >
            <span class="unseen">
              {held === undefined
                ? `${strings.reader.insert}, ${strings.reader.flaw[flaw]}:`
                : `${strings.reader.take}:`}
            </span>
            {held === undefined ? (
              <BankCard
                persona={hand}
                label={hand?.name ?? ''}
                tone={toneOf(personas, hand)}
                flaw={flaw}
                debit={strings.tray.debit}
              />
            ) : (
              <BankCard
                persona={heldPersona}
                label={heldLabel}
                tone={toneOf(personas, heldPersona)}
                flaw={put !== undefined && put.persona === heldPersona?.id ? put.flaw : 'none'}
                debit={strings.tray.debit}
              />
            )}
          </button>
        )}
        <span class="slot-cover" aria-hidden="true" />
      </div>
      {shown === undefined ? null : (
        <p class="hand-note">
          <strong>{shown.name}</strong> {shown.note[language]}
        </p>
      )}
      <div class="row">
        {held === undefined ? (
          <Action
            main
            name={hook('reader', 'insert')}
            icon={DRAWN.in}
            label={strings.reader.insert}
            onPress={() => insert(hand)}
          />
        ) : (
          <Action
            main={takeable}
            name={hook('reader', 'take')}
            icon={DRAWN.out}
            label={strings.reader.take}
            onPress={() => send({ device: 'reader', verb: 'take' })}
          />
        )}
        <Action
          name={hook('reader', 'pull-out')}
          icon={DRAWN.pull}
          label={strings.reader.pullOut}
          onPress={() => send({ device: 'reader', verb: 'pull-out' })}
        />
        <Action
          name={hook('reader', reader.jammed ? 'clear-jam' : 'jam')}
          icon={reader.jammed ? DRAWN.wrench : DRAWN.jam}
          label={reader.jammed ? strings.reader.clearJam : strings.reader.jam}
          onPress={() => send({ device: 'reader', verb: reader.jammed ? 'clear-jam' : 'jam' })}
        />
      </div>
      <Bin reader={reader} strings={strings} send={send} />

      <fieldset class="flaws">
        <legend>{strings.reader.flaws}</legend>
        {FLAWS.map((each) => (
          <label key={each} class="chip">
            <input type="radio" name="flaw" value={each} checked={flaw === each} onChange={() => setFlaw(each)} />
            <span>{strings.reader.flaw[each]}</span>
          </label>
        ))}
      </fieldset>

      <fieldset class="tray">
        <legend>
          {strings.tray.name} <small>{strings.tray.hint}</small>
        </legend>
        <div class="tray-cards" tabIndex={-1}>
          {personas.map((persona) => (
            <label
              key={persona.id}
              class="tray-card"
              draggable
              data-persona={persona.id}
              onDragStart={(event) => {
                choose(persona.id);
                drag(event, persona);
              }}
              onDblClick={() => insert(persona)}
            >
              <input
                type="radio"
                name="persona"
                value={persona.id}
                checked={hand?.id === persona.id}
                onChange={() => choose(persona.id)}
              />
              <CardStrip persona={persona} tone={toneOf(personas, persona)} language={language} />
            </label>
          ))}
        </div>
      </fieldset>
    </section>
  );
}
