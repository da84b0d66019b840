/** The host simulator as a machine in a rack: a power switch, its answers' delay, its behaviour, its connections. */
import { useEffect, useState } from 'preact/hooks';
import type { HostBehaviour, WorkbenchView } from '../../main/contract.ts';
import { Head, hook } from './parts.tsx';
import type { Send } from './parts.tsx';
import type { Strings } from './strings.ts';
import { BEHAVIOURS, LONGEST_DELAY, RESPONSE_CODES, answerVerb, delayVerb, isListedCode } from './verbs.ts';

const PORTS = 8;
const OTHER = 'other';

function isBehaviour(value: string): value is HostBehaviour {
  return (BEHAVIOURS as readonly string[]).includes(value);
}

function Delay({
  delayMs,
  strings,
  send,
}: {
  readonly delayMs: number;
  readonly strings: Strings;
  readonly send: Send;
}) {
  // While the slider is held it shows the hand; when it is let go the host's own word counts again.
  const [held, hold] = useState<number | undefined>(undefined);
  const seconds = held ?? delayMs / 1000;
  useEffect(() => hold(undefined), [delayMs]);
  return (
    <label class="field">
      <span class="field-name">
        {strings.host.delay} <output>{strings.host.seconds(seconds)}</output>
      </span>
      <input
        type="range"
        min="0"
        max={LONGEST_DELAY}
        step="0.5"
        value={seconds}
        data-verb={hook('host', 'delay')}
        style={{ '--filled': `${(Math.min(seconds, LONGEST_DELAY) / LONGEST_DELAY) * 100}%` }}
        onInput={(event) => hold(event.currentTarget.valueAsNumber)}
        onChange={(event) => {
          send(delayVerb(event.currentTarget.valueAsNumber));
          hold(undefined);
        }}
      />
    </label>
  );
}

function Answer({
  code,
  strings,
  send,
}: {
  readonly code: string | undefined;
  readonly strings: Strings;
  readonly send: Send;
}) {
  const unlisted = code !== undefined && !isListedCode(code);
  const [typing, setTyping] = useState(false);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const free = typing || unlisted;

  function use(): void {
    const verb = answerVerb(typed);
    const usable = verb !== undefined && typed.trim() !== '';
    setWrong(!usable);
    if (!usable) return;
    send(verb);
    setTyping(false);
  }

  return (
    <div class="field">
      <label class="field-name" for="answer">
        {strings.host.answer}
      </label>
      <select
        id="answer"
        data-verb={hook('host', 'answer')}
        value={free ? OTHER : (code ?? '')}
        onChange={(event) => {
          const picked = event.currentTarget.value;
          setWrong(false);
          setTyping(picked === OTHER);
          const verb = picked === OTHER ? undefined : answerVerb(picked);
          if (verb !== undefined) send(verb);
        }}
      >
        <option value="">{strings.host.asMember}</option>
        {RESPONSE_CODES.map((each) => (
          <option key={each} value={each}>
            {each} – {strings.host.code[each]}
          </option>
        ))}
        <option value={OTHER}>{unlisted && !typing ? `${code} – ${strings.host.other}` : strings.host.other}</option>
      </select>
      {free ? (
        <form
          class="code-form"
          onSubmit={(event) => {
            event.preventDefault();
            use();
          }}
        >
          <input
            type="text"
            class="code"
            maxLength={2}
            autocomplete="off"
            spellcheck={false}
            aria-label={strings.host.otherCode}
            aria-invalid={wrong}
            placeholder={unlisted ? code : '··'}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value.toUpperCase())}
          />
          <button type="submit" class="action" data-verb={hook('host', 'answer', 'use')}>
            {strings.host.use}
          </button>
          {wrong ? (
            <p class="field-error" role="alert">
              {strings.host.badCode}
            </p>
          ) : null}
        </form>
      ) : null}
    </div>
  );
}

export function Host(props: { readonly host: WorkbenchView['host']; readonly strings: Strings; readonly send: Send }) {
  const { host, strings, send } = props;
  const odd = host.behaviour !== 'normal' || host.responseCode !== undefined || host.delayMs > 0;
  return (
    <section class="host" aria-labelledby="host" data-running={host.running}>
      <Head
        id="host"
        name={strings.host.name}
        tone={!host.running ? 'warn' : odd ? 'busy' : 'ok'}
        status={host.running ? strings.host.running : strings.host.stopped}
        strings={strings}
      />
      <div class="rack">
        <div class="rack-front">
          <button
            type="button"
            class="rocker"
            role="switch"
            aria-checked={host.running}
            aria-label={strings.host.running}
            data-verb={hook('host', host.running ? 'stop' : 'start')}
            onClick={() => send({ device: 'host', verb: host.running ? 'stop' : 'start' })}
          >
            <span aria-hidden="true">I</span>
            <span aria-hidden="true">O</span>
          </button>
          <div class="ports">
            <svg viewBox="0 0 132 26" aria-hidden="true" focusable="false">
              {Array.from({ length: PORTS }, (_, at) => (
                <g key={at} class="port" data-on={host.running && at < host.connections}>
                  <path d={`M${at * 16.5 + 1} 9h13v15h-13z`} />
                  <circle cx={at * 16.5 + 7.5} cy="3.500" r="2" />
                </g>
              ))}
            </svg>
            <p data-count="connections">{strings.host.connections(host.connections)}</p>
          </div>
        </div>
        <Delay delayMs={host.delayMs} strings={strings} send={send} />
        <label class="field">
          <span class="field-name">{strings.host.behaviour}</span>
          <select
            value={host.behaviour}
            data-verb={hook('host', 'behave')}
            onChange={(event) => {
              const behaviour = event.currentTarget.value;
              if (isBehaviour(behaviour)) send({ device: 'host', verb: 'behave', behaviour });
            }}
          >
            {BEHAVIOURS.map((each) => (
              <option key={each} value={each}>
                {strings.host.behaves[each]}
              </option>
            ))}
          </select>
        </label>
        <Answer code={host.responseCode} strings={strings} send={send} />
      </div>
    </section>
  );
}
