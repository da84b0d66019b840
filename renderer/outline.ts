/**
 * The words of a screen without drawing it: title, lines, choices. The drawn screens take their words from here, so that
 * what is shown, printed on a command line and (later) spoken is the same. Pure functions.
 */
import type { Action, MembershipChoice, Screen, View } from '../main/contract.ts';
import { formatMoney, formatMonth } from './format.ts';
import { asOfLine, factLine, facts, howToJoin, statusNote } from './membership.ts';
import { stringsOf } from './strings/catalogue.ts';
import type { Strings } from './strings/catalogue.ts';

export interface Choice {
  readonly label: string;
  readonly action: Action;
}

export interface Outline {
  readonly title: string;
  readonly lines: readonly string[];
  readonly choices: readonly Choice[];
}

type Of<K extends Screen['kind']> = Extract<Screen, { kind: K }>;

function present(...lines: readonly (string | false | undefined)[]): string[] {
  return lines.filter((line): line is string => typeof line === 'string');
}

function choice(label: string, action: Action): Choice {
  return { label, action };
}

function resultWords(screen: Of<'result'>, t: Strings): Outline {
  const { membership } = screen;
  const { jht } = membership;
  const known = facts(membership, t).map(factLine);
  const choices = [
    choice(t.choices.continue, { kind: 'continue' }),
    ...(screen.canChooseAnother ? [choice(t.choices.another, { kind: 'choose-another' })] : []),
    screen.revealed ? choice(t.result.shown, { kind: 'conceal' }) : choice(t.result.show, { kind: 'reveal' }),
  ];
  if (jht === undefined) {
    const programs = membership.programs.map((program) => t.programs[program].name);
    return {
      title: t.noJht.title,
      lines: present(
        statusNote(membership, t),
        programs.length > 0 && t.noJht.line,
        ...programs,
        howToJoin(membership, t),
        ...known,
      ),
      choices,
    };
  }
  return {
    title: t.result.title,
    lines: present(
      formatMoney(jht.balance),
      asOfLine(screen.asOf, t),
      jht.contributions !== undefined &&
        factLine({ label: t.result.contributions, value: formatMoney(jht.contributions) }),
      jht.development !== undefined && factLine({ label: t.result.development, value: formatMoney(jht.development) }),
      statusNote(membership, t),
      ...known,
    ),
    choices,
  };
}

/** One membership of the list, as a line: "PT Cahaya, 1900•••••12, Aktif, Iuran terakhir Oktober 2026". */
export function membershipParts(membership: MembershipChoice, t: Strings): readonly string[] {
  const month =
    membership.lastContribution === undefined ? undefined : formatMonth(membership.lastContribution, t.months);
  return present(
    membership.employer,
    membership.kpj,
    t.statuses[membership.status],
    month !== undefined && t.choose.last(month),
    !membership.inJht && t.choose.noJht,
  );
}

