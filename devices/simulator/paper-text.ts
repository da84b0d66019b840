/** What somebody reads on the paper, as plain text. */
import type { PaperLine, Ticket } from './contract.ts';

/**
 * One line of text per printed line, placed as on paper; large text stands plainly, once. A QR code is `[QR: content]`.
 * No spaces at the ends of lines, no line break at the end.
 */
export function paperText(lines: readonly PaperLine[], columns: number): string {
  return lines.map((line) => lineText(line, columns).trimEnd()).join('\n');
}

export function ticketText(ticket: Ticket, columns: number): string {
  return paperText(ticket.lines, columns);
}

function lineText(line: PaperLine, columns: number): string {
  if (line.kind === 'qr') return `[QR: ${line.text}]`;
  const text = line.runs.map((run) => run.text).join('');
  const room = Math.max(0, columns - text.length);
  const before: Readonly<Record<PaperLine['align'], number>> = { left: 0, center: Math.floor(room / 2), right: room };
  return ' '.repeat(before[line.align]) + text;
}
