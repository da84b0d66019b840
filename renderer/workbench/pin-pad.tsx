/** The PIN pad: real keys, a display that only counts, the keys it holds by their check values. */
import type { PadKey, PinPadSimulatorState } from '../../main/contract.ts';
import { Action, DRAWN, Head, Icon, hook } from './parts.tsx';
import type { Send, Tone } from './parts.tsx';
import type { Strings } from './strings.ts';
import { PAD_ROWS, padKeyOf, plugVerb } from './verbs.ts';

function statusOf(pad: PinPadSimulatorState, strings: Strings): { readonly tone: Tone; readonly status: string } {
  if (!pad.plugged) return { tone: 'off', status: strings.unplugged };
  if (pad.tampered) return { tone: 'warn', status: strings.pad.tampered };
  if (pad.entering) return { tone: 'ask', status: strings.pad.digits(pad.digits) };
  return { tone: 'ok', status: strings.pad.idle };
}

const MARKS: Readonly<Partial<Record<PadKey, string>>> = {
  cancel: 'M7 7l10 10M17 7 7 17',
  clear: 'M20 6H9l-6 6 6 6h11zM12 9.500l5 5M17 9.500l-5 5',
  enter: 'M12 5a7 7 0 1 0 .1 0',
};

function Display({ pad, strings }: { readonly pad: PinPadSimulatorState; readonly strings: Strings }) {
  const lit = pad.plugged && !pad.tampered;
  return (
    <div class="pad-display" data-lit={lit} data-tampered={pad.plugged && pad.tampered}>
      {!pad.plugged ? null : pad.tampered ? (
        <span class="pad-alarm">{strings.pad.tampered}</span>
      ) : pad.entering ? (
        <>
          <span class="pad-word">{strings.pad.entering}</span>
          <span class="pad-dots" data-digits={pad.digits}>
            {Array.from({ length: Math.max(6, pad.digits) }, (_, at) => (
              <i key={at} data-on={at < pad.digits} />
            ))}
          </span>
        </>
      ) : (
        <span class="pad-word">{strings.pad.idle}</span>
      )}
    </div>
  );
}

export function PinPad(props: {
  readonly pad: PinPadSimulatorState;
  readonly pin: string;
  readonly strings: Strings;
  readonly send: Send;
}) {
  const { pad, strings, send } = props;
  const press = (key: PadKey): void => send({ device: 'pad', verb: 'press', key });

  function keyDown(event: KeyboardEvent): void {
    const key = padKeyOf(event.key);
    if (key === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    // Enter is the pad's own key here, also when a drawn key has the focus; space still presses that one.
    event.preventDefault();
    if (!event.repeat) press(key);
  }

  return (
    <section class="pad" aria-labelledby="pad" data-plugged={pad.plugged} data-tampered={pad.tampered}>
      <Head
        id="pad"
        name={strings.pad.name}
        {...statusOf(pad, strings)}
        strings={strings}
        plug={{ device: 'pad', plugged: pad.plugged, onPress: () => send(plugVerb('pad', pad.plugged)) }}
      />
      <div class="pad-case">
        <Display pad={pad} strings={strings} />
        <div
          class="pad-keys"
          role="group"
          tabIndex={0}
          aria-label={strings.pad.keyboard}
          data-entering={pad.entering}
          onKeyDown={keyDown}
        >
          {PAD_ROWS.flat().map((key, at) => {
            if (key === undefined) return <span key={`gap${at}`} class="pad-gap" />;
            const mark = MARKS[key];
            const name = key === 'enter' || key === 'cancel' || key === 'clear' ? strings.pad.key[key] : undefined;
            return (
              <button
                key={key}
                type="button"
                tabIndex={-1}
                class="pad-key"
                data-key={key}
                data-verb={hook('pad', 'press', key)}
                onClick={() => press(key)}
              >
                {mark === undefined ? null : <Icon d={mark} size={18} />}
                {name === undefined ? key : <span class="pad-key-name">{name}</span>}
              </button>
            );
          })}
          <p class="note-paper">
            <span>{strings.pad.pin}</span> <strong>{props.pin}</strong>
          </p>
        </div>
        <svg class="pad-cracks" viewBox="0 0 240 300" aria-hidden="true" focusable="false" preserveAspectRatio="none">
          <path d="M240 40 190 70l-16-10-22 34-30-4-14 40-38 6M174 60l6 60 26 22M122 90l-36-24-20 8M108 130l30 44-8 40 24 30" />
        </svg>
      </div>
      <div class="pad-foot">
        <ul class="tags" aria-label={strings.pad.keys}>
          {pad.keys.length === 0 ? <li class="tag empty">{strings.pad.noKeys}</li> : null}
          {pad.keys.map((key) => (
            <li class="tag" key={key.name}>
              <Icon d={DRAWN.key} size={13} />
              {key.name} <code>{key.checkValue}</code>
            </li>
          ))}
        </ul>
        <Action
          name={hook('pad', pad.tampered ? 'repair' : 'tamper')}
          icon={pad.tampered ? DRAWN.wrench : DRAWN.shield}
          label={pad.tampered ? strings.pad.repair : strings.pad.tamper}
          onPress={() => send({ device: 'pad', verb: pad.tampered ? 'repair' : 'tamper' })}
        />
      </div>
    </section>
  );
}