/** The words of the screen itself, whether or not a warning lies over it. */
export function screenWords(view: View): Outline {
  const t = stringsOf(view.language);
  const { screen } = view;
  const { callCentre } = view.terminal;
  const c = t.choices;
  switch (screen.kind) {
    case 'out-of-service': {
      const { title, lines } = t.outOfService[screen.reason];
      return {
        title,
        lines: present(
          ...lines,
          screen.cardInside && t.outOfServiceCard(callCentre),
          screen.reason !== 'starting' && t.outOfServiceInstead(callCentre),
        ),
        choices: [],
      };
    }
    case 'idle': {
      const turn = screen.hint === 'turn-the-card';
      return {
        title: turn ? t.idle.turnTitle : t.idle.title,
        lines: present(
          turn ? t.idle.turnLine : t.idle.line,
          t.idle.how,
          screen.receipt === 'unavailable' && t.idle.noPaper,
        ),
        choices: [],
      };
    }
    case 'card-entering':
      return { title: t.cardEntering.title, lines: [t.cardEntering.line], choices: [] };
    case 'card-unreadable': {
      const { title, lines } = t.cardProblem[screen.problem];
      return { title, lines, choices: [] };
    }
    case 'pin':
      return {
        title: t.pin.title,
        lines: present(
          screen.problem === 'too-short' && t.pin.tooShort(screen.minDigits),
          t.pin.where,
          t.pin.cover,
          t.pin.enter,
          t.pin.typed(screen.digits),
        ),
        choices: [choice(c.cancel, { kind: 'cancel' })],
      };
    case 'pin-wrong':
      return {
        title: screen.lastTry ? t.pinWrong.lastTitle : t.pinWrong.title,
        lines: [screen.lastTry ? t.pinWrong.lastLine : t.pinWrong.line],
        choices: [choice(c.retry, { kind: 'retry' }), choice(c.cancelTakeCard, { kind: 'cancel' })],
      };
    case 'menu':
      return {
        title: t.menu.title,
        lines: [t.menu.line, t.menu.purpose],
        choices: [choice(c.checkBalance, { kind: 'check-balance' }), choice(c.cancelTakeCard, { kind: 'cancel' })],
      };
    case 'asking-host': {
      const line = { sent: t.asking.sent, working: t.asking.working, 'still-working': t.asking.stillWorking }[
        screen.stage
      ];
      return {
        title: t.asking.title,
        lines: [line],
        choices: screen.stage === 'still-working' ? [choice(c.cancel, { kind: 'cancel' })] : [],
      };
    }
    case 'choose-membership':
      return {
        title: t.choose.title,
        lines: present(t.choose.line(screen.memberships.length), screen.more && t.choose.more(callCentre)),
        choices: [
          ...screen.memberships.map((membership) =>
            choice(membershipParts(membership, t).join(', '), { kind: 'choose-membership', index: membership.index }),
          ),
          choice(c.cancelTakeCard, { kind: 'cancel' }),
        ],
      };
    case 'result':
      return resultWords(screen, t);
    case 'not-linked':
      return {
        title: t.notLinked.title,
        lines: [t.notLinked.line, t.notLinked.how(callCentre)],
        choices: [
          ...(screen.ticket ? [choice(c.ticket, { kind: 'queue-ticket' })] : []),
          choice(c.takeCard, { kind: 'finish' }),
        ],
      };
    case 'receipt-choice': {
      const paper = screen.receipt !== 'unavailable';
      return {
        title: t.receipt.title,
        lines: [paper ? t.receipt.line : t.receipt.unavailable],
        choices: [
          ...(paper ? [choice(c.paper, { kind: 'receipt', choice: 'paper' })] : []),
          choice(c.qr, { kind: 'receipt', choice: 'qr' }),
          choice(c.none, { kind: 'receipt', choice: 'none' }),
        ],
      };
    }
    case 'receipt-qr':
      return { title: t.qr.title, lines: [t.qr.line], choices: [choice(c.continue, { kind: 'continue' })] };
    case 'something-else':
      return {
        title: t.somethingElse.title,
        lines: [t.somethingElse.line],
        // Most people came for one thing.
        choices: [choice(c.noThanks, { kind: 'finish' }), choice(c.anotherService, { kind: 'another-service' })],
      };
    case 'take-card':
      return {
        title: t.takeCard.title,
        lines: present(
          t.takeCard.why[screen.why],
          screen.receiptFollows && t.takeCard.receiptFollows,
          screen.urgency >= 2 && t.takeCard.keptSoon,
        ),
        choices: [],
      };
    case 'card-retained':
      return {
        title: t.retained.title,
        lines: [
          t.retained.why[screen.why],
          t.retained.call,
          factLine({ label: t.retained.reference, value: screen.reference }),
          t.retained.slip[screen.slip],
        ],
        choices: [choice(c.understood, { kind: 'finish' })],
      };
    case 'printing':
      return { title: t.printing.titles[screen.what], lines: [t.printing.line], choices: [] };
    case 'take-receipt':
      // Not every printer feels that its paper was taken.
      return { ...t.takePaper[screen.what], choices: [choice(c.taken, { kind: 'finish' })] };
    case 'receipt-failed':
      return {
        title: t.paperFailed.titles[screen.what][screen.printed],
        lines: present(
          t.paperFailed.faults[screen.fault],
          screen.what === 'ticket' ? t.paperFailed.ticket : t.paperFailed.safe,
          screen.qr && t.paperFailed.qr,
        ),
        choices: [
          ...(screen.qr ? [choice(c.qr, { kind: 'receipt', choice: 'qr' })] : []),
          choice(c.finish, { kind: 'finish' }),
        ],
      };
    case 'goodbye':
      return { title: t.goodbye.title, lines: [t.goodbye.line, t.goodbye.left], choices: [] };
    case 'sorry': {
      const { title, lines } = t.sorry.causes[screen.cause];
      return {
        title,
        lines: [
          ...lines,
          t.sorry.safe,
          t.sorry.call(callCentre),
          factLine({ label: t.sorry.reference, value: screen.reference }),
        ],
        choices: [
          ...(screen.ticket ? [choice(c.ticket, { kind: 'queue-ticket' })] : []),
          choice(c.takeCard, { kind: 'finish' }),
        ],
      };
    }
  }
}

/** What the customer is told and asked now: the warning's words while there is one, else the screen's. */
export function outline(view: View): Outline {
  if (view.warning === undefined) return screenWords(view);
  const { warning } = stringsOf(view.language);
  return { title: warning.title, lines: [warning.line], choices: [choice(warning.stay, { kind: 'still-here' })] };
}
