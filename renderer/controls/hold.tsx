/**
 * "Press and hold to show": asks the core to reveal while a finger or a key is down, and to conceal as soon as it is not,
 * whatever ends it. Should the core reveal after the finger has left, it is asked to conceal again.
 */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { Action } from '../../main/contract.ts';

export interface HoldProps {
  readonly revealed: boolean;
  readonly act: (action: Action) => void;
  readonly children: ComponentChildren;
}

const isPressKey = (event: KeyboardEvent): boolean => event.key === ' ' || event.key === 'Enter';

export function Hold({ revealed, act, children }: HoldProps) {
  const held = useRef(false);
  // Another page of the same terminal may be the one that is pressed; what was shown before this one came up, is not.
  const ours = useRef(revealed);
  const press = (): void => {
    if (held.current) return;
    held.current = true;
    ours.current = true;
    act({ kind: 'reveal' });
  };
  const release = useCallback((): void => {
    if (!held.current) return;
    held.current = false;
    act({ kind: 'conceal' });
  }, [act]);

  useEffect(() => {
    addEventListener('blur', release);
    document.addEventListener('visibilitychange', release);
    return () => {
      removeEventListener('blur', release);
      document.removeEventListener('visibilitychange', release);
    };
  }, [release]);

  useEffect(() => {
    if (revealed && ours.current && !held.current) act({ kind: 'conceal' });
    if (!revealed && !held.current) ours.current = false;
  }, [revealed, act]);

  return (
    <button
      type="button"
      class="hold"
      aria-pressed={revealed}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        press();
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onLostPointerCapture={release}
      onKeyDown={(event) => {
        if (isPressKey(event)) {
          event.preventDefault();
          if (!event.repeat) press();
        }
      }}
      onKeyUp={(event) => {
        if (isPressKey(event)) release();
      }}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
    >
      {children}
    </button>
  );
}
