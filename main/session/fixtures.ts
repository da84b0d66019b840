/** For tests only: a context in the middle of a visit. */
import { personas, type PersonaId } from '../../protocol/host/personas.ts';
import { parseConfig, SIMULATED_TERMINAL } from '../config.ts';
import { initialContext, type Answer, type Context } from './context.ts';
import type { ReceiptTerminal } from './receipt.ts';

export const terminal: ReceiptTerminal = {
  id: 'ANJ00001',
  bank: 'Bank Contoh',
  place: 'Mal Pelayanan Publik Contoh, Jakarta',
  zone: 'WIB',
  timeZone: 'Asia/Jakarta',
  simulated: true,
  callCentre: '175',
};

export function personaOf(id: PersonaId) {
  const persona = personas.find((one) => one.id === id);
  if (persona === undefined) throw new Error(`no persona ${id}`);
  return persona;
}

/** What the host says to this persona at 09.05 on 20 November 2026 in Jakarta. */
export function answerFor(id: PersonaId): Answer {
  return {
    memberships: personaOf(id).memberships,
    more: false,
    asOf: '20261119',
    stan: '000123',
    rrn: '632402000123',
    at: Date.UTC(2026, 10, 20, 2, 5),
  };
}

export function contextOf(changes: Partial<Context> = {}): Context {
  const parsed = parseConfig(SIMULATED_TERMINAL);
  if (!parsed.ok) throw new Error('the simulated terminal is not as it was');
  const context = initialContext({
    delays: parsed.config.delays,
    terminal,
    language: 'id',
    pinLength: { min: 6, max: 6 },
  });
  return { ...context, reference: 'J0000007', ...changes };
}
